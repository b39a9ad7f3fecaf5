"""Waiting until there may be something new to read.

A wake-up is a hint only: what happened is decided by looking at the files.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
from pathlib import Path
from typing import Any, Protocol

# Seconds between two looks: without wake-ups, and with them (they can be missed).
POLL = 0.05
SAFETY = 0.5
# Looks that found what no wake-up had told, after which wake-ups are not relied on.
MISSES = 3
# Reads of 64 KiB that throw events away: more than a full queue, yet an end in a flood.
READS = 16

_MODIFY, _ATTRIB = 0x2, 0x4
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_FILE = _MODIFY | _ATTRIB | _DELETE_SELF | _MOVE_SELF
_DIRECTORY = _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF


class Stop:
    """A request to stop, safe to make in a signal handler.

    `set` also ends a wait that is under way, at once: the handler writes to a pipe that
    the wait includes. Call the object to learn whether a stop was requested.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._write, False)
        self._set = False

    def set(self, *_: object) -> None:
        """Request the stop; takes and ignores a signal handler's arguments."""
        self._set = True
        with contextlib.suppress(OSError):  # full of requests already, or closed
            os.write(self._write, b"!")

    def __call__(self) -> bool:
        """Tell whether a stop was requested."""
        return self._set

    def fileno(self) -> int:
        """Give the descriptor that becomes readable with the request."""
        return self._read

    def close(self) -> None:
        """Close the pipe; the object still tells whether a stop was requested."""
        for fd in (self._read, self._write):
            with contextlib.suppress(OSError):
                os.close(fd)


class Waiter(Protocol):
    """Waits; `interval` is the longest time in seconds between two looks."""

    interval: float

    def watch(self, path: str, directory: bool) -> int:
        """Ask to be woken by changes; give a number for `unwatch`, negative for none."""

    def unwatch(self, watch: int) -> None:
        """Take a watch back."""

    def wait(self, timeout: float) -> bool:
        """Wait at most `timeout` seconds; tell whether something woke."""

    def missed(self) -> None:
        """Learn that a look found something that no wake-up had told."""

    def close(self) -> None:
        """Free what is held."""


class Poller:
    """Looks every 50 ms: for systems and file systems without wake-ups."""

    def __init__(self, stop: Any = None) -> None:
        self.interval = POLL
        self._stops = [stop] if hasattr(stop, "fileno") else []

    def watch(self, path: str, directory: bool) -> int:
        """Do nothing."""
        return -1

    def unwatch(self, watch: int) -> None:
        """Do nothing."""

    def wait(self, timeout: float) -> bool:
        """Wait, or until the stop is requested."""
        select.select(self._stops, [], [], timeout)
        return True

    def missed(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Inotify(Poller):
    """Linux's wake-ups, by ctypes. Raises OSError or AttributeError where there are none."""

    def __init__(self, stop: Any = None) -> None:
        super().__init__(stop)
        libc = ctypes.CDLL(None, use_errno=True)
        init, self._add, self._remove = (
            libc.inotify_init1,
            libc.inotify_add_watch,
            libc.inotify_rm_watch,
        )
        self._add.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)
        self.fd = init(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self.interval = SAFETY
        self._misses = 0

    def watch(self, path: str, directory: bool) -> int:
        """Watch a file, or the names in a directory; polling from now on where it fails."""
        mask = _DIRECTORY if directory else _FILE
        watch: int = self._add(self.fd, os.fsencode(path), mask)
        # A directory that is not there yet is no failure of the wake-ups.
        if watch < 0 and Path(path).exists():
            self.interval = POLL
        return watch

    def unwatch(self, watch: int) -> None:
        """Take a watch back; the kernel did it already where the file is gone."""
        self._remove(self.fd, watch)

    def wait(self, timeout: float) -> bool:
        """Wait for a change or a stop request."""
        ready, _, _ = select.select([self.fd, *self._stops], [], [], timeout)
        self._empty()
        return bool(ready)

    def missed(self) -> None:
        """Count; too often (a network file system): polling from now on."""
        if self._empty():
            return
        self._misses += 1
        if self._misses >= MISSES:
            self.interval = POLL

    def _empty(self) -> bool:
        """Throw the events away, overflow included; tell whether there were any."""
        found = False
        with contextlib.suppress(BlockingIOError):
            for _ in range(READS):
                found = bool(os.read(self.fd, 65536))
        return found

    def close(self) -> None:
        """Close the descriptor and with it all watches."""
        os.close(self.fd)


def readable(fd: int, stop: Any, timeout: float) -> bool:
    """Wait until `fd` can be read; False where the time is over or a stop was requested."""
    stops = [stop] if hasattr(stop, "fileno") else []
    return fd in select.select([fd, *stops], [], [], timeout)[0]


def waiter(stop: Any = None) -> Waiter:
    """Give the best waiter that this system has."""
    try:
        return Inotify(stop)
    except (OSError, AttributeError):
        return Poller(stop)
