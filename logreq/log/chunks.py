"""Blocks of bytes -> chunks of whole lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Optional

from logreq.errors import Problem, Report
from logreq.model.chunk import MAX_LINE, Chunk, Source


def chunks(
    blocks: Iterable[bytes], source: Source, report: Report, line: Optional[int] = 1
) -> Iterator[Chunk]:
    """Cut blocks of bytes, none larger than MAX_LINE, into chunks of whole lines.

    `line` is the 1-based number of the first one; None: nobody needs numbers, they are all 0.
    Counting takes longer than finding requests. A line longer than MAX_LINE is passed
    over and reported. The rest after the last line end is the last chunk but one; the
    last one is empty and tells by its line how many lines there were.
    """
    counted = line is not None
    line = line or 0
    rest = b""
    skipping = False
    for block in blocks:
        if not block:
            yield Chunk(b"", source, line)
            continue
        if skipping or len(rest) + len(block) > MAX_LINE:
            # The end of the one line that may be too long.
            end = block.find(b"\n")
            length = len(rest) + (len(block) if end < 0 else end)
            if skipping or length > MAX_LINE:
                if not skipping:
                    report(too_long(source, line or None))
                rest, skipping = b"", end < 0
                if skipping:
                    continue
                block = block[end + 1 :]
                line += counted
        end = block.rfind(b"\n") + 1
        if not end:
            rest += block
            continue
        # Joined by way of a view, the block is copied once.
        yield Chunk(b"".join((rest, memoryview(block)[:end])), source, line)
        if counted:
            line += 1 + block.count(b"\n", 0, end - 1)
        rest = block[end:]
    if rest:
        yield Chunk(rest, source, line)
    yield Chunk(b"", source, line + (counted and bool(rest or skipping)))


def too_long(source: Source, line: Optional[int]) -> Problem:
    """Make the report of a line that is longer than memory allows."""
    message = f"a line longer than {MAX_LINE // 1024 // 1024} MiB is passed over"
    return Problem(source.name, line, None, message, lost=True)
