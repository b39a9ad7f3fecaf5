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
