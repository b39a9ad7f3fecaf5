"""Standard output that never ends in the middle of a call, as far as a file can help it."""

from __future__ import annotations

import fcntl
import os
import stat
import sys
from collections import deque
from typing import NoReturn, Optional


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
        self._ends: deque[int] = deque(maxlen=self.ENDS)

    def write(self, data: bytes, *, whole: bool) -> None:
        """Write a piece; `whole`: the output may end here. OSError if it cannot be written."""
        try:
            self._stream.write(data)
        except OSError as error:
            self._failed(error)
        self._written += len(data)
        if whole:
            self._ends.append(self._written)

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
            end = max((end for end in self._ends if end <= size), default=self._begin)
            os.ftruncate(sys.stdout.fileno(), end)
        raise error


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
