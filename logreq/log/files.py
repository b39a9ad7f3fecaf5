"""A saved log -> chunks of whole lines: a file, a compressed one, a pipe, standard input.

What a file is, its first bytes tell, never its name. Memory does not grow with the
file: one block and one unfinished line, of bounded length, are held at a time.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import stat
import sys
from collections.abc import Iterator
from itertools import chain, islice
from typing import Callable, NamedTuple, Optional, Protocol, TypeVar, Union

from logreq.errors import Problem, Report
from logreq.log.bundles import bundle
from logreq.log.chunks import chunks
from logreq.model.chunk import Chunk, Source

# What is made of a block should stay in a core's cache.
BLOCK = 128 * 1024
# Seconds between two looks at a pipe that has nothing to read.
TICK = 0.25
# Seconds to wait for a writer of a named pipe.
FIFO_PATIENCE = 2

Progress = Callable[[int], None]
Found = TypeVar("Found")


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> Optional[bytes]: ...


_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "lzma"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)


class LogFile(NamedTuple):
    """A log to read: its path (`-`: standard input), its name to show and its panel."""

    path: str
    source: Source
    # What was read of standard input to look at.
    head: bytes = b""
    # Nothing tells the panel.
    assumed: bool = False
    # The panel that was asked for; None: the source's is a guess.
    panel: Optional[str] = None
    # It was found in a directory, not named.
    member: bool = False
    # It is known not to be a panel's log, but a browser's recording.
    recording: bool = False
    # A pipe's content, unpacked, where it is being read already.
    blocks: Optional[Iterator[bytes]] = None

    @property
    def size(self) -> int:
        """Bytes on disk, 0 where there is no telling."""
        try:
            status = os.stat(self.path)
        except (OSError, ValueError):
            return 0
        return status.st_size if stat.S_ISREG(status.st_mode) else 0


def unreadable(name: str, error: Exception) -> Problem:
    """Make the report of a file that cannot be read (any further)."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    if isinstance(error, PermissionError):
        text += "; run as root or with sudo"
    return Problem(name, None, None, f"cannot read: {text}", lost=True)


def read_file(
    file: LogFile,
    report: Report,
    progress: Optional[Progress] = None,
    *,
    counted: bool = True,
    idle: bool = False,
) -> Iterator[Chunk]:
    """Read one log to its end as chunks of whole lines, which are counted if asked to.

    `idle`: chunks without data come while a pipe has nothing to read, `TICK` seconds apart.

    `report` gets what is wrong (unreadable, cut-off archive, an overlong line): what came
    before it has been handed out. `progress` gets the bytes read from disk, as they are read.
    """
    try:
        blocks = read_blocks(file, report, progress, idle=idle)
        yield from chunks(blocks, file.source, report, 1 if counted else None)
    except (OSError, ValueError) as error:
        report(unreadable(file.source.name, error))


def read_blocks(
    file: LogFile, report: Report, progress: Optional[Progress] = None, *, idle: bool = False
) -> Iterator[bytes]:
    """Read one file to its end, unpacked; see `read_file`. With `idle`, empty blocks come.

    OSError or ValueError if it cannot be read; `report` gets what is wrong with packed data.
    """
    with _open(file.path, file.head) as raw:
        reading = _Counted(raw, progress) if progress else raw
        # A file always has something to read.
        yield from _blocks(reading, file, report, raw if idle and not file.size else None)


def first_block(
    file: LogFile, look: Callable[[bytes], Optional[Found]], count: int = 1
) -> Optional[Found]:
    """Give what `look` finds in the first `count` blocks of a log; None if there are none.

    Of standard input, in what was read of it.
    """
    raw: Union[io.FileIO, io.BytesIO]
    try:
        raw = io.BytesIO(file.head) if file.head else _open(file.path)
        with raw:
            return look(b"".join(islice(_blocks(raw, file, lambda problem: None), count)))
    except (OSError, ValueError):
        return None  # reading it will say so


def standard_input() -> bytes:
    """Read what standard input gives first; empty where that is nothing."""
    with contextlib.suppress(OSError, ValueError), _open("-") as raw:
        return _Patient(raw).read(BLOCK)
    return b""


