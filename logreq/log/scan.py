"""Chunks of a log -> requests, and the damaged Request lines among them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, Optional, Union

from logreq.errors import Problem, Report
from logreq.log.line import NEEDLE, parse_text
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from logreq.text.codec import decode

# Why a request may not be what it looks like.
AFTER_CUT = "the Request line before this one is cut off so this may be forged by its text"

Found = Union[Request, Problem]
Paired = Callable[[Iterable[tuple[Chunk, Sequence[Found]]]], Iterable[Sequence[Found]]]


class Scanner:
    """Finds the requests in the chunks of one source.

    A request right after one that is cut off may be text of that one, whose line end was
    not encoded: it carries a doubt.
    """

    def __init__(self) -> None:
        # The last Request line so far was cut off.
        self.cut = False

    def scan(self, chunk: Chunk) -> list[Found]:
        """Give the requests and the damaged Request lines of a chunk, in order."""
        data, (name, panel), number = chunk
        found: list[Found] = []
        numbered, counted = bool(number), 0
        for start, end in places(data):
            if numbered:
                number += data.count(b"\n", counted, start)
                counted = start
            result = parse_text(decode(data[start:end]), panel, name, number)
            if isinstance(result, Request):
                found.append(result._replace(doubt=AFTER_CUT) if self.cut else result)
                self.cut = False
            elif result is not None:
                self.cut = result.cut
                found.append(Problem(name, number, result.column, result.message))
        return found


def places(data: bytes) -> Iterator[tuple[int, int]]:
    """Give where the lines that may be Request lines begin and end."""
    find, rfind = data.find, data.rfind
    at = find(NEEDLE)
    while at >= 0:
        end = find(b"\n", at)
        if end < 0:
            end = len(data)
        yield rfind(b"\n", 0, at) + 1, end
        at = find(NEEDLE, end)


class Stats:
    """What went through: numbers for the summary."""

    def __init__(self) -> None:
        self.lines = 0
        self.requests = 0
        self.malformed = 0


def batches(
    chunks: Iterable[Chunk],
    report: Report,
    stats: Stats,
    line: Optional[int] = None,
    scanner: Optional[Scanner] = None,
    paired: Optional[Paired] = None,
) -> Iterator[list[Request]]:
    """Find the requests in chunks, a chunk's at a time; a damaged one is reported.

    Chunks of several logs may come in turn, and a log's lines begin anew when it is rotated.
    `line`: the number of the first line of one saved log, whose chunks tell by their numbers
    how many lines there were; None: lines are counted here. `scanner`: what the first log
    goes on with. `paired`: gives what was found in the chunks of one log, requests with their
    outcomes.
    """
    pairs = scanned(chunks, stats, line, scanner)
    for items in (items for _, items in pairs) if paired is None else paired(pairs):
        batch: list[Request] = []
        for found in items:
            if isinstance(found, Request):
                batch.append(found)
                continue
            # What came before it is handed on first: reports keep the log's order.
            if batch:
                stats.requests += len(batch)
                yield batch
                batch = []
            stats.malformed += 1
            report(found)
        if batch:
            stats.requests += len(batch)
            yield batch


def scanned(
    chunks: Iterable[Chunk],
    stats: Stats,
    line: Optional[int] = None,
    scanner: Optional[Scanner] = None,
) -> Iterator[tuple[Chunk, Sequence[Found]]]:
    """Find what is in chunks, and count their lines; see `batches`. Empty chunks hold nothing."""
    scanners: dict[Source, Scanner] = {}
    data = b""
    try:
        for chunk in chunks:
            data = chunk.data
            if line is None:
                stats.lines += _lines(data)
            else:
                stats.lines += chunk.line - line
                line = chunk.line
            if not data:
                yield chunk, ()
                continue
            own = scanners.get(chunk.source)
            if own is None:
                own = scanners[chunk.source] = scanner or Scanner()
            yield chunk, own.scan(chunk)
    finally:
        # The next chunk tells how many lines this one has; who has enough does not ask for it.
        if line is not None:
            stats.lines += _lines(data)


def _lines(data: bytes) -> int:
    return data.count(b"\n") + (data[-1:] not in (b"\n", b""))


def requests(
    chunks: Iterable[Chunk],
    report: Report,
    stats: Stats,
    line: Optional[int] = None,
    paired: Optional[Paired] = None,
) -> Iterator[Request]:
    """Find the requests in chunks, one after another; see `batches`."""
    for batch in batches(chunks, report, stats, line, paired=paired):
        yield from batch
