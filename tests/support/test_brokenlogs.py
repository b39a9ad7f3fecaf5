"""The broken logs are broken as described, and sound where they say so."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import zlib
from pathlib import Path
from typing import Callable

import pytest

from tests.support import brokenlogs
from tests.support.brokenlogs import BROKEN, MB, ODD_NAME, make, request


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make(tmp_path_factory.mktemp("broken"), bomb=8 * MB)


def test_each_is_made_described_and_nothing_else(logs: dict[str, Path]) -> None:
    folder = logs["empty.log"].parent
    assert set(os.listdir(folder)) == set(BROKEN) == set(logs)
    listed = (brokenlogs.__doc__ or "").split("what it is\n")[1].splitlines()
    names = {line.split()[0] for line in listed}
    assert names == (set(BROKEN) - {ODD_NAME}) | {"ODD_NAME"}


NO_FILES = {"pipe.log", "folder.log", "dangling.log", "loop.log"}
COUNTED = sorted(name for name, about in BROKEN.items() if about.requests is not None)


@pytest.mark.parametrize("name", [name for name in COUNTED if name not in NO_FILES])
def test_files_hold_as_many_whole_requests_as_they_say(name: str, logs: dict[str, Path]) -> None:
    data = logs[name].read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = unpack_all_that_can_be(data)
    whole = [row for row in data.split(b"\n") if row + b"\n" in (request(1), request(2))]
    assert len(whole) == BROKEN[name].requests


def unpack_all_that_can_be(data: bytes) -> bytes:
    text = b""
    while data.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(31)
        try:
            text += unpacker.decompress(data)
        except zlib.error:
            # The checksum comes after all of the text: unpack without it.
            return text + zlib.decompressobj(-15).decompress(data[10:-8])
        data = unpacker.unused_data
    return text


@pytest.mark.parametrize(
    ("name", "unpack", "error"),
    [
        ("truncated.log.gz", gzip.decompress, EOFError),
        ("header.log.gz", gzip.decompress, EOFError),
        ("checksum.log.gz", gzip.decompress, gzip.BadGzipFile),
        ("trailing.log.gz", gzip.decompress, gzip.BadGzipFile),
        ("plain.log.gz", gzip.decompress, gzip.BadGzipFile),
        ("truncated.log.bz2", bz2.decompress, ValueError),
        ("truncated.log.xz", lzma.decompress, lzma.LZMAError),
    ],
)
def test_archives_are_broken(
    name: str,
    unpack: Callable[[bytes], bytes],
    error: type[Exception],
    logs: dict[str, Path],
) -> None:
    with pytest.raises(error):
        unpack(logs[name].read_bytes())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("empty.log.gz", b""),
        ("members.log.gz", request(1) + request(2)),
        ("padded.log.gz", request(1)),
        ("bomb.log.gz", bytes(8 * MB)),
    ],
)
def test_archives_are_sound(name: str, text: bytes, logs: dict[str, Path]) -> None:
    assert gzip.decompress(logs[name].read_bytes()) == text


def test_a_bomb_is_small_and_as_large_as_it_says() -> None:
    packed = brokenlogs.zeros_gz(brokenlogs.BOMB)
    assert len(packed) < 2 * MB
    assert int.from_bytes(packed[-4:], "little") == 1 << 30


def test_what_is_no_file_is_none(logs: dict[str, Path]) -> None:
    assert stat.S_ISFIFO(logs["pipe.log"].lstat().st_mode)
    assert logs["folder.log"].is_dir()
    assert logs["dangling.log"].is_symlink()
    assert not logs["dangling.log"].exists()
    with pytest.raises(OSError, match="symbolic links"):
        logs["loop.log"].stat()
    assert stat.S_IMODE(logs["forbidden.log"].stat().st_mode) == 0
    assert {"\n", "\x1b", "\udcff"} <= set(ODD_NAME)


def test_text_is_as_large_as_it_says(logs: dict[str, Path]) -> None:
    assert max(map(len, logs["one-line.log"].read_bytes().split(b"\n"))) == 10 * MB
    huge = logs["huge-cut.log"].read_bytes()
    assert len(huge) > 10 * MB
    assert huge.count(b"'") == 1
    assert logs["utf16.log"].read_bytes().decode("utf-16") == request(1).decode() * 3
