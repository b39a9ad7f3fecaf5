"""Names -> logs: files, directories' files, standard input, and of which panel they are."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional

from logreq.errors import Problem, Report
from logreq.log.files import BLOCK, LogFile, first_block, standard_input, unreadable
from logreq.log.panel import panel_in_lines
from logreq.model.chunk import Source
from logreq.model.panels import ASSUMED, panel_in_name

# Blocks of a log that are looked at to find out whose it is.
LOOKED_AT = 8


def find(names: Iterable[str], panel: Optional[str], report: Report) -> list[LogFile]:
    """List the logs that names stand for: files, directories' files, `-` (standard input).

    `panel`: of all of them; None: as their names and lines tell, else `ASSUMED`. A name that
    cannot be read is reported; the others go on.
    """
    found = []
    for name in names:
        if name == "-":
            found.append(_standard_input(panel))
            continue
        try:
            inside = os.path.isdir(name)
            members = _members(name, report) if inside else [name]
        except OSError as error:
            report(unreadable(name, error))
            continue
        if not members:
            report(Problem(name, None, None, "this directory holds no files"))
        for path in members:
            known = panel or panel_of(path)
            source = Source(path, known or ASSUMED)
            assumed = known is None
            found.append(LogFile(path, source, assumed=assumed, panel=panel, member=inside))
    return found


def _standard_input(panel: Optional[str]) -> LogFile:
    """Give standard input as a log; where nobody tells its panel, look at what comes first."""
    if panel is not None:
        return LogFile("-", Source("-", panel), panel=panel)
    file = LogFile("-", Source("-", ASSUMED), standard_input())
    if not file.head:
        return file
    found = first_block(file, panel_in_lines)
    return file._replace(source=Source("-", found or ASSUMED), assumed=not found)


def _members(directory: str, report: Report) -> list[str]:
    """List a directory's files, and those of its `logs`, where panels put their archives.

    OSError if the directory cannot be read; `logs` costs itself only, and is reported.
    """
    found = _files(directory)
    archives = os.path.join(directory, "logs")
    if os.path.isdir(archives):
        try:
            found += _files(archives)
        except OSError as error:
            report(unreadable(archives, error))
    return sorted(found)


def _files(directory: str) -> list[str]:
    with os.scandir(directory) as entries:
        return [e.path for e in entries if e.is_file() and e.name[0] != "."]


def panel_of(name: str) -> Optional[str]:
    """Tell a log's panel by its file name, else by its first lines; None if neither tells.

    Empty where there is nothing of which to tell it: no log, or one without requests.
    """
    panel = panel_in_name(os.path.basename(name))
    if panel is not None:
        return panel
    file = LogFile(name, Source(name, ""))
    if not file.size:
        return "" if os.path.exists(name) else None
    found: list[Optional[str]] = []
    first_block(file, lambda block: found.append(panel_in_lines(block)), LOOKED_AT)
    if not found:
        return ""  # reading it will say why
    return None if found == [""] and file.size > LOOKED_AT * BLOCK else found[0]
