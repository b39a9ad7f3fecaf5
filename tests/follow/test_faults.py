"""The faults that make followers lose lines; each is played while the follower is frozen."""

from __future__ import annotations

import errno
import gzip
import os
from pathlib import Path
from typing import Any, Optional, Union

import pytest

from logreq.live.files import Files
from logreq.log.chunks import too_long
from logreq.model.chunk import Source
from tests.follow.followkit import PACKERS, Hooked, Log, Run, Step


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    log.path.write_bytes(b"an older line that is not asked for\n" * 20)
    return log


def both(*steps: Step) -> Step:
    def step() -> None:
        for one in steps:
            one()

    return step


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("named", [True, False])
def test_01_unread_tail_at_truncation(log: Log, ending: str, named: bool) -> None:
    def rotate() -> None:
        log.write(50)
        log.truncate(ending, named)
        log.write(3)

    Run(log, [log.step(5), rotate, log.step(2)]).complete()


def test_02_regrown_past_the_offset(log: Log) -> None:
    def rotate() -> None:
        log.write(10)
        log.truncate()
        log.write(1000)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_03_regrown_to_exactly_the_offset(log: Log) -> None:
    def rotate() -> None:
        size = log.path.stat().st_size
        log.write(10)
        log.truncate()
        rest = size - log.path.stat().st_size
        line = b"x" * (rest - 1) + b"\n"
        log.expected.append(line)
        log.raw(line)
        assert log.path.stat().st_size == size

    Run(log, [log.step(5), rotate, log.step()]).complete()


@pytest.mark.parametrize("named", [True, False])
def test_04_three_truncations_while_frozen(log: Log, named: bool) -> None:
    def rotate() -> None:
        for ending in (".gz", "", ".xz"):
            log.write(7)
            log.truncate(ending, named)
        log.write(2)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_04_only_first_lines_lead_from_archive_to_archive(log: Log) -> None:
    def rotate() -> None:
        for number in range(80):  # more than one search opens
            log.path.with_name(f"other.{number}").touch()
        for name in ("b", "c", "a"):  # names and times tell nothing
            log.write(7)
            path = log.path.with_name(f"2026-{name}.gz")
            path.write_bytes(gzip.compress(log.path.read_bytes()))
            os.utime(path, (1, 1))
            os.truncate(log.path, 0)
            log.raw(log.naming(path.name))
        log.write(2)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_05_rotated_again_during_the_recovery(log: Log) -> None:
    files = Hooked()

    def again() -> None:
        log.write(30)
        log.truncate()
        log.write(4)

    def rotate() -> None:
        log.write(20)
        log.truncate()
        log.write(20)
        # The first open of the recovery is that of the archive: its first line is pinned.
        files.next("open", both(again, lambda: files.next("open", again)))

    Run(log, [log.step(5), rotate, log.step()], files).complete()


@pytest.mark.parametrize("ahead", [1, 2])
def test_06_truncated_between_the_two_preads(log: Log, ahead: int) -> None:
    files = Hooked()

    def rotate() -> None:
        log.write(10)
        log.truncate()
        log.write(200)

    def arm() -> None:
        log.write(10)
        files.next("pread", rotate, ahead)

    Run(log, [log.step(5), arm, log.step()], files).complete()


@pytest.mark.parametrize("ahead", range(1, 13))
def test_06_truncated_again_between_any_two_preads(log: Log, ahead: int) -> None:
    files = Hooked()

    def rotate() -> None:
        log.write(20)
        log.truncate()
        log.write(200)

    def arm() -> None:
        rotate()
        files.next("pread", rotate, ahead)

    Run(log, [log.step(5), arm, log.step()], files).complete()


def test_07_archive_appears_late_partial_gzip_first(log: Log) -> None:
    data: dict[str, Any] = {}

    def rotate() -> None:
        log.write(3000)
        data["packed"] = gzip.compress(log.path.read_bytes())
        data["path"] = log.path.with_name(log.archive_name(".gz"))
        os.truncate(log.path, 0)
        log.raw(log.naming(data["path"].name))
        log.write(3)

    def partial(share: float) -> Step:
        return lambda: data["path"].write_bytes(data["packed"][: int(len(data["packed"]) * share)])

    nothing = [lambda: None] * 40  # two seconds of looks every 50 ms
    steps = [log.step(5), rotate, *nothing, partial(0), partial(0.4), partial(0.9), *nothing]
    Run(log, [*steps, partial(1), log.step()]).complete()


