"""Follows live logs without losing a line: just another source of lines.

A log is followed through truncations, renames and deletions; what a truncation took away
is read from the archive.

Guaranteed on a local file system, while the archives exist:
every complete line once, in the order of one writer. Not guaranteed: lines that a
copy-and-truncate from outside never archived, a file that was created and deleted between
two looks (there is one after each chunk that was handed out), the order between two writers,
the freshness of a network file system. A consumer that is so slow that 256 files wait to be
read loses those that come and go then; that is reported.
What is known to be missing, or may be, is reported (`Problem.lost`).

New lines are held back while the archive of what they follow is awaited: 0.1 s where the
new first line is an ordinary record and no file beside the log is new or changed, 2.5 s where
one is, 10 s, counted from the archive's last change, where the first line is anything else.
A request to stop ends that: the gap is reported, and the new lines are handed out.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Optional

from logreq.errors import Problem
from logreq.live.files import Files
from logreq.live.generation import BLOCK
from logreq.live.lines import Lines
from logreq.live.queue import Log
from logreq.live.recovery import Steps
from logreq.live.tail import Tail
from logreq.live.wake import SAFETY, Stop, Waiter, readable, waiter
from logreq.model.chunk import Chunk, Source

__all__ = ["Stop", "follow", "follow_stream"]

# Seconds in which, after a stop was requested, what is already written is still handed out.
FINAL = 0.5


def never() -> float:
    """Give the seconds until something that does not happen."""
    return float("inf")


def follow(
    paths: Sequence[Path],
    *,
    panel_of: Callable[[Path], str],
    report: Callable[[Problem], None],
    stop: Callable[[], bool] = bool,
    back: Optional[int] = 0,
    wanted: Callable[[bytes], bool] = bool,
    on_idle: Callable[[], object] = bool,
    due: Callable[[], float] = never,
    clock: Callable[[], float] = time.monotonic,
    waits: Optional[Waiter] = None,
    files: Optional[Files] = None,
) -> Iterator[Chunk]:
    """Give the lines of live logs as they are written, chunk by chunk.

    `back`: where to begin in a log that exists: with its last `back` lines for which
    `wanted(line)` holds, 0 at its end, None at its start. What is already there then comes
    as the first chunks of the same generation: nothing is lost or doubled at the seam. A log
    that does not exist is waited for, and begins at its start.

    A chunk has at most 64 KiB and one line of at most MAX_LINE; its line number counts from
    the start of the log, and from 1 again after a rotation. `report` gets what went wrong;
    `Problem.lost` says that lines may be missing.

    `due` gives the seconds until a chunk without data is wanted at the latest.

    `on_idle` is called before each wait. `stop` is asked between two chunks and after each
    wait; a `Stop` also ends the wait at once. What is already written by then is given out for at
    most half a second; an unfinished line is not. `clock` gives seconds; `waits` and
    `files` are there for tests. All files are closed when the iterator ends or is closed.
    """
    files = files or Files()
    waits = waits or waiter(stop)
    tails = [
        Tail(Log(str(path), Source(str(path), panel_of(path)), report, files, clock, waits))
        for path in dict.fromkeys(paths)
    ]
    try:
        for tail in tails:
            tail.begin(back, wanted)
        runs = [tail.run() for tail in tails]
        hinted = True
        while not stop():
            idle = True
            for chunk in _round(runs):
                idle = False
                if chunk.data:
                    if not hinted:
                        waits.missed()
                    hinted = True
                    yield chunk
            if idle:
                on_idle()
                delay = min(due(), *(tail.delay for tail in tails), SAFETY)
                hinted = waits.wait(delay) or delay < waits.interval
                if due() <= 0:
                    yield Chunk(b"", tails[0].log.source, 0)
        until = clock() + FINAL
        for tail, run in zip(tails, runs):
            tail.hurry()
            for last in itertools.takewhile(lambda c: c and clock() < until, run):
                if last and last.data:
                    yield last
    finally:
        for tail in tails:
            tail.finish()
        waits.close()


def _round(runs: list[Steps]) -> Iterator[Chunk]:
    """Take one step of each log: one that floods does not hold up the others."""
    for run in runs:
        chunk = next(run)
        if chunk is not None:
            yield chunk


def follow_stream(
    fd: int,
    *,
    source: Source,
    report: Callable[[Problem], None],
    stop: Callable[[], bool] = bool,
    on_idle: Callable[[], object] = bool,
    due: Callable[[], float] = never,
) -> Iterator[Chunk]:
    """Give the lines of a stream (standard input) as they arrive, without waiting for more.

    The last line is given out at the end of the input even if it is unfinished, but not
    after a stop request. `on_idle` and `due`: see `follow`.
    """
    lines = Lines(source, report)
    while not stop():
        on_idle()
        if not readable(fd, stop, min(SAFETY, due())):
            if due() <= 0:
                yield Chunk(b"", source, 0)
            continue
        try:
            data = os.read(fd, BLOCK)
        except BlockingIOError:
            continue
        chunk = lines.feed(data) if data else lines.last()
        if chunk:
            yield chunk
        if not data:
            return
