"""What the follower's tests share: a clock, a waiter and a file system under their control.

Nothing here sleeps. Each wait of the follower moves the clock and plays the next step of a
script; what one step does, the follower has not seen any part of: it was frozen.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Optional, Union

from logreq.errors import Problem
from logreq.live.files import Files
from logreq.live.follow import follow
from logreq.model.chunk import Chunk

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}

Step = Callable[[], object]


class Clock:
    """Seconds that pass only while the follower waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Waits:
    """Plays one step in each wait, then lets `rest` seconds pass and requests the stop.

    Below 0: the stop comes with the last step."""

    interval = 0.5

    def __init__(self, clock: Clock, steps: Iterable[Step], rest: float) -> None:
        self.clock = clock
        self.steps = list(steps)
        self.rest = rest
        self.stopped = False
        self.closed = False
        self.missings = 0
        self.watched: list[tuple[str, bool]] = []
        self.unwatched: list[int] = []
        self.delays: list[float] = []
        self.ready = lambda: True

    def watch(self, path: str, directory: bool) -> int:
        self.watched.append((path, directory))
        return len(self.watched)

    def unwatch(self, watch: int) -> None:
        self.unwatched.append(watch)

    def wait(self, timeout: float) -> bool:
        self.delays.append(timeout)
        self.clock.now += timeout
        if self.steps:
            self.steps.pop(0)()
            self.stopped = not self.steps and self.rest < 0
        else:
            self.rest -= timeout
            self.stopped = self.rest <= 0
        return True

    def missed(self) -> None:
        self.missings += 1

    def close(self) -> None:
        self.closed = True

    def __call__(self) -> bool:
        return self.stopped


class Hooked(Files):
    """Runs `before[call, n]` before the n-th call (from 1) of a file system function."""

    def __init__(self) -> None:
        self.before: dict[tuple[str, int], Step] = {}
        self.count: dict[str, int] = {}
        self.fds: set[int] = set()

    def _at(self, call: str) -> None:
        self.count[call] = self.count.get(call, 0) + 1
        step = self.before.pop((call, self.count[call]), None)
        if step:
            step()

    def next(self, call: str, step: Step, ahead: int = 1) -> None:
        self.before[call, self.count.get(call, 0) + ahead] = step

    def open(self, path: str) -> int:
        self._at("open")
        fd = super().open(path)
        self.fds.add(fd)
        return fd

    def close(self, fd: int) -> None:
        self.fds.discard(fd)
        super().close(fd)

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        self._at("pread")
        return super().pread(fd, size, offset)

    def fstat(self, fd: int) -> os.stat_result:
        self._at("fstat")
        return super().fstat(fd)

    def stat(self, path: str) -> os.stat_result:
        self._at("stat")
        return super().stat(path)


class Log:
    """A panel's log and what its writer does to it. Lines are numbered: nothing can hide."""

    def __init__(self, folder: Path, name: str = "ispmgr.log") -> None:
        self.path = folder / name
        self.serial = 0
        self.expected: list[bytes] = []
        self.archives = 0
        self.stamp = 1_700_000_000

    def line(self) -> bytes:
        self.serial += 1
        data = b"line %07d of the log, and some more of it\n" % self.serial
        self.expected.append(data)
        return data

    def lines(self, count: int) -> bytes:
        return b"".join(self.line() for _ in range(count))

    def raw(self, data: bytes, path: Optional[Path] = None) -> None:
        with open(path or self.path, "ab") as file:
            file.write(data)
            file.flush()
            self.tick(file.fileno())

    def tick(self, file: Union[int, Path]) -> None:
        """Set the time of change: each change has its own, whatever the system's clock."""
        self.stamp += 1
        os.utime(file, (self.stamp, self.stamp))

    def write(self, count: int = 1, path: Optional[Path] = None) -> None:
        self.raw(self.lines(count), path)

    def step(self, count: int = 1) -> Step:
        return lambda: self.write(count)

    def archive_name(self, ending: str = "") -> str:
        self.archives += 1
        return f"{self.path.name}.2026-01-02_03-04-05_{self.archives}{ending}"

    def store(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        self.tick(path)

    def naming(self, name: str) -> bytes:
        line = b"The previous log is in logs/" + name.encode() + b"\n"
        self.expected.append(line)
        return line

    def truncate(self, ending: str = ".gz", named: bool = True, folder: str = "logs") -> Path:
        """Copy, truncate in place; the first line names the archive: what the panels do."""
        name = self.archive_name(ending)
        archive = self.path.parent / folder / name
        self.store(archive, PACKERS[ending](self.path.read_bytes()))
        os.truncate(self.path, 0)
        if named:
            self.raw(self.naming(name))
        return archive

    def rename(self, number: int = 1, create: bool = True) -> Path:
        older = self.path.with_name(f"{self.path.name}.{number}")
        if older.exists():
            self.rename_older(number)
        self.path.rename(older)
        if create:
            self.path.touch()
        return older

    def rename_older(self, number: int) -> None:
        older = self.path.with_name(f"{self.path.name}.{number}")
        newer = self.path.with_name(f"{self.path.name}.{number + 1}")
        if newer.exists():
            self.rename_older(number + 1)
        older.rename(newer)


class Run:
    """One run of the follower over a script of steps, and what came of it."""

    def __init__(
        self,
        log: Log,
        steps: Iterable[Step],
        files: Optional[Files] = None,
        back: Optional[int] = 0,
        rest: float = 12.0,
        wanted: Callable[[bytes], bool] = bool,
        slow: Iterable[Step] = (),
    ) -> None:
        """`slow`: what happens while the consumer works, one step for each chunk."""
        meanwhile = iter(slow)
        self.clock = Clock()
        self.waits = Waits(self.clock, steps, rest)
        self.problems: list[Problem] = []
        self.chunks: list[Chunk] = []
        self.stamps: list[float] = []
        self.log = log
        for chunk in follow(
            [log.path],
            panel_of=lambda _: "ispmgr",
            report=self.problems.append,
            stop=self.waits,
            back=back,
            wanted=wanted,
            clock=self.clock,
            waits=self.waits,
            files=files or Files(),
        ):
            self.chunks.append(chunk)
            self.stamps.append(self.clock.now)
            next(meanwhile, int)()

    @property
    def data(self) -> bytes:
        return b"".join(chunk.data for chunk in self.chunks)

    @property
    def lines(self) -> list[bytes]:
        return self.data.splitlines(keepends=True)

    @property
    def lost(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.lost]

    def complete(self) -> None:
        """Assert that every line came once, in order, and nothing was reported."""
        assert self.lines == self.log.expected
        assert self.problems == []
