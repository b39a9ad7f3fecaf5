"""The file system calls of the follower, in one place so that tests can put faults in."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import NamedTuple

# Non-blocking, so that a FIFO in a log's place cannot hang the reader.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY

Ident = tuple[int, int]


class Entry(NamedTuple):
    """A file beside a log: where and what it is, size in bytes, time of change (ns)."""

    path: str
    name: str
    ident: Ident
    size: int
    mtime: int


class Files:
    """Reads files and directories; nothing here ever writes."""

    def open(self, path: str) -> int:
        """Open a regular file, give its descriptor; OSError for anything else."""
        fd = os.open(path, _FLAGS)
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise OSError(errno.EINVAL, "not a regular file", path)
        return fd

    def close(self, fd: int) -> None:
        """Close a descriptor."""
        os.close(fd)

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        """Read up to `size` bytes at `offset`."""
        return os.pread(fd, size, offset)

    def fstat(self, fd: int) -> os.stat_result:
        """Describe an open file."""
        return os.fstat(fd)

    def stat(self, path: str) -> os.stat_result:
        """Describe the file that a path leads to, through symbolic links."""
        return Path(path).stat()

    def seek_data(self, fd: int, offset: int) -> int:
        """Give where data begins at or after `offset`; `offset` itself where nobody can tell."""
        try:
            return os.lseek(fd, offset, os.SEEK_DATA)
        except (AttributeError, OSError):  # not on every system, not in every file system
            return offset

    def scan(self, directory: str) -> list[Entry]:
        """List the regular files of a directory; nothing where it cannot be read."""
        found = []
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    try:
                        info = entry.stat()
                    except OSError:  # gone meanwhile, or a link that leads nowhere
                        continue
                    if stat.S_ISREG(info.st_mode):
                        found.append(
                            Entry(
                                entry.path,
                                entry.name,
                                ident(info),
                                info.st_size,
                                info.st_mtime_ns,
                            )
                        )
        except OSError:
            return []
        return found


def ident(info: os.stat_result) -> Ident:
    """Give what tells one open file from another: device and inode."""
    return info.st_dev, info.st_ino
