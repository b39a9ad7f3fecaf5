"""The sample for many panels counts and converts what the command line does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("dask.bag", reason="dask is not installed: pip install 'logreq[dask]'")

SAMPLES = Path(__file__).parents[2] / "samples"


def test_it_counts_and_converts_the_samples(tmp_path: Path) -> None:
    globs = [str(SAMPLES / "*mgr.log"), str(SAMPLES / "rotated" / "logs" / "*.gz")]
    ended = subprocess.run(
        [sys.executable, SAMPLES / "fleet_dask.py", *globs, "--calls", tmp_path / "calls"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(SAMPLES.parent)},
    )
    counted = sum(int(row.split("\t")[-1]) for row in ended.stdout.splitlines())
    written = sum(p.read_bytes().count(b"\n") for p in (tmp_path / "calls").iterdir())
    logs = [*SAMPLES.glob("*mgr.log"), *(SAMPLES / "rotated" / "logs").glob("*.gz")]
    one = subprocess.run(
        [sys.executable, "-m", "logreq", "convert", "-q", "-t", "json", *logs],
        capture_output=True,
        check=True,
    )
    assert counted == written == one.stdout.count(b"\n") > 10
