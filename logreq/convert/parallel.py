"""One big plain log on several cores: ranges of bytes, cut at line ends, each a worker's.

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
from collections.abc import Hashable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Callable, NamedTuple, NoReturn, Optional, Union

from logreq.convert.summary import LeftOut
from logreq.errors import LogreqError, Problem, Report
from logreq.log import files, scan, years
from logreq.log.files import LogFile, Progress, chunks, unreadable
from logreq.log.scan import Paired, Scanner, Stats
from logreq.model.chunk import Chunk
from logreq.model.request import Param, Request
from logreq.rules.variables import Variables
from logreq.text.codec import encode

if TYPE_CHECKING:
    from logreq.convert.render import Renderer

# Bytes of a range: large enough to be worth a turn, small enough to be held as text.
RANGE = 1024 * 1024
_HEAD = struct.Struct("=Q")
# A range is so many times as long where outcomes are looked for, some of them behind it.
AHEAD = 4
# Linux has it; Python names it from 3.10 on.
_SET_PIPE_SIZE = 1031

# The texts of some requests, joined, or a request that only the parent can render.
Part = Union[bytes, Request]


class _Result(NamedTuple):
    """What a range came to, in numbers; `cut` is None if it held no Request line.

    `number` of texts; `parts`: requests for the parent, and the lengths of the texts between.
    """

    number: int
    lines: int
    requests: int
    malformed: int
    problems: list[Problem]
    cut: Optional[bool]
    # Reading failed: the log ends here.
    failed: bool
    parts: list[Union[int, Request]]
    left: LeftOut


class _OutOfOrderError(Exception):
    """The text of this request depends on those before the range."""


class _NoVariables(Variables):
    """Stands in for the names of secrets' variables: they are numbered through the log."""

    def name(self, param: Param, call: Hashable = None) -> NoReturn:
        raise _OutOfOrderError


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
    ranges = _Ranges(file, renderer, step, counted or outcomes, outcomes)
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


def _numbered(result: _Result, parts: list[Part], base: int) -> tuple[_Result, list[Part]]:
    """Count lines from the log's beginning, of which `base` come before the range."""
    problems = [p._replace(line=p.line and p.line + base) for p in result.problems]
    parts = [p._replace(line=p.line + base) if isinstance(p, Request) else p for p in parts]
    return result._replace(problems=problems), parts


class _Ranges:
    """Turns ranges of a log into text, in whichever process."""

    def __init__(
        self, file: LogFile, renderer: Renderer, step: int, counted: bool, outcomes: bool
    ) -> None:
        self.file = file
        self.renderer = renderer
        self.step = step
        self.count = max(1, -(-file.size // step))
        self.outcomes = outcomes
        # A worker has to know its lines' numbers only if the texts tell them.
        self.numbered = renderer.emitter.tells_request
        self.counted = counted
        # By which date each range gets its years, where the texts tell them.
        self.dates: list[years.Date] = []
        if renderer.emitter.tells_when:
            parts = (
                chunks(_guarded(self.blocks(n), []), file.source, lambda problem: None, None)
                for n in range(self.count)
            )
            self.dates = years.part_dates(file.path, parts)

    def blocks(self, number: int) -> Iterator[bytes]:
        """Give the lines that begin within a range."""
        begin, end = number * self.step, (number + 1) * self.step
        last = number == self.count - 1
        with open(self.file.path, "rb", buffering=0) as raw:
            inside = not begin
            # A line belongs where its first byte is: look at the byte before.
            position = raw.seek(max(0, begin - 1))
            while block := raw.read(files.BLOCK):
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

    def render(self, number: int, line: int, cut: bool) -> tuple[_Result, list[Part]]:
        """Make the text of a range whose first line has this number; `cut`: see `Scanner`."""
        problems: list[Problem] = []
        failed: list[Exception] = []
        stats = Stats()
        scanner = Scanner()
        scanner.cut = cut
        renderer = self.renderer.reporting(problems.append)
        separator = encode(renderer.emitter.separator)
        first = line if self.counted else None
        blocks = _guarded(self.blocks(number), failed)
        whole = chunks(blocks, self.file.source, problems.append, first)
        parts: list[Part] = []
        count = 0
        paired = None
        if self.outcomes:
            paired = self._paired(number, lambda: line + stats.lines)
        found = scan.batches(whole, problems.append, stats, first or 0, scanner, paired)
        if self.dates:
            found = map(years.Years(self.dates[number]).dated, found)
        for batch in found:
            for texts in _rendered(renderer, batch):
                count += 0 if isinstance(texts, Request) else len(texts)
                parts.append(texts if isinstance(texts, Request) else separator.join(texts))
        problems += [unreadable(self.file.source.name, error) for error in failed]
        return _Result(
            count, stats.lines, stats.requests, stats.malformed, problems,
            scanner.cut if stats.requests or stats.malformed else None, bool(failed),
            [part if isinstance(part, Request) else len(part) for part in parts],
            renderer.left.take(),
        ), parts  # fmt: skip

    def _paired(self, number: int, lines: Callable[[], int]) -> Paired:
        """Give what tells a range's requests their outcomes, which may stand behind it.

        `lines`: gives the number of the line behind it, when the range has been read.
        """
        from logreq.log.hold import hold, told

        def following() -> Iterator[Chunk]:
            after = chain.from_iterable(map(self.blocks, range(number + 1, self.count)))
            # What is wrong there is told when its turn comes.
            blocks = _guarded(after, [])
            return chunks(blocks, self.file.source, lambda problem: None, lines())

        return lambda fed: told(hold(fed, following))


def _rendered(
    renderer: Renderer, requests: Iterable[Request]
) -> Iterator[Union[list[bytes], Request]]:
    """Give the texts of requests, and between them requests that only the parent can render."""
    texts: list[bytes] = []
    for request in requests:
        try:
            texts += renderer.batch([request])
        except _OutOfOrderError:  # noqa: PERF203 - the next one goes on
            if texts:
                yield texts
            yield request
            texts = []
    if texts:
        yield texts


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

    def receive(self) -> tuple[_Result, list[Part]]:
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
