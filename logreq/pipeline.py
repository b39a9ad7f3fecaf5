"""Lines -> requests -> calls, as generators: nothing is held that has been handed on."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Optional

from logreq import logtime, parser, sources
from logreq.apply import Applier
from logreq.call import Call
from logreq.errors import EmitError, Problem
from logreq.request import Chunk, Request, Source
from logreq.select import Unique, Wanted
from logreq.sources import LogFile, Progress, Report

if TYPE_CHECKING:
    from logreq.emitters._base import Emitter
    from logreq.script import Argument


class Stats:
    """What went through: numbers for the summary."""

    def __init__(self) -> None:
        self.lines = 0
        self.requests = 0
        self.malformed = 0


def requests(chunks: Iterable[Chunk], report: Report, stats: Stats) -> Iterator[Request]:
    """Find the requests in chunks; a damaged one is reported and costs nobody else."""
    needle = parser.NEEDLE
    scanners: dict[Source, parser.Scanner] = {}
    for chunk in chunks:
        data = chunk.data
        stats.lines += data.count(b"\n") + (not data.endswith(b"\n"))
        if needle not in data:
            continue
        scanner = scanners.get(chunk.source)
        if scanner is None:
            scanner = scanners[chunk.source] = parser.Scanner()
        for found in scanner.scan(chunk):
            if isinstance(found, Request):
                stats.requests += 1
                yield found
            else:
                stats.malformed += 1
                report(found)


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
    applier: Applier,
    wanted: Optional[Wanted] = None,
    new: Optional[Unique] = None,
) -> Iterator[Call]:
    """Turn requests into calls: those that are wanted, through the rules, each once if `new`."""
    for request in found:
        if wanted is not None and not wanted(request):
            continue
        call = applier(request)
        if new is None or new(call):
            yield call


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


def refusal(call: Call, emitter: Emitter, report: Report, error: EmitError) -> str:
    """Report a call that a target cannot express; give the comment lines in its place."""
    request = call.request
    report(Problem(request.source, request.line, None, f"no call here: {error}"))
    return emitter.refusal(call, str(error))


def script(
    found: Sequence[Call], emitter: Emitter, arguments: Sequence[Argument], report: Report
) -> Iterator[str]:
    """Turn calls into one script; nothing where there are none.

    `arguments`: values that the script takes as arguments. A value that many calls hold is
    suggested for one. UsageError for an argument whose value stands nowhere, EmitError for
    a call or a target that cannot be told.
    """
    from logreq.script import parameterize, repeated

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
