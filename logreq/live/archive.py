"""Finds, opens and recognises the archives that hold a log's older generations.

Nothing is assumed about an archive's name but that the log's first line holds it, with
or without the ending of a compression. What a file is, its contents decide.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Callable, Optional

from logreq.live.files import Entry, Files, ident
from logreq.live.generation import BLOCK, OPENING, SAMPLE

_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
_ENDINGS = re.compile(r"\.(?:gz|bz2|xz|zst)$")


_RECORD = re.compile(rb"(?:\x1b\[[0-9;]*m)*[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d \[")
_PACKED = re.compile(rb"\.(?:gz|bz2|xz|zst|zip|old|\d+)\b")


class UnreadableError(Exception):
    """An archive that is gone, not yet complete, or broken."""


def _gzip(file: Any) -> Any:
    import gzip

    return gzip.GzipFile(fileobj=file)


def _bz2(file: Any) -> Any:
    import bz2

    return bz2.BZ2File(file)


def _xz(file: Any) -> Any:
    import lzma

    return lzma.LZMAFile(file)


def _zstd(file: Any) -> Any:
    from importlib import import_module

    return import_module("compression.zstd").ZstdFile(file)  # Python 3.14 and later


_FORMATS: tuple[tuple[bytes, Callable[[Any], Any]], ...] = (
    (b"\x1f\x8b", _gzip),
    (b"BZh", _bz2),
    (b"\xfd7zXZ\0", _xz),
    (b"\x28\xb5\x2f\xfd", _zstd),
)


class Archive:
    """An archive read from its beginning; `start` is what it begins with, up to 64 KiB.

    Compressed or plain is told by content. NULs at the beginning are left out, as they
    are where the log itself is read. Raises UnreadableError.
    """

    def __init__(self, files: Files, entry: Entry) -> None:
        try:
            self._file = os.fdopen(files.open(entry.path), "rb", 0)
            self._stream: Any = self._file
            magic = self._file.read(8)
            self._file.seek(0)
        except OSError as error:
            raise UnreadableError(str(error)) from error
        if ident(os.fstat(self._file.fileno())) != entry.ident:  # another file came in its place
            self._file.close()
            raise UnreadableError("was replaced")
        self.plain = True
        self.start = b""
        self._left = b""
        try:
            for known, opener in _FORMATS:
                if magic.startswith(known):
                    self.plain = False
                    self._stream = opener(self._file)
            self._fill()
        except ImportError as error:
            self.close()
            raise UnreadableError("compressed by a method that this Python has not") from error

    def _fill(self) -> None:
        """Read `start`; a fault further on is met again by `read`."""
        try:
            while len(self.start) < OPENING:
                data = self._read(BLOCK)
                if not data:
                    break
                self.start += data if self.start else data.lstrip(b"\0")
        except UnreadableError:
            self.start = self.start[:OPENING]
        self._left = self.start

    def _read(self, size: int) -> bytes:
        try:
            # read1 gives what there is before it raises for what is missing.
            data: bytes = self._stream.read(size) if self.plain else self._stream.read1(size)
        except Exception as error:  # each format has its own errors, some say ValueError
            raise UnreadableError(str(error)) from error
        return data

    def read(self, size: int = BLOCK) -> bytes:
        """Read on; empty at the end, which for a compressed file is the verified end."""
        if self._left:
            data, self._left = self._left[:size], self._left[size:]
            return data
        return self._read(size)

    @property
    def head(self) -> bytes:
        """The first bytes, as `Generation.head` has them."""
        return self.start[:SAMPLE]

    @property
    def line(self) -> Optional[bytes]:
        """The first line, None where it is not whole."""
        cut = self.start.find(b"\n") + 1
        return self.start[:cut] if cut else None

    def close(self) -> None:
        """Close it."""
        if self._stream is not self._file:
            self._stream.close()
        self._file.close()


def directories(path: str) -> list[str]:
    """Give where the archives of a log can be: beside it and in `logs/`, also behind a link."""
    found = []
    for here in (Path(path).parent, Path(os.path.realpath(path)).parent):
        found += [str(here), str(here / "logs")]
    return list(dict.fromkeys(found))


def scan(files: Files, places: Iterable[str]) -> list[Entry]:
    """List the files of all directories in which archives can be."""
    return [entry for place in places for entry in files.scan(place)]


def named(entries: Iterable[Entry], line: bytes) -> list[Entry]:
    """Give the files that a first line names, the longest names first, plain before packed."""
    text = _COLOUR.sub(b"", line)
    found = []
    for entry in entries:
        name = stem(entry.name)
        pattern = rb"(?<![\w.-])" + re.escape(os.fsencode(name)) + rb"(?![\w-])"
        if re.search(pattern, text):
            found.append((-len(name), entry.name != name, entry.path, entry))
    return [entry for *_, entry in sorted(found)]


def stem(path: str) -> str:
    """Give a path without the ending of a compression."""
    return _ENDINGS.sub("", path)


def ordinary(line: bytes) -> bool:
    """Tell whether a first line is a record of the panel that hardly names an archive."""
    return bool(_RECORD.match(line)) and not _PACKED.search(line)


def promises(line: bytes) -> bool:
    """Tell whether a first line looks as if it names an archive, there or not."""
    return not _RECORD.match(line) and bool(_PACKED.search(line))


def related(entries: Iterable[Entry], path: str) -> list[Entry]:
    """Give the files whose names begin with the log's, the log itself left out; oldest first.

    Of two that changed at the same time the shorter name goes first: the plain file before
    its packed copy.
    """
    name = Path(path).name
    pattern = re.compile(re.escape(name) + r"[.\-_].*", re.DOTALL)
    return sorted((e for e in entries if pattern.fullmatch(e.name)), key=_age)


def _age(entry: Entry) -> tuple[int, int]:
    return entry.mtime, len(entry.name)


def skip(archive: Archive, count: int, anchor: bytes) -> Iterator[Optional[bool]]:
    """Read over `count` bytes, which must end with `anchor`; in steps, the last one tells.

    Yields None between, then True (they match, the rest follows) or False. Raises
    EOFError where the archive is shorter, UnreadableError where it cannot be read so far.
    """
    tail = b""
    while count:
        data = archive.read(min(BLOCK, count))
        if not data:
            raise EOFError
        tail = (tail + data)[-SAMPLE:]
        count -= len(data)
        yield None
    yield tail.endswith(anchor)
