"""`logreq convert`: saved logs -> calls."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, Optional, Union

import click

from logreq import pipeline, sources
from logreq.cli import options
from logreq.cli.output import Reporter, write
from logreq.cli.settings import OPTIONS
from logreq.select import Unique, chooser, ssh_address

# Bytes from which on a progress bar is worth its place.
LONG = 50_000_000


@click.command("convert", context_settings=OPTIONS)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path())
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 64),
    help="Processes for one big plain log. Default: as many as help.",
)
@options.shared
def command(logs: tuple[str, ...], to: str, quiet: bool, jobs: Optional[int], **given: Any) -> int:
    """Turn the requests of saved logs into calls.

    LOG is a file, a directory or - for standard input; compressed files are
    recognised by their content. Several are read in the order of their records' time.
    """
    report = Reporter(quiet)
    connection = {k: given[k] for k in ("url", "auth", "out", "lang", "su", "insecure")}
    emitter = options.make_emitter(to, **connection)
    rules = options.make_rules(given["rules"], given["keep"], given["drop"], given["keep_empty"])
    wanted = chooser(
        rules,
        where=given["where"],
        actions=given["actions"],
        caller=ssh_address(os.environ) if given["me"] else None,
    )
    files = sources.find(logs or ["-"], options.make_panel(given["panel"]), report)
    stats = pipeline.Stats()
    with _Bar(files, quiet) as bar:
        renderer = pipeline.Renderer(
            options.make_applier(rules, emitter, given["secrets"]),
            emitter,
            report,
            wanted,
            Unique() if given["unique"] else None,
        )
        jobs = pipeline.jobs(files, jobs) if not given["unique"] else 1
        pages: Iterable[Union[list[str], pipeline.Rendered]]
        if jobs > 1:
            from logreq import parallel

            pages = parallel.pages(files[0], renderer, report, stats, jobs, bar.update)
        else:
            pages = pipeline.pages(files, renderer, report, stats, bar.update)
        converted = write(pages, emitter.separator)
    report.summary(stats, converted)
    if report.lost:
        return 2
    return 0 if converted else 1


class _Bar:
    """click's progress bar, by bytes, where somebody sees it and it is worth while."""

    def __init__(self, files: list[sources.LogFile], quiet: bool) -> None:
        size = sum(file.size for file in files)
        seen = sys.stderr.isatty() and not sys.stdout.isatty() and not quiet
        self._bar: Optional[Any] = None
        if seen and size >= LONG:
            self._bar = click.progressbar(length=size, label="logreq", file=sys.stderr)
        self.update = self._bar.update if self._bar else None

    def __enter__(self) -> _Bar:
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.__exit__(*error)
