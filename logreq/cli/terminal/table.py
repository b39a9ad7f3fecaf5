"""Cells of tables on a terminal: their width in columns, cut and padded to it."""

from __future__ import annotations

import unicodedata
from itertools import accumulate, takewhile


def columns(text: str) -> int:
    """Give the columns that printable text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def cut(text: str, most: int) -> str:
    """Cut text that takes more than `most` columns; `...` tells that it was cut."""
    if columns(text) <= most:
        return text
    room = max(most - 3, 0)
    ends = accumulate(map(_width, text))
    fits = sum(1 for _ in takewhile(lambda end: end <= room, ends))
    return (text[:fits] + "...")[: max(most, 0)]


def padded(text: str, width: int) -> str:
    """Fill text up with blanks to a width in columns."""
    return text + " " * (width - columns(text))


def _width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "FW" else 1
