"""Standard output and standard error: bytes out, problems and the summary for the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import Optional

import click

from logreq.cli.terminal.whole import Whole
from logreq.emitters.base import Emitter
from logreq.errors import Problem
from logreq.log.scan import Stats
from logreq.text.codec import decode, encode
from logreq.text.escape import visible

# So many malformed lines are shown one by one; of the others the number.
SHOWN = 5


# Larger pieces of memory are fetched from the system and given back each time: that takes
# longer than filling them. Bytes.
PIECE = 64 * 1024


def joined(texts: Sequence[bytes], separator: bytes) -> Iterator[bytes]:
    """Join texts, some `PIECE` bytes at a time."""
    step = max(1, PIECE // (len(texts[0]) + 1))
    for at in range(0, len(texts), step):
        group = texts[at : at + step]
        yield separator.join(group if at + step >= len(texts) else [*group, b""])


def counted(number: int, noun: str) -> str:
    """Give a number with its noun: `1 line`, `2 lines`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Reporter:
    """Collects problems: shows the first few malformed lines and every loss."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.lost = False
        self._malformed = 0
        # Takes away what stands in the way of a message.
        self.clear: Callable[[], object] = bool

    def __call__(self, problem: Problem) -> None:
        """Show a problem on standard error; losses even where it has to be quiet."""
        self.lost = self.lost or problem.lost
        if not problem.lost:
            self._malformed += 1
            if self.quiet or self._malformed > SHOWN:
                return
        self.clear()
        click.echo(f"logreq: {visible(str(problem))}", err=True)

    def say(self, text: str) -> None:
        """Tell how it goes, unless it has to be quiet."""
        if not self.quiet:
            self.clear()
            click.echo(f"logreq: {visible(text)}", err=True)

    def summary(
        self, stats: Stats, count: int, what: str = "converted", more: Iterable[str] = ()
    ) -> None:
        """Tell `more`, then what went through."""
        if self.quiet:
            return
        if self._malformed > SHOWN:
            click.echo(f"logreq: ... and {self._malformed - SHOWN} more like these", err=True)
        for line in more:
            click.echo(f"logreq: {visible(line)}", err=True)
        click.echo(
            f"logreq: {counted(stats.lines, 'line')}, {counted(stats.requests, 'request')},"
            f" {count} {what}, {stats.malformed} malformed",
            err=True,
        )


class Writer:
    """Writes snippets to standard output, the emitter's separator between two.

    On a terminal, and where colours are wanted (`| less -R`), what would drive a terminal is
    shown escaped. What a disk has no room for is left out as a whole.
    """

    def __init__(self, emitter: Emitter, color: str = "never", *, plain: bool = False) -> None:
        """Prepare; `plain`: the texts are parts of one file, with nothing between them."""
        self.count = 0
        self._separator = "" if plain else emitter.separator
        self._closing = "" if plain else emitter.closing
        self._stream = Whole()
        # Half a script is none.
        self._whole = not plain
        self._paint = _painter(emitter, color)
        # A snippet begins with a comment.
        self._comments = emitter.syntax not in ("json", "url")
        seen = sys.stdout.isatty() or self._paint is not _same
        self._show = _shown if seen else _same
        self._put("" if plain else self._paint(emitter.opening))

    def write(self, text: str, *, mark: Optional[int] = None) -> None:
        """Write one snippet; `mark`: its heading gets a colour of this number's own."""
        head = ""
        if mark is not None and self._paint is not _same and self._comments:
            from logreq.cli.terminal.colour import marked

            first, end, text = text.partition("\n")
            head = marked(mark, self._show(first)) + end
        before = self._separator if self.count else ""
        self.count += 1
        self._put(self._paint(before) + head + self._paint(self._show(text)))

    def note(self, comment: str) -> None:
        """Write comment lines that belong to no snippet."""
        self._put(self._paint(self._show(self._separator * bool(self.count) + comment)))

    @property
    def raw(self) -> bool:
        """Whether texts go out as they are: no terminal, no colours."""
        return self._show is _same

    def batch(self, texts: Sequence[bytes], number: Optional[int] = None) -> None:
        """Write several snippets at once; they are out before the next are asked for.

        `number` of snippets, where some of the texts are several ones.
        """
        if not self.raw:
            for text in texts:
                self.write(decode(text))
            self.flush()
        elif texts:
            separator, begins = encode(self._separator), bool(self.count)

            def ends() -> Iterable[int]:
                sizes = (len(separator) + len(text) for text in texts)
                return (end - (not begins) * len(separator) for end in accumulate(sizes))

            first = [separator] if begins else []
            self._stream.page(chain(first, joined(texts, separator)), ends)
            self.count += len(texts) if number is None else number

    def flush(self) -> None:
        """Let the reader see what was written."""
        self._stream.flush()

    def close(self) -> None:
        """End the output."""
        self._put(self._closing)
        self._stream.flush()

    def _put(self, text: str) -> None:
        self._stream.write(encode(text), whole=self._whole)


class Lines:
    """Writes the rows of a list to standard output, with colours where they are wanted."""

    # The columns' roles: number, time, panel, user, caller, function, kind, outcome, parameters.
    ROLES = (
        "comment", "comment", "value", "", "", "command", "comment", "failure", "parameter",
    )  # fmt: skip
    FUNCTION, KIND, OUTCOME = 5, 6, 7

    def __init__(self, color: str) -> None:
        self.count = 0
        self._stream = sys.stdout.buffer
        self._wanted = _wanted(color)

    def write(self, cells: Sequence[str], *, deletes: bool = False) -> None:
        """Write one row of padded cells; an empty one is left out.

        `deletes`: its function is marked.
        """
        self.count += 1
        full = [(role, cell) for role, cell in zip(self._roles(cells, deletes), cells) if cell]
        if not self._wanted:
            self._stream.write(encode("  ".join(cell for _, cell in full).rstrip() + "\n"))
            return
        from logreq.cli.terminal.colour import painted

        full[-1] = full[-1][0], full[-1][1].rstrip()
        texts = (painted(role, cell) for role, cell in full)
        self._stream.write(encode("  ".join(texts) + "\n"))

    def line(self, text: str) -> None:
        """Write a line as it is."""
        self.count += 1
        self._stream.write(encode(text))

    def _roles(self, cells: Sequence[str], deletes: bool) -> list[str]:
        roles = [*self.ROLES]
        if deletes:
            roles[self.FUNCTION] = "failure"
        if cells[self.KIND].startswith("action"):
            roles[self.KIND] = "reference"
        if not cells[self.OUTCOME].startswith("!"):
            roles[self.OUTCOME] = ""  # only a refusal is marked
        return roles

    def close(self) -> None:
        """End the output."""
        self._stream.flush()


def _same(text: str) -> str:
    return text


def _wanted(color: str) -> bool:
    if color == "never" or (color == "auto" and not sys.stdout.isatty()):
        return False
    from logreq.cli.terminal import colour

    return colour.wanted(color, sys.stdout, os.environ)


def _painter(emitter: Emitter, color: str) -> Callable[[str], str]:
    if not _wanted(color):
        return _same
    from logreq.cli.terminal import colour

    return colour.painter(emitter.syntax)


def _shown(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
