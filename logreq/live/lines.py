"""Cuts bytes as they come into whole lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from logreq.errors import Problem
from logreq.log.chunks import too_long
from logreq.model.chunk import MAX_LINE, Chunk, Source


class Lines:
    """Holds the unfinished last line and counts; gives whole lines only.

    `number` is the 1-based number of the line that comes next. A line of more than
    `MAX_LINE` bytes is passed over to its end, counted and reported.
    """

    def __init__(self, source: Source, report: Callable[[Problem], None], number: int = 1) -> None:
        self.source = source
        self.number = number
        self._report = report
        self._held = bytearray()
        self._skipping = False
        # The unfinished line of the generation before, while the first line of this one,
        # which the panel puts in between, is not complete.
        self._aside: Optional[tuple[bytearray, bool]] = None

    @property
    def unfinished(self) -> bool:
        """Whether the last line is not whole yet."""
        return bool(self._held or self._skipping or self._aside)

    def feed(self, data: bytes) -> Optional[Chunk]:
        """Take the next bytes, give the lines that are whole now, None if there is none."""
        out = b""
        number = self.number
        if self._aside is not None:
            cut = data.find(b"\n") + 1
            if not cut:
                self._hold(data)
                return None
            out = self._whole(data[:cut])
            self._held, self._skipping = self._aside
            self._aside = None
            data = data[cut:]
            if out:
                number = self.number - 1
        cut = data.rfind(b"\n") + 1
        if cut:
            fresh = self._whole(data[:cut])
            if not out:
                number = self.number - fresh.count(b"\n")
            out += fresh
        self._hold(data[cut:])
        return Chunk(out, self.source, number) if out else None

    def restart(self, apart: bool) -> None:
        """Begin a new generation at line 1; the unfinished line goes on in it.

        `apart`: the first line stands by itself, since the panel, not the writer of the
        unfinished line, wrote it there.
        """
        self.number = 1
        if apart and (self._held or self._skipping):
            self._aside = self._held, self._skipping
            self._held, self._skipping = bytearray(), False

    def drop(self) -> None:
        """Forget the unfinished line: its rest is lost."""
        self._held, self._skipping, self._aside = bytearray(), False, None

    def finish(self) -> Optional[Chunk]:
        """Give the last line of a file that nobody writes any more, with a line end."""
        return self.feed(b"\n") if self._held else None

    def last(self) -> Optional[Chunk]:
        """Give the unfinished line as it stands: the end of the input."""
        data = bytes(self._held)
        self.drop()
        return Chunk(data, self.source, self.number) if data else None

    def _hold(self, data: bytes) -> None:
        if self._skipping:
            return
        self._held += data
        if len(self._held) > MAX_LINE:
            self._held = bytearray()
            self._skipping = True

    def _whole(self, data: bytes) -> bytes:
        """Join what is held with `data`, which ends with a line end."""
        first = data.index(b"\n")
        if self._skipping or len(self._held) + first > MAX_LINE:
            self._report(too_long(self.source, self.number))
            self.number += 1
            data = data[first + 1 :]
        else:
            data = bytes(self._held) + data
        self._held, self._skipping = bytearray(), False
        self.number += data.count(b"\n")
        return data
