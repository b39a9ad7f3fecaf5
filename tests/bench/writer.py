"""Plays a panel: writes numbered requests and rotates its log in one of five ways.

T1: copy, truncate in place, the first line names the archive, then gzip. T2: gzip, then truncate.
R1: rename and create. R2: rename, and write to the old file for 200 ms more. D1: delete and create.
"""

from __future__ import annotations

import gzip
import os
import shutil
import sys
import threading
import time
from pathlib import Path

KINDS = ("T1", "T2", "R1", "R2", "D1")
LINE = (
    b"Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.1][root] "
    b"'func=domain.edit&n=%09d&name=example.com&sok=ok'\n"
)
END = b"'func=the.end'"


class Writer:
    """Writes to `path`; `rotate` is called between two lines."""

    def __init__(self, path: Path, kind: str) -> None:
        self.path = path
        self.kind = kind
        self.serial = 0
        self.rotations = 0
        self.until = 0.0
        self.packing: list[threading.Thread] = []
        self.fd = self.open()

    def open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, count: int) -> None:
        first = self.serial + 1
        self.serial += count
        os.write(self.fd, b"".join(LINE % n for n in range(first, first + count)))
        if self.until and time.monotonic() >= self.until:
            self.reopen()

    def reopen(self) -> None:
        os.close(self.fd)
        self.fd = self.open()
        self.until = 0.0

    def rotate(self) -> None:
        if self.until:
            self.reopen()
        self.rotations += 1
        getattr(self, self.kind)()

    def name(self) -> Path:
        place = self.path.parent / "logs"
        place.mkdir(exist_ok=True)
        return place / f"{self.path.name}.2026-02-06_{self.rotations:05d}"

    def pack(self, copy: Path) -> None:
        packed = copy.with_name(copy.name + ".gz")
        with open(copy, "rb") as plain, gzip.open(packed, "wb", compresslevel=1) as file:
            shutil.copyfileobj(plain, file)
        copy.unlink()

    def T1(self) -> None:  # noqa: N802
        copy = self.name()
        shutil.copyfile(self.path, copy)
        self.truncate(copy)
        thread = threading.Thread(target=self.pack, args=(copy,))
        thread.start()
        self.packing.append(thread)

    def T2(self) -> None:  # noqa: N802
        copy = self.name()
        shutil.copyfile(self.path, copy)
        self.pack(copy)
        self.truncate(copy)

    def truncate(self, copy: Path) -> None:
        os.ftruncate(self.fd, 0)
        os.write(self.fd, b"Previous log: logs/" + copy.name.encode() + b".gz\n")

    def R1(self) -> None:  # noqa: N802
        self.path.rename(self.path.with_name(f"{self.path.name}.{self.rotations}"))
        self.reopen()

    def R2(self) -> None:  # noqa: N802
        self.path.rename(self.path.with_name(f"{self.path.name}.{self.rotations}"))
        os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644))
        self.until = time.monotonic() + 0.2

    def D1(self) -> None:  # noqa: N802
        self.path.unlink()
        self.reopen()


def main() -> None:
    path, kind, lines, rate, every = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
    # A reader that looks too late loses what was deleted twice: it can ask to be waited for.
    waits = sys.argv[6:] == ["--wait"]
    writer = Writer(path, kind)
    began = time.monotonic()
    while writer.serial < lines:
        due = min(lines, int((time.monotonic() - began) * rate))
        if due <= writer.serial:
            time.sleep(0.001)
            continue
        writer.write(min(due - writer.serial, 200))
        if writer.serial // every > writer.rotations:
            if waits and writer.rotations:
                sys.stdin.readline()  # a line of this file was read
            writer.rotate()
    for thread in writer.packing:
        thread.join()
    if writer.until:
        writer.reopen()
    time.sleep(0.5)  # tail -F needs a moment to find the new file; this is its benefit
    os.write(writer.fd, (LINE % 0).replace(LINE[LINE.index(b"'") : -1] % 0, END))
    print(writer.rotations)


if __name__ == "__main__":
    main()
