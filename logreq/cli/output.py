"""Standard output and standard error: bytes out, problems and the summary for the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Union

import click

from logreq.errors import Problem
from logreq.escape import visible
from logreq.pipeline import Rendered, Stats
from logreq.request import decode, encode

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


def write(pages: Iterable[Union[list[str], Rendered]], separator: str) -> int:
    """Write snippets to standard output, a separator between two; give their number.

    On a terminal, what would drive it is shown escaped. Each page is out before the next
    is asked for.
    """
    stream = sys.stdout.buffer
    terminal = sys.stdout.isatty()
    count = 0
    try:
        for page in pages:
            if isinstance(page, list):
                page = Rendered(encode(separator.join(page)), len(page))
            if page.number:
                data = encode(separator) + page.data if count else page.data
                stream.write(encode(_shown(decode(data))) if terminal else data)
                stream.flush()
                count += page.number
    except BrokenPipeError:
        # The reader has gone (`| head`): click would call that a failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(0)
    return count


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
