"""`logreq tail`: live logs -> calls, while somebody clicks."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from logreq.log.files import panel_of as panel_by_name
from logreq.log.line import parse_line
from logreq.log.scan import requests
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request

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
        panels = [job.panel or panel_by_name(path) for path in paths]
        status = Status(paths, panels, job.stats, job.report)
        job.report.clear = status.clear
        chunks = _chunks(paths, job, stop, lines, status)
        found = requests(chunks, job.report, job.stats)
        try:
            count = (_record if job.script else _show)(found, job, given["copy"], status)
        finally:
            status.clear()
    job.report.summary(job.stats, count)
    if job.report.lost:
        return 2
    return 128 + stop.signal if stop.signal else 0 if count else 1


def _chunks(
    paths: list[str], job: options.Job, stop: _Stopper, lines: int, status: Status
) -> Iterator[Chunk]:
    from logreq.live import follow as follower

    if paths == ["-"]:
        source = Source("-", job.panel or "ispmgr")
        fd = sys.stdin.fileno()
        return follower.follow_stream(
            fd, source=source, report=job.report, stop=stop.requested, on_idle=status.idle
        )

    def panel_of(path: Path) -> str:
        return job.panel or panel_by_name(str(path))

    def wanted(line: bytes) -> bool:
        request = parse_line(line)
        return isinstance(request, Request) and (job.wanted is None or job.wanted(request))

    return follower.follow(
        [Path(path) for path in paths],
        panel_of=panel_of,
        report=job.report,
        stop=stop.requested,
        back=lines,
        wanted=wanted,
        on_idle=status.idle,
    )


def _show(found: Iterator[Request], job: options.Job, copy: bool, status: Status) -> int:
    """Write each snippet as soon as it is there."""
    writer = Writer(job.emitter, job.color)
    copier = Copier() if copy else None
    renderer = Renderer(job.decider, job.emitter, job.report, None, job.new)
    for request in filter(job.wanted, found):
        text = renderer.text(request)
        if text is None:
            continue
        status.clear()
        writer.write(text)
        writer.flush()
        status.shown = writer.count
        if copier is not None:
            copier(text, request.func)
    writer.close()
    return writer.count


def _record(found: Iterator[Request], job: options.Job, copy: bool, status: Status) -> int:
    """Collect calls until the end; then write the script of them."""
    calls = pipeline.calls(found, job.decider, job.wanted, job.new, by_user=job.emitter.by_user)
    recorded = []
    for call in calls:
        recorded.append(call)
        status.shown = len(recorded)
        job.report.say(f"{len(recorded)} recorded: {call.func}; Ctrl-C writes the script")
    texts = pipeline.script(recorded, job.emitter, job.arguments, job.report)
    status.clear()
    writer = Writer(job.emitter, job.color, plain=True)
    parts = []
    for text in texts:
        writer.write(text)
        parts += [text] * copy
    writer.close()
    if parts:
        Copier()("".join(parts), f"the script of {counted(len(recorded), 'call')}")
    return len(recorded)


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
