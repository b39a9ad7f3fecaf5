"""The parts of the follower by themselves: waiting, lines, archives, where to begin."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gzip
import os
import select
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

import pytest

from logreq.errors import Problem
from logreq.live import archive, tail, wake
from logreq.live import follow as module
from logreq.live.archive import Archive, UnreadableError, directories, named, ordinary, promises
from logreq.live.files import Entry, Files, ident
from logreq.live.follow import Stop, follow, follow_stream
from logreq.live.lines import Lines
from logreq.model.chunk import MAX_LINE, Chunk, Source
from tests.follow.followkit import PACKERS, Clock, Hooked, Log, Run, Waits

SOURCE = Source("x.log", "ispmgr")


@pytest.fixture
def problems() -> list[Problem]:
    return []


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path)


def entry_of(path: Path) -> Entry:
    info = path.stat()
    return Entry(str(path), path.name, ident(info), info.st_size, info.st_mtime_ns)


# --- lines ---


def test_lines_gives_whole_lines_only(problems: list[Problem]) -> None:
    lines = Lines(SOURCE, problems.append, 5)
    assert lines.feed(b"a") is None
    assert lines.feed(b"b\nc\nd") == Chunk(b"ab\nc\n", SOURCE, 5)
    assert lines.unfinished
    assert lines.finish() == Chunk(b"d\n", SOURCE, 7)
    assert lines.finish() is None
    assert lines.last() is None


@pytest.mark.parametrize("extra", [0, 1])
def test_lines_bound(problems: list[Problem], extra: int) -> None:
    lines = Lines(SOURCE, problems.append)
    data = b"x" * (MAX_LINE + extra) + b"\n"
    got = [lines.feed(part) for part in (data[:1000], data[1000:], b"after\n")]
    if extra:
        assert got == [None, None, Chunk(b"after\n", SOURCE, 2)]
        assert [(p.line, p.lost) for p in problems] == [(1, True)]
    else:
        assert got == [None, Chunk(data, SOURCE, 1), Chunk(b"after\n", SOURCE, 2)]
        assert problems == []


def test_lines_forget_a_long_unfinished_line(problems: list[Problem]) -> None:
    lines = Lines(SOURCE, problems.append)
    lines.feed(b"x" * (MAX_LINE + 1))
    assert not lines._held
    lines.feed(b"x")
    assert not lines._held
    assert lines.feed(b"x\nb\n") == Chunk(b"b\n", SOURCE, 2)


def test_lines_first_line_apart(problems: list[Problem]) -> None:
    lines = Lines(SOURCE, problems.append)
    lines.feed(b"half")
    lines.restart(apart=True)
    assert lines.feed(b"na") is None
    assert lines.feed(b"me\n") == Chunk(b"name\n", SOURCE, 1)
    assert lines.feed(b" done\n") == Chunk(b"half done\n", SOURCE, 2)


def test_lines_first_line_apart_too_long(problems: list[Problem]) -> None:
    lines = Lines(SOURCE, problems.append)
    lines.feed(b"half")
    lines.restart(apart=True)
    lines.feed(b"x" * (MAX_LINE + 1))
    assert lines.feed(b"\n done\n") == Chunk(b"half done\n", SOURCE, 2)
    assert len(problems) == 1


# --- waiting ---


def test_stop_ends_a_wait_at_once() -> None:
    stop = Stop()
    waits = wake.Poller(stop)
    assert not stop()
    before = signal.signal(signal.SIGUSR1, stop.set)
    try:
        # The signal comes while the wait is under way, or before: both end it.
        timer = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        waits.wait(60)
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert stop()
    stop.close()
    stop.set()
    stop.close()


def test_poller_does_nothing_else() -> None:
    poller = wake.Poller()
    assert poller.watch("/", directory=True) == -1
    poller.unwatch(-1)
    poller.missed()
    poller.close()
    assert poller.wait(0)
    assert poller.interval == 0.05


linux = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "inotify_init1"), reason="no inotify")


@linux
def test_inotify_wakes(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.touch()
    waits = wake.Inotify()
    with contextlib.closing(waits):
        assert not waits.wait(0)
        watch = waits.watch(str(path), directory=False)
        assert waits.watch(str(tmp_path), directory=True) >= 0
        path.write_bytes(b"x")
        assert waits.wait(60)
        assert not waits.wait(0)
        waits.unwatch(watch)
        waits.wait(60)  # IN_IGNORED
        path.write_bytes(b"y")
        assert not waits.wait(0)
        path.rename(tmp_path / "other")
        assert waits.wait(60)
        assert waits.interval == 0.5


@linux
def test_inotify_gives_way_to_polling(tmp_path: Path) -> None:
    waits = wake.Inotify()
    with contextlib.closing(waits):
        assert waits.watch(str(tmp_path / "nowhere"), directory=True) < 0
        assert waits.interval == 0.5
        waits.watch(str(tmp_path), directory=True)
        for _ in range(5):  # an event came after all
            (tmp_path / "new").touch()
            (tmp_path / "new").unlink()
            waits.missed()
        assert waits.interval == 0.5
        for _ in range(3):
            waits.missed()
        assert waits.interval == 0.05


@linux
def test_inotify_overflow(tmp_path: Path) -> None:
    """The kernel dropped events: what they told is found by looking, and wake-ups go on."""
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    path = tmp_path / "ispmgr.log"
    path.touch()
    names = (tmp_path / "a", tmp_path / "b")
    names[0].touch()
    waits = wake.Inotify()
    left: list[bool] = []

    def flood() -> None:
        for number in range(limit // 2 + 10):
            names[number % 2].rename(names[1 - number % 2])
        with open(path, "ab") as file:
            file.write(b"one\n")

    def write() -> None:
        left.append(bool(select.select([waits.fd], [], [], 0)[0]))
        with open(path, "ab") as file:
            file.write(b"two\n")

    steps = iter([flood, write])
    chunks = follow([path], panel_of=str, report=print, waits=waits, on_idle=lambda: next(steps)())
    assert [next(chunks).data, next(chunks).data] == [b"one\n", b"two\n"]
    chunks.close()  # type: ignore[attr-defined]
    assert left == [False]  # what was left in the queue was thrown away


@linux
def test_inotify_watch_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = wake.Inotify()
    with contextlib.closing(waits):
        monkeypatch.setattr(waits, "_add", lambda *_: -1)
        waits.watch(str(tmp_path), directory=True)
        assert waits.interval == 0.05


@pytest.mark.parametrize("has", [True, False])
def test_without_inotify(monkeypatch: pytest.MonkeyPatch, has: bool) -> None:
    class Libc:
        def __init__(self, *_: object, **__: object) -> None:
            if has:
                self.inotify_init1 = lambda _: -1
                self.inotify_add_watch = self.inotify_rm_watch = threading.local()

    monkeypatch.setattr(ctypes, "CDLL", Libc)
    assert type(wake.waiter()) is wake.Poller


@linux
def test_with_inotify() -> None:
    waits = wake.waiter()
    assert isinstance(waits, wake.Inotify)
    waits.close()


# --- archives ---


@pytest.mark.parametrize("ending", PACKERS)
def test_archive_is_told_by_content(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "anything"
    data = b"\0\0first\n" + b"second line\n" * 30_000
    path.write_bytes(PACKERS[ending](data))
    found = Archive(Files(), entry_of(path))
    assert found.plain == (not ending)
    assert (found.head[:6], found.line) == (b"first\n", b"first\n")
    assert b"".join(iter(found.read, b"")) == data[2:]
    found.close()


def test_archive_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x")
    entry = entry_of(path)
    path.unlink()
    with pytest.raises(UnreadableError):
        Archive(Files(), entry)
    (tmp_path / "b").write_bytes(b"x")
    path.write_bytes(b"y")
    with pytest.raises(UnreadableError):
        Archive(Files(), entry._replace(ident=(0, 0)))
    path.write_bytes(b"\x28\xb5\x2f\xfd")
    missing = "logreq_no_such_module"
    monkeypatch.setattr(archive, "_FORMATS", ((b"\x28", lambda _: __import__(missing)),))
    with pytest.raises(UnreadableError, match="method"):
        Archive(Files(), entry_of(path))


def test_archive_zstd_where_python_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    import types

    class ZstdFile:
        def __init__(self, file: Any) -> None:
            self.file = file

        def read1(self, size: int) -> bytes:
            data: bytes = self.file.read(size)
            return data.replace(b"\x28\xb5\x2f\xfd", b"")

        def close(self) -> None:
            pass

    fake = types.ModuleType("compression.zstd")
    fake.ZstdFile = ZstdFile  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "compression", types.ModuleType("compression"))
    monkeypatch.setitem(sys.modules, "compression.zstd", fake)
    path = tmp_path / "a.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfdline\n")
    found = Archive(Files(), entry_of(path))
    assert found.start == b"line\n"
    found.close()


def test_archive_places(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "a.log")
    places = [tmp_path, tmp_path / "logs", tmp_path / "real", tmp_path / "real" / "logs"]
    assert directories(str(tmp_path / "link")) == [str(place) for place in places]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"see logs/i.log.1.gz\n", ["i.log.1", "i.log.1.gz"]),
        (b"\x1b[1msee /var/i.log\x1b[0m.1\n", ["i.log.1", "i.log.1.gz"]),
        (b"see i.log.12\n", ["i.log.12.xz"]),
        (b"see xi.log.1 or i.log.1x or i.log.1-2\n", []),
    ],
)
def test_archive_named(line: bytes, expected: list[str]) -> None:
    names = ["i.log.1", "i.log.1.gz", "i.log.12.xz", "other"]
    entries = [Entry(name, name, (0, 0), 0, 0) for name in names]
    assert [entry.name for entry in named(entries, line)] == expected


def test_first_lines() -> None:
    record = b"Feb  6 08:08:07 [1:2] core INFO Request [::1][root] 'func=a&b=c"
    assert ordinary(record)
    assert not ordinary(record + b".gz'")
    assert not promises(record + b".gz'")
    assert promises(b"was x.gz\n")
    assert not promises(b"anything else\n")


def test_files(tmp_path: Path) -> None:
    files = Files()
    with pytest.raises(OSError, match="regular"):
        files.open(str(tmp_path))
    assert files.scan(str(tmp_path / "none")) == []
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "file").touch()
    assert [entry.name for entry in files.scan(str(tmp_path))] == ["file"]


# --- where to begin ---

START = b"one\ntwo +\nthree\nfour +\nfive +\nsix\n"


@pytest.mark.parametrize(
    ("back", "tail_", "expected", "number"),
    [
        (0, b"", b"", 7),
        (0, b"unfin", b"unfin", 7),
        (1, b"", b"five +\nsix\n", 5),
        (2, b"", b"four +\nfive +\nsix\n", 4),
        (3, b"", b"two +\nthree\nfour +\nfive +\nsix\n", 2),
        (9, b"", b"two +\nthree\nfour +\nfive +\nsix\n", 2),
        (None, b"", START, 1),
    ],
)
@pytest.mark.parametrize("block", [1, 3, 7, 1000])
def test_where_to_begin(
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    back: Optional[int],
    tail_: bytes,
    expected: bytes,
    number: int,
    block: int,
) -> None:
    monkeypatch.setattr("logreq.live.start.BLOCK", block)
    log.path.write_bytes(START + tail_)
    run = started(log, back, [lambda: log.raw(b" end\n")])
    assert run.data == expected + b" end\n"
    assert run.chunks[0].line == number


def started(log: Log, back: Optional[int], steps: list[Any], files: Any = None) -> Run:
    return Run(log, steps, files, back, rest=1, wanted=lambda line: line.endswith(b"+\n"))


@pytest.mark.parametrize("content", [b"", b"no line end", b"first +\nsecond\n"])
def test_begin_at_the_first_line(log: Log, content: bytes) -> None:
    log.path.write_bytes(content)
    run = started(log, 1, [lambda: log.raw(b"\n")])
    assert run.data == content + b"\n"
    assert run.chunks[0].line == 1


def test_begin_behind_a_line_that_is_too_long(log: Log) -> None:
    log.path.write_bytes(b"a +\n" + b"x" * (MAX_LINE + 300_000) + b" +\nb +\n")
    run = started(log, 2, [])
    assert run.data.startswith(b"a +\n")
    assert run.data.endswith(b"b +\n")


def test_truncated_while_the_start_is_looked_for(log: Log) -> None:
    log.path.write_bytes(b"old\n" * 1000)
    files = Hooked()
    files.next("pread", lambda: log.path.write_bytes(b"new\n"), ahead=3)
    run = started(log, 0, [lambda: log.raw(b"line\n")], files)
    assert run.data == b"line\n"
    assert run.chunks[0].line == 2


# --- follow ---


def test_chunks_are_bounded(log: Log) -> None:
    log.path.touch()
    run = Run(log, [log.step(30_000)])
    run.complete()
    assert max(len(chunk.data) for chunk in run.chunks) <= 256 * 1024 + 100
    lines = 1
    for chunk in run.chunks:
        assert chunk.line == lines
        lines += chunk.data.count(b"\n")


def test_several_logs_take_turns(tmp_path: Path) -> None:
    logs = [Log(tmp_path, f"{name}.log") for name in ("isp", "bill")]
    for one in logs:
        one.write(20_000)
    clock = Clock()
    waits = Waits(clock, [], 1)
    idles: list[None] = []
    chunks = follow(
        [one.path for one in logs],
        panel_of=lambda path: path.stem,
        report=lambda _: None,
        stop=waits,
        back=None,
        on_idle=lambda: idles.append(None),
        clock=clock,
        waits=waits,
    )
    got = list(chunks)
    assert [chunk.source.panel for chunk in got[:4]] == ["isp", "bill"] * 2
    for one in logs:
        data = b"".join(c.data for c in got if c.source.name == str(one.path))
        assert data == b"".join(one.expected)
    assert idles
    assert waits.closed


def test_no_logs_at_all() -> None:
    clock = Clock()
    waits = Waits(clock, [], 1)
    none = follow([], panel_of=str, report=print, stop=waits, clock=clock, waits=waits)
    assert list(none) == []


def test_what_was_written_before_a_stop_is_given_out(log: Log) -> None:
    log.path.touch()
    run = Run(log, [log.step(2)], rest=0)
    run.complete()


def test_a_stop_does_not_wait_for_a_flood(log: Log) -> None:
    log.write(30_000)
    clock = Clock()
    waits = Waits(clock, [], 0)
    chunks = follow(
        [log.path], panel_of=str, report=print, stop=waits, back=None, clock=clock, waits=waits
    )
    next(chunks)
    waits.stopped = True
    next(chunks)
    clock.now += 1
    assert list(chunks) == []


def test_closing_closes_all_files(log: Log) -> None:
    log.write(5)
    files = Hooked()
    clock = Clock()
    waits = Waits(clock, [], 1)
    chunks = follow(
        [log.path], panel_of=str, report=print, back=None, clock=clock, waits=waits, files=files
    )
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert files.fds == set()
    assert waits.closed


def test_missed_wake_ups_are_told(log: Log) -> None:
    class Deaf(Waits):
        def wait(self, timeout: float) -> bool:
            super().wait(timeout)
            return False

    log.path.touch()
    clock = Clock()
    waits = Deaf(clock, [log.step(), lambda: None, log.step()], 1)
    chunks = follow([log.path], panel_of=str, report=print, stop=waits, clock=clock, waits=waits)
    assert len(list(chunks)) == 2
    assert waits.missings == 2


def test_defaults(log: Log) -> None:
    log.write(1)
    chunks = follow([log.path], panel_of=lambda _: "isp", report=print, back=None)
    assert next(chunks).data == log.expected[0]
    chunks.close()  # type: ignore[attr-defined]


def test_unreadable_log_is_reported_once(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.path.mkdir()

    def replace() -> None:
        log.path.rmdir()
        log.write()

    run = Run(log, [lambda: None, lambda: None, replace])
    assert run.lines == log.expected
    assert [problem.message for problem in run.problems] == ["not a regular file"]


class Failing(Hooked):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number: Optional[int] = number
        self.on = False

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        if self.on and fd in self.fds:
            raise OSError(self.number, os.strerror(self.number or 0))
        return super().pread(fd, size, offset)


def test_failing_disk_is_reported(log: Log) -> None:
    log.path.touch()
    files = Failing(errno.EIO)

    def fail() -> None:
        files.on = True
        log.write()

    def work() -> None:
        files.on = False

    run = Run(log, [log.step(), fail, lambda: None, work, log.step()], files)
    assert run.lines == log.expected
    assert [(p.message, p.lost) for p in run.problems] == [("input/output error", True)]


def test_stale_handle_and_nothing_there(log: Log) -> None:
    log.write(20)
    files = Failing(errno.ESTALE)

    def fail() -> None:
        files.on = True
        log.write()
        log.path.rename(log.path.with_name("away"))

    def work() -> None:
        files.on = False
        log.path.with_name("away").rename(log.path)

    log.expected.clear()
    run = Run(log, [fail, lambda: None, work, log.step()], files)
    assert run.lines == log.expected


def test_inotify_empties_no_more_than_so_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where events come faster than they are thrown away, there is an end to it."""
    monkeypatch.setattr(wake, "READS", 1)
    waits = wake.Inotify()
    waits.watch(str(tmp_path), directory=True)
    (tmp_path / "x").touch()
    assert waits.wait(10)
    waits.close()


