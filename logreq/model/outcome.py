"""What a panel logged about a request afterwards: refused or done, and why."""

from __future__ import annotations

from typing import NamedTuple


class Outcome(NamedTuple):
    """How a request went, as its panel logged it. Where nothing was logged there is none.

    `type`, `object` and `value` are those of `Error: Type: 'T' Object: 'O' Value: 'V'` or of
    an `<error>` document, else empty. `text` is what was logged, colours taken out: it may be
    of several lines, and it is hostile.
    """

    failed: bool
    type: str = ""
    object: str = ""
    value: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """Say it as mgrctl does: `exists(user)`; the first line of the text where nothing tells.

        The value is left out: it can be a secret. `ok` if it did not fail.
        """
        if not self.failed:
            return "ok"
        if self.type:
            return f"{self.type}({self.object})" if self.object else self.type
        first = self.text.strip().partition("\n")[0].rstrip()
        return first or "failed"
