"""Percent-encoding of bytes, as urllib.parse does it.

That module's import takes longer than converting a hundred requests.
"""

from __future__ import annotations

import re
from functools import lru_cache

from logreq.text.codec import decode, encode

_DIGITS = "0123456789ABCDEFabcdef"
# What needs no decoding of bytes.
_ASCII = {a + b: chr(int(a + b, 16)) for a in "01234567" for b in _DIGITS}
_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_UNRESERVED_ONLY = re.compile(r"[A-Za-z0-9._~-]*").fullmatch
_QUOTED = [chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]


def quote(data: bytes, safe: str = "") -> str:
    """Encode all but letters, digits, `-._~` and the characters `safe` (ASCII)."""
    quoted = "".join([_QUOTED[byte] for byte in data])
    for char in safe:
        quoted = quoted.replace(_QUOTED[ord(char)], char)
    return quoted


def percent(text: str) -> str:
    """Encode text for a URL or a form: letters, digits and `-._~` plain, a blank is `%20`."""
    return text if _UNRESERVED_ONLY(text) else quote(encode(text))


def unquote_to_bytes(data: bytes) -> bytes:
    """Decode `%XX` once; a `%` that no two hex digits follow stays as it is."""
    first, *rest = data.split(b"%")
    known = _bytes()
    try:
        return first + b"".join([known[piece[:2]] + piece[2:] for piece in rest])
    except KeyError:
        whole = (known.get(piece[:2], b"%" + piece[:2]) + piece[2:] for piece in rest)
        return first + b"".join(whole)


@lru_cache
def _bytes() -> dict[bytes, bytes]:
    return {(a + b).encode(): bytes.fromhex(a + b) for a in _DIGITS for b in _DIGITS}


def unquote(raw: str) -> str:
    """Decode `%XX` and `+` once; a `%` that no two hex digits follow stays as it is."""
    if "%" not in raw:
        return raw.replace("+", " ") if "+" in raw else raw
    first, *rest = raw.replace("+", " ").split("%")
    try:
        return first + "".join([_ASCII[piece[:2]] + piece[2:] for piece in rest])
    except KeyError:
        pass
    return decode(unquote_to_bytes(encode(raw.replace("+", " "))))