RECORD = b"Jan  1 00:00:00 [1:1] core INFO x\n"


def nothing() -> None:
    pass


@pytest.mark.parametrize(
    ("first", "beside", "patience"),
    [
        (b"no archive here\n", nothing, 10.0),
        (RECORD, nothing, 0.1),
        (RECORD, "anything new", 2.5),
        (RECORD, "ispmgr.log.old", 2.5),  # known, but changed
    ],
)
def test_08_archive_never_appears(
    log: Log, first: bytes, beside: Union[Step, str], patience: float
) -> None:
    log.path.with_name("ispmgr.log.old").write_bytes(b"something else\n")

    def rotate() -> None:
        log.write(10)
        del log.expected[-10:]
        if isinstance(beside, str):
            log.path.with_name(beside).write_bytes(b"unrelated\n")
        os.truncate(log.path, 0)
        log.raw(first)
        log.expected.append(first)
        log.write(3)

    run = Run(log, [log.step(5), *[nothing] * 25, rotate, log.step(2)], rest=20)
    assert run.lines == log.expected
    (problem,) = run.lost
    assert problem.source == str(log.path)
    assert f"after byte {20 * 36 + 5 * len(log.expected[0])} may be missing" in problem.message
    assert (first.decode().strip() in problem.message) == (first != RECORD)
    waited = run.stamps[1] - run.stamps[0] - 26 * 0.5
    assert patience <= waited <= patience + 0.11


def test_08_stopped_while_the_archive_is_waited_for(log: Log) -> None:
    def rotate() -> None:
        os.truncate(log.path, 0)
        log.raw(b"previous log: ispmgr.l")  # the new first line is not there yet

    run = Run(log, [log.step(), rotate], rest=1)
    assert [problem.lost for problem in run.problems] == [True]


@pytest.mark.parametrize("first", [b"previous log: ispmgr.log.1.gz\n", b"anything\n", RECORD])
@pytest.mark.parametrize("looks", [0, 1, 3])
def test_08_stopped_before_the_archive_came(log: Log, first: bytes, looks: int) -> None:
    def rotate() -> None:
        os.truncate(log.path, 0)
        log.raw(first)
        log.expected.append(first)
        log.write(3)
        log.raw(b"unfinished")

    run = Run(log, [log.step(5), rotate, *[nothing] * looks], rest=0)
    assert run.lines == log.expected
    assert len(run.lost) == 1


def test_08_stopped_before_the_archive_of_a_new_file_came(log: Log) -> None:
    """The file was truncated before it was opened: only its first line tells."""

    def rotate() -> None:
        log.rename(create=False)
        log.raw(log.naming("ispmgr.log.7.gz"))
        log.write(3)

    for looks in (0, 3):
        run = Run(log, [log.step(5), rotate, *[nothing] * looks], rest=0)
        assert run.lines == log.expected
        assert len(run.lost) == 1
        log.expected.clear()


def test_08_stopped_with_the_rotation(log: Log) -> None:
    def rotate() -> None:
        log.write(10)
        log.truncate()
        log.write(3)

    Run(log, [log.step(5), rotate], rest=-1).complete()


def test_08_stopped_while_the_same_lines_were_written_anew(log: Log) -> None:
    def rotate() -> None:
        data = log.path.read_bytes()
        os.truncate(log.path, 0)
        log.raw(data[:72])

    run = Run(log, [log.step(5), rotate], rest=0)
    assert run.lines == [*log.expected, *[b"an older line that is not asked for\n"] * 2]
    assert len(run.lost) == 1


def test_08_stopped_while_a_plain_archive_could_still_grow(log: Log) -> None:
    def rotate() -> None:
        log.write(10)
        log.truncate("", named=False)
        log.write(3)

    Run(log, [log.step(5), rotate], rest=0).complete()


def test_09_archive_of_another_log_under_that_name(log: Log) -> None:
    other = b"".join(b"a line %d of another log\n" % n for n in range(2000))

    def rotate() -> None:
        log.write(10)
        del log.expected[-10:]
        log.truncate(".gz").write_bytes(gzip.compress(other))
        log.write(3)

    run = Run(log, [log.step(5), rotate, log.step()], rest=20)
    assert run.lines == log.expected
    assert len(run.lost) == 1


