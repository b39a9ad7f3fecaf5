"""Files, directories, pipes and standard input become chunks of whole lines."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import threading
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.errors import Problem
from logreq.log import chunks as chunking
from logreq.log import files as sources
from logreq.log.files import LogFile
from logreq.log.find import find, panel_of
from logreq.model.chunk import Chunk, Source

SOURCE = Source("x.log", "ispmgr")


def cut(blocks: list[bytes], limit: int = 8, line: int = 1) -> tuple[list[Chunk], list[Problem]]:
    problems: list[Problem] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunking, "MAX_LINE", limit)
        return list(chunking.chunks(blocks, SOURCE, problems.append, line)), problems


def read(path: Path) -> tuple[bytes, list[Problem]]:
    problems: list[Problem] = []
    file = LogFile(str(path), SOURCE)
    return b"".join(c.data for c in sources.read_file(file, problems.append)), problems


@given(
    st.lists(st.text("ab", max_size=12), max_size=12).map("\n".join),
    st.lists(st.integers(0, 90), max_size=12),
)
def test_any_cutting_gives_the_same_lines(text: str, cuts: list[int]) -> None:
    data = text.encode()
    places = [0, *sorted(min(place, len(data)) for place in cuts), len(data)]
    blocks = [data[a:b] for a, b in zip(places, places[1:])]
    blocks = [block[at : at + 8] for block in blocks for at in range(0, len(block), 8)]
    chunks, problems = cut(blocks)
    *numbered, end = chunks
    lines = data.splitlines(keepends=True)
    kept = {n: line for n, line in enumerate(lines, 1) if len(line.rstrip(b"\n")) <= 8}
    seen: dict[int, bytes] = {}
    for chunk in numbered:
        seen.update(enumerate(chunk.data.splitlines(keepends=True), chunk.line))
    assert seen == kept
    assert [p.line for p in problems] == [n for n in range(1, len(lines) + 1) if n not in kept]
    assert all(p.lost for p in problems)
    assert (end.data, end.line) == (b"", len(lines) + 1)


def test_numbers_go_on_from_where_they_are_told_to() -> None:
    chunks, _ = cut([b"a\nb\n", b"c"], line=41)
    assert [(c.data, c.line) for c in chunks] == [(b"a\nb\n", 41), (b"c", 43), (b"", 44)]


def test_files_are_told_by_content_not_by_name(tmp_path: Path) -> None:
    data = b"one\ntwo\n" * 100
    for number, packed in enumerate(
        (data, gzip.compress(data), bz2.compress(data), lzma.compress(data))
    ):
        path = tmp_path / f"{number}.gz"
        path.write_bytes(packed)
        assert read(path) == (data, [])
        assert sources.is_plain(LogFile(str(path), SOURCE)) == (number == 0)


def test_what_cannot_be_read_is_reported(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "none", "No such file or directory"),
        (tmp_path, "neither a file nor a pipe"),
        (Path("/dev/zero"), "neither a file nor a pipe"),
        # Python 3.13 words it otherwise than the others.
        (tmp_path / "a\0b", "(open: )?embedded null (byte|character in path)"),
    ):
        data, problems = read(path)
        assert data == b""
        (problem,) = problems
        assert re.fullmatch(f"x.log: cannot read: {message}", str(problem))
        file = LogFile(str(path), SOURCE)
        assert sources.first_block(file, lambda block: block) is None
        assert not sources.is_plain(file)
        assert file.size == 0


def test_the_null_device_is_an_empty_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(Path("/dev/null")) == (b"", [])
    (tmp_path / "null").symlink_to("/dev/null")
    assert read(tmp_path / "null") == (b"", [])
    # Where a machine has none there is nothing to compare with.
    monkeypatch.setattr(os, "devnull", str(tmp_path / "none"))
    (problem,) = read(Path("/dev/null"))[1]
    assert problem.message == "cannot read: neither a file nor a pipe"


def test_a_file_that_vanished_since_is_not_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogFile, "size", 7)
    assert not sources.is_plain(LogFile(str(tmp_path / "none"), SOURCE))


def test_the_first_block_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(gzip.compress(b"begin"))
    assert sources.first_block(LogFile(str(path), SOURCE), lambda block: block[:2]) == b"be"
    path.write_bytes(b"")
    assert sources.first_block(LogFile(str(path), SOURCE), lambda block: block) == b""


def test_progress_counts_bytes_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "a"
    seen: list[int] = []
    path.write_bytes(gzip.compress(b"line\n" * 100_000))
    file = LogFile(str(path), SOURCE)
    for _ in sources.read_file(file, print, seen.append):
        pass
    assert sum(seen) == file.size


def test_a_pipe_with_a_writer_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    opened = threading.Event()

    def write() -> None:
        with path.open("wb") as pipe:  # waits for the reader
            opened.wait(10)
            pipe.write(b"a\nb\n")

    writer = threading.Thread(target=write)
    writer.start()
    file = LogFile(str(path), SOURCE)
    assert file.size == 0
    opened.set()
    assert b"".join(c.data for c in sources.read_file(file, print)) == b"a\nb\n"
    writer.join()


def test_a_pipe_whose_writer_is_silent_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FIFO_PATIENCE", 0)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)
    found = sources.read_file(LogFile(str(path), SOURCE), print)
    with sources._open(str(path)) as raw:
        os.write(both, b"x\n")
        assert raw.read(10) == b"x\n"
    os.close(both)
    problems: list[Problem] = []
    assert list(sources.read_file(LogFile(str(path), SOURCE), problems.append)) == []
    assert "nobody writes to this pipe" in str(problems[0])
    found.close()  # type: ignore[attr-defined]


def test_a_writer_that_comes_at_the_last_moment_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    both = os.open(path, os.O_RDWR)

    class Late:
        """Sees nothing in its time; then something is written."""

        def register(self, descriptor: int, events: int) -> None: ...

        def poll(self, timeout: float) -> list[int]:
            os.write(both, b"x\n")
            return []

    monkeypatch.setattr("select.poll", Late)
    with sources._open(str(path)) as raw:
        assert raw.read(10) + raw.read(10) == b"x\n"
    os.close(both)


def test_names_stand_for_files_and_for_directories_files(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in ("billmgr.log", ".hidden", "logs/ispmgr.log.1.gz", "logs/.no"):
        (tmp_path / name).write_bytes(b"")
    problems: list[Problem] = []
    found = find([str(tmp_path), "-", "gone.log"], None, problems.append)
    assert [(os.path.basename(f.path), f.source.panel) for f in found] == [
        ("billmgr.log", "billmgr"),
        ("ispmgr.log.1.gz", "ispmgr"),
        ("-", "ispmgr"),
        ("gone.log", "ispmgr"),
    ]
    assert {f.source.panel for f in find(["-", "billmgr.log"], "vmmgr", print)} == {"vmmgr"}
    (tmp_path / "flat").mkdir()
    assert problems == []
    assert find([str(tmp_path / "flat")], None, problems.append) == []
    assert [str(one) for one in problems] == [f"{tmp_path}/flat: this directory holds no files"]


def test_a_directory_that_cannot_be_listed_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    problems: list[Problem] = []
    assert find([str(tmp_path)], None, problems.append) == []
    denied = "cannot read: Permission denied; run as root or with sudo"
    assert [str(p) for p in problems] == [f"{tmp_path}: {denied}"]


@pytest.mark.parametrize(
    ("name", "panel"),
    [
        ("/var/x/billmgr.log.2019-03-01.gz", "billmgr"),
        ("core.log", "core"),
        ("newmgr.log", "newmgr"),
        ("messages", None),
        ("-x", None),
        ("bill-old.log", "billmgr"),
        ("bill.log.1.gz", "billmgr"),
        ("bill2.log", "billmgr"),
        ("billing.log", "billmgr"),
        ("billmgr_old.log", "billmgr"),
        ("old-billmgr.log", "billmgr"),
        ("2019-03-01_12-00-00_1.dcimgr.log.gz", "dcimgr"),
        ("vmmgr2.log", "vmmgr"),
        ("isp.log", "ispmgr"),
        ("isp-2019.log", "ispmgr"),
        ("dns_old.log", "dnsmgr"),
        ("core-dump.log", "core"),
        ("old_ourmgr.log", "old_ourmgr"),
        ("vm1.log", None),
        ("iptables.log", None),
        ("ispconfig.log", None),
        ("corelog", None),
        ("mgr", None),
        ("xbillmgrx.log", None),
        ("score.log", None),
    ],
)
def test_the_panel_is_told_by_the_name(name: str, panel: Optional[str]) -> None:
    assert panel_of(name) == panel


def test_standard_input_is_read_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "in"
    path.write_bytes(b"a\nb")
    saved = os.dup(0)
    try:
        with path.open("rb") as given:
            os.dup2(given.fileno(), 0)
            with open(0, closefd=False) as stdin, pytest.MonkeyPatch.context() as patch:
                patch.setattr("sys.stdin", stdin)
                assert read(Path("-")) == (b"a\nb", [])
    finally:
        os.dup2(saved, 0)
        os.close(saved)
