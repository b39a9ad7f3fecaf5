"""What a panel logged about a request afterwards: refused or done, and why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Stands where a secret stood.
HIDDEN = "(hidden)"
# Characters of a secret that can be told from text which happens to be the same.
SHORTEST = 3
# Characters of a reason that are shown.
LENGTH = 180


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

    def hiding(self, secrets: Iterable[str], value: bool = False) -> Outcome:
        """Give the outcome without the texts `secrets`; without its value if that is one."""
        texts = [secret for secret in secrets if len(secret) >= SHORTEST]
        if value and self.value:
            texts.append(self.value)
        parts = list(self[1:])
        # One secret can be part of another.
        for text in sorted(texts, key=len, reverse=True):
            parts = [part.replace(text, HIDDEN) for part in parts]
        return Outcome(self.failed, *parts)

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

    @property
    def short(self) -> str:
        """Say it in a line's length; the text is hostile."""
        words = self.words
        return words if len(words) <= LENGTH else words[:LENGTH] + "..."
