"""Each mutant changes code that is there: once, and into something else."""

from __future__ import annotations

from tests.mutation import again, follow, outcome, quoting, rendering
from tests.mutation.run import ROOT


def test_mutants_of_quoting_functions() -> None:
    rows = [(name, old, new) for group in quoting.MUTANTS.values() for name, old, new in group]
    assert [row for row in rows if not fits(f"logreq/{row[0]}", *row[1:])] == []


def test_mutants_of_the_follower() -> None:
    rows = [(name, old, new) for name, old, new, _, _ in follow.MUTANTS]
    assert [row for row in rows if not fits(f"logreq/live/{row[0]}", *row[1:])] == []


def test_mutants_of_outcomes_and_texts() -> None:
    rows = [*outcome.MUTANTS, *rendering.MUTANTS]
    assert [row for row in rows if not fits(f"logreq/{row[0]}", *row[1:])] == []


def test_mutants_of_scripts_that_are_run_again() -> None:
    assert [row for row in again.MUTANTS if not fits(f"logreq/{row[0]}", *row[1:])] == []


def fits(file: str, old: str, new: str) -> bool:
    path = ROOT / file
    return path.exists() and path.read_text().count(old) == 1 and old != new
