"""`logreq convert`: saved logs -> calls."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Optional, Union

import click

from logreq import pipeline, sources
from logreq.call import Call
from logreq.cli import options, picking
from logreq.cli.help import Helpful, grouped
from logreq.cli.output import Writer
from logreq.renderer import Rendered, Renderer

# Bytes from which on a progress bar is worth its place.
LONG = 50_000_000


EXAMPLES = (
    ("What was changed, as curl commands", "logreq convert -a ispmgr.log"),
    ("The last two changes", "logreq convert -a --last 2 ispmgr.log"),
    ("One user's clicks of a year", "logreq convert -w 'user == bob' /usr/local/mgr5/var"),
    (
        "A script that takes the domain",
        "logreq convert -a --script --param domain=example.com x.log",
    ),
)


@click.command("convert", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path())
@options.shared
@picking.options
@grouped("Display", [
    click.option("-j", "--jobs", metavar="N", type=click.IntRange(1, 64),
                 help="Processes for one big plain log. Default: as many as help."),
])  # fmt: skip
def command(logs: tuple[str, ...], to: str, quiet: bool, **given: Any) -> int:
    """Turn the requests of saved logs into calls.

    LOG is a file, a directory or - for standard input; compressed files are
    recognised by their content. Several are read in the order of their records' time.
    """
    job = options.Job(to, quiet, given)
    files = sources.find(logs or ["-"], job.panel, job.report)
    with _Bar(files, quiet) as bar:
        if job.script or given["nth"] or given["last"]:
            found = pipeline.read(files, job.report, job.stats, bar.update)
            calls = picking.calls(found, job, given["nth"], given["last"])
            count = _script(calls, job) if job.script else _snippets(calls, job)
        else:
            # A log's years are told by its records in their order: not by several at once.
            jobs = 1 if given["since"] or given["until"] else given["jobs"]
            count = _pages(files, job, jobs, bar.update)
    job.report.summary(job.stats, count)
    if job.report.lost:
        return 2
    return 0 if count else 1


def _pages(
    files: list[sources.LogFile], job: options.Job, jobs: Optional[int], progress: Any
) -> int:
    """Convert all that is wanted: the fast way, with several processes where they help."""
    writer = Writer(job.emitter, job.color)
    renderer = Renderer(job.applier, job.emitter, job.report, job.wanted, job.new)
    number = 1 if job.new or not writer.raw else pipeline.jobs(files, jobs)
    pages: Iterable[Union[Sequence[bytes], Rendered]]
    if number > 1:
        from logreq import parallel

        pages = parallel.pages(files[0], renderer, job.report, job.stats, number, progress)
    else:
        pages = pipeline.pages(files, renderer, job.report, job.stats, progress)
    for page in pages:
        writer.page(page)
    writer.close()
    return writer.count


def _snippets(calls: Iterable[Call], job: options.Job) -> int:
    writer = Writer(job.emitter, job.color)
    for text in pipeline.snippets(calls, job.emitter, job.report):
        writer.write(text)
    writer.close()
    return writer.count


def _script(calls: Iterable[Call], job: options.Job) -> int:
    recorded = list(calls)
    writer = Writer(job.emitter, job.color, plain=True)
    for text in pipeline.script(recorded, job.emitter, job.arguments, job.report):
        writer.write(text)
    writer.close()
    return len(recorded)


def seen() -> bool:
    """Tell whether somebody watches: standard error is a terminal that output does not use."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


class _Bar:
    """click's progress bar, by bytes, where somebody sees it and it is worth while."""

    def __init__(self, files: list[sources.LogFile], quiet: bool) -> None:
        size = sum(file.size for file in files)
        self._bar: Optional[Any] = None
        if size >= LONG and not quiet and seen():
            self._bar = click.progressbar(length=size, label="logreq", file=sys.stderr)
        self.update = self._bar.update if self._bar else None

    def __enter__(self) -> _Bar:
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.__exit__(*error)
