"""Ranges of one big plain log, cut at line ends, each to its texts by itself.

What depends on more than a range is left to who knows the others: see `parallel`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Callable, NamedTuple, NoReturn, Optional, Union

from logreq.convert.summary import LeftOut
from logreq.errors import Problem
from logreq.log import files, scan, years
from logreq.log.chunks import chunks
from logreq.log.files import LogFile, unreadable
from logreq.log.scan import Paired, Scanner, Stats
from logreq.model.chunk import Chunk
from logreq.model.request import Param, Request
from logreq.rules.variables import Variables
from logreq.text.codec import encode

if TYPE_CHECKING:
    from logreq.convert.render import Renderer

# The texts of some requests, joined, or a request that only the parent can render.
Part = Union[bytes, Request]


class Result(NamedTuple):
    """What a range came to, in numbers; `cut` is None if it held no Request line.

    `number` of texts; `parts`: requests for the parent, and the lengths of the texts between.
    """

    number: int
    lines: int
    requests: int
    malformed: int
    problems: list[Problem]
    cut: Optional[bool]
    # Reading failed: the log ends here.
    failed: bool
    parts: list[Union[int, Request]]
    left: LeftOut


class _OutOfOrderError(Exception):
    """The text of this request depends on those before the range."""


class NoVariables(Variables):
    """Stands in for the names of secrets' variables: they are numbered through the log."""

    def name(self, param: Param, call: Hashable = None) -> NoReturn:
        raise _OutOfOrderError


class Ranges:
    """Turns ranges of a log into text, in whichever process."""

    def __init__(
        self, file: LogFile, renderer: Renderer, step: int, counted: bool, outcomes: bool
    ) -> None:
        """Prepare; `step`: bytes of a range; `counted`: lines need numbers.

        `outcomes`: requests are told what became of them, and that takes numbers.
        """
        self.file = file
        self.renderer = renderer
        self.step = step
        self.count = max(1, -(-file.size // step))
        self.outcomes = outcomes
        # A worker has to know its lines' numbers only if the texts tell them.
        self.numbered = renderer.emitter.tells_request
        self.counted = counted
        # By which date each range gets its years, where the texts tell them.
        self.dates: list[years.Date] = []
        if renderer.emitter.tells_when:
            parts = (
                chunks(_guarded(self.blocks(n), []), file.source, lambda problem: None, None)
                for n in range(self.count)
            )
            self.dates = years.part_dates(file.path, parts)

    def blocks(self, number: int) -> Iterator[bytes]:
        """Give the lines that begin within a range."""
        begin, end = number * self.step, (number + 1) * self.step
        last = number == self.count - 1
        with open(self.file.path, "rb", buffering=0) as raw:
            inside = not begin
            # A line belongs where its first byte is: look at the byte before.
            position = raw.seek(max(0, begin - 1))
            while block := raw.read(files.BLOCK):
                start, after = position, position + len(block)
                position = after
                if not inside:
                    found = block.find(b"\n")
                    if found < 0 or (start + found + 1 >= end and not last):
                        if after >= end and not last:
                            return
                        continue
                    inside = True
                    block = block[found + 1 :]
                    start += found + 1
                if last or after < end:
                    yield block
                    continue
                found = block.find(b"\n", max(0, end - 1 - start))
                if found >= 0:
                    yield block[: found + 1]
                    return
                yield block

    def render(self, number: int, line: int, cut: bool) -> tuple[Result, list[Part]]:
        """Make the text of a range whose first line has this number; `cut`: see `Scanner`."""
        problems: list[Problem] = []
        failed: list[Exception] = []
        stats = Stats()
        scanner = Scanner()
        scanner.cut = cut
        renderer = self.renderer.reporting(problems.append)
        separator = encode(renderer.emitter.separator)
        first = line if self.counted else None
        blocks = _guarded(self.blocks(number), failed)
        whole = chunks(blocks, self.file.source, problems.append, first)
        parts: list[Part] = []
        count = 0
        paired = None
        if self.outcomes:
            paired = self._paired(number, lambda: line + stats.lines)
        found = scan.batches(whole, problems.append, stats, first or 0, scanner, paired)
        if self.dates:
            found = map(years.Years(self.dates[number]).dated, found)
        for batch in found:
            for texts in _rendered(renderer, batch):
                count += 0 if isinstance(texts, Request) else len(texts)
                parts.append(texts if isinstance(texts, Request) else separator.join(texts))
        problems += [unreadable(self.file.source.name, error) for error in failed]
        return Result(
            count, stats.lines, stats.requests, stats.malformed, problems,
            scanner.cut if stats.requests or stats.malformed else None, bool(failed),
            [part if isinstance(part, Request) else len(part) for part in parts],
            renderer.left.take(),
        ), parts  # fmt: skip

    def _paired(self, number: int, lines: Callable[[], int]) -> Paired:
        """Give what tells a range's requests their outcomes, which may stand behind it.

        `lines`: gives the number of the line behind it, when the range has been read.
        """
        from logreq.log.hold import hold, told

        def following() -> Iterator[Chunk]:
            after = chain.from_iterable(map(self.blocks, range(number + 1, self.count)))
            # What is wrong there is told when its turn comes.
            blocks = _guarded(after, [])
            return chunks(blocks, self.file.source, lambda problem: None, lines())

        return lambda fed: told(hold(fed, following))


def _rendered(
    renderer: Renderer, requests: Iterable[Request]
) -> Iterator[Union[list[bytes], Request]]:
    """Give the texts of requests, and between them requests that only the parent can render."""
    texts: list[bytes] = []
    for request in renderer.wanted(requests):
        try:
            text = renderer.text(request)
            assert text is not None  # noqa: S101 what looks for repeats is one process's
            texts.append(encode(text))
        except _OutOfOrderError:  # noqa: PERF203 - the next one goes on
            if texts:
                yield texts
            yield request
            texts = []
    if texts:
        yield texts


def _guarded(blocks: Iterable[bytes], failed: list[Exception]) -> Iterator[bytes]:
    try:
        yield from blocks
    except (OSError, ValueError) as error:
        failed.append(error)
