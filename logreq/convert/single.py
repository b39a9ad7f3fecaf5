"""One saved file -> its requests: a panel's log, or a browser's recording."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Optional

from logreq.browser.opened import opened
from logreq.errors import Problem, Report
from logreq.log import scan, years
from logreq.log.chunks import chunks
from logreq.log.files import LogFile, Progress, unreadable
from logreq.log.scan import Paired, Stats
from logreq.model.request import Request


def batches(
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


def _paired(file: LogFile, later: Sequence[LogFile]) -> Paired:
    from logreq.log.hold import paired

    return paired(file, later)
