"""Standard output and standard error: bytes out, problems and the summary for the user."""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from collections import deque
from typing import NoReturn, Optional

import click

from logreq.emitters._base import Emitter
from logreq.errors import Problem
from logreq.escape import plain, visible
from logreq.pipeline import Stats
from logreq.request import encode

# So many malformed lines are shown one by one; of the others the number.
SHOWN = 5


class Reporter:
    """Collects problems: shows the first few malformed lines and every loss."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.lost = False
        self._malformed = 0

    def __call__(self, problem: Problem) -> None:
        """Show a problem on standard error; losses even where it has to be quiet."""
        self.lost = self.lost or problem.lost
        if not problem.lost:
            self._malformed += 1
            if self.quiet or self._malformed > SHOWN:
                return
        click.echo(f"logreq: {visible(str(problem))}", err=True)

    def say(self, text: str) -> None:
        """Tell how it goes, unless it has to be quiet."""
        if not self.quiet:
            click.echo(f"logreq: {visible(text)}", err=True)

    def summary(self, stats: Stats, converted: int) -> None:
        """Tell what went through."""
        if self.quiet:
            return
        if self._malformed > SHOWN:
            click.echo(f"logreq: ... and {self._malformed - SHOWN} more like these", err=True)
        click.echo(
            f"logreq: {stats.lines} lines, {stats.requests} requests, {converted} converted,"
            f" {stats.malformed} malformed",
            err=True,
        )


class Writer:
    """Writes snippets to standard output, the emitter's separator between two.

    On a terminal, what would drive it is shown escaped. A file on a disk that gets full is
    cut back to its last whole snippet, or script: the rest of a call could run as another one.
    """

    # Ends of snippets that may not be on the disk yet: the buffer has some 8 kB.
    ENDS = 1_000

    def __init__(self, emitter: Emitter, *, plain: bool = False) -> None:
        """Prepare; `plain`: the texts are parts of one file, with nothing between them."""
        self.count = 0
        self._separator = "" if plain else emitter.separator
        self._closing = "" if plain else emitter.closing
        self._stream = sys.stdout.buffer
        self._show = _shown if sys.stdout.isatty() else _same
        self._whole = not plain
        self._begin = _file_end()
        self._end = self._begin or 0
        self._ends: deque[int] = deque(maxlen=self.ENDS)
        self._put("" if plain else emitter.opening)

    def write(self, text: str) -> None:
        """Write one snippet."""
        if self.count:
            text = self._separator + text
        self.count += 1
        self._put(self._show(text))

    def flush(self) -> None:
        """Let the reader see what was written."""
        try:
            self._stream.flush()
        except OSError as error:
            self._failed(error)

    def close(self) -> None:
        """End the output."""
        self._put(self._closing)
        self.flush()

    def _put(self, text: str) -> None:
        data = encode(text)
        try:
            self._stream.write(data)
        except OSError as error:
            self._failed(error)
        if self._whole:
            self._end += len(data)
            self._ends.append(self._end)

    def _failed(self, error: OSError) -> NoReturn:
        size = _file_end()
        if self._begin is not None and size is not None:
            # The buffer wrote in order: what ends within the file is whole.
            whole = max((end for end in self._ends if end <= size), default=self._begin)
            os.ftruncate(sys.stdout.fileno(), whole)
        raise error


def _file_end() -> Optional[int]:
    """Give the size (bytes) of the file to whose end standard output writes; else None."""
    try:
        descriptor = sys.stdout.fileno()
        status = os.fstat(descriptor)
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    # What stands after our place is not ours to cut.
    appends = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND
    return status.st_size if appends or at == status.st_size else None


class Copier:
    """Puts text on the terminal's clipboard by OSC 52, which works over SSH."""

    # Terminals take about so much (bytes, in base64).
    LIMIT = 100_000

    def __call__(self, text: str, what: str) -> None:
        """Copy text; `what` is said to have been copied."""
        import base64

        if not all(map(plain, text.split("\n"))):
            # Where pasting is not bracketed, a control character among it is a key pressed:
            # it can end a quote.
            click.echo(
                f"logreq: {visible(what)} is not copied: it holds unprintable characters"
                " and has to run as a file",
                err=True,
            )
            return
        data = base64.b64encode(encode(text))
        if len(data) > self.LIMIT:
            click.echo(f"logreq: {visible(what)} is too long for the clipboard", err=True)
            return
        try:
            # Standard output may be a file; the terminal is where the user is.
            with open("/dev/tty", "wb", buffering=0) as terminal:
                terminal.write(b"\x1b]52;c;" + data + b"\x07")
        except OSError:
            click.echo("logreq: --copy needs a terminal", err=True)
            return
        click.echo(f"logreq: copied {visible(what)}", err=True)


def _same(text: str) -> str:
    return text


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
