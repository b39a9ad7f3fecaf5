"""Lines -> requests -> calls, as generators: nothing is held that has been handed on."""

from __future__ import annotations

import heapq
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Optional, Union

from logreq.convert.filter import Unique, Wanted
from logreq.convert.render import Renderer, refusal
from logreq.errors import EmitError, Problem
from logreq.log import files as sources
from logreq.log import years as logtime
from logreq.log.files import LogFile, Progress, Report
from logreq.log.scan import Brief, Scanner
from logreq.model.call import Call
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from logreq.rules.decide import Decider

if TYPE_CHECKING:
    from logreq.emitters._old import Emitter
    from logreq.model.call import Argument

# Requests that are turned into text at a time, where several logs are read in turn.
_PAGE = 256
# Bytes of log that are worth another process: some 50 ms of work.
WORTH = 8 * 1024 * 1024


class Stats:
    """What went through: numbers for the summary."""

    def __init__(self, needs_lines: bool = True) -> None:
        """Begin; `needs_lines` false: nobody asks how many lines there were."""
        self.needs_lines = needs_lines
        self.lines = 0
        self.requests = 0
        self.malformed = 0

    def count(self, found: Collection[object]) -> None:
        """Count what a scanner found in a chunk."""
        damaged = list(map(type, found)).count(Problem)
        self.requests += len(found) - damaged
        self.malformed += damaged


def requests(chunks: Iterable[Chunk], report: Report, stats: Stats) -> Iterator[Request]:
    """Find the requests in chunks; a damaged one is reported and costs nobody else."""
    scanners: dict[Source, Scanner] = {}
    for chunk in chunks:
        if not chunk.data:
            continue
        # Several logs may come in turn, and a log's lines begin anew when it is rotated.
        stats.lines += chunk.data.count(b"\n") + (not chunk.data.endswith(b"\n"))
        scanner = scanners.get(chunk.source)
        if scanner is None:
            scanner = scanners[chunk.source] = Scanner()
        page = scanner.scan(chunk)
        stats.count(page)
        for found in page:
            if isinstance(found, Request):
                yield found
            elif isinstance(found, Problem):  # pragma: no branch - no texts here
                report(found)


def scanned(
    chunks: Iterable[Chunk],
    stats: Stats,
    brief: Optional[Brief] = None,
    scanner: Optional[Scanner] = None,
    line: Optional[int] = 1,
) -> Iterator[list[Union[Request, Problem, bytes]]]:
    """Find the requests of chunks, a chunk at a time, and count what went through.

    `line` is the number of the first line; None: they are not counted.
    """
    line = line or 0
    scan = (scanner or Scanner()).scan
    for chunk in chunks:
        # Counting lines takes as long as finding requests: it is done once, by the source.
        stats.lines += chunk.line - line
        line = chunk.line
        found = scan(chunk, brief)
        if found:
            stats.count(found)
            yield found


def read(
    files: Sequence[LogFile],
    report: Report,
    stats: Optional[Stats] = None,
    progress: Optional[Progress] = None,
) -> Iterator[Request]:
    """Read saved logs: one in its own order, several in the order of their records' time."""
    stats = stats or Stats()
    if len(files) == 1:
        yield from requests(sources.read_file(files[0], report, progress), report, stats)
        return
    for _, request in moments(files, report, stats, progress):
        yield request


def moments(
    files: Sequence[LogFile], report: Report, stats: Stats, progress: Optional[Progress] = None
) -> Iterator[tuple[logtime.Moment, Request]]:
    """Read saved logs in the order of their records' time, each request with its time.

    Each log keeps its own order. A log is opened when its first record's turn comes:
    a year of archives does not need a descriptor each.
    """
    waiting = sorted(
        (_Stream(file, number, report, stats, progress) for number, file in enumerate(files)),
        key=lambda stream: (stream.begins, stream.number),
        reverse=True,
    )
    active: list[tuple[logtime.Moment, int, Request, _Stream]] = []
    while active or waiting:
        while waiting and (not active or waiting[-1].begins <= active[0][0]):
            stream = waiting.pop()
            first = next(stream.requests, None)
            if first is not None:
                heapq.heappush(active, (*first, stream))
        if active:
            moment, _, request, stream = active[0]
            yield moment, request
            following = next(stream.requests, None)
            if following is None:
                heapq.heappop(active)
            else:
                heapq.heapreplace(active, (*following, stream))


