"""Bytes <-> text: bytes that are not UTF-8 live in text as lone surrogates (PEP 383).

Encoding gives the logged bytes back.
"""

from __future__ import annotations


def decode(data: bytes) -> str:
    """Turn bytes into text that `encode` turns back into the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Turn text made by `decode` back into its bytes."""
    return text.encode("utf-8", "surrogateescape")


def is_utf8(text: str) -> bool:
    """Tell whether text made by `decode` came from bytes that are UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
