"""Cells of a terminal's tables: columns, not characters, are what counts."""

from __future__ import annotations

import pytest

from logreq.cli.terminal.table import columns, cut, padded


@pytest.mark.parametrize(
    ("text", "width"), [("", 0), ("abc", 3), ("Иван", 4), ("日本", 4), ("e\u0301", 1)]
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width
    assert padded(text, 6) == text + " " * (6 - width)


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc..."),
        ("日本語学", 8, "日本語学"),
        ("日本語学校", 8, "日本..."),
        ("日本語", 5, "日..."),
        ("abcdef", 2, ".."),
        ("abcdef", -1, ""),
    ],
)
def test_cut(text: str, most: int, shown: str) -> None:
    assert cut(text, most) == shown
    assert columns(shown) <= max(most, 0)


def test_marks_above_a_character_take_no_column() -> None:
    assert padded("e\u0301", 3) == "e\u0301  "
