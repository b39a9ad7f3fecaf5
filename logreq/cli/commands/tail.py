"""`logreq tail`: live logs -> calls, while somebody clicks."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Union

import click

from logreq.cli import completion as complete
from logreq.cli import options
from logreq.cli.help import Helpful, grouped
from logreq.cli.logs import path_of
from logreq.cli.terminal.output import Copier, Writer, counted
from logreq.cli.terminal.status import Status
from logreq.convert import pipeline
from logreq.convert.render import Renderer
from logreq.errors import UsageError
from logreq.log.files import panel_of
from logreq.log.line import parse_line
from logreq.log.scan import requests
from logreq.model.call import Call
from logreq.model.chunk import Chunk, Source
from logreq.model.panels import ASSUMED
from logreq.model.request import Request
from logreq.rules.decide import short

if TYPE_CHECKING:
    from logreq.live.outcomes import Late, Outcomes

    Event = Union[Request, Late]

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


EXAMPLES = (
    ("Each click in ISPmanager as a curl command", "logreq tail isp"),
    ("Only your own changes, for mgrctl", "logreq tail -a --me -t mgrctl isp"),
    ("From another machine", "ssh panel tail -F /usr/local/mgr5/var/ispmgr.log | logreq tail -"),
)


@click.command("tail", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(),
                shell_complete=complete.logs)  # fmt: skip
@grouped("Selection", [
    click.option("-n", "--lines", metavar="N", type=click.IntRange(min=0), default=0,
                 show_default=True, help="Requests already in the log to show first."),
])  # fmt: skip
@grouped("Output", [
    click.option("--copy", is_flag=True,
                 help="Each snippet also to the terminal's clipboard (OSC 52)."),
])  # fmt: skip
@options.shared
def command(logs: tuple[str, ...], to: str, quiet: bool, lines: int, **given: Any) -> int:
    """Follow live logs and turn each request into a call as it is logged.

    LOG is a file, a panel's name (isp, billmgr, ...) or - for standard input. A log that
    does not exist yet is waited for. Ctrl-C ends.
    """
    job = options.Job(to, quiet, given, live=True)
    paths = [path_of(log) for log in logs]
    if "-" in paths and len(paths) > 1:
        raise UsageError("- (standard input) cannot be followed beside other logs")
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
        chunks = _chunks(sources, job, stop, lines, status, outcomes)
        found: Iterator[Event]
        if outcomes is None:
            found = requests(chunks, job.report, job.stats)
        else:
            found = outcomes.events(chunks)
        try:
            count = (_record if job.script else _show)(found, job, given["copy"], status)
        finally:
            status.clear()
    ended = job.end(count)
    return 128 + stop.signal if stop.signal and ended != 2 else ended


def _sources(paths: list[str], job: options.Job) -> list[Source]:
    """Tell the panel of each log, which need not exist yet; say where nothing tells it."""
    found = []
    for path in paths:
        panel = job.panel or panel_of(path)
        if panel is None:
            job.report.say(options.assumed([path]))
        found.append(Source(path, panel or ASSUMED))
    return found


def _chunks(
    sources: list[Source],
    job: options.Job,
    stop: _Stopper,
    lines: int,
    status: Status,
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
            on_idle=status.idle,
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
        on_idle=status.idle,
        due=due,
    )


def _show(found: Iterator[Event], job: options.Job, copy: bool, status: Status) -> int:
    """Write each snippet as soon as it is there; of refusals that come later, a comment."""
    writer = Writer(job.emitter, job.color)
    copier = Copier() if copy else None
    renderer = Renderer(job.decider, job.emitter, job.report, None, job.new, job.left)
    shown = _Shown()
    for event in found:
        if not isinstance(event, Request):
            if shown.pop(_key(event.request), None):
                _tell(event, job, writer, status)
            continue
        if job.wanted is not None and not job.wanted(event):
            continue
        text = renderer.text(event)
        if text is None:
            continue
        if job.outcomes:
            shown.add(_key(event))
        status.clear()
        writer.write(text)
        writer.flush()
        status.shown = writer.count
        if copier is not None:
            copier(text, event.func)
    writer.close()
    return writer.count


def _tell(late: Late, job: options.Job, writer: Writer, status: Status) -> None:
    """Tell of a refusal: in a comment, or on standard error where the target has none."""
    text = _failed(late, job)
    if job.emitter.syntax in ("json", "url"):
        job.report.say(text)
        return
    status.clear()
    writer.note(job.emitter.comment(text))
    writer.flush()


def _failed(late: Late, job: options.Job) -> str:
    request = late.request._replace(outcome=late.outcome)
    outcome = job.decider(request).outcome or late.outcome
    return f"failed: {request.time[-8:]} {request.func}: {short(outcome)}"


def _key(request: Request) -> Request:
    return request._replace(outcome=None)


class _Shown(dict[Request, bool]):
    """The requests that were shown, the last ones: their refusals may come yet."""

    LIMIT = 5_000

    def add(self, request: Request) -> None:
        """Remember a request."""
        if len(self) >= self.LIMIT:
            del self[next(iter(self))]
        self[request] = True


def _record(found: Iterator[Event], job: options.Job, copy: bool, status: Status) -> int:
    """Collect calls until the end; then write the script of them."""
    recorded: dict[int, Call] = {}
    numbers: dict[Request, int] = {}
    for event in found:
        if not isinstance(event, Request):
            number = numbers.get(_key(event.request))
            if number is not None:
                job.report.say(_failed(event, job))
                recorded[number] = job.decider(event.request._replace(outcome=event.outcome))
                if job.worked:
                    del recorded[number]
                    status.shown = len(recorded)
            continue
        by_user = job.emitter.by_user
        made = pipeline.calls([event], job.decider, job.wanted, job.new, by_user=by_user)
        for call in made:
            numbers[_key(event)] = number = len(numbers)
            recorded[number] = call
            status.shown = len(recorded)
            job.report.say(f"{len(recorded)} recorded: {call.func}; Ctrl-C writes the script")
    calls = list(recorded.values())
    texts = job.script_of(calls)
    status.clear()
    writer = Writer(job.emitter, job.color, plain=True)
    parts = []
    for text in texts:
        writer.write(text)
        parts += [text] * copy
    writer.close()
    if parts:
        Copier()("".join(parts), f"the script of {counted(len(calls), 'call')}")
    return len(calls)


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
