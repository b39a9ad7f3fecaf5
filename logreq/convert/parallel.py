"""One big plain log on several cores: processes, and what they made put in the log's order.

Worker number i of n takes the ranges i, i + n, i + 2n, ... and writes what it made of them into
a pipe; the parent reads the pipes in turn, so the log's order holds and a full pipe holds back
who is ahead. What depends on more than a range is the parent's: a request with a secret
(variables are numbered through the log) comes back as it is, and a range whose first request
follows a cut-off line is rendered once more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import signal
import struct
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Optional

from logreq.convert.ranges import NoVariables, Part, Ranges, Result
from logreq.errors import LogreqError, Report
from logreq.log.files import LogFile, Progress
from logreq.log.scan import Stats
from logreq.model.request import Request

if TYPE_CHECKING:
    from logreq.convert.render import Renderer

# Bytes of a range: large enough to be worth a turn, small enough to be held as text.
RANGE = 1024 * 1024
_HEAD = struct.Struct("=Q")
# A range is so many times as long where outcomes are looked for, some of them behind it.
AHEAD = 4
# Linux has it; Python names it from 3.10 on.
_SET_PIPE_SIZE = 1031


def batches(
    file: LogFile,
    renderer: Renderer,
    report: Report,
    stats: Stats,
    jobs: int,
    progress: Optional[Progress] = None,
    *,
    counted: bool = True,
    outcomes: bool = False,
) -> Iterator[tuple[list[bytes], int]]:
    """Read one plain log with `jobs` processes; give texts in its order, as one process would.

    Texts come joined by the emitter's separator, with their number. `outcomes`: see
    `pipeline.batches`. LogreqError if a worker dies.
    """
    size = file.size
    step = RANGE * (AHEAD if outcomes else 1)
    ranges = Ranges(file, renderer, step, counted or outcomes, outcomes)
    sys.stdout.flush()
    sys.stderr.flush()
    workers: list[_Worker] = []
    try:
        for number in range(jobs):
            workers.append(_Worker(ranges, number, jobs, workers))
        cut = False
        base = 0
        for number in range(ranges.count):
            result, parts = workers[number % jobs].receive()
            if cut and result.cut is not None:
                result, parts = ranges.render(number, base + 1, cut)
            elif not ranges.numbered:
                result, parts = _numbered(result, parts, base)
            cut = cut if result.cut is None else result.cut
            base += result.lines
            stats.lines += result.lines
            stats.requests += result.requests
            stats.malformed += result.malformed
            renderer.left.add(result.left)
            for problem in result.problems:
                report(problem)
            texts, count = [], result.number
            for part in parts:
                if isinstance(part, Request):
                    made = renderer.batch([part])
                    texts += made
                    count += len(made)
                else:
                    texts.append(part)
            yield texts, count
            if progress is not None:
                progress(min(step, size - number * step))
            if result.failed:
                break
    finally:
        for worker in workers:
            worker.end()


def _numbered(result: Result, parts: list[Part], base: int) -> tuple[Result, list[Part]]:
    """Count lines from the log's beginning, of which `base` come before the range."""
    problems = [p._replace(line=p.line and p.line + base) for p in result.problems]
    parts = [p._replace(line=p.line + base) if isinstance(p, Request) else p for p in parts]
    return result._replace(problems=problems), parts


class _Worker:
    """A child process, seen from its parent."""

    def __init__(self, ranges: Ranges, number: int, jobs: int, others: list[_Worker]) -> None:
        reading, writing = os.pipe()
        # The system's own size, 64 kB, makes a worker wait for its parent all the time.
        with contextlib.suppress(OSError):
            fcntl.fcntl(writing, _SET_PIPE_SIZE, RANGE)
        self.pid = os.fork()
        if not self.pid:  # pragma: no cover - the child ends without telling what it ran
            os.close(reading)
            for other in others:
                other.pipe.close()
            _work(ranges, number, jobs, writing)
        os.close(writing)
        self.pipe: BinaryIO = open(reading, "rb")  # noqa: SIM115 closed by `end`

    def receive(self) -> tuple[Result, list[Part]]:
        """Wait for the worker's next range."""
        (head,) = _HEAD.unpack(self._read(_HEAD.size))
        # From our own child through a pipe that nobody else has.
        result = pickle.loads(self._read(head))  # noqa: S301
        parts = [p if isinstance(p, Request) else self._read(p) for p in result.parts]
        return result, parts

    def _read(self, length: int) -> bytes:
        data = self.pipe.read(length)
        if len(data) < length:
            raise LogreqError("a worker process died; --jobs 1 does without")
        return data

    def end(self) -> None:
        """Stop the worker, done or not."""
        self.pipe.close()
        os.kill(self.pid, signal.SIGKILL)  # not waited for yet, so the number is still its own
        os.waitpid(self.pid, 0)


def _work(  # pragma: no cover - the child ends without telling what it ran
    ranges: Ranges, first: int, jobs: int, descriptor: int
) -> NoReturn:
    """Be a worker; never come back into the parent's code."""
    status = 1
    try:
        # The parent says what there is to say about Ctrl-C, and ends its workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ranges.renderer.decider.variables = NoVariables()
        line = 1
        with open(descriptor, "wb", buffering=0) as pipe:
            for number in range(ranges.count):
                if number % jobs == first:
                    result, parts = ranges.render(number, line, cut=False)
                    head = pickle.dumps(result)
                    texts = (part for part in parts if isinstance(part, bytes))
                    _write(pipe, b"".join((_HEAD.pack(len(head)), head, *texts)))
                    line += result.lines * ranges.numbered
                elif ranges.numbered:
                    line += sum(block.count(b"\n") for block in ranges.blocks(number))
        status = 0
    finally:
        os._exit(status)


def _write(pipe: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[pipe.write(view) :]
