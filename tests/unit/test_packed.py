"""Compressed data comes in bounded pieces; what is wrong is told, what is right given."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import types
from typing import Any, Callable

import pytest

from logreq.log import compression as packed

DATA = bytes(range(256)) * 5_000
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "lzma": lzma.compress,
}
KINDS = pytest.mark.parametrize("kind", sorted(PACK))


def unpack(kind: str, data: bytes, head: int = 7) -> tuple[bytes, list[str]]:
    failed: list[Exception] = []
    read = io.BytesIO(data[head:]).read
    blocks = list(packed.blocks(kind, data[:head], read, failed.append))
    assert all(0 < len(block) <= packed.BLOCK for block in blocks)
    return b"".join(blocks), [str(error) for error in failed]


@KINDS
def test_members_are_one(kind: str) -> None:
    one = PACK[kind](DATA)
    assert unpack(kind, one) == (DATA, [])
    assert unpack(kind, one * 3) == (DATA * 3, [])
    assert unpack(kind, PACK[kind](b"")) == (b"", [])


@KINDS
def test_padding_is_no_damage(kind: str) -> None:
    assert unpack(kind, PACK[kind](DATA) + bytes(200_000)) == (DATA, [])


@KINDS
def test_what_comes_before_the_damage_is_given(kind: str) -> None:
    data = PACK[kind](DATA)
    text, problems = unpack(kind, data + data[: len(data) // 2])
    assert text.startswith(DATA)
    assert problems == [f"damaged {kind} data: cut off before its end"]
    text, problems = unpack(kind, data + b"garbage that is long enough")
    assert text == DATA
    assert len(problems) == 1


def test_a_dictionary_beyond_reason_is_refused() -> None:
    greedy = lzma.compress(
        b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 512 * 1024 * 1024}]
    )
    text, problems = unpack("lzma", greedy)
    assert text == b""
    assert "emory" in problems[0]


def test_zstd_where_this_python_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compression: Any = types.ModuleType("compression")
    compression.zstd = types.ModuleType("compression.zstd")
    compression.zstd.ZstdDecompressor = bz2.BZ2Decompressor
    monkeypatch.setitem(sys.modules, "compression", compression)
    monkeypatch.setitem(sys.modules, "compression.zstd", compression.zstd)
    assert unpack("zstd", bz2.compress(DATA)) == (DATA, [])


def test_zstd_where_this_python_has_it_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "compression", None)
    assert unpack("zstd", b"\x28\xb5\x2f\xfd") == (
        b"",
        ["damaged zstd data: this Python cannot read zstd (3.14 can): unpack it first"],
    )
