"""A real writer process, real wake-ups, each kind of rotation: nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from logreq.errors import Problem
from logreq.live.follow import follow
from logreq.live.wake import Poller, waiter
from tests.bench.check import NUMBER
from tests.bench.writer import KINDS

ROOT = Path(__file__).parents[2]
EVERY = 2000  # lines before a rotation


@pytest.mark.slow
@pytest.mark.parametrize("polling", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_writer_process(tmp_path: Path, kind: str, polling: bool) -> None:
    path = tmp_path / "ispmgr.log"
    path.touch()
    problems: list[Problem] = []
    waits: Any = Poller() if polling else waiter()
    chunks = follow([path], panel_of=str, report=problems.append, waits=waits, back=None)
    argv = [
        sys.executable,
        "-m",
        "tests.bench.writer",
        str(path),
        kind,
        "12000",
        "30000",
        f"{EVERY}",
    ]
    if kind == "D1":
        argv.append("--wait")
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, cwd=ROOT) as writer:
        data = b""
        seen = 1
        assert writer.stdin
        for chunk in chunks:
            data += chunk.data
            # It writes 200 lines at once at most: these are behind the rotation.
            while b"n=%09d" % (seen * EVERY + 200) in data:
                seen += 1
                writer.stdin.write(b"\n")
                writer.stdin.flush()
            if b"func=the.end" in chunk.data:
                break
        chunks.close()  # type: ignore[attr-defined]
        out, _ = writer.communicate()
    assert int(out) >= 5
    lines = data.splitlines(keepends=True)[:-1]
    found = [match for match in map(NUMBER.search, lines) if match]
    names = [line for line in lines if line.startswith(b"Previous log: ")]
    assert [int(match[1]) for match in found] == list(range(1, 12001))
    assert len(names) == (int(out) if kind[0] == "T" else 0)
    assert len(lines) == len(found) + len(names)
    assert problems == []
