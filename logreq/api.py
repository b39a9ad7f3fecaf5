"""The library's front door: read requests, apply rules, render calls."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Callable, Optional, Union

from logreq import emitters
from logreq.convert import pipeline
from logreq.convert.render import Renderer
from logreq.log import scan, years
from logreq.log.find import find, panel_of
from logreq.log.line import parse_line
from logreq.model.connection import Connection
from logreq.model.panels import ASSUMED
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import command_line, layers, load_bundled
from logreq.rules.model import RuleSet

if TYPE_CHECKING:
    from logreq.errors import Problem, Report

Path = Union[str, "os.PathLike[str]"]


class Rules(RuleSet):
    """Rules in effect: the bundled `default`, then those named here, later ones stronger.

    >>> rules = Rules("careful", keep=["zoom-*"])
    """

    def __init__(
        self,
        *names: str,
        keep: Iterable[str] = (),
        drop: Iterable[str] = (),
        keep_empty: bool = False,
    ) -> None:
        """Stack rules.

        `names`: files, or bundled sets (`careful`, `minimal`). `keep`, `drop`: globs of
        parameter names, stronger than every file. `keep_empty`: nothing is dropped for being
        empty. RulesError for a file that is no rules file, UsageError for an unknown name.
        """
        stack = [*layers(names), command_line(keep, drop)]
        super().__init__(stack, keep_empty=keep_empty)


def read(
    *paths: Path,
    panel: Optional[str] = None,
    report: Optional[Report] = None,
    outcomes: bool = False,
    dated: bool = False,
) -> Iterator[Request]:
    """Read the requests of saved logs, in the order of their time where there are several.

    `paths`: files (compressed ones too), directories, `-` for standard input. `panel`: the
    panel of all of them; else each file's name tells. `report` is called with each `Problem`
    (a damaged line, a file that cannot be read); without it they become warnings, and a path
    that does not exist raises FileNotFoundError at once.
    `outcomes`: each request has an `outcome` where the log says one; it waits for that.
    `dated`: each has its time with the year in `when`; a log is read twice for that.

    >>> [request.func for request in read("samples/ispmgr.log")][:2]
    ['domain.edit', 'domain']
    """
    if report is None:
        for path in paths:
            if os.fspath(path) != "-":
                os.stat(path)
    report = report or _warn
    files = find([os.fspath(path) for path in paths], panel, report)
    return pipeline.read(files, report, outcomes=outcomes, dated=dated)


def follow(
    *paths: Path,
    panel: Optional[str] = None,
    back: Optional[int] = 0,
    report: Optional[Report] = None,
    stop: Callable[[], bool] = bool,
) -> Iterator[Request]:
    """Follow live logs: give their requests as they are logged, across rotations, for ever.

    `paths`: logs, which need not exist yet. `panel`: the panel of all of them; else each
    file's name tells. `back`: so many requests that are already there come first; None: all.
    `report` as for `read`. `stop` is asked again and again and ends the iterator; a
    `logreq.Stop`, whose `set` may be called in a signal handler, ends it at once.
    """
    from pathlib import Path as LogPath

    from logreq.live.follow import follow as chunks_of

    report = report or _warn
    chunks = chunks_of(
        [LogPath(path) for path in paths],
        panel_of=lambda path: panel or panel_of(str(path)) or ASSUMED,
        report=report,
        stop=stop,
        back=back,
        wanted=lambda line: isinstance(parse_line(line), Request),
    )
    log = years.LiveLogs()
    return (log.dated(one)[1] for one in scan.requests(chunks, report, scan.Stats()))


def render(
    requests: Iterable[Request],
    to: str = "curl",
    *,
    rules: Optional[RuleSet] = None,
    connection: Optional[Connection] = None,
    secrets: str = "env",
    report: Optional[Report] = None,
) -> Iterator[str]:
    """Render requests as text of a target, one snippet each, every one ending with a line end.

    `to`: an emitter's name. `rules`: `Rules()` by default. `connection`: how calls reach the
    panel. `secrets`: `env`, `keep` or `drop`. UsageError for an unknown emitter.

    >>> print(*render(read("samples/ispmgr.log"), "url"), sep="")  # doctest: +ELLIPSIS
    https://localhost:1500/ispmgr?func=domain.edit&ip=8.8.8.8&maildomain=off&...
    """
    emitter = emitters.load(to)(connection or Connection())
    decider = Decider(
        rules or Rules(),
        secrets=secrets,
        overridden=[name for name, _ in emitter.connection.extra],
        advice=RuleSet([load_bundled("careful")]),
        kinds=emitter.needs_kind,
        out=emitter.connection.out or "",
    )
    return Renderer(decider, emitter, report or _warn).texts(requests)


def _warn(problem: Problem) -> None:
    warnings.warn(str(problem), stacklevel=2)
