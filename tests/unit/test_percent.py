"""Percent-encoding is as urllib has it."""

from __future__ import annotations

import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.text.percent import quote, unquote_to_bytes

PIECES = [*(bytes([byte]) for byte in b"%%%+aF0g=\xff"), b"%4", b"%41", b"%fF", b"%d0%9F"]


@pytest.mark.parametrize(
    ("data", "plain"),
    [
        (b"", b""),
        (b"a+b", b"a+b"),
        (b"%41%2b+", b"A++"),
        (b"%D0%9f", b"\xd0\x9f"),
        (b"%", b"%"),
        (b"%%41", b"%A"),
        (b"%4", b"%4"),
        (b"%4g%41%", b"%4gA%"),
        (b"%+1%1 ", b"%+1%1 "),
        (b"%2541", b"%41"),
    ],
)
def test_decoded(data: bytes, plain: bytes) -> None:
    assert unquote_to_bytes(data) == plain


@given(st.lists(st.sampled_from(PIECES)).map(b"".join) | st.binary())
def test_decoding_is_as_urllib_has_it(data: bytes) -> None:
    assert unquote_to_bytes(data) == urllib.parse.unquote_to_bytes(data)


@pytest.mark.parametrize("safe", ["", "/", "/:@"])
def test_encoding_is_as_urllib_has_it(safe: str) -> None:
    every = bytes(range(256))
    for data in (every, b"%2F/", b"%%2f:"):
        assert quote(data, safe) == urllib.parse.quote(data, safe)
        assert unquote_to_bytes(quote(data, safe).encode()) == data
    assert quote(b"/") == "%2F"
