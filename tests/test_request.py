"""Requests' parameters."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.request import decode, encode, unquote


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a+b", "a b"),
        ("%41%2b+%2B", "A+ +"),
        ("%D0%9f", "\u041f"),
        ("%ff\udc80%FF", "\udcff\udc80\udcff"),
        ("%", "%"),
        ("%%41", "%A"),
        ("%4", "%4"),
        ("%4g%41%", "%4gA%"),
        ("%+1%1+", "% 1%1 "),
        ("%é1%41", "%é1A"),
        ("%2541", "%41"),
    ],
)
def test_unquote(raw: str, text: str) -> None:
    assert unquote(raw) == text


PIECES = st.sampled_from([*"%%%+aF0g=é\udc80", "%4", "%41", "%fF", "%D0%9F"])


@given(st.lists(PIECES).map("".join) | st.binary().map(decode))
def test_unquote_gives_what_urllib_gives(raw: str) -> None:
    assert encode(unquote(raw)) == unquote_to_bytes(encode(raw.replace("+", " ")))
