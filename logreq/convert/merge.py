"""Several saved logs -> their requests in the order of their records' time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Optional

from logreq.convert import single
from logreq.errors import Report
from logreq.log import years
from logreq.log.files import LogFile, Progress, first_block
from logreq.log.scan import Stats
from logreq.model.request import Request


def by_time(
    files: Sequence[LogFile],
    report: Report,
    stats: Stats,
    progress: Optional[Progress] = None,
    *,
    outcomes: bool = False,
    dated: bool = False,
) -> Iterator[tuple[years.Moment, Request]]:
    """Read saved logs in the order of their records' time, each request with its time.

    Each log keeps its own order; of records of the same second, those come first whose log
    began first, as an archive did. A log is opened when its first record's turn comes: a year
    of archives does not need a descriptor each.
    """
    streams = sorted(
        (_Stream(file, report, stats, progress, outcomes, dated) for file in files),
        key=lambda stream: stream.begins,
    )
    for number, stream in enumerate(streams):
        stream.number = number
    waiting = streams[::-1]
    if outcomes:
        _chain(waiting)
    active: list[tuple[years.Moment, int, Request, _Stream]] = []
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


def _chain(streams: Iterable[_Stream]) -> None:
    """Tell each stream, the latest first, which ones go on with its log."""
    from logreq.log.hold import same_log

    later: dict[object, list[LogFile]] = {}
    for stream in streams:
        chain = later.setdefault(same_log(stream.file), [])
        stream.later += reversed(chain)
        chain.append(stream.file)


class _Stream:
    """One log among several: where in time it begins, and its requests with their times."""

    def __init__(
        self,
        file: LogFile,
        report: Report,
        stats: Stats,
        progress: Optional[Progress],
        outcomes: bool,
        dated: bool,
    ) -> None:
        self.file = file
        # Its place among the others, by where they begin.
        self.number = 0
        # The files that go on with the same log.
        self.later: list[LogFile] = []
        self._years = years.Years(years.file_date(file.path))
        self._dated = dated
        self.begins = self._begin(file)
        batches = single.batches(file, report, stats, progress, outcomes=outcomes, later=self.later)
        self.requests = self._timed(chain.from_iterable(batches))

    def _begin(self, file: LogFile) -> years.Moment:
        if file.path != "-" and file.size:
            text = first_block(file, years.first_time)
            if text is not None:
                return self._years.moment(text)
        return (0, 0, 0, 0)  # no telling: begin at once

    def _timed(self, found: Iterator[Request]) -> Iterator[tuple[years.Moment, int, Request]]:
        log = self._years
        for request in found:
            moment = log.moment(request.time)
            if self._dated and request.when is None:
                request = request._replace(when=log.when(request.time))
            yield moment, self.number, request
