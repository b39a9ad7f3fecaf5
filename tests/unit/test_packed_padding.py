"""Members of packed logs with padding between: found by fuzzing."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from typing import Callable

import pytest

from logreq.log import compression as packed


@pytest.mark.parametrize(
    ("kind", "pack"),
    [("gzip", gzip.compress), ("bz2", bz2.compress), ("lzma", lzma.compress)],
)
def test_padding_between_members(kind: str, pack: Callable[[bytes], bytes]) -> None:
    data = pack(b"one\n") + b"\0" * 8 + pack(b"two\n") + b"\0" * 100_000 + pack(b"three\n") + b"\0"
    stream = io.BytesIO(data)

    def failed(error: Exception) -> None:
        raise AssertionError(error)

    got = b"".join(packed.blocks(kind, stream.read(60), stream.read, failed))
    assert got == b"one\ntwo\nthree\n"
