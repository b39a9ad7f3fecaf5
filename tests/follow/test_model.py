"""Random rotations at random moments, between any two system calls, against a model.

`LOGREQ_MODEL_SEEDS=5000 pytest tests/follow/test_model.py` plays more; `LOGREQ_MODEL_FIRST`
is the first seed, `LOGREQ_MODEL_MIXED=1` mixes ways of rotation in every run.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Optional

import pytest

from logreq.live.files import Entry
from tests.follow.followkit import PACKERS, Hooked, Log, Run
from tests.support.profile import examples

SEEDS = int(os.environ.get("LOGREQ_MODEL_SEEDS") or examples(150))
MIXED = "LOGREQ_MODEL_MIXED" in os.environ
FIRST = int(os.environ.get("LOGREQ_MODEL_FIRST", "0"))


class Panel(Log):
    """A writer that writes, rotates and deletes as a random number says, one step at a time."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder)
        self.random = random.Random(seed)
        self.named = set[bytes]()
        self.rest = b""  # of a line that is half written
        self.late = list[tuple[Path, bytes]]()  # archives that are not there yet
        self.old: Optional[Path] = None  # the renamed file that is still written
        self.renamed = list[Path]()
        self.whole = 0  # lines in the present file
        self.files: Optional[Chaos] = None
        self.left = self.random.randrange(10, 120)
        self.trace = list[str]()
        # The ways of rotation that one program uses, or any of all at random.
        self.kinds = self.random.choice([["truncate", "late"], ["rename", "pack"], ["unnamed"], []])
        if self.kinds[:1] == ["rename"] and self.random.random() < 0.5:
            self.kinds = ["rename", "pack", "delete"]
        if MIXED or not self.kinds:
            kinds = ["truncate", "rename", "delete", "late", "pack"]
            self.kinds = self.random.sample(kinds, self.random.randint(2, 5))
        self.fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def act(self) -> None:
        """Do one thing, and note it."""
        if self.left <= 0:
            return
        self.left -= 1
        # What a random choice cannot do now becomes a write.
        for kind in (self.random.choice([*self.kinds, "write", "write", "part"]), "write"):
            if getattr(self, kind + "_")():
                self.trace.append(kind)
                break
        if not self.left:
            self.finish()

    def finish(self) -> None:
        self.left = 0
        self.store_late()
        self.write_()
        self.switch()

    def put(self, data: bytes) -> None:
        os.write(self.fd, data)
        self.tick(self.fd)

    def write_(self) -> bool:
        count = 9000 if self.random.random() < 0.01 else self.random.randrange(1, 20)
        self.put(self.rest + self.lines(count))
        self.rest = b""
        self.whole += count
        if self.old and self.random.random() < 0.5:
            self.switch()
        return True

    def part_(self) -> bool:
        if not self.rest:
            data = self.line()
            cut = self.random.randrange(1, len(data))
            self.put(data[:cut])
            self.rest = data[cut:]
        return True

    def switch(self) -> None:
        """Leave the renamed or deleted file for a new one."""
        if self.old:
            os.close(self.fd)
            self.fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            self.tick(self.fd)
            if self.old.exists():
                self.renamed.append(self.old)
            self.old = None
            self.whole = 0

    def truncate_(self, named: bool = True, late: bool = False) -> bool:
        if self.old or self.whole < 1 or self.late:
            return False
        ending = self.random.choice(list(PACKERS))
        name = self.archive_name(ending)
        path = self.path.parent / self.random.choice(["logs", "."]) / name
        data = PACKERS[ending](self.path.read_bytes())
        if late:
            self.late.append((path, data))
        else:
            self.store(path, data)
        os.ftruncate(self.fd, 0)
        self.tick(self.fd)
        self.whole = 0
        if named:
            line = b"was " + name.encode() + b"\n"
            self.named.add(line)
            self.put(line)
        return True

    def unnamed_(self) -> bool:
        return self.truncate_(named=False)

    def late_(self) -> bool:
        if self.late:
            self.store_late()
            return True
        return self.truncate_(late=True)

    def store_late(self) -> None:
        while self.late:
            self.store(*self.late.pop(0))

    def rename_(self) -> bool:
        if self.old or self.late or self.whole < 1:
            return False
        self.archives += 1
        self.old = self.path.with_name(f"{self.path.name}.{self.archives}")
        self.path.rename(self.old)
        if self.random.random() < 0.5:
            self.path.touch()
            self.tick(self.path)
        return True

    def delete_(self) -> bool:
        # A file that was never opened cannot be read when it is gone.
        if self.old or self.late or not self.files or not self.files.holds(self.fd):
            return False
        self.old = self.path.with_name("deleted")
        self.path.unlink()
        return True

    def pack_(self) -> bool:
        if not self.renamed:
            return False
        path = self.renamed.pop()
        info = path.stat()
        ending = self.random.choice([".gz", ".bz2", ".xz"])
        packed = path.with_name(path.name + ending)
        packed.write_bytes(PACKERS[ending](path.read_bytes()))
        os.utime(packed, (info.st_mtime, info.st_mtime))
        path.unlink()
        return True


class Chaos(Hooked):
    """Lets the panel act between any two system calls of the follower."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.panel = panel
        self.share = panel.random.choice([0.0, 0.02, 0.1, 0.3])
        self.most = 0
        self.quiet = False

    def holds(self, fd: int) -> bool:
        info = os.fstat(fd)
        return any(os.path.samestat(info, os.fstat(held)) for held in self.fds)

    def open(self, path: str) -> int:
        fd = super().open(path)
        if path != str(self.panel.path):  # an archive, which closes itself
            self.fds.discard(fd)
        return fd

    def _at(self, call: str) -> None:
        self.most = max(self.most, len(self.fds))
        if not self.quiet and self.panel.random.random() < self.share:
            self.panel.act()

    def scan(self, directory: str) -> list[Entry]:
        self._at("scan")
        found = super().scan(directory)
        self._at("scan")
        return found


def play(folder: Path, seed: int) -> None:
    panel = Panel(folder, seed)
    panel.write_()
    panel.expected.clear()
    panel.files = files = Chaos(panel)
    files.quiet = True

    def wait() -> None:
        files.quiet = False
        for _ in range(panel.random.choice([0, 1, 1, 2, 5, 20])):
            panel.act()

    steps = [wait] * 60 + [panel.finish]
    run = Run(panel, steps, files, rest=15)
    note = f"seed {seed}: {panel.trace}, {files.share}"
    os.close(panel.fd)
    assert [str(p) for p in run.problems] == [], note
    names = [line for line in run.lines if line.startswith(b"was ")]
    assert len(names) == len(set(names)), note
    assert [line for line in run.lines if not line.startswith(b"was ")] == panel.expected, note
    assert set(names) == panel.named, note
    assert not files.fds, note
    assert files.most <= 70, note


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_20_model(tmp_path: Path, seed: int) -> None:
    play(tmp_path, seed)


if __name__ == "__main__":
    import sys
    import tempfile

    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        with tempfile.TemporaryDirectory() as place:
            play(Path(place), number)
