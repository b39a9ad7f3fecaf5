"""A file that gets full ends where a call ends; a signal ends with what is whole written out."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Union
from unittest import mock

import pytest

from logreq.browser.opened import opened
from logreq.cli.terminal.whole import Whole
from logreq.convert import single
from tests.support.cli import logreq
from tests.support.strategies import log_line


class Full(io.FileIO):
    """A file on a disk that has room for so many bytes; then it has none."""

    def __init__(self, path: Union[Path, int], mode: str, room: int) -> None:
        super().__init__(path, mode)
        self.room = room

    def write(self, data: Any) -> int:
        piece = bytes(data)[: self.room]
        self.room -= len(piece)
        if not piece:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(piece) or 0


@contextmanager
def full(path: Union[Path, int], mode: str, room: int) -> Iterator[Full]:
    """Make a disk that gets full the standard output; what its buffer still holds is lost."""
    file = Full(path, mode, room)
    # A small buffer, so that pieces are longer than it and shorter.
    buffer = io.BufferedWriter(file, 16)
    stream = SimpleNamespace(buffer=buffer, fileno=file.fileno, isatty=lambda: False)
    try:
        with mock.patch.object(sys, "stdout", stream):
            yield file
    finally:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), file.fileno())
        file.room = sys.maxsize
        buffer.close()


def write(*pieces: bytes) -> None:
    """Write pieces, of which a capital letter is no end."""
    whole = Whole()
    for piece in pieces:
        whole.write(piece, whole=piece.islower())
    whole.flush()


@pytest.mark.parametrize("mode", ["w", "a"])
@pytest.mark.parametrize("room", range(60))
def test_only_whole_pieces_are_left(room: int, mode: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"mine")
    kept = b"mine" if mode == "a" else b""
    pieces = [b"a" * 5, b"b" * 20, b"C" * 3, b"d" * 4, b"e" * 17, b"F" * 11]
    with full(path, mode, room), pytest.raises(OSError, match="No space left"):
        write(*pieces)
    left = path.read_bytes()
    ends = [b"".join(pieces[:n]) for n in (0, 1, 2, 4, 5)]
    assert left[: len(kept)] == kept
    assert left[len(kept) :] == max((end for end in ends if len(end) <= room), key=len)


def test_what_stands_behind_stays(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"x" * 100)
    with full(path, "r+", 30) as file:
        file.seek(5)
        with pytest.raises(OSError, match="No space left"):
            write(b"a" * 20, b"b" * 20)
    assert path.stat().st_size == 100


def test_a_pipe_cannot_be_cut() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with full(writing, "w", 100), pytest.raises(BrokenPipeError):
        write(b"a" * 20, b"b" * 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    really = opened

    def interrupted(*args: Any, **options: Any) -> Any:
        kind, blocks = really(*args, **options)
        return kind, then_signal(blocks)

    def then_signal(blocks: Iterable[bytes]) -> Iterator[bytes]:
        yield from blocks
        signal.raise_signal(number)

    monkeypatch.setattr(single, "opened", interrupted)
    done = logreq("convert", "-q", "-t", "url", stdin=log_line(b"func=a"))
    assert (done.status, done.text, done.err) == (
        128 + number,
        "https://localhost:1500/ispmgr?func=a\n",
        "",
    )


def test_a_signal_that_is_ignored_stays_so() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert logreq("convert", "-q", stdin=log_line(b"func=a")).status == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_device_cannot_be_cut() -> None:
    with full(Path(os.devnull), "w", 10), pytest.raises(OSError, match="No space left"):
        write(b"a" * 20, b"b" * 20)


@contextmanager
def piped() -> Iterator[int]:
    """Make a pipe the standard output; give the end to read from."""
    reading, writing = os.pipe()
    buffer = io.BufferedWriter(io.FileIO(writing, "w"))
    stream = SimpleNamespace(buffer=buffer, fileno=lambda: writing)
    try:
        with mock.patch.object(sys, "stdout", stream):
            yield reading
    finally:
        buffer.close()
        os.close(reading)


def test_a_page_goes_into_a_pipe_as_it_is_read() -> None:
    data = os.urandom(300_000)
    got: list[bytes] = []
    with piped() as reading:

        def read() -> None:
            while sum(map(len, got)) < len(data):
                got.append(os.read(reading, 10_000))

        reader = threading.Thread(target=read)
        reader.start()
        Whole().page([data], tuple)
        reader.join(30)
    assert b"".join(got) == data


def test_a_signal_does_not_wait_for_a_reader_who_has_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pending = iter([set(), {signal.SIGTERM}])
    monkeypatch.setattr("logreq.cli.terminal.whole.PATIENCE", 0.01)
    monkeypatch.setattr(signal, "sigpending", lambda: next(pending))
    with piped() as reading:
        Whole().page([b"x" * 300_000], tuple)
        os.set_blocking(reading, False)
        assert 0 < len(os.read(reading, 300_000)) < 300_000