def is_plain(file: LogFile) -> bool:
    """Tell whether a log is a regular file that is not compressed."""
    if file.path == "-" or not file.size:
        return False
    try:
        with open(file.path, "rb", buffering=0) as raw:
            head = raw.read(BLOCK)
            return _kind(head) is None and bundle(head) is None
    except (OSError, ValueError):
        return False  # reading it will say so


def is_packed(head: bytes) -> bool:
    """Tell by a file's first six bytes whether it is compressed."""
    return _kind(head) is not None


def _open(path: str, head: bytes = b"") -> io.FileIO:
    if path == "-":
        if sys.stdin is None:
            raise OSError(0, "standard input is closed")
        stream = _Pipe(sys.stdin.fileno(), "rb", closefd=False)
        stream.first = head
        return stream
    # Without O_NONBLOCK, opening a FIFO that nobody writes to would wait for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    mode = status.st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or _is_null(status)):
        os.close(descriptor)
        raise OSError(0, "neither a file nor a pipe")
    pipe = _Pipe(descriptor)
    if stat.S_ISFIFO(mode):
        try:
            pipe.first = _await_writer(descriptor)
        except OSError:
            pipe.close()
            raise
    os.set_blocking(descriptor, True)
    return pipe


def _is_null(status: os.stat_result) -> bool:
    """Tell whether a file is the null device, an empty log; other devices may have no end."""
    try:
        null = os.stat(os.devnull)
    except OSError:
        return False
    return stat.S_ISCHR(status.st_mode) and status.st_rdev == null.st_rdev


class _Pipe(io.FileIO):
    """A file, or a pipe of which something was read to look at it."""

    first = b""

    def read(self, size: Optional[int] = -1) -> bytes:
        first, self.first = self.first, b""
        return first or super().read(size) or b""


def _await_writer(descriptor: int) -> bytes:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    if poll.poll(FIFO_PATIENCE * 1000):
        return b""
    try:
        first = os.read(descriptor, 1)
    except BlockingIOError:
        return b""  # somebody has it open and has not written yet
    if not first:
        raise OSError(0, f"nobody writes to this pipe (waited {FIFO_PATIENCE} s)")
    return first  # written just now


class _Patient:
    """Waits for what a non-blocking pipe has not got yet: that is not its end."""

    def __init__(self, raw: _Readable) -> None:
        self._raw = raw

    def read(self, size: int = -1) -> bytes:
        while True:
            data = self._raw.read(size)
            if data is not None:
                return data
            select.select([0], [], [])  # only standard input comes as somebody else opened it


class _Counted:
    """Passes reads on and tells how many bytes went by."""

    def __init__(self, raw: _Readable, progress: Progress) -> None:
        self.raw = raw
        self.progress = progress

    def read(self, size: int = -1) -> Optional[bytes]:
        data = self.raw.read(size)
        self.progress(len(data or b""))
        return data


def _kind(head: bytes) -> Optional[str]:
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)


def _blocks(
    raw: _Readable, file: LogFile, report: Report, idle: Optional[io.FileIO] = None
) -> Iterator[bytes]:
    """Give a log's bytes unpacked; ValueError for what is no log but holds some.

    `idle`: the pipe that is read; while it has nothing to read, empty blocks come.
    """
    raw = _Patient(raw)
    head = raw.read(BLOCK)
    if not head:
        return
    kind = _kind(head)
    blocks: Iterator[bytes] = chain([head], _read(raw, None if kind else idle))
    if kind is not None:
        from logreq.log import compression as packed

        blocks = packed.blocks(
            kind, head, raw.read, lambda e: report(unreadable(file.source.name, e))
        )
    first = next(blocks, b"")
    archive = bundle(first)
    if archive:
        raise ValueError(f"this is a {archive} archive: unpack it and name the logs in it")
    if first:
        yield first
    yield from blocks


def _read(raw: _Readable, idle: Optional[io.FileIO]) -> Iterator[bytes]:
    while True:
        wait = 0.0
        while idle is not None and not select.select([idle], [], [], wait)[0]:
            yield b""
            wait = TICK
        block = raw.read(BLOCK)
        if not block:
            return
        yield block
