"""What a LOG argument stands for: a path, a panel's log, or the place of one click in a log."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from logreq.cli.terminal.output import Reporter
from logreq.errors import Problem, UsageError, suggest
from logreq.log.files import is_packed, unreadable
from logreq.log.places import archives, stands
from logreq.model.panels import PANELS, check_panel, is_panel, panel_named
from logreq.text.escape import visible

# Where panels keep their logs (vendor guide).
LOG_DIR = "/usr/local/mgr5/var"
_ELSEWHERE = "LOGREQ_LOG_DIR names another directory"
_PLACE = re.compile(r"(.*[^:]):([0-9]{1,18})").fullmatch
_NAMES = (*PANELS, *(panel[:-3] for panel in PANELS if panel.endswith("mgr")))


class Named(NamedTuple):
    """The logs to read, in order; of those in `places` only what stands in these lines."""

    paths: list[str]
    places: dict[str, set[int]]


def folder() -> str:
    """Give the directory in which panels' logs are looked for."""
    return os.environ.get("LOGREQ_LOG_DIR") or LOG_DIR


def panels_logs() -> list[str]:
    """List the panels' logs of the log directory; UsageError if there are none."""
    where = folder()
    try:
        names = os.listdir(where)
    except OSError as error:
        raise UsageError(
            f"name a LOG: cannot read {visible(where)}: {error.strerror}; {_ELSEWHERE}"
        ) from None
    found = [name for name in sorted(names) if name[-4:] == ".log" and is_panel(name[:-4])]
    if not found:
        raise UsageError(f"name a LOG: {visible(where)} holds no panel's log; {_ELSEWHERE}")
    return [os.path.join(where, name) for name in found]


def path_of(log: str) -> str:
    """Give the path that a LOG argument stands for: itself, or a log in the log directory.

    UsageError for a word that is neither a file nor a panel.
    """
    path = _found(log)
    if path is None:
        raise UsageError(f"{visible(log)!r} is {_unknown(log)}")
    return path


def _found(log: str) -> Optional[str]:
    """Give the path that a LOG argument stands for; None if it is no file and no panel."""
    if log == "-" or "/" in log or os.path.exists(log):
        return log
    beside = os.path.join(folder(), log)
    if "." in log:
        # As headings name it.
        return beside if os.path.exists(beside) else log
    path = f"{beside}.log"
    panel = panel_named(log)
    if panel is not None:
        return os.path.join(folder(), f"{panel}.log")
    # A panel of the family that is not in the table.
    return path if is_panel(log) and os.path.exists(path) else None


def _unknown(log: str) -> str:
    return f"neither a file nor a panel; a path has a / or a .{_near(log.lower())}"


def _near(word: str) -> str:
    """Suggest a panel: of the same letters, else one that has a log here, else any."""
    turned = [name for name in _NAMES if sorted(name) == sorted(word)]
    there = [name for name in _NAMES if os.path.exists(f"{folder()}/{check_panel(name)}.log")]
    return suggest(word, turned) or suggest(word, there) or suggest(word, _NAMES)


def named(logs: Sequence[str], report: Reporter, *, panels: bool = False) -> Named:
    """Tell what LOG arguments stand for; a wrong one is reported, the others go on.

    Without any: standard input, if it is a pipe or a file; else, with `panels`, all panels'
    logs, and without it a UsageError that tells which ones there are.
    """
    if not logs:
        if has_input():
            return Named(["-"], {})
        if panels:
            return Named(panels_logs(), {})
        raise UsageError(_advice())
    paths: dict[str, None] = {}
    whole: set[str] = set()
    places: dict[str, set[int]] = {}
    for log in logs:
        place = None if os.path.exists(log) else _PLACE(log)
        name = place[1] if place else log
        path = _found(name)
        if path is None:
            report(Problem(log, None, None, _unknown(name), lost=True))
            continue
        if place is None:
            whole.add(path)
        else:
            line = int(place[2])
            path = _holding(path, line, report)
            places.setdefault(path, set()).add(line)
        paths[path] = None
    return Named([*paths], {path: lines for path, lines in places.items() if path not in whole})


def has_input() -> bool:
    """Tell whether standard input is something to read: a pipe or a file, no terminal."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


def _advice() -> str:
    """Say what to type instead of nothing."""
    short = [os.path.basename(path)[:-4] for path in panels_logs()]
    short = [name[:-3] if name[:-3] in _NAMES else name for name in short]
    return (
        f"name a LOG: {visible(folder())} has those of {', '.join(map(visible, short))}."
        f" `logreq convert -a {visible(short[0])}` makes calls of what was changed,"
        f" `logreq list` lists all; - is standard input"
    )


def _holding(path: str, line: int, report: Reporter) -> str:
    """Give the file in which a request stands in this line: the log, else its latest archive."""
    if path == "-" or not os.path.exists(path) or stands(path, line):
        return path
    for archive in archives(path):
        if stands(archive, line):
            report.say(f"{path}:{line}: no request stands there now; taken from {archive}")
            return archive
    return path


def trouble(path: str) -> Optional[str]:
    """Tell why a log cannot be followed; None if it can, or may come to be there."""
    above = os.path.dirname(path)
    if above == folder() and not os.path.isdir(above):
        return f"there is no directory {above}"
    if os.path.isdir(path):
        return f"this is a directory; `logreq convert {path}` reads the logs in it"
    if not os.path.isfile(path):
        return None
    try:
        with open(path, "rb") as file:
            packed = is_packed(file.read(6))
    except OSError as error:
        return unreadable(path, error).message
    return f"this is packed and does not grow; `logreq convert {path}` reads it" if packed else None


def no_places(logs: Iterable[str]) -> None:
    """Raise UsageError for an argument that names a place: only whole logs are followed."""
    for log in logs:
        if not os.path.exists(log) and _PLACE(log):
            raise UsageError(
                f"{visible(log)} is one click's place: `logreq convert {visible(log)}` converts it"
            )
