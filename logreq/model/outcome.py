"""What a panel logged about a request afterwards: refused or done, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from logreq.text.codec import encode

# Stands where a secret stood.
HIDDEN = "(hidden)"
# Characters of a secret that can be told from text which happens to be the same.
SHORTEST = 3
# Characters of a secret that are looked for in all ways in which they can be written.
LONGEST = 500
# Characters of a reason that are shown.
LENGTH = 180
_ENTITIES = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}
_ESCAPES = {"\n": "n", "\r": "r", "\t": "t"}


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
        known = {secret for secret in secrets if secret}
        texts = [secret for secret in known if len(secret) >= SHORTEST]
        if value and self.value:
            texts.append(self.value)
        kind, *parts, whole = self[1:]
        # What stands by itself is no chance.
        parts = [kind, *(HIDDEN if part in known else part for part in parts), whole]
        # One secret can be part of another.
        for text in sorted(texts, key=len, reverse=True):
            written = _written(text)
            parts = [written.sub(HIDDEN, part) for part in parts]
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


def _written(text: str) -> re.Pattern[str]:
    """Find a text as queries, XML, JSON and shells write it: panels quote what they refuse."""
    if len(text) > LONGEST:
        return re.compile(re.escape(text))
    return re.compile("".join(map(_forms, text)), re.IGNORECASE)


def _forms(char: str) -> str:
    code = ord(char)
    forms = ["".join(f"%{byte:02x}" for byte in encode(char)), f"&#{code};", f"&#x{code:x};"]
    forms += [f"\\u{code:04x}", f"&{_ENTITIES.get(char, '')};", f"\\{_ESCAPES.get(char, char)}"]
    return f"(?:{'|'.join(map(re.escape, ['+' if char == ' ' else char, char, *forms]))})"
