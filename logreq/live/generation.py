"""One generation of a log: an open descriptor and how far it was read."""

from __future__ import annotations

from typing import NamedTuple, Optional

from logreq.live.files import Files, Ident
from logreq.live.lines import Lines
from logreq.model.chunk import Chunk

# Bytes by which a generation is recognised, at its beginning and where reading stopped.
SAMPLE = 256
# Bytes read at once: what a slow consumer takes between two looks at the path.
BLOCK = 64 * 1024
# Bytes in which a first line is looked for.
OPENING = 64 * 1024


class Opening(NamedTuple):
    """How a file begins: where its data does, the head, the first line if it is whole."""

    base: int
    head: bytes
    line: Optional[bytes]


class Generation:
    """An open log file, read up to `offset`.

    `base` is where its data begins (behind a hole), `head` its first bytes, `anchor`
    the last bytes that were read: together they tell whether the file behind the
    descriptor still is what was read so far.
    """

    def __init__(self, files: Files, fd: int, ident: Ident, lines: Lines) -> None:
        self.files = files
        self.fd = fd
        self.ident = ident
        self.lines = lines
        self.base = 0
        self.offset = 0
        self.head = b""
        self.anchor = b""
        # What came before it has not been looked for yet: by its first line, at all.
        self.fresh = self.unseen = True
        self.left: Optional[float] = None  # when the path began to lead elsewhere, or last growth
        self.before: set[str] = set()  # what can be older than its first line
        self.since: Optional[float] = None  # when the wait for what its first line names began
        self.watch = -1

    @property
    def done(self) -> int:
        """Bytes read, counted from where data begins."""
        return self.offset - self.base

    def read(self) -> Optional[bytes]:
        """Read what follows; empty: nothing new; None: truncated or overwritten.

        The bytes count only if head and anchor match *after* the read: a file that was
        truncated meanwhile may have grown to the same size or beyond.
        """
        if not self.head:
            self.base = self.offset = self._hole()
        back = len(self.anchor)
        data = self.files.pread(self.fd, back + BLOCK, self.offset - back)
        head = self.files.pread(self.fd, SAMPLE, self.base)
        expected = self.head or data[:SAMPLE]
        if not data.startswith(self.anchor) or not head.startswith(expected):
            # Overwritten between the two reads, and nothing of it was handed out: look again.
            return None if self.head else b""
        return data[back:]

    def take(self, data: bytes) -> Optional[Chunk]:
        """Move on over `data`, give the lines that are whole now."""
        if len(self.head) < SAMPLE and self.done + len(data) > len(self.head):
            self.head = (self.head[: self.done] + data)[:SAMPLE]
        self.offset += len(data)
        self.anchor = (self.anchor + data[-SAMPLE:])[-SAMPLE:]
        return self.lines.feed(data)

    def opening(self) -> Opening:
        """Look at how the file begins now."""
        base = self._hole()
        data = self.files.pread(self.fd, OPENING, base)
        cut = data.find(b"\n") + 1 or (OPENING if len(data) == OPENING else 0)
        return Opening(base, data[:SAMPLE], data[:cut] if cut else None)

    def restart(self, base: int, head: bytes, apart: bool) -> None:
        """Begin at the start of the generation that has this head."""
        self.base = self.offset = base
        self.head, self.anchor = head, b""
        self.lines.restart(apart)

    def place(self, offset: int, number: int) -> None:
        """Go to an offset, the start of the line with that number."""
        self.offset = offset
        self.head = self.files.pread(self.fd, min(SAMPLE, offset), 0)
        back = min(SAMPLE, offset)
        self.anchor = self.files.pread(self.fd, back, offset - back)
        self.lines.number = number
        self.fresh = not offset

    def same(self, fd: int) -> bool:
        """Tell whether the file behind `fd` holds what was read here."""
        pread = self.files.pread
        at = self.offset - len(self.anchor)
        return (
            self.done >= SAMPLE
            and pread(fd, len(self.anchor), at) == self.anchor
            and pread(fd, len(self.head), self.base) == self.head
        )

    def unlinked(self) -> bool:
        """Tell whether the file has no name any more, whatever inode its path shows."""
        return self.files.fstat(self.fd).st_nlink == 0

    def _hole(self) -> int:
        """Give where data begins: a writer without O_APPEND leaves a hole after a truncation."""
        at = 0
        data = self.files.pread(self.fd, SAMPLE, at)
        while data and not data.strip(b"\0"):
            at = max(self.files.seek_data(self.fd, at), at + len(data))
            data = self.files.pread(self.fd, BLOCK, at)
        return at + len(data) - len(data.lstrip(b"\0"))
