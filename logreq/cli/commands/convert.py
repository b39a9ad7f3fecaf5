"""`logreq convert`: saved logs -> calls."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Optional

import click

from logreq.cli import again, numbering, options
from logreq.cli import completion as complete
from logreq.cli.help import Helpful, grouped
from logreq.cli.job import Job
from logreq.cli.terminal.output import Writer
from logreq.convert import pipeline
from logreq.convert.render import Renderer
from logreq.log.files import LogFile
from logreq.model.call import Call
from logreq.model.request import Request

# Bytes from which on a progress bar is worth its place.
LONG = 50_000_000


EXAMPLES = (
    ("What was changed, as curl commands", "logreq convert -a ispmgr.log"),
    ("What was clicked in a browser", "logreq convert -a session.har"),
    ("The last two changes", "logreq convert -a --last 2 isp"),
    ("One user's clicks of a year", "logreq convert -w 'user == bob' /usr/local/mgr5/var"),
    (
        "A script that takes the domain",
        "logreq convert -a --script --param domain=example.com x.log",
    ),
    ("A script of what was done twice", "logreq convert --script --nth 3-6 --again 9-12 isp"),
)


@click.command("convert", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False),
                shell_complete=complete.logs)  # fmt: skip
@options.shared
@numbering.options
@again.comparing
@grouped("Display", [
    click.option("-j", "--jobs", metavar="N", type=click.IntRange(1, 64),
                 help="Processes for one big plain log. Default: as many as help."),
])  # fmt: skip
def command(logs: tuple[str, ...], to: str, quiet: bool, **given: Any) -> int:
    """Turn the requests of saved logs into calls.

    LOG is a file, a directory, a panel's name (isp, billmgr, ...), one click's place as its
    heading names it (ispmgr.log:1603), or - for standard input; compressed files are
    recognised by their content. Several are read in the order of their records' time.
    So is what a browser saved or copied (HAR, cURL commands, URLs), whose address is
    then the default of --url, and a web server's access log.
    """
    again.check(given)
    job = Job(to, quiet, given)
    files = job.files(logs)
    with _Bar(files, quiet) as bar:
        if job.script:
            found = pipeline.read(files, job.report, job.stats, bar.update, outcomes=True)
            count = _script(found, job, given)
        else:
            count = _snippets(files, job, given, bar.update)
    return job.end(count)


def _snippets(files: list[LogFile], job: Job, given: Mapping[str, Any], progress: Any) -> int:
    """Convert all that is wanted, with several processes where they help."""
    writer = Writer(job.emitter, job.color)
    counted = not job.report.quiet or job.wanted is not None or job.emitter.tells_request
    picked = given["nth"] or given["last"]
    wanted = None if picked else job.wanted
    renderer = Renderer(job.decider, job.emitter, job.report, wanted, job.new, job.left)
    # What needs the log's order, its years or what came before, is not for several processes.
    alone = picked or job.places or job.new or given["since"] or given["until"] or not writer.raw
    number = 1 if alone else pipeline.jobs(files, given["jobs"])
    if number > 1:
        from logreq.convert import parallel

        for texts, count in parallel.batches(
            files[0], renderer, job.report, job.stats, number, progress, counted=counted,
            outcomes=job.outcomes,
        ):  # fmt: skip
            writer.batch(texts, count)
    else:
        found = pipeline.batches(
            files, job.report, job.stats, progress, counted=counted, outcomes=job.outcomes,
            dated=job.emitter.tells_when,
        )  # fmt: skip
        if picked:
            requests = chain.from_iterable(found)
            found = ([one] for one in numbering.picked(requests, job, given["nth"], given["last"]))
        made: Iterable[list[bytes]] = map(renderer.batch, found)
        if given["last"] and job.new:
            made = deque(filter(None, made), given["last"])
        for texts in made:
            writer.batch(texts)
    writer.close()
    return writer.count


def _script(found: Iterable[Request], job: Job, given: Mapping[str, Any]) -> int:
    if given["again"] is None:
        calls: Sequence[Call] = [*numbering.calls(found, job, given["nth"], given["last"])]
        texts = again.script_of(job, calls)
    else:
        calls, texts = again.compared(found, job, given["nth"], given["again"])
    writer = Writer(job.emitter, job.color, plain=True)
    for text in texts:
        writer.write(text)
    writer.close()
    return len(calls)


def seen() -> bool:
    """Tell whether somebody watches: standard error is a terminal that output does not use."""
    return sys.stderr.isatty() and not sys.stdout.isatty()


class _Bar:
    """click's progress bar, by bytes, where somebody sees it and it is worth while."""

    def __init__(self, files: list[LogFile], quiet: bool) -> None:
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
