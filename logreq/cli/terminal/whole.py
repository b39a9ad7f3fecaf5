"""Standard output that never ends in the middle of a call, as far as a file can help it."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import stat
import sys
from collections import deque
from collections.abc import Iterable
from typing import Callable, NoReturn, Optional

# Seconds after which a reader has stopped reading, if a signal waits.
PATIENCE = 0.5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Whole:
    """Writes to standard output; a file on a disk that gets full is cut back to what is whole.

    The first half of a call can be another call that runs.
    """

    # Ends that may not be on the disk yet: the buffer has some 8 kB.
    ENDS = 1_000

    def __init__(self) -> None:
        self._stream = sys.stdout.buffer
        self._begin = _end_of_file()
        self._written = self._begin or 0
        self._pipe = _pipe()
        self._ends: deque[int] = deque(maxlen=self.ENDS)
        # The places within the page that is being written.
        self._page: Callable[[], Iterable[int]] = tuple

    def write(self, data: bytes, *, whole: bool) -> None:
        """Write a piece; `whole`: the output may end here. OSError if it cannot be written."""
        rest = memoryview(data)
        try:
            while rest:
                # Where Python does not buffer (-u), a nearly full disk takes a part.
                rest = rest[self._stream.write(rest) :]
        except OSError as error:
            self._failed(error)
        self._written += len(data)
        if whole:
            self._ends.append(self._written)

    def page(self, pieces: Iterable[bytes], ends: Callable[[], Iterable[int]]) -> None:
        """Write many pieces and let the reader see them; OSError if they cannot be written.

        The output may end after all of them, and at the places (bytes) among them that `ends`
        gives. A signal waits until all is written, but not for a reader of a pipe who has
        stopped reading.
        """
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        self._page = ends
        try:
            if self._pipe is None:
                for piece in pieces:
                    self.write(piece, whole=False)
                self.write(b"", whole=True)
                self.flush()
            else:
                self.flush()
                _feed(self._pipe, pieces)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._page = tuple

    def flush(self) -> None:
        """Let the reader see what was written; OSError if it cannot be."""
        try:
            self._stream.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> NoReturn:
        size = _end_of_file()
        if self._begin is not None and size is not None:
            # What was written first is on the disk first.
            start = self._ends[-1] if self._ends else self._begin
            ends = [*self._ends, *(start + place for place in self._page())]
            end = max((end for end in ends if end <= size), default=self._begin)
            os.ftruncate(sys.stdout.fileno(), end)
        raise error


def _pipe() -> Optional[int]:
    """Give the descriptor of standard output if it is a pipe."""
    try:
        descriptor = sys.stdout.fileno()
        mode = os.fstat(descriptor).st_mode
    except (OSError, ValueError):
        return None
    return descriptor if stat.S_ISFIFO(mode) else None


def _feed(pipe: int, pieces: Iterable[bytes]) -> None:
    """Write to a pipe as its reader reads; give up where he does not and a signal waits."""
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            # A pipe that can be written to has room for so much without waiting.
            if select.select([], [pipe], [], PATIENCE)[1]:
                rest = rest[os.write(pipe, rest[: select.PIPE_BUF]) :]
            elif signal.sigpending() & set(_SIGNALS):
                return


def _end_of_file() -> Optional[int]:
    """Give the size (bytes) of the file to whose end standard output writes; else None."""
    try:
        descriptor = sys.stdout.fileno()
        status = os.fstat(descriptor)
        at = os.lseek(descriptor, 0, os.SEEK_CUR)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    # What stands after our place is not ours to cut.
    appends = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND
    return status.st_size if appends or at == status.st_size else None
