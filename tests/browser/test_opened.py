"""What a file is, as its blocks come in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import pytest

from logreq.browser.opened import opened, prepared
from logreq.errors import Problem
from logreq.log.files import LogFile
from logreq.model.chunk import Source
from tests.support.recordings import BASE, archive, entry
from tests.support.strategies import log_line

SOURCE = Source("-", "ispmgr")


def never(problem: Problem) -> None:
    raise AssertionError(problem)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (archive(entry(text="func=a")), "har"),
        (b"\n\n" + archive(entry(text="func=a")), "har"),
        (b"curl x\n", "curl"),
        (log_line(b"func=a"), None),
        (log_line(b"func=a", colour=True), None),
        (b"\x1b[1m" + log_line(b"func=a"), None),
        (b"/usr/local/mgr5/var/logs/x.gz\n" + log_line(b"func=a"), None),
        (b"{", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_all_blocks_come(data: bytes, kind: Optional[str], size: int) -> None:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    file = LogFile("-", SOURCE, blocks=iter(blocks))
    found, rest = opened(file, never)
    assert (found, list(rest)) == (kind, blocks)


def test_no_file(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "absent"), SOURCE)
    assert prepared([file], never, address=True) == ("", [file])


def test_a_pipe_that_waits_gives_empty_blocks() -> None:
    for data, kind in ((b"curl x\n", "curl"), (log_line(b"func=a"), None)):
        blocks = [b"", data[:3], b"", data[3:], b""]
        found, rest = opened(LogFile("-", SOURCE, blocks=iter(blocks)), never)
        # A log's reader counts on them, a recording's has no use for them.
        assert (found, list(rest)) == (kind, blocks if kind is None else [data[:3], data[3:]])


@pytest.mark.parametrize("pipe", [True, False])
def test_what_fails_in_the_middle_is_told_once(
    pipe: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file is read once more, and says so then."""

    def blocks(*_: object, **__: object) -> Iterator[bytes]:
        yield b'{"log": {"entries": ['
        raise OSError(5, "broken")

    path = tmp_path / "x"
    path.write_bytes(b"" if pipe else b"x")
    monkeypatch.setattr("logreq.browser.opened.read_blocks", blocks)
    problems: list[str] = []
    file = LogFile(str(path), SOURCE)
    found, (again,) = prepared([file], lambda problem: problems.append(str(problem)), address=True)
    assert found == ""
    assert problems == (["-: cannot read: broken"] if pipe else [])
    assert again._replace(recording=False, blocks=None) == file
    assert list(again.blocks or ()) == ([b'{"log": {"entries": ['] if pipe else [])


def test_the_first_address_counts(tmp_path: Path) -> None:
    files = []
    for number, data in enumerate((
        log_line(b"func=a"), archive(entry(text="x")), archive(entry(text="func=a")), b"http://h/?func=a",
    )):  # fmt: skip
        path = tmp_path / str(number)
        path.write_bytes(data)
        files.append(LogFile(str(path), Source(str(path), "ispmgr")))
    found, ready = prepared(files, never, address=True)
    assert found == BASE
    assert [file.recording for file in ready] == [False, True, True, True]
    assert [file._replace(recording=False) for file in ready] == files
    assert prepared(files, never, address=False) == ("", ready)
    inside = [file._replace(member=True, assumed=True) for file in files]
    found, ready = prepared(inside, never, address=True)
    assert found == BASE
    assert [file.recording for file in ready] == [False, True, True, False]
    assert [file.assumed for file in ready] == [True, False, False, True]
