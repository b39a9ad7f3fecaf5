"""Saved logs -> requests in the order of their time -> calls, as generators."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Callable, Optional

from logreq.browser.opened import opened
from logreq.errors import Problem, Report
from logreq.log import scan, years
from logreq.log.chunks import chunks
from logreq.log.files import LogFile, Progress, first_block, is_plain, unreadable
from logreq.log.scan import Paired, Stats
from logreq.model.call import Call
from logreq.model.request import Request
from logreq.rules.decide import Decider

if TYPE_CHECKING:
    from logreq.convert.filter import Unique, Wanted
    from logreq.emitters.base import Emitter
    from logreq.model.call import Argument

# Requests that are turned into text at a time, where several logs are read in turn.
BATCH = 256
# Bytes of log that are worth another process: some 50 ms of work.
WORTH = 8 * 1024 * 1024


def batches(
    files: Sequence[LogFile],
    report: Report,
    stats: Stats,
    progress: Optional[Progress] = None,
    *,
    counted: bool = True,
    outcomes: bool = False,
    dated: bool = False,
) -> Iterator[list[Request]]:
    """Read saved logs: one in its own order, several in the order of their records' time.

    Requests come many at a time, but none waits for more of the log to be there, unless it
    waits for its outcome, a pipe's for two seconds. `counted` false: nobody asks for the
    numbers of lines. `outcomes`: requests tell what the log says of them later. `dated`: they
    tell their year (`when`), for which a log is read once more before.
    """
    if len(files) == 1:
        counted = counted or outcomes
        yield from _batches(
            files[0], report, stats, progress, counted=counted, outcomes=outcomes, dated=dated
        )
        return
    timed = merge_by_time(files, report, stats, progress, outcomes=outcomes, dated=dated)
    merged = (request for _, request in timed)
    while batch := list(islice(merged, BATCH)):
        yield batch


def _batches(
    file: LogFile,
    report: Report,
    stats: Stats,
    progress: Optional[Progress],
    *,
    counted: bool = True,
    outcomes: bool,
    dated: bool = False,
    later: Sequence[LogFile] = (),
) -> Iterator[list[Request]]:
    """Read one saved file, a panel's log or a browser's recording, which tells its dates.

    `later`: the files that go on with the same log.
    """
    try:
        kind, blocks = opened(file, report, progress, idle=outcomes)
        if kind is None:
            lines = chunks(blocks, file.source, report, 1 if counted else None)
            paired = _paired(file, later) if outcomes else None
            found = scan.batches(lines, report, stats, int(counted), paired=paired)
            if dated:
                found = map(years.Years(years.file_date(file.path)).dated, found)
            yield from found
        else:
            yield from _recorded(file, kind, blocks, report, stats)
    except (OSError, ValueError) as error:
        report(unreadable(file.source.name, error))


def _recorded(
    file: LogFile, kind: str, blocks: Iterator[bytes], report: Report, stats: Stats
) -> Iterator[list[Request]]:
    from logreq.browser.recording import Recording

    def told(problem: Problem) -> None:
        stats.malformed += problem.line is not None
        report(problem)

    undated = os.stat(file.path).st_mtime if file.size else None
    recording = Recording(blocks, kind, file.source, told, panel=file.panel, undated=undated)
    before = stats.lines
    for found in recording:
        stats.lines = before + recording.seen
        stats.requests += 1
        yield [found.request]
    stats.lines = before + recording.seen


def read(
    files: Sequence[LogFile],
    report: Report,
    stats: Optional[Stats] = None,
    progress: Optional[Progress] = None,
    *,
    outcomes: bool = False,
    dated: bool = False,
) -> Iterator[Request]:
    """Read saved logs, one request after another; see `batches`."""
    stats = stats or Stats()
    for batch in batches(files, report, stats, progress, outcomes=outcomes, dated=dated):
        yield from batch


def merge_by_time(
    files: Sequence[LogFile],
    report: Report,
    stats: Stats,
    progress: Optional[Progress] = None,
    *,
    outcomes: bool = False,
    dated: bool = False,
) -> Iterator[tuple[years.Moment, Request]]:
    """Read saved logs in the order of their records' time, each request with its time.

    Each log keeps its own order. A log is opened when its first record's turn comes:
    a year of archives does not need a descriptor each.
    """
    waiting = sorted(
        (
            _Stream(file, number, report, stats, progress, outcomes, dated)
            for number, file in enumerate(files)
        ),
        key=lambda stream: (stream.begins, stream.number),
        reverse=True,
    )
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


def calls(
    found: Iterable[Request],
    decider: Decider,
    wanted: Optional[Wanted] = None,
    new: Optional[Unique] = None,
    *,
    by_user: bool = False,
) -> Iterator[Call]:
    """Turn requests into calls: those that are wanted, through the rules, each once if `new`.

    `by_user`: who clicked is part of the call.
    """
    for request in found:
        if wanted is not None and not wanted(request):
            continue
        call = decider(request)
        key = (request.panel, request.func, request.user if by_user else "")
        if new is None or new(*key, *call.arguments):
            yield call


def jobs(files: Sequence[LogFile], wanted: Optional[int] = None) -> int:
    """Tell how many processes to use: 1 unless it is one plain file.

    `wanted`: so many, where it can be done at all; else as many as help.
    """
    if wanted == 1 or len(files) != 1 or files[0].recording or not is_plain(files[0]):
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return wanted or max(1, min(cores or 1, files[0].size // WORTH))


def script(
    found: Sequence[Call],
    emitter: Emitter,
    arguments: Sequence[Argument],
    say: Callable[[str], object],
    *,
    again: bool = False,
) -> Iterator[str]:
    """Turn calls into one script; nothing where there are none.

    `arguments`: what the script takes as such; references in the calls name them. `again`: it
    is made to be run again. `say` is told of calls that were refused when clicked. EmitError
    for a call or a target that cannot be told.
    """
    if not found:
        return
    refused = sum(call.outcome is not None and call.outcome.failed for call in found)
    if refused:
        which = "1 of these calls was" if refused == 1 else f"{refused} of these calls were"
        say(f"{which} refused by the panel when clicked: --worked leaves such calls out")
    yield from emitter.script(found, arguments, again)


def _paired(file: LogFile, later: Sequence[LogFile]) -> Paired:
    from logreq.log.hold import paired

    return paired(file, later)


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
        number: int,
        report: Report,
        stats: Stats,
        progress: Optional[Progress],
        outcomes: bool,
        dated: bool,
    ) -> None:
        self.file = file
        self.number = number
        # The files that go on with the same log.
        self.later: list[LogFile] = []
        self._years = years.Years(years.file_date(file.path))
        self._dated = dated
        self.begins = self._begin(file)
        batches = _batches(file, report, stats, progress, outcomes=outcomes, later=self.later)
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