def test_first_line_while_the_files_beside_it_keep_changing(log: Log) -> None:
    class Busy(Files):
        count = 0

        def scan(self, directory: str) -> list[Entry]:
            self.count += 1
            (log.path.parent / f"other.{self.count}").touch()
            return super().scan(directory)

    log.path.touch()
    Run(log, [log.step(5), log.step()], Busy()).complete()


def test_descriptors_are_bounded(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "KEPT", 4)
    log.path.touch()
    files = Hooked()
    most: list[int] = []

    def rotate() -> None:
        log.write()
        log.rename()
        log.write()
        most.append(len(files.fds))

    run = Run(log, [rotate] * 20, files)
    run.complete()
    assert max(most) <= 5
    assert files.fds == set()
    opened = [watch for watch, (_, directory) in enumerate(run.waits.watched, 1) if not directory]
    assert sorted(run.waits.unwatched) == opened


def test_old_files_are_closed_after_five_seconds(log: Log) -> None:
    log.path.touch()
    files = Hooked()
    counts: list[int] = []
    older = log.path.with_name("ispmgr.log.1")

    def rotate() -> None:
        log.write()
        log.rename()

    def late() -> None:
        log.write(1, older)
        counts.append(len(files.fds))

    def count() -> None:
        counts.append(len(files.fds))

    steps = [rotate, *[lambda: None] * 8, late, *[count] * 13]
    Run(log, steps, files).complete()
    assert counts[:10] == [2] * 10  # counted from the last growth
    assert counts[-1] == 1


