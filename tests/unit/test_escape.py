"""Hostile text made visible."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.text.escape import plain, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("имя", "имя"),
        ("a\nb", "a\\x0ab"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b", "\\x9b"),
        ("\udcff", "\\xff"),
        ("a\u202eb", "a\\u202eb"),
        ("\u2028", "\\u2028"),
        ("\u00a0", "\\xa0"),
        ("\u3164", "\\u3164"),
        ("e\u0301", "e\\u0301"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert plain(text) == (text == shown)


@given(st.text())
def test_nothing_hides(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert not any(unicodedata.bidirectional(c) in {"LRE", "RLO", "PDI", "LRI"} for c in shown)
    assert visible(shown) == shown
