"""The fuzzing harnesses over their seeds and over damaged ones: a short run, without a fuzzer."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import NAMES, load
from tests.support.profile import examples

# In CI.
ROUNDS = {
    "parser": 1500,
    "rules": 150,
    "expr": 600,
    "sources": 1500,
    "har": 1500,
    "copied": 1500,
}


@pytest.mark.parametrize("name", NAMES)
def test_seeds(name: str) -> None:
    harness = load(name)
    seeds = list(harness.seeds())
    assert len(seeds) > 20
    for seed in seeds:
        harness.check(seed)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_seeds(name: str) -> None:
    harness = load(name)
    dice = random.Random(6021808)
    seeds = [seed for seed in harness.seeds() if seed]
    for _ in range(examples(ROUNDS[name])):
        harness.check(damaged(dice.choice(seeds), dice.choice(seeds), harness.words, dice))


def damaged(data: bytes, other: bytes, words: tuple[bytes, ...], dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 4)):
        at, end = sorted(dice.randint(0, len(data)) for _ in range(2))
        piece = dice.choice(
            [
                b"",
                dice.choice(words),
                bytes((dice.randint(0, 255),)),
                other[at:end],
                data[at:end] * 2,
            ]
        )
        end = dice.choice([at, end, at + 1])
        data = data[:at] + piece + data[end:]
    return data