def test_last_line_of_an_old_file_without_line_end(log: Log) -> None:
    log.path.touch()

    def rotate() -> None:
        log.raw(b"never finished")
        log.rename()

    run = Run(log, [log.step(), rotate, log.step()])
    assert run.lines == [*log.expected, b"never finished\n"]


def test_content_that_an_editor_moved_to_another_inode(log: Log) -> None:
    log.write(20)
    log.expected.clear()

    def edit() -> None:
        copy = log.path.with_name("copy")
        copy.write_bytes(log.path.read_bytes())
        copy.replace(log.path)

    run = Run(log, [log.step(), edit, log.step()])
    run.complete()
    assert [chunk.line for chunk in run.chunks] == [21, 22]


def test_content_that_is_written_back_is_not_read_again(log: Log) -> None:
    log.write(20)
    log.expected.clear()
    data = log.path.read_bytes()
    steps = [lambda: os.truncate(log.path, 0), lambda: log.path.write_bytes(data), log.step()]
    Run(log, steps).complete()


def test_old_copy_is_not_taken_for_the_archive(log: Log) -> None:
    log.write(20)
    log.path.with_name("ispmgr.log.bak").write_bytes(log.path.read_bytes() + b"x")
    log.expected.clear()
    # Nothing names an archive, and the copy was there long before.
    steps = [*[lambda: None] * 25, lambda: os.truncate(log.path, 0), log.step()]
    run = Run(log, steps)
    assert run.lines == log.expected
    assert len(run.lost) == 1


