"""Where to begin in a log that has content already."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from logreq.live.generation import BLOCK, SAMPLE, Generation
from logreq.model.chunk import MAX_LINE

Wanted = Callable[[bytes], bool]


def place(gen: Generation, back: int, wanted: Wanted) -> None:
    """Place a generation so that `back` lines for which `wanted` holds lie ahead.

    0: at the end, or at the start of an unfinished last line. The lines before that
    place are counted, so that the numbers of what follows are right.
    """
    while True:
        size = gen.files.fstat(gen.fd).st_size
        offset = _back(gen, size, back, wanted)
        number = 1 + sum(block.count(b"\n") for block in _blocks(gen, offset))
        gen.place(offset, number)
        if len(gen.anchor) == min(SAMPLE, offset) and gen.read() is not None:
            return
        # Truncated while it was counted.
        gen.restart(0, b"", apart=False)


def _blocks(gen: Generation, end: int) -> Iterator[bytes]:
    for at in range(0, end, BLOCK):
        yield gen.files.pread(gen.fd, min(BLOCK, end - at), at)


def _back(gen: Generation, size: int, back: int, wanted: Wanted) -> int:
    """Give the offset of the start of the line, read from the end backwards."""
    place = None  # the start of the earliest line that was looked at
    later = b""  # what is known of the line that the block before this one ends with
    at = size
    while at:
        step = min(BLOCK, at)
        at -= step
        data = gen.files.pread(gen.fd, step, at) + later
        end = len(data)
        while True:
            cut = data.rfind(b"\n", 0, end)
            if cut < 0:
                break
            line, end = data[cut + 1 : end], cut
            if place is None:
                place = at + cut + 1  # behind the last line end
            elif wanted(line + b"\n"):
                back -= 1
                place = at + cut + 1
            if back <= 0:
                return place
        # A line that is too long counts as not wanted, whatever its beginning.
        later = data[:end] if end <= MAX_LINE else b""
    if place is not None and later and wanted(later + b"\n"):
        place = 0
    return place or 0
