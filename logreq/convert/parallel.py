"""One big plain log on several cores: ranges of bytes, cut at line ends, each a worker's.

Worker number i of n takes the ranges i, i + n, i + 2n, ... and writes what it made of them into
a pipe; the parent reads the pipes in turn, so the log's order holds and a full pipe holds back
who is ahead. What depends on more than a range is left to the parent: a range
with a secret (variables are numbered through the log), one whose first request follows a
cut-off line, one with a call that the target cannot express.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pickle
import signal
import struct
import sys
from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, NoReturn, Optional

from logreq.convert.pipeline import Stats, scanned
from logreq.convert.render import PIECE, Rendered, joined
from logreq.errors import LogreqError, Problem
from logreq.log import files as sources
from logreq.log.files import LogFile, Progress, Report
from logreq.log.scan import Scanner
from logreq.model.request import Param
from logreq.rules.variables import Variables
from logreq.text.codec import encode

if TYPE_CHECKING:
    from logreq.convert.render import Renderer

# Bytes of a range: large enough to be worth a turn, small enough to be held as text.
RANGE = 1024 * 1024
_HEAD = struct.Struct("=QQ")
# Linux has it; Python names it from 3.10 on.
_SET_PIPE_SIZE = 1031


class _Result(NamedTuple):
    """What a range came to, in numbers; `cut` is None if it held no Request line."""

    lines: int
    requests: int
    malformed: int
    problems: list[Problem]
    number: int
    cut: Optional[bool]
    # Only the parent can do it.
    handed_back: bool
    # Reading failed: the log ends here.
    failed: bool


class _OutOfOrderError(Exception):
    """The text of this request depends on those before the range."""


class _NoVariables(Variables):
    """Stands in for the names of secrets' variables: they are numbered through the log."""

    def name(self, param: Param, call: Hashable = None) -> NoReturn:
        raise _OutOfOrderError


def pages(
    file: LogFile,
    renderer: Renderer,
    report: Report,
    stats: Stats,
    jobs: int,
    progress: Optional[Progress] = None,
) -> Iterator[Rendered]:
    """Read one plain log with `jobs` processes; give texts in its order, as one process would.

    LogreqError if a worker dies.
    """
    size = file.size
    counted = stats.needs_lines or renderer.needs_lines
    ranges = _Ranges(file, renderer, max(1, -(-size // RANGE)), counted)
    sys.stdout.flush()
    sys.stderr.flush()
    workers: list[_Worker] = []
    try:
        for number in range(jobs):
            workers.append(_Worker(ranges, number, jobs, workers))
        cut = False
        base = 0
        for number in range(ranges.count):
            result, pieces = workers[number % jobs].receive()
            if result.handed_back or (cut and result.cut is not None):
                result, pieces = ranges.render(number, base + 1, cut)
            elif not ranges.numbered:
                problems = [p._replace(line=p.line and p.line + base) for p in result.problems]
                result = result._replace(problems=problems)
            cut = cut if result.cut is None else result.cut
            base += result.lines
            stats.lines += result.lines
            stats.requests += result.requests
            stats.malformed += result.malformed
            for problem in result.problems:
                report(problem)
            yield Rendered(pieces, result.number)
            if progress is not None:
                progress(min(RANGE, size - number * RANGE))
            if result.failed:
                break
    finally:
        for worker in workers:
            worker.end()


class _Ranges:
    """Turns ranges of a log into text, in whichever process."""

    def __init__(self, file: LogFile, renderer: Renderer, count: int, counted: bool) -> None:
        self.file = file
        self.renderer = renderer
        self.count = count
        # A worker has to know its lines' numbers only if the texts tell them.
        self.numbered = renderer.emitter.tells_request
        self.counted = counted

    def blocks(self, number: int) -> Iterator[bytes]:
        """Give the lines that begin within a range."""
        begin, end = number * RANGE, (number + 1) * RANGE
        last = number == self.count - 1
        with open(self.file.path, "rb", buffering=0) as raw:
            inside = not begin
            # A line belongs where its first byte is: look at the byte before.
            position = raw.seek(max(0, begin - 1))
            while block := raw.read(sources.BLOCK):
                start, after = position, position + len(block)
                position = after
                if not inside:
                    found = block.find(b"\n")
                    if found < 0 or (start + found + 1 >= end and not last):
                        if after >= end and not last:
                            return
                        continue
                    inside = True
                    block = block[found + 1 :]
                    start += found + 1
                if last or after < end:
                    yield block
                    continue
                found = block.find(b"\n", max(0, end - 1 - start))
                if found >= 0:
                    yield block[: found + 1]
                    return
                yield block

    def render(
        self, number: int, line: int, cut: bool, restrained: bool = False
    ) -> tuple[_Result, list[bytes]]:
        """Make the text of a range whose first line has this number.

        `restrained`: not all is known, so hand back what would need it.
        """
        problems: list[Problem] = []
        failed: list[Exception] = []
        stats = Stats()
        scanner = Scanner()
        scanner.cut = cut
        renderer = self.renderer.reporting(problems.append)
        pieces: list[bytes] = []
        texts = 0
        found_any = False
        separator = encode(renderer.emitter.separator)
        first = line if self.counted else None
        blocks = _guarded(self.blocks(number), failed)
        chunks = sources.chunks(blocks, self.file.source, problems.append, first)
        try:
            brief = renderer.brief(self.file.source)
            for found in scanned(chunks, stats, brief, scanner, first):
                found_any = True
                page = renderer.page(found)
                if page:
                    if texts:
                        pieces.append(separator)
                    pieces += joined(page, separator)
                    texts += len(page)
            handed_back = restrained and renderer.refused > 0
        except _OutOfOrderError:
            handed_back = True
            for _ in scanned(chunks, stats, None, scanner, first and first + stats.lines):
                pass
        problems += [sources.unreadable(self.file.source.name, error) for error in failed]
        state = scanner.cut if found_any else None
        return _Result(
            stats.lines, stats.requests, stats.malformed, problems, texts, state,
            handed_back, bool(failed),
        ), pieces  # fmt: skip


def _guarded(blocks: Iterable[bytes], failed: list[Exception]) -> Iterator[bytes]:
    try:
        yield from blocks
    except (OSError, ValueError) as error:
        failed.append(error)


class _Worker:
    """A child process, seen from its parent."""

    def __init__(self, ranges: _Ranges, number: int, jobs: int, others: list[_Worker]) -> None:
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

    def receive(self) -> tuple[_Result, list[bytes]]:
        """Wait for the worker's next range."""
        head, length = _HEAD.unpack(self._read(_HEAD.size))
        # From our own child through a pipe that nobody else has.
        result = pickle.loads(self._read(head))  # noqa: S301
        return result, [self._read(min(PIECE, length - at)) for at in range(0, length, PIECE)]

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
    ranges: _Ranges, first: int, jobs: int, descriptor: int
) -> NoReturn:
    """Be a worker; never come back into the parent's code."""
    status = 1
    try:
        # The parent says what there is to say about Ctrl-C, and ends its workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        ranges.renderer.decider.variables = _NoVariables()
        line = 1
        with open(descriptor, "wb", buffering=0) as pipe:
            for number in range(ranges.count):
                if number % jobs == first:
                    result, pieces = ranges.render(number, line, cut=False, restrained=True)
                    head = pickle.dumps(result)
                    _write(pipe, _HEAD.pack(len(head), sum(map(len, pieces))) + head)
                    for piece in pieces:
                        _write(pipe, piece)
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