def test_archive_shorter_than_what_was_read(log: Log) -> None:
    log.write(20)
    log.expected.clear()

    def rotate() -> None:
        name = log.archive_name()
        log.store(log.path.with_name(name), log.path.read_bytes()[:600])
        os.truncate(log.path, 0)
        log.raw(log.naming(name))
        log.write()

    Run(log, [log.step(), rotate, log.step()]).complete()


def test_plain_archive_that_still_grows(log: Log) -> None:
    log.write(20)
    log.expected.clear()
    data: dict[str, Any] = {}

    def rotate() -> None:
        log.write(100)
        data["all"] = log.path.read_bytes()
        data["path"] = log.path.with_name(log.archive_name())
        data["path"].write_bytes(data["all"][:2000])
        os.truncate(log.path, 0)
        log.raw(log.naming(data["path"].name))
        log.write(3)

    def grow(end: int) -> Any:
        return lambda: data["path"].write_bytes(data["all"][:end])

    Run(log, [rotate, grow(3000), grow(4000), grow(10_000), log.step()]).complete()


# --- standard input ---


def stream(pieces: list[Any], stop: Any = bool) -> Iterator[Chunk]:
    reading, writing = os.pipe()
    feed = iter(pieces)

    def idle() -> None:
        piece = next(feed)
        if callable(piece):
            piece()
        elif piece is None:
            os.close(writing)
        else:
            os.write(writing, piece)

    return follow_stream(reading, source=SOURCE, report=print, stop=stop, on_idle=idle)


