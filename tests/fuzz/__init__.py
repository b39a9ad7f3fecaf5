"""Harnesses for coverage-guided fuzzing, one per module `fuzz_NAME`.

Each has `seeds()`, inputs to begin with; `WORDS`, what the input's language is made of; and
`check(data)`, which takes any bytes and raises where the code does something wrong.
`python -m tests.fuzz NAME` runs one with atheris; the test suite runs them without.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Callable, NamedTuple

NAMES = ("parser", "rules", "expr", "sources", "har", "copied")


class Harness(NamedTuple):
    """One harness, imported."""

    check: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]
    words: tuple[bytes, ...]


def load(name: str) -> Harness:
    """Import a harness by name."""
    module = importlib.import_module(f"tests.fuzz.fuzz_{name}")
    return Harness(module.check, module.seeds, module.WORDS)
