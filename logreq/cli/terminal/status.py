"""tail's status line: what goes on while nothing comes; and what is wrong if nothing can."""

from __future__ import annotations

import os
import stat
import sys
import time
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Callable, TextIO

from logreq.cli.terminal.output import Reporter, counted
from logreq.log.scan import Stats
from logreq.text.escape import visible

# Seconds with log lines but no request after which the log's level is to blame.
PATIENCE = 10.0
CONFIG = "/usr/local/mgr5/etc/debug.conf"
_CLEAR = "\r\x1b[K"


class Status:
    """Shows one line on standard error while idle, if that is a terminal.

    Not where output goes into a pipe: its reader may write to the same terminal at any time.
    `idle` draws, `clear` takes the line away; both do nothing where nobody sees it.
    """

    def __init__(
        self,
        logs: Sequence[str],
        panels: Iterable[str],
        stats: Stats,
        report: Reporter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; `logs`: paths, or `-` for standard input; `panels`: whose logs they are."""
        self.shown = 0
        self._logs = logs
        self._panels = list(dict.fromkeys(panels))
        self._stats = stats
        self._report = report
        self._clock = clock
        self._stream: TextIO = sys.stderr
        self._live = not report.quiet and self._stream.isatty() and not _piped(sys.stdout)
        self._drawn = ""
        self._since = -1.0
        self._hinted = False

    def idle(self) -> None:
        """Draw the line anew where something changed; say once what is wrong."""
        self._complain()
        if not self._live:
            return
        line = _cut(self._text(), _width(self._stream))
        if line != self._drawn:
            self._stream.write(f"{_CLEAR}{line}")
            self._stream.flush()
            self._drawn = line

    def clear(self) -> None:
        """Leave the terminal as if nothing had been drawn."""
        if self._drawn:
            self._drawn = ""
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _text(self) -> str:
        logs = ", ".join("standard input" if log == "-" else visible(log) for log in self._logs)
        seen = self._stats.requests
        counts = f"{counted(seen, 'request')} seen, {self.shown} shown, {seen - self.shown} hidden"
        # The numbers first: what does not fit is cut off.
        return f"{counts}; following {logs} (Ctrl-C ends)"

    def _complain(self) -> None:
        stats = self._stats
        if self._hinted or not stats.lines or stats.requests or stats.malformed:
            return
        now = self._clock()
        if self._since < 0:
            self._since = now
        elif now - self._since >= PATIENCE:
            self._hinted = True
            self._report.say(hint(self._panels))


def hint(panels: Iterable[str]) -> str:
    """Tell what makes panels log requests (vendor documentation of debug.conf)."""
    lines = " and ".join(f"'{panel}.core_module 5'" for panel in panels)
    return (
        "log lines, but no Request line among them: panels log requests at level 5 and above;"
        f" put {lines} into {CONFIG}"
    )


def _piped(stream: TextIO) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def _cut(text: str, columns: int) -> str:
    """Cut text to fit a terminal's line: what wraps cannot be cleared.

    The terminal itself adds `^C` to it.
    """
    room = columns - 3
    for index, char in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(char) in "FW" else 1
        if room < 0:
            return text[:index]
    return text