def test_stream_gives_each_line_as_it_arrives() -> None:
    chunks = stream([b"one\ntw", b"o\n", b"last", None])
    assert next(chunks) == Chunk(b"one\n", SOURCE, 1)
    assert next(chunks) == Chunk(b"two\n", SOURCE, 2)
    assert next(chunks) == Chunk(b"last", SOURCE, 3)
    assert list(chunks) == []


def test_stream_stops() -> None:
    stop = Stop()
    assert list(stream([b"unfinished", stop.set], stop)) == []
    stop.close()


def test_stream_that_has_nothing_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, True, True, True])
    monkeypatch.setattr(module, "readable", lambda *_: next(answers))
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    steps = iter([None, None, b"x\n", None])

    def idle() -> None:
        piece = next(steps)
        if piece:
            os.write(writing, piece)
            os.close(writing)

    chunks = follow_stream(reading, source=SOURCE, report=print, on_idle=idle)
    assert list(chunks) == [Chunk(b"x\n", SOURCE, 1)]
    os.close(reading)


def test_packed_files_are_not_read_when_the_log_begins(log: Log) -> None:
    """What was there before the start stays unread, whatever names it."""
    old = log.path.with_name("ispmgr.log.1.gz")
    old.write_bytes(gzip.compress(b"long ago\n"))
    log.path.write_bytes(b"previous: ispmgr.log.1.gz\n")
    run = Run(log, [log.step()], back=None)
    assert run.lines == [b"previous: ispmgr.log.1.gz\n", *log.expected]
