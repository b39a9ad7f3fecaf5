"""Make hostile text visible: what may not reach a terminal, a comment or a message raw.

Log content is written by strangers and read by root. Control characters drive
terminals, line ends break out of comments, bidirectional marks and invisible
characters show something else than there is.
"""

from __future__ import annotations

import re

# All that `str.isprintable` refuses, as one compiled search for the common case: control
# characters, format characters (bidirectional marks, zero widths, tags), line and
# paragraph separators, private use, and lone surrogates (bytes that are not UTF-8).
# Blanks other than U+0020 look like one and are not.
_SUSPECT = re.compile(r"[^ -~]")


def visible(text: str) -> str:
    r"""Replace every unprintable character by `\xNN`, `\uNNNN` or `\UNNNNNNNN`.

    A byte that was not UTF-8 (a lone surrogate) becomes the `\xNN` of that byte. The
    result is one line that shows what is there; it is for reading, not for decoding.
    """
    return _SUSPECT.sub(_escape, text) if not (text.isascii() and text.isprintable()) else text


def _escape(match: re.Match[str]) -> str:
    import unicodedata

    char = match.group()
    if char.isprintable() and not unicodedata.combining(char) and char != "\u3164":
        return char
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: the byte itself
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def plain(text: str) -> bool:
    """Tell whether text shows as what it is, in one line, on any terminal."""
    return (text.isascii() and text.isprintable()) or visible(text) == text