def test_10_rename_and_create(log: Log) -> None:
    def rotate() -> None:
        log.write(10)
        log.rename()
        log.write(3)

    Run(log, [log.step(5), rotate, log.step()]).complete()


def test_11_old_file_written_after_the_rename(log: Log) -> None:
    older = log.path.with_name("ispmgr.log.1")

    def late() -> None:
        log.write(4, older)

    def moved() -> None:
        log.write(6, older)
        log.write(6)

    steps = [log.step(5), both(log.step(), log.rename), late, late, late, moved]
    Run(log, steps).complete()


@pytest.mark.parametrize("ahead", range(1, 9))
def test_11_new_lines_wait_for_the_old_file(log: Log, ahead: int) -> None:
    older = log.path.with_name("ispmgr.log.1")
    files = Hooked()

    def moves_on() -> None:
        log.write(6, older)
        log.write(6)

    def arm() -> None:
        files.next("pread", moves_on, ahead)

    Run(log, [log.step(5), both(log.step(), log.rename), arm], files).complete()


@pytest.mark.parametrize("packed", [False, True])
def test_12_renamed_twice_while_frozen(log: Log, packed: bool) -> None:
    def rotate() -> None:
        for _ in range(3):
            log.write(10)
            log.rename()
        if packed:
            middle = log.path.with_name("ispmgr.log.2")
            log.store(middle.with_name("ispmgr.log.2.gz"), gzip.compress(middle.read_bytes()))
            info = middle.stat()
            os.utime(middle.with_name("ispmgr.log.2.gz"), (info.st_mtime, info.st_mtime))
            middle.unlink()
        log.write(3)

    Run(log, [log.step(5), rotate, log.step()]).complete()