def calls(
    found: Iterable[Request],
    decider: Decider,
    wanted: Optional[Wanted] = None,
    new: Optional[Unique] = None,
) -> Iterator[Call]:
    """Turn requests into calls: those that are wanted, through the rules, each once if `new`."""
    for request in found:
        if wanted is not None and not wanted(request):
            continue
        call = decider(request)
        if new is None or new(call):
            yield call


def jobs(files: Sequence[LogFile], wanted: Optional[int] = None) -> int:
    """Tell how many processes to use: 1 unless it is one plain file.

    `wanted`: so many, where it can be done at all; else as many as help.
    """
    if wanted == 1 or len(files) != 1 or not sources.is_plain(files[0]):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return wanted or max(1, min(cores or 1, files[0].size // WORTH))


def pages(
    files: Sequence[LogFile],
    renderer: Renderer,
    report: Report,
    stats: Stats,
    progress: Optional[Progress] = None,
) -> Iterator[Sequence[bytes]]:
    """Read saved logs in the order of their records' time; give texts, many at a time."""
    if len(files) == 1:
        counted = stats.needs_lines or renderer.needs_lines
        chunks = sources.read_file(files[0], report, progress, counted=counted)
        brief = renderer.brief(files[0].source)
        for found in scanned(chunks, stats, brief, line=1 if counted else None):
            yield renderer.page(found)
        return
    merged = read(files, report, stats, progress)
    while page := list(islice(merged, _PAGE)):
        yield renderer.page(page)


def snippets(found: Iterable[Call], emitter: Emitter, report: Report) -> Iterator[str]:
    """Turn calls into text, one snippet each.

    A call that the emitter cannot express is reported and becomes comment lines.
    """
    make = emitter.snippet
    for call in found:
        try:
            text = make(call)
        except EmitError as error:
            text = refusal(call, emitter, report, error)
        yield text


def script(
    found: Sequence[Call], emitter: Emitter, arguments: Sequence[Argument], report: Report
) -> Iterator[str]:
    """Turn calls into one script; nothing where there are none.

    `arguments`: values that the script takes as arguments. A value that many calls hold is
    suggested for one. UsageError for an argument whose value stands nowhere, EmitError for
    a call or a target that cannot be told.
    """
    from logreq.convert.arguments import parameterize, repeated

    if not found:
        return
    named = {argument.default for argument in arguments}
    for name, value, count in repeated(found):
        if not any(value in other or other in value for other in named):
            named.add(value)
            message = f"{value} stands in {count} calls: --param {name}={value} makes an argument"
            report(Problem("script", None, None, message))
    yield from emitter.script(parameterize(found, arguments), arguments)


class _Stream:
    """One log among several: where in time it begins, and its requests with their times."""

    def __init__(
        self,
        file: LogFile,
        number: int,
        report: Report,
        stats: Stats,
        progress: Optional[Progress],
    ) -> None:
        self.number = number
        date = logtime.file_date(file.path)
        self._years = logtime.Years(date)
        self.begins = self._begin(file)
        chunks = sources.read_file(file, report, progress)
        self.requests = self._timed(requests(chunks, report, stats))

    def _begin(self, file: LogFile) -> logtime.Moment:
        if file.path != "-" and file.size:
            text = sources.first_block(file, logtime.first_time)
            if text is not None:
                return self._years.moment(text)
        return (0, 0, 0, 0)  # no telling: begin at once

    def _timed(self, found: Iterator[Request]) -> Iterator[tuple[logtime.Moment, int, Request]]:
        for request in found:
            yield self._years.moment(request.time), self.number, request
