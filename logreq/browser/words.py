"""What the words of shells' commands have in common, whatever the shell's language."""

from __future__ import annotations

import re
from typing import NamedTuple


class WordsError(Exception):
    """What cannot be understood, at an offset. `unfinished`: more text may mend it."""

    def __init__(self, at: int, message: str, *, unfinished: bool = False) -> None:
        super().__init__(message)
        self.at = at
        self.unfinished = unfinished


class Command(NamedTuple):
    """A command's words; the offset behind it; what ended it: a line end, `;`, `&&`, `|`, ..."""

    words: list[str]
    end: int
    ended_by: str


def endless(at: int) -> WordsError:
    """Tell that the quote at an offset has no end."""
    return WordsError(at, "this quote has no end", unfinished=True)


def skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Give the offset behind what a pattern matches at an offset; the same if it does not."""
    found = pattern.match(text, at)
    return found.end() if found else at
