"""What happens to a log while a slow consumer works on one chunk of many."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from logreq.live import queue, tail
from tests.follow.followkit import Hooked, Log, Run, Step

# Lines of several chunks.
MANY = 9000


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path)
    log.path.touch()
    return log


def delete(log: Log, create: bool = True) -> None:
    log.write(2)
    log.path.unlink()
    if create:
        log.write(3)


@pytest.mark.parametrize("kept", [1, 64])
def test_deleted_and_created_with_each_chunk(
    log: Log, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(tail, "KEPT", kept)
    files = Hooked()
    slow = [lambda: delete(log)] * 12
    run = Run(log, [log.step(MANY), log.step()], files, slow=slow)
    run.complete()
    assert len(run.chunks) > len(slow)
    assert not files.fds


def test_deleted_with_one_chunk_and_created_with_the_next(log: Log) -> None:
    def create() -> None:
        log.write(MANY)

    slow: list[Step] = [lambda: delete(log, create=False), create] * 4
    Run(log, [log.step(MANY), log.step()], slow=slow).complete()


def test_big_files_deleted_and_created(log: Log) -> None:
    def replace() -> None:
        log.path.unlink()
        log.write(MANY)

    Run(log, [log.step(MANY), log.step()], slow=[replace] * 9).complete()


@pytest.mark.parametrize("count", [1, 3])
def test_renamed_several_times_with_each_chunk(log: Log, count: int) -> None:
    def rotate() -> None:
        for _ in range(count):
            log.write(2)
            log.rename()
            log.write(3)

    Run(log, [log.step(MANY), log.step()], slow=[rotate] * 6).complete()


def test_renamed_and_deleted_by_a_later_chunk(log: Log) -> None:
    """It is not there any more when the pass is over."""

    def rotate() -> None:
        log.rename().unlink()
        log.write(5)

    Run(log, [log.step(MANY), log.step()], slow=[rotate] * 6).complete()


def test_late_writer_with_each_chunk(log: Log) -> None:
    older: list[Path] = []

    def rotate() -> None:
        if older:
            log.write(3)
        older[:] = [log.rename()]
        log.write(4, older[0])  # the writer stays there for a while

    Run(log, [log.step(MANY), log.step()], slow=[rotate] * 6).complete()


def test_truncated_while_it_waits_to_be_read(log: Log) -> None:
    def truncate() -> None:
        log.truncate()
        log.write(2)

    steps: list[Step] = [lambda: delete(log), truncate]
    Run(log, [log.step(MANY), log.step()], slow=steps * 2).complete()


@pytest.mark.parametrize("small", [False, True])
def test_link_that_is_swapped_back(log: Log, small: bool) -> None:
    """Too small a file is not known by its content."""
    first, second = (log.path.with_name(name) for name in ("first", "second"))
    log.path.rename(first)
    log.path.symlink_to(first.name)

    def swap(target: Path, count: int) -> Step:
        def step() -> None:
            log.path.unlink()
            log.path.symlink_to(target.name)
            log.write(count)

        return step

    if small:
        steps = [log.step(3), swap(second, MANY), log.step()]
        Run(log, steps, slow=[int, swap(first, 0)]).complete()
    else:
        steps = [log.step(MANY), log.step()]
        Run(log, steps, slow=[swap(second, 5), swap(first, 0)]).complete()


def test_link_that_is_swapped_back_that_soon(log: Log) -> None:
    """Between a look at the path and its opening."""
    first, second = (log.path.with_name(name) for name in ("first", "second"))
    log.path.rename(first)
    log.path.symlink_to(first.name)
    files = Hooked()

    def swap(target: Path) -> None:
        log.path.unlink()
        log.path.symlink_to(target.name)

    def leave() -> None:
        second.touch()
        swap(second)
        files.next("open", lambda: swap(first))

    Run(log, [log.step(MANY), log.step(3)], files, slow=[leave]).complete()


def test_deleted_and_created_before_the_first_chunk_of_many_files(log: Log) -> None:
    class Busy(Hooked):
        left = 0

        def pread(self, fd: int, size: int, offset: int) -> bytes:
            if self.left:
                self.left -= 1
                if self.left % 40 == 0:
                    delete(log)
            return super().pread(fd, size, offset)

    files = Busy()

    def begin() -> None:
        files.left = 120

    slow: list[Step] = [lambda: delete(log)] * 5
    Run(log, [log.step(MANY), log.step()], files, slow=[*slow, begin]).complete()


def test_deleted_and_created_during_a_recovery(log: Log) -> None:
    def rotate() -> None:
        log.write(20 * MANY)
        log.truncate()
        log.write(2)

    slow: list[Step] = [int, *[lambda: delete(log)] * 4]
    Run(log, [log.step(5), rotate, log.step()], slow=slow).complete()


def test_same_content_in_a_new_file(log: Log) -> None:
    """An editor, or a copy that is moved back: it is read on where reading stopped."""

    def edit() -> None:
        copy = log.path.with_name("copy")
        copy.write_bytes(log.path.read_bytes())
        copy.rename(log.path)
        log.write(2)

    Run(log, [log.step(MANY), log.step()], slow=[edit]).complete()


def test_more_files_than_may_be_open(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "HELD", 3)
    files = Hooked()
    most: list[int] = []

    def replace() -> None:
        most.append(len(files.fds))
        log.path.unlink()
        log.write(3)

    run = Run(log, [log.step(MANY), log.step()], files, slow=[replace] * 5)
    # The first two and the last, for which the ones in between were given up.
    assert run.lines == log.expected[: MANY + 3] + log.expected[MANY + 12 :]
    assert max(most) == 3
    assert [p.message[:21] for p in run.problems] == ["lines may be missing:"] * 3
    assert len(run.lost) == 3
    assert not files.fds


def test_file_being_read_is_not_given_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "HELD", 1)
    Run(log, [log.step(MANY), log.step()], slow=[lambda: delete(log)]).complete()


def test_files_behind_one_that_waits_are_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "HELD", 3)
    files = Hooked()
    most: list[int] = []

    def rotate() -> None:
        log.rename()
        log.raw(log.naming(log.archive_name()))  # which never comes

    def replace() -> None:
        most.append(len(files.fds))
        log.path.unlink()
        log.write(3)

    run = Run(log, [log.step(5), rotate, *[replace] * 6, log.step()], files)
    assert max(most) == 3
    assert run.lines[-4:] == log.expected[-4:]
    assert len(run.lost) == 6  # five files, and the archive


def test_no_descriptor_left_for_a_moment(log: Log) -> None:
    class Short(Hooked):
        left = 2

        def open(self, path: str) -> int:
            if self.fds and path == str(log.path) and self.left:
                self.left -= 1
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return super().open(path)

    run = Run(log, [log.step(MANY), log.step()], Short(), slow=[lambda: delete(log)])
    assert run.lines == log.expected
    assert [p.message for p in run.lost] == ["too many open files"]


def test_file_that_waits_for_an_archive_is_not_closed_unread(log: Log) -> None:
    """Longer than the five seconds after which a file that was left is closed."""
    name = log.archive_name()

    def rotate() -> None:
        log.rename()
        missing = log.lines(4)  # in a log that was put away, in an archive still to come
        archive.append(missing)
        log.raw(log.naming(name))
        log.write(3)

    def store() -> None:
        log.store(log.path.with_name(name), archive[0])

    archive: list[bytes] = []
    steps: list[Step] = [log.step(5), rotate, lambda: delete(log)]
    run = Run(log, [*steps, *[lambda: None] * 140, store, log.step()])
    run.complete()
    assert run.stamps[-1] - run.stamps[0] > tail.KEEP + 1
