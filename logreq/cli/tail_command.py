"""`logreq tail`: live logs -> calls, while somebody clicks."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from logreq import pipeline, sources
from logreq.call import PANELS, Call, check_panel
from logreq.cli import options
from logreq.cli.output import Copier, Writer
from logreq.errors import UsageError, suggest
from logreq.escape import visible
from logreq.parser import parse_line
from logreq.request import Chunk, Request, Source

# Where panels keep their logs (vendor guide).
LOG_DIR = "/usr/local/mgr5/var"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("tail", context_settings=options.OPTIONS)
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path())
@click.option("-n", "--lines", metavar="N", type=click.IntRange(min=0), default=0,
              show_default=True, help="Requests already in the log to show first.")  # fmt: skip
@click.option(
    "--copy", is_flag=True, help="Each snippet also to the terminal's clipboard (OSC 52)."
)
@options.shared
def command(logs: tuple[str, ...], to: str, quiet: bool, lines: int, **given: Any) -> int:
    """Follow live logs and turn each request into a call as it is logged.

    LOG is a file, a panel's name (isp, billmgr, ...) or - for standard input. A log that
    does not exist yet is waited for. Ctrl-C ends.
    """
    job = options.Job(to, quiet, given)
    paths = [path_of(log) for log in logs]
    if "-" in paths and len(paths) > 1:
        raise UsageError("- (standard input) cannot be followed beside other logs")
    stop = _Stopper()
    with stop:
        chunks = _chunks(paths, job, stop, lines)
        found = pipeline.requests(chunks, job.report, job.stats)
        calls = pipeline.calls(found, job.applier, job.wanted, job.new)
        count = (_record if job.script else _show)(calls, job, given["copy"])
    job.report.summary(job.stats, count)
    if job.report.lost:
        return 2
    return 128 + stop.signal if stop.signal else 0 if count else 1


def path_of(log: str) -> str:
    """Give the path that a LOG argument stands for: itself, or a panel's log."""
    if log == "-" or "/" in log or "." in log or os.path.exists(log):
        return log
    names = [*PANELS, *(panel[:-3] for panel in PANELS if panel.endswith("mgr"))]
    if log not in names and not log.endswith("mgr"):
        raise UsageError(
            f"{visible(log)!r} is neither a file nor a panel; a path has a / or a ."
            f"{suggest(log, names)}"
        )
    folder = os.environ.get("LOGREQ_LOG_DIR") or LOG_DIR
    return os.path.join(folder, f"{check_panel(log)}.log")


def _chunks(paths: list[str], job: options.Job, stop: _Stopper, lines: int) -> Iterator[Chunk]:
    from logreq.following import follow as follower

    if paths == ["-"]:
        source = Source("-", job.panel or "ispmgr")
        fd = sys.stdin.fileno()
        return follower.follow_stream(fd, source=source, report=job.report, stop=stop.requested)

    def panel_of(path: Path) -> str:
        return job.panel or sources.panel_of(str(path))

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
    )


def _show(calls: Iterator[Call], job: options.Job, copy: bool) -> int:
    """Write each snippet as soon as it is there."""
    writer = Writer(job.emitter)
    copier = Copier() if copy else None
    for text in pipeline.snippets(calls, job.emitter, job.report):
        writer.write(text)
        writer.flush()
        if copier is not None:
            copier(text, "the last snippet")
    writer.close()
    return writer.count


def _record(calls: Iterator[Call], job: options.Job, copy: bool) -> int:
    """Collect calls until the end; then write the script of them."""
    recorded = []
    for call in calls:
        recorded.append(call)
        job.report.say(f"{len(recorded)} recorded: {call.func}; Ctrl-C writes the script")
    texts = list(pipeline.script(recorded, job.emitter, job.arguments, job.report))
    writer = Writer(job.emitter, plain=True)
    for text in texts:
        writer.write(text)
    writer.close()
    if copy and texts:
        Copier()("".join(texts), "the script")
    return len(recorded)


class _Stopper:
    """Ends on SIGINT, SIGTERM and SIGHUP with what is complete written out.

    The second signal ends at once: whoever reads the output may have stopped doing so.
    """

    def __init__(self) -> None:
        from logreq.following import follow as follower

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
