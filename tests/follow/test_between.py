"""Generations that came and went between two looks, and archives that are not what they seem."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from logreq.live import siblings
from logreq.live.files import Entry, Files
from logreq.live.generation import Generation
from logreq.live.lines import Lines
from logreq.live.siblings import Siblings
from logreq.model.chunk import Source
from tests.follow.followkit import Clock, Hooked, Log, Run


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    log.path.write_bytes(b"an older line that is not asked for\n" * 20)
    return log


def pack(path: Path, share: float = 1.0) -> Path:
    """Pack a file as far as `share` says; it goes, and the packed one has its time."""
    info = path.stat()
    data = gzip.compress(path.read_bytes(), mtime=0)
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(data[: int(len(data) * share)])
    os.utime(packed, (info.st_mtime, info.st_mtime))
    path.unlink()
    return packed


@pytest.mark.parametrize("back", [0, None])
def test_rotated_before_the_first_byte_was_read(log: Log, back: object) -> None:
    os.truncate(log.path, 0)

    def rotate() -> None:
        log.write(5)
        log.truncate()
        log.write(3)

    Run(log, [rotate, log.step()], back=None if back is None else 0).complete()


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("call", ["pread", "fstat", "stat", "open"])
@pytest.mark.parametrize("ahead", range(1, 7))
def test_truncated_while_its_first_line_is_looked_at(
    log: Log, call: str, ahead: int, named: bool
) -> None:
    """What was renamed before goes before what the truncation put away."""
    files = Hooked()

    def truncate() -> None:
        log.write(9)
        log.truncate(named=named)
        log.write(3)

    def rotate() -> None:
        log.rename()
        log.write(10)
        log.path.rename(log.path.with_name("ispmgr.log.a"))
        log.write(11)
        files.next(call, truncate, ahead)

    Run(log, [log.step(5), rotate, log.step()], files).complete()


class Reused(Files):
    """Shows one inode for the log and for a file that was beside it and is gone now."""

    def __init__(self, log: Path, gone: Path) -> None:
        self.log = log
        self.gone = gone
        self.inode = 0
        self.on_scan: Callable[[], object] = int

    def _shown(self, info: os.stat_result, path: str) -> os.stat_result:
        if path == str(self.log) and self.inode:
            return os.stat_result((info[0], self.inode, *info[2:]))
        return info

    def stat(self, path: str) -> os.stat_result:
        return self._shown(super().stat(path), path)

    def scan(self, directory: str) -> list[Entry]:
        found = super().scan(directory)
        if self.gone.name in [entry.name for entry in found]:
            step, self.on_scan = self.on_scan, int
            step()
        return found


@pytest.mark.parametrize("ahead", range(1, 7))
def test_packed_file_whose_inode_the_log_got(log: Log, ahead: int) -> None:
    gone = log.path.with_name("ispmgr.log.b")
    files = Reused(log.path, gone)

    def reuse() -> None:
        files.inode = gone.stat().st_ino
        pack(gone)

    def later(count: int) -> Callable[[], object]:
        return lambda: setattr(files, "on_scan", later(count - 1) if count else reuse)

    def rotate() -> None:
        log.rename()
        log.write(10)
        log.path.rename(gone)
        log.write(11)
        files.on_scan = later(ahead)

    def end() -> None:
        files.inode = 0

    Run(log, [log.step(5), rotate, end, log.step()], files).complete()


@pytest.mark.parametrize("call", ["open", "stat", "fstat", "pread"])
@pytest.mark.parametrize("ahead", range(1, 9))
def test_the_log_under_another_name_is_no_archive(log: Log, call: str, ahead: int) -> None:
    target = log.path.with_name("ispmgr.log.current")
    log.path.rename(target)
    log.path.symlink_to(target.name)
    files = Hooked()

    def swap(name: str) -> None:
        log.path.unlink()
        log.path.symlink_to(name)
        log.write(4)
        if name == "ispmgr.log.third":
            os.utime(log.path, (1, 1))  # as if it were older

    def rotate() -> None:
        swap("ispmgr.log.next")
        files.next(call, lambda: swap("ispmgr.log.third"), ahead)

    Run(log, [log.step(5), rotate, log.step(5)], files).complete()


def test_discard_forgets_what_was_found(log: Log) -> None:
    clock = Clock()
    found = Siblings(Files(), str(log.path), clock)
    found.look()
    found.commit()
    clock.now += 5
    found.look()
    before = log.path.parent.stat()
    late = log.path.with_name("late")
    late.touch()
    os.utime(log.path.parent, ns=(before.st_atime_ns, before.st_mtime_ns))
    found.look()  # the time of the directory tells nothing
    found.discard()
    found.look()
    found.commit()
    (entry,) = [entry for entry in found.entries(set) if entry.name == "late"]
    assert found.seen(entry) is not None


def test_late_archive_goes_before_the_file_that_names_it(log: Log) -> None:
    def rotate() -> None:
        log.rename()
        log.write(7)
        data = log.path.read_bytes()
        name = log.archive_name()
        os.truncate(log.path, 0)
        log.raw(log.naming(name))
        log.write(5)
        log.path.rename(log.path.with_name("ispmgr.log.c"))
        log.store(log.path.with_name(name), data)  # changed after the file that it precedes
        log.write(3)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_named_archives_of_a_file_that_was_never_open(log: Log) -> None:
    def rotate() -> None:
        log.rename()
        for ending in (".gz", "", ".xz"):
            log.write(6)
            log.truncate(ending)
        log.write(2)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_archives_between_that_a_recovery_read_already(log: Log) -> None:
    def rotate() -> None:
        for _ in range(2):
            log.write(6)
            log.truncate()
        log.write(2)
        log.rename()
        log.write(3)

    Run(log, [log.step(5), rotate, log.step()]).complete()


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_middle_file_that_is_being_packed(log: Log, share: float) -> None:
    middle = log.path.with_name("ispmgr.log.d")
    whole: list[bytes] = []

    def rotate() -> None:
        log.rename()
        log.write(1000)
        whole.append(gzip.compress(log.path.read_bytes()))
        log.path.rename(middle)
        log.tick(middle)
        # Too little to see how it begins.
        pack(middle, 12 / len(whole[0]) if share else 5 / len(whole[0]))
        log.write(3)

    def finish() -> None:
        middle.with_name(middle.name + ".gz").write_bytes(whole[0])

    steps = [log.step(5), rotate, *[lambda: None] * 5, finish, log.step()]
    Run(log, steps).complete()


def test_packed_copy_of_what_is_open(log: Log) -> None:
    os.truncate(log.path, 0)

    def rotate() -> None:
        log.write(9)
        pack(log.rename())
        log.write(3)

    Run(log, [rotate, log.step()]).complete()


def test_line_begun_in_a_generation_between(log: Log) -> None:
    text = b"a line that began before the truncation\n"

    def rotate() -> None:
        log.rename()
        log.write(6)
        log.raw(text[:12])
        log.truncate()
        log.expected.append(text)
        log.raw(text[12:])
        log.write(2)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_truncated_when_only_a_little_of_it_was_seen(log: Log) -> None:
    text = b"a first line\n"

    def rotate() -> None:
        log.rename()
        log.raw(text[:3])

    def truncate() -> None:
        log.expected.append(text)
        log.raw(text[3:])
        log.write(4)
        log.truncate()
        log.write(2)

    Run(log, [log.step(5), rotate, lambda: None, truncate, log.step()]).complete()


@pytest.mark.parametrize("rest", [15.0, 0.0])
def test_generation_between_that_goes_after_it_was_seen(log: Log, rest: float) -> None:
    files = Hooked()
    middle = log.path.with_name("ispmgr.log.e")

    def rotate() -> None:
        log.rename()
        log.write(10)
        del log.expected[-10:]
        log.path.rename(middle)
        log.write(3)
        # Opened: the new log, the file between at a glance, then to be read.
        files.next("open", middle.unlink, 3)

    run = Run(log, [log.step(5), rotate], files, rest=rest)
    assert run.lines == log.expected
    assert len(run.lost) == 1


def lost(log: Log, archive: Callable[[bytes], bytes]) -> None:
    """Rotate to what `archive` makes of the log, and see the gap reported."""

    def rotate() -> None:
        log.write(10)
        data = archive(log.path.read_bytes())
        del log.expected[-10:]
        name = log.archive_name(".gz")
        os.truncate(log.path, 0)
        log.store(log.path.with_name(name), data)
        log.raw(log.naming(name))
        log.write(3)

    run = Run(log, [log.step(5), rotate, log.step()], rest=20)
    assert run.lines == log.expected
    assert len(run.lost) == 1


def test_archive_that_begins_alike_but_is_another(log: Log) -> None:
    lost(log, lambda data: data[:700] + b"x" * len(data))


def test_archive_that_is_damaged(log: Log) -> None:
    def damage(data: bytes) -> bytes:
        head, rest = gzip.compress(data[:600]), gzip.compress(data[600:])
        return head + rest[:12] + b"\xff" * 40 + rest[52:]

    lost(log, damage)


def test_archive_without_a_whole_line(log: Log) -> None:
    lost(log, lambda data: b"no line end")


def test_directory_that_comes_with_archives(tmp_path: Path) -> None:
    """It may have been mounted: what is put away there is history."""
    log = Log(tmp_path / "var")

    def mount() -> None:
        log.path.parent.mkdir()
        log.write(5)
        log.truncate("")
        del log.expected[:5]
        log.write(2)

    run = Run(log, [mount, log.step()])
    assert run.lines == log.expected
    assert run.lost == []


def test_files_that_are_remembered_are_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siblings, "REMEMBERED", 2)
    found = Siblings(Files(), str(log.path), lambda: 0.0)
    for number in range(5):
        log.path.with_name(f"other.{number}").write_bytes(b"x\n")
    entries = found.entries(set)
    for entry in entries:
        assert found.glimpse(entry)
        assert len(found._glimpses) <= 2
    Path(entries[0].path).unlink()
    assert found.glimpse(entries[0]) is None  # it is not there any more


def test_time_of_a_file_that_cannot_be_asked(log: Log) -> None:
    class Dead(Files):
        def fstat(self, fd: int) -> os.stat_result:
            raise OSError

    files = Dead()
    found = Siblings(files, str(log.path), lambda: 0.0)
    gen = Generation(files, 0, (0, 0), Lines(Source("x", "ispmgr"), print))
    assert found._limit(gen) is None


@pytest.mark.parametrize("moved", [False, True])
def test_what_an_empty_log_held_between_two_looks(log: Log, moved: bool) -> None:
    def rotate() -> None:
        log.rename()

    def between() -> None:
        log.write(8)
        log.truncate(named=False)  # empty before, empty after

    def end() -> None:
        if moved:
            log.path.unlink()
        log.write(3)

    quiet = [lambda: None] * 5
    Run(log, [log.step(5), rotate, *quiet, between, *quiet, end, log.step()]).complete()


@pytest.mark.parametrize("renamed", [False, True])
def test_more_generations_at_once_than_one_search_opens_of_others(log: Log, renamed: bool) -> None:
    def rotate() -> None:
        for number in range(80):
            log.write(2)
            if renamed:
                log.path.rename(log.path.with_name(f"ispmgr.log.{number}"))
            else:
                log.truncate("", named=False)
        log.write(2)

    Run(log, [log.step(5), rotate, log.step()]).complete()
