"""One line of a log: whether a request stands in it, and where it went when the log was rotated."""

from __future__ import annotations

import contextlib
import os

from logreq.log.files import LogFile, read_file
from logreq.log.line import parse_line
from logreq.model.chunk import Source
from logreq.model.panels import ASSUMED
from logreq.model.request import Request


def stands(path: str, line: int) -> bool:
    """Tell whether a request stands in a line (1-based) of a log, packed or not."""
    file = LogFile(path, Source(path, ASSUMED))
    for chunk in read_file(file, lambda problem: None):
        lines = chunk.data.split(b"\n")
        if not lines[-1]:
            del lines[-1]
        if line < chunk.line + len(lines):
            return line >= chunk.line and isinstance(parse_line(lines[line - chunk.line]), Request)
    return False


def archives(path: str) -> list[str]:
    """List what a log's archives may be, the latest first: `logs/NAME.*` and `NAME.*`.

    Panels move a full log to `logs` beside it (seen); older releases to `NAME.0`.
    """
    above, name = os.path.split(path)
    found: list[tuple[float, str]] = []
    for folder in (os.path.join(above, "logs"), above or "."):
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            found += [
                (entry.stat().st_mtime, os.path.join(folder, entry.name))
                for entry in entries
                if entry.name.startswith(f"{name}.") and entry.is_file()
            ]
    return [archive for _, archive in sorted(found, reverse=True)]
