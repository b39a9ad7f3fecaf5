"""Runs commands and tells how long they took and how much memory they had at most."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Run(NamedTuple):
    """One run: seconds on the clock, seconds of processor time, peak memory in bytes.

    `peak` is that of the largest process of the command.
    """

    wall: float
    cpu: float
    peak: int


def run(command: Sequence[str]) -> Run:
    """Run a command to its end, its output to nowhere: what a disk takes is not measured."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    assert child.stderr is not None
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
    child.stderr.close()
    if child.returncode:
        raise RuntimeError(f"{command[:6]} ended with {child.returncode}: {message!r}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


class Times(NamedTuple):
    """Medians of a command's runs."""

    wall: float
    cpu: float
    peak: int


def compare(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, Times]:
    """Run commands in turn, `runs` times each, so that they share the machine's moods."""
    done: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            done[name].append(run(command))
    return {
        name: Times(
            statistics.median(one.wall for one in all_of_it),
            statistics.median(one.cpu for one in all_of_it),
            max(one.peak for one in all_of_it),
        )
        for name, all_of_it in done.items()
    }
