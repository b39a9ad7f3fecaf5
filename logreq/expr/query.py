"""Finds a parameter in a query as logged, without decoding the rest of it.

Decoding every parameter of a request costs several times as much as a condition may.
"""

from __future__ import annotations

import re

from logreq.text.codec import encode


def raw_values(name: str) -> re.Pattern[str]:
    """Compile a pattern that finds, in `"&" + query`, the raw values of a parameter.

    Each character of the name can be logged as itself or as `%XX`, so that exactly the
    pieces are found whose decoded name is this one.
    """
    return re.compile(f"&{''.join(map(_character, name))}(?![^=&])=?([^&]*)")


def _character(char: str) -> str:
    data = encode(char)
    hexes = [f"%{''.join(f'[{d}{d.lower()}]' for d in f'{byte:02X}')}" for byte in data]
    if char == " ":
        return rf"(?:\+|\ |{hexes[0]})"
    if char == "+":
        return hexes[0]
    if char == "%":
        return f"(?:%(?![0-9A-Fa-f]{{2}})|{hexes[0]})"
    if char in "&=":
        return hexes[0]
    if len(data) == 1:
        return f"(?:{re.escape(char)}|{hexes[0]})"
    # Some bytes of a character may be encoded, and the others stand as they are.
    mixed = "".join(f"(?:{chr(0xDC00 + byte)}|{hexa})" for byte, hexa in zip(data, hexes))
    return f"(?:{char}|{mixed})"
