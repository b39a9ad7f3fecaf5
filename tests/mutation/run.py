"""Puts one mutant after another into a copy of the code and runs tests there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(
    mutants: Sequence[tuple[str, str, str]], tests: Sequence[str], stages: Sequence[str]
) -> None:
    """Tell which mutants survive, and exit with 1 if one does.

    `mutants`: the file, what stands there, what stands there in the mutant. `stages`: which of
    the tests to run, one after the other until one fails, as for `pytest -k`.
    """
    survivors = 0
    with tempfile.TemporaryDirectory() as top:
        place = Path(top)
        for folder in ("logreq", "tests", "rules", "samples"):
            shutil.copytree(ROOT / folder, place / folder)
        shutil.copy(ROOT / "pyproject.toml", place)
        if not all(_passed(place, tests, which) for which in stages):
            raise SystemExit("the tests fail without a mutant")
        for name, old, new in mutants:
            lives = _survives(place, (name, old, new), tests, stages)
            survivors += lives
            shown = f"{name}: {old.strip()[:40]!r} -> {new.strip()[:40]!r}"
            print(f"{'SURVIVES' if lives else 'killed':9}{shown}", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants killed")
    raise SystemExit(survivors > 0)


def _survives(
    place: Path, mutant: tuple[str, str, str], tests: Sequence[str], stages: Sequence[str]
) -> bool:
    """Tell whether the tests pass with a mutant in place."""
    name, old, new = mutant
    path = place / "logreq" / name
    text = path.read_text()
    if text.count(old) != 1:
        raise SystemExit(f"{name}: {text.count(old)} times in the code: {old}")
    changed = text.replace(old, new)
    compile(changed, name, "exec")
    path.write_text(changed)
    try:
        return all(_passed(place, tests, which) for which in stages)
    finally:
        path.write_text(text)


def _passed(place: Path, tests: Sequence[str], which: str) -> bool:
    found = status(place, "--timeout", "120", "-k", which, *tests)
    # 2: with the mutant they cannot even be collected.
    if found not in (0, 1, 2):
        raise SystemExit(f"pytest ended with {found}")
    return found == 0


def status(place: Path, *args: str) -> int:
    """Run tests in a copy, by one process; give pytest's status, that of a failure if they hang."""
    argv = [sys.executable, "-m", "pytest", "-qx", "-n", "0", "-p", "no:cacheprovider", *args]
    # Compiled files are told apart by second and size: a mutant may have both in common.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(place)}
    env.setdefault("HYPOTHESIS_PROFILE", "full")
    try:
        ran = subprocess.run(
            argv, cwd=place, env=env, capture_output=True, timeout=600, check=False
        )
    except subprocess.TimeoutExpired:
        return 1
    if ran.returncode > 1:
        print(ran.stdout.decode())
    return ran.returncode
