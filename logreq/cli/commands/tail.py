"""`logreq tail`: live logs -> calls, while somebody clicks."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import click

from logreq.cli import completion as complete
from logreq.cli import options
from logreq.cli.help import Helpful, grouped
from logreq.cli.job import Job, assumed
from logreq.cli.live import Live
from logreq.cli.logs import no_places, panels_logs, path_of, trouble
from logreq.cli.terminal.status import Status
from logreq.convert.filter import also
from logreq.convert.summary import BACKGROUND
from logreq.errors import Problem, UsageError
from logreq.log.find import panel_of
from logreq.log.line import parse_line
from logreq.log.scan import requests
from logreq.model.chunk import Chunk, Source
from logreq.model.panels import ASSUMED
from logreq.model.request import Request

if TYPE_CHECKING:
    from logreq.cli.live import Event
    from logreq.live.outcomes import Outcomes

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


EXAMPLES = (
    ("Each click in ISPmanager as a curl command", "logreq tail isp"),
    ("Only your own changes, for mgrctl", "logreq tail -a --me -t mgrctl isp"),
    ("From another machine", "ssh panel tail -F /usr/local/mgr5/var/ispmgr.log | logreq tail -"),
)

# What the short help shows: a live log has no numbers and no past.
_FIRST = (
    "to", "panel", "url", "lines", "all", "copy", "actions", "me", "where", "grep", "script",
    "param", "quiet",
)  # fmt: skip


@click.command(
    "tail", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES, first=_FIRST
)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False),
                shell_complete=complete.logs)  # fmt: skip
@grouped("Selection", [
    click.option("-n", "--lines", metavar="N", type=click.IntRange(min=0), default=0,
                 show_default=True, help="Requests already in the log to show first."),
    click.option("--all", is_flag=True,
                 help="Background requests too: what the interface and cron ask by themselves."),
])  # fmt: skip
@grouped("Output", [
    click.option("--copy", is_flag=True,
                 help="Each snippet also to the terminal's clipboard (OSC 52)."),
])  # fmt: skip
@options.shared
def command(logs: tuple[str, ...], to: str, quiet: bool, lines: int, **given: Any) -> int:
    """Follow live logs and turn each request into a call as it is logged.

    LOG is a file, a panel's name (isp, billmgr, ...) or - for standard input; without any, it
    is all panels' logs. A log that does not exist yet is waited for. Background requests are
    counted, not shown. Ctrl-C ends.
    """
    job = Job(to, quiet, given, live=True)
    _hide_background(job, given)
    paths = _paths(logs, job)
    if not paths:
        return 2
    stop = _Stopper()
    with stop:
        sources = _sources(paths, job)
        job.check_panels(sources)
        status = Status(paths, [source.panel for source in sources], job.stats, job.report)
        job.report.clear = status.clear
        outcomes = None
        if job.outcomes:
            from logreq.live.outcomes import Outcomes

            outcomes = Outcomes(job.report, job.stats, wait=job.waits)
        live = Live(job, paths, status, copy=given["copy"], merge=bool(lines))
        chunks = _chunks(sources, job, stop, lines, live, outcomes)
        found: Iterator[Event]
        if outcomes is None:
            found = requests(chunks, job.report, job.stats)
        else:
            found = outcomes.events(chunks)
        try:
            count = live.run(found)
        finally:
            status.clear()
    ended = job.end(count)
    if job.script and stop.signal == signal.SIGINT:
        return ended  # Ctrl-C is how recording ends
    return 128 + stop.signal if stop.signal and ended != 2 else ended


def _hide_background(job: Job, given: Mapping[str, Any]) -> None:
    """Want no background requests, unless it was said which kinds are wanted."""
    if given["all"] or given["actions"] or job.looks_at("kind"):
        return
    kind = job.decider.rules.kind
    job.wanted = also(
        job.wanted, BACKGROUND, lambda request: kind(request) != "background", job.left
    )


def _paths(logs: Sequence[str], job: Job) -> list[str]:
    """Tell what to follow; what cannot be followed is reported, the others are followed."""
    no_places(logs)
    if "-" in logs and len(logs) > 1:
        raise UsageError("- (standard input) cannot be followed beside other logs")
    found = []
    for path in map(path_of, logs) if logs else panels_logs():
        wrong = None if path == "-" else trouble(path)
        if wrong is None:
            found.append(path)
        else:
            job.report(Problem(path, None, None, wrong, lost=True))
    return found


def _sources(paths: list[str], job: Job) -> list[Source]:
    """Tell the panel of each log, which need not exist yet; say where nothing tells it."""
    found = []
    for path in paths:
        panel = job.panel or panel_of(path)
        if panel is None:
            job.report.say(assumed([path]))
        found.append(Source(path, panel or ASSUMED))
    return found


def _chunks(
    sources: list[Source],
    job: Job,
    stop: _Stopper,
    lines: int,
    live: Live,
    outcomes: Optional[Outcomes],
) -> Iterator[Chunk]:
    from logreq.live import follow as follower

    due = outcomes.due if outcomes is not None else follower.never
    panels = {Path(name): panel for name, panel in sources}
    if Path("-") in panels:
        return follower.follow_stream(
            sys.stdin.fileno(),
            source=sources[0],
            report=job.report,
            stop=stop.requested,
            on_idle=live.idle,
            due=due,
        )

    def wanted(line: bytes) -> bool:
        request = parse_line(line)
        if not isinstance(request, Request):
            return False
        # Whose outcome decides is not known yet.
        if job.wanted is None or job.by_outcome:
            return True
        counted = job.left.take()
        passes = bool(job.wanted(request))
        # It is read again from where showing begins.
        job.left.take()
        job.left.add(counted)
        return passes

    return follower.follow(
        [Path(source.name) for source in sources],
        panel_of=panels.__getitem__,
        report=job.report,
        stop=stop.requested,
        back=lines,
        wanted=wanted,
        on_idle=live.idle,
        due=due,
    )


class _Stopper:
    """Ends on SIGINT, SIGTERM and SIGHUP with what is complete written out.

    The second signal ends at once: whoever reads the output may have stopped doing so.
    """

    def __init__(self) -> None:
        from logreq.live import follow as follower

        self.requested = follower.Stop()
        self.signal = 0
        self._before: list[Any] = []

    def _handle(self, number: int, frame: object) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
        self.requested.set()

    def __enter__(self) -> None:
        self._before = [signal.signal(number, self._handle) for number in _SIGNALS]

    def __exit__(self, *error: object) -> None:
        for number, before in zip(_SIGNALS, self._before):
            signal.signal(number, before)
        self.requested.close()
