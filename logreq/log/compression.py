"""Compressed logs -> blocks of bytes, in bounded memory whatever they unpack to."""

from __future__ import annotations

import bz2
import contextlib
import lzma
import zlib
from collections.abc import Iterator
from typing import Any, Callable, Optional

BLOCK = 256 * 1024

_READ = 64 * 1024


def blocks(
    kind: str, head: bytes, read: Callable[[int], bytes], failed: Callable[[Exception], None]
) -> Iterator[bytes]:
    """Unpack a stream: `head` is what was read of it already, `read` gives the rest.

    Several members one after another count as one, as their tools have it. `failed` gets
    what is wrong with the data (cut off, damaged, followed by something else); what was
    unpacked before has been handed out.
    """
    try:
        yield from _members(kind, head, read)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        failed(ValueError(f"damaged {kind} data: {error}"))


def _members(kind: str, data: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    first = True
    while data := data or read(_READ):
        if not first:
            data = data.lstrip(b"\0")  # tapes and some tools pad with NULs
            if not data:
                continue
        member = _unpacker(kind)
        while not member.eof:
            if member.needs_input:
                data = data or read(_READ)
            block = member.unpack(data)
            if block:
                yield block
            elif not data and not member.eof and not member.failed:
                raise EOFError("cut off before its end")
            data = b""
        first = False
        data = member.rest


class _Gzip:
    """zlib's object with the interface of the others."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(wbits=31)
        self._error: Optional[zlib.error] = None

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def needs_input(self) -> bool:
        return not self._object.unconsumed_tail

    @property
    def failed(self) -> bool:
        return self._error is not None

    @property
    def rest(self) -> bytes:
        return self._object.unused_data

    def unpack(self, data: bytes) -> bytes:
        if self._error:
            raise self._error
        data = self._object.unconsumed_tail + data
        before = self._object.copy()
        try:
            return self._object.decompress(data, BLOCK)
        except zlib.error as error:
            # What comes before the fault is sound: a wrong checksum stands behind all of it.
            self._error = error
            return _until_fault(before, data)


def _until_fault(unpacker: Any, data: bytes) -> bytes:
    found = bytearray()
    with contextlib.suppress(zlib.error):
        for place in range(len(data)):  # pragma: no branch - the fault is in there
            found += unpacker.decompress(data[place : place + 1])
    return bytes(found)


class _Other:
    """bz2, lzma and zstd: alike but for their names."""

    failed = False

    def __init__(self, decompressor: Any) -> None:
        self._object = decompressor

    @property
    def eof(self) -> bool:
        return bool(self._object.eof)

    @property
    def needs_input(self) -> bool:
        return bool(self._object.needs_input)

    @property
    def rest(self) -> bytes:
        return bytes(self._object.unused_data)

    def unpack(self, data: bytes) -> bytes:
        return bytes(self._object.decompress(data, BLOCK))


def _unpacker(kind: str) -> Any:
    if kind == "gzip":
        return _Gzip()
    if kind == "bz2":
        return _Other(bz2.BZ2Decompressor())
    if kind == "lzma":
        # 64 MiB is what `xz -9` needs; more is refused instead of granted to anybody.
        return _Other(lzma.LZMADecompressor(memlimit=96 * 1024 * 1024))
    return _Other(_zstd())


def _zstd() -> Any:
    try:
        from compression.zstd import ZstdDecompressor  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise ValueError("this Python cannot read zstd (3.14 can): unpack it first") from None
    return ZstdDecompressor()
