"""Saved logs -> requests in the order of their time -> calls, as generators."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Callable, Optional

from logreq.convert import single
from logreq.errors import EmitError, Report
from logreq.log.files import LogFile, Progress, is_plain
from logreq.log.scan import Stats
from logreq.model.call import Call
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.text.escape import visible

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
        yield from single.batches(
            files[0], report, stats, progress, counted=counted, outcomes=outcomes, dated=dated
        )
        return
    from logreq.convert import merge

    timed = merge.by_time(files, report, stats, progress, outcomes=outcomes, dated=dated)
    merged = (request for _, request in timed)
    while batch := list(islice(merged, BATCH)):
        yield batch


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
    try:
        yield from emitter.script(found, arguments, again)
    except EmitError as error:
        raise _placed(error, found, emitter, again) from None


def _placed(error: EmitError, found: Sequence[Call], emitter: Emitter, again: bool) -> EmitError:
    """Name the call that a script cannot hold: the first that cannot be a script alone."""
    for call in found:
        try:
            list(emitter.script([call], (), again))
        except EmitError as own:  # noqa: PERF203 - the first one ends it
            place = visible(f"{call.request.source}:{call.request.line}: {call.func}")
            return EmitError(f"{place}: {own}")
    return error
