"""What is remembered is bounded, and always what was worked out."""

from __future__ import annotations

from logreq.text.cache import LONGEST, BoundedCache


def test_a_memo_forgets_all_when_it_is_full() -> None:
    asked: list[str] = []

    def make(text: str) -> str:
        asked.append(text)
        return text.upper()

    memo = BoundedCache(make, 2)
    assert [memo[text] for text in "abaca"] == list("ABACA")
    assert asked == ["a", "b", "c", "a"]
    assert len(memo) == 2


def test_long_texts_are_not_remembered() -> None:
    memo: BoundedCache[str, int] = BoundedCache(len, 2)
    assert [memo["x" * LONGEST], memo["y" * (LONGEST + 1)]] == [LONGEST, LONGEST + 1]
    assert len(memo) == 1