class ReusedInode(Files):
    """Shows one inode for all logs, as a file system may that reuses them at once."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.inode = log.stat().st_ino

    def _same(self, info: os.stat_result) -> os.stat_result:
        return os.stat_result((info[0], self.inode, *info[2:]))

    def fstat(self, fd: int) -> os.stat_result:
        return self._same(super().fstat(fd))

    def stat(self, path: str) -> os.stat_result:
        info = super().stat(path)
        return self._same(info) if path == str(self.log) else info


@pytest.mark.parametrize("reused", [False, True])
def test_13_delete_and_create(log: Log, reused: bool) -> None:
    def rotate() -> None:
        log.write(10)
        log.path.unlink()
        log.write(40)

    steps = [log.step(5), rotate, log.step(), rotate, log.step()]
    Run(log, steps, ReusedInode(log.path) if reused else None).complete()


def test_13_the_open_descriptor_keeps_the_inode(log: Log) -> None:
    inodes = []

    def rotate() -> None:
        inodes.append(log.path.stat().st_ino)
        log.write(10)
        log.path.unlink()
        log.write(10)

    Run(log, [log.step(5), rotate, rotate, rotate, rotate]).complete()
    assert len(set(inodes)) == len(inodes)


def test_14_started_before_file_and_directory_exist(tmp_path: Path) -> None:
    log = Log(tmp_path / "var")

    def create() -> None:
        log.path.parent.mkdir()

    run = Run(log, [lambda: None, create, lambda: None, log.step(5), log.step()])
    assert run.lines == log.expected
    assert [(p.message, p.lost) for p in run.problems] == [
        ("does not exist yet; waiting for it", False)
    ]
    assert run.chunks[0].line == 1


def test_15_a_line_in_two_writes(log: Log) -> None:
    text = "a line with \N{SNOWMAN} in it\n".encode()
    log.expected += [text]
    run = Run(log, [lambda: log.raw(text[:13]), lambda: log.raw(text[13:])])
    run.complete()
    assert [chunk.line for chunk in run.chunks] == [21]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("inner", [0, 1])
def test_15_a_line_across_a_truncation(log: Log, named: bool, frozen: bool, inner: int) -> None:
    text = "a line with \N{SNOWMAN} in it\n".encode()

    def end() -> None:
        log.write(2)

    def begin() -> None:
        log.raw(text[:13])

    def rotate() -> None:
        log.truncate(named=named)
        log.expected.append(text)
        log.raw(text[13 : 13 + inner])

    def finish() -> None:
        log.raw(text[13 + inner :])

    steps = [log.step(5), begin, rotate, finish, end]
    Run(log, [log.step(5), both(begin, rotate, finish), end] if frozen else steps).complete()


def test_15_an_unfinished_line_is_not_given_out_at_a_stop(log: Log) -> None:
    run = Run(log, [log.step(2), lambda: log.raw(b"begun")])
    run.complete()


def test_16_symbolic_link_swapped(tmp_path: Path) -> None:
    log = Log(tmp_path)
    targets = [tmp_path / "a" / "one.log", tmp_path / "b" / "two.log"]
    for target in targets:
        target.parent.mkdir()
        target.touch()

    def swap(number: int) -> Step:
        def step() -> None:
            link = tmp_path / "link"
            link.symlink_to(targets[number])
            link.replace(log.path)

        return step

    swap(0)()
    steps = [log.step(9), both(log.step(9), swap(1), log.step(9)), log.step()]
    # and back again, soon and late: what was read once does not come again
    back = [both(swap(0), log.step(9)), log.step(), *[lambda: None] * 30]
    steps += [*back, both(swap(1), log.step(9)), log.step()]
    Run(log, steps).complete()


def test_17_hole_of_a_writer_without_append(log: Log) -> None:
    with open(log.path, "r+b") as writer:
        writer.seek(0, os.SEEK_END)

        def write() -> None:
            writer.write(log.lines(500))
            writer.flush()

        def rotate() -> None:
            write()
            log.truncate(named=False)
            write()

        Run(log, [write, rotate, write, rotate, write]).complete()


def test_17_hole_where_nobody_tells_where_data_begins(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "SEEK_DATA")
    test_17_hole_of_a_writer_without_append(log)


def test_18_odd_bytes(log: Log) -> None:
    odd = [b"\xff\xfe invalid\r\n", b"\x1b[32mgreen\x1b[0m\r\n", b"\r\n", b"\n", b"a\x00b\n"]

    def write() -> None:
        log.expected += odd
        log.raw(b"".join(odd))

    def rotate() -> None:
        name = log.archive_name(".gz")
        log.store(log.path.parent / name, gzip.compress(log.path.read_bytes()))
        os.truncate(log.path, 0)
        line = b"\x1b[1;33mlog in \x1b[0m%s\x1b[0m%s\n" % (name[:9].encode(), name[9:].encode())
        log.expected.append(line)
        log.raw(line)

    run = Run(log, [write, both(write, rotate, write)])
    assert run.data == b"".join(log.expected)
    assert run.problems == []


def test_18_huge_line(log: Log) -> None:
    block = b"x" * 1_000_000

    def write() -> None:
        log.write(2)
        for _ in range(50):
            log.raw(block)

    def end() -> None:
        log.raw(b"\n")
        log.write(2)

    run = Run(log, [write, end])
    assert run.lines == log.expected
    (problem,) = run.problems
    assert (problem.line, problem.lost) == (23, True)
    assert problem == too_long(Source(str(log.path), "ispmgr"), 23)
    assert run.chunks[-1].line == 24


class Stale(Hooked):
    """A network file system: stale contents, and handles that went stale."""

    def __init__(self) -> None:
        super().__init__()
        self.size: Optional[int] = None
        self.dead: set[int] = set()

    def _check(self, fd: int) -> None:
        if fd in self.dead:
            raise OSError(errno.ESTALE, "Stale file handle")

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        self._check(fd)
        if self.size is not None:
            size = max(0, min(size, self.size - offset))
        return super().pread(fd, size, offset)

    def fstat(self, fd: int) -> os.stat_result:
        self._check(fd)
        return super().fstat(fd)


@pytest.mark.parametrize("size", [0, 100, 500])
def test_19_stale_size(log: Log, size: int) -> None:
    files = Stale()

    def stale() -> None:
        log.write(2)
        files.size = size

    def fresh() -> None:
        files.size = None
        log.write(2)

    Run(log, [log.step(5), stale, *[lambda: None] * 10, fresh, log.step()], files).complete()


@pytest.mark.parametrize("renamed", [True, False])
def test_19_stale_handle(log: Log, renamed: bool) -> None:
    files = Stale()

    def stale() -> None:
        log.write(2)
        files.dead = set(files.fds)
        if renamed:
            log.rename()
        log.write(2)

    run = Run(log, [log.step(5), stale, log.step()], files)
    run.complete()
