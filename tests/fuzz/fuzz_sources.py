"""Any bytes as a file: the lines of a plain reader, whatever the blocks and the packing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Optional
from unittest import mock

from logreq.errors import Problem
from logreq.log import chunks as chunking
from logreq.log import compression as packed
from logreq.log import files as sources
from logreq.log import scan
from logreq.model.chunk import Chunk, Source
from tests.support.strategies import log_line

ROOT = Path(__file__).parents[2]
SOURCE = Source("x.log", "ispmgr")
FILE = sources.LogFile("x.log", SOURCE)
MAX_LINE = 200
WORDS = (
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"\n",
    b"\r\n",
    b"\0\0",
    b"INFO Request ",
)
_PACK = (gzip.compress, bz2.compress, lzma.compress)


def seeds() -> Iterator[bytes]:
    log = log_line(b"func=a&b=1") + b"x\n" + log_line(b"func=b") * 3
    for mode in range(6):
        for size in (1, 7, 64):
            yield bytes((mode, size)) + log
    yield bytes((0, 9)) + log + b"y" * 1000 + b"\n" + log
    for pack in _PACK:
        yield bytes((0, 50)) + pack(log)
        yield bytes((0, 50)) + pack(log) + pack(log) + b"\0" * 9
        yield bytes((0, 50)) + pack(log) + b"\0" * 8 + pack(log)
        yield bytes((0, 50)) + pack(log)[:-5]
    for path in sorted((ROOT / "samples/rotated").rglob("*.*")):
        if path.is_file():
            yield bytes((0, 99)) + path.read_bytes()[:4000]


def check(data: bytes) -> None:
    if len(data) < 2:
        return
    mode, size, content = data[0] % 6, data[1] + 1, data[2:]
    if mode >= 3:
        plain, content = content, _PACK[mode - 3](content)
        assert unpacked(content, size) == plain
    else:
        plain = unpacked(content, size)
    check_lines(plain, size)


class _Slow(io.BytesIO):
    """A file that gives at most so many bytes at once."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: Optional[int] = -1, /) -> bytes:
        return super().read(self.most if size is None or size < 0 else min(size, self.most))


def unpacked(content: bytes, size: int) -> bytes:
    """Unpack as a log is; what plain readers unpack too has to be the same."""
    problems: list[Problem] = []
    blocks: list[bytes] = []
    with mock.patch.object(packed, "BLOCK", 1000), mock.patch.object(sources, "BLOCK", 1000):
        # The first bytes tell what it is; they come in one piece from any file.
        for block in sources._blocks(_Slow(content, max(size, 8)), FILE, problems.append):
            assert len(block) <= 1000
            blocks.append(block)
            if len(blocks) > 2000:
                return b""  # a bomb: bounded, as the tests of memory show
    got = b"".join(blocks)
    assert len(problems) <= 1
    wanted = _plainly(content)
    if wanted is not None:
        # gzip's reader minds what follows a member; the others pass over it, padding included.
        # It passes over reserved flags of a member, though, which RFC 1952 tells to refuse.
        flags = any("unknown header flags" in str(problem) for problem in problems)
        strict = content[:2] == b"\x1f\x8b" and not flags
        assert got == wanted if strict else flags or got.startswith(wanted)
        assert not (strict and problems)
    elif not problems:
        assert got == content
    return got


def _plainly(content: bytes) -> Optional[bytes]:
    readers = {
        b"\x1f\x8b": gzip.decompress,
        b"BZh": bz2.decompress,
        b"\xfd7zXZ\x00": lzma.decompress,
    }
    for magic, reader in readers.items():
        if content.startswith(magic):
            try:
                # Padding: xz's own reader takes it in fours only.
                return reader(content.rstrip(b"\0") if magic[:1] == b"\xfd" else content)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                return None
    return None if content.startswith(b"\x28\xb5\x2f\xfd") else content


def check_lines(content: bytes, size: int) -> None:
    problems: list[Problem] = []
    blocks = [content[n : n + size] for n in range(0, len(content), size)]
    with mock.patch.object(chunking, "MAX_LINE", MAX_LINE):
        chunks = list(chunking.chunks(blocks, SOURCE, problems.append))
    got = {}
    for chunk in chunks:
        for number, line in enumerate(_lines(chunk.data), chunk.line):
            assert number not in got
            got[number] = line
    wanted = dict(enumerate(_lines(content), 1))
    passed_over = {problem.line for problem in problems}
    assert {number: line for number, line in wanted.items() if number not in passed_over} == got
    assert all(len(wanted[number or 0]) > MAX_LINE for number in passed_over)
    assert all(len(line) <= MAX_LINE + size for line in got.values())
    if not problems:
        check_requests(content, chunks)


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + [line for line in lines[-1:] if line]


def check_requests(content: bytes, chunks: list[Chunk]) -> None:
    one, other = scan.Stats(), scan.Stats()
    problems: list[Problem] = []
    same: list[Problem] = []
    by_chunks = list(scan.requests(chunks, problems.append, one))
    # A chunk of nothing is one line to the counter; there is none without content.
    at_once = [Chunk(content, SOURCE, 1)] if content else []
    assert by_chunks == list(scan.requests(at_once, same.append, other))
    assert problems == same
    assert vars(one) == vars(other)
