"""The open files of one log: what its path leads to, and older ones that may still grow."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from logreq.errors import Problem
from logreq.request import Source

from .archive import directories
from .files import Files, Ident, ident
from .generation import Generation
from .lines import Lines
from .siblings import Siblings
from .wake import Waiter

# Descriptors of older files at most.
KEPT = 64
# Seconds after which the directories are watched anew: they can be replaced.
ARM = 5.0


class Queue:
    """The generations that are open, the oldest first.

    `turned` is set where something is on the move; `past` holds those that were closed.
    """

    def __init__(
        self,
        path: str,
        source: Source,
        report: Callable[[Problem], None],
        files: Files,
        clock: Callable[[], float],
        waiter: Waiter,
        siblings: Siblings,
    ) -> None:
        self.path = path
        self.source = source
        self.report = report
        self.files = files
        self.clock = clock
        self.waiter = waiter
        self.siblings = siblings
        self.gens: list[Generation] = []
        self.past: deque[Generation] = deque(maxlen=KEPT)
        self.turned = False
        self._complaint = ""
        self._armed = -ARM

    def arm(self) -> None:
        """Watch the directories."""
        now = self.clock()
        if now - self._armed >= ARM:
            self._armed = now
            self.siblings.places = directories(self.path)
            for place_ in self.siblings.places:
                self.waiter.watch(place_, directory=True)

    def open(self) -> Optional[Generation]:
        """Open what the path leads to now; None where there is nothing to read."""
        try:
            fd = self.files.open(self.path)
            gen = Generation(
                self.files, fd, ident(self.files.fstat(fd)), Lines(self.source, self.report)
            )
        except OSError as error:
            self.complain(error)
            return None
        self._complaint = ""
        self._armed = -ARM  # a link can lead to another directory now
        proc = f"/proc/self/fd/{fd}"
        gen.watch = self.waiter.watch(proc if Path(proc).exists() else self.path, directory=False)
        return gen

    def arrivals(self) -> None:
        """Queue the file that the path leads to now, if it is another one."""
        current = self.gens[-1] if self.gens else None
        try:
            unlinked = current is not None and current.unlinked()
        except OSError as error:
            self.failed(self.gens[-1], error)
            return
        try:
            here = ident(self.files.stat(self.path))
        except OSError as error:
            self.turned = bool(current)  # between a rename and a create
            self.complain(error)
            return
        if current and here == current.ident and not unlinked:
            return
        self.turned = True
        gen = self.open()
        if gen is None:
            return
        now = self.clock()
        if current:
            current.left = now
        for old in self.gens:
            if old.ident == gen.ident and not old.unlinked():  # a link that was swapped back
                self.close(gen)
                self.gens.remove(old)
                self.gens.append(old)
                old.left = None
                return
        # The same content under another inode (an editor, a copy moved back) goes on where
        # reading stopped.
        for past in (*self.gens[::-1], *self.past):
            if past.same(gen.fd):
                gen.base, gen.offset = past.base, past.offset
                gen.head, gen.anchor, gen.lines = past.head, past.anchor, past.lines
                gen.fresh = False
                if past in self.gens:
                    self.gens.remove(past)
                    self.close(past)
                break
        self.gens.append(gen)

    def failed(self, gen: Generation, error: OSError) -> None:
        """Go on after a failed read: a network file system may have replaced the file."""
        if error.errno == errno.ESTALE and gen is self.gens[-1]:
            self.turned = True
            self._reopen(gen)
        else:
            self.complain(error, lost=True)

    def _reopen(self, gen: Generation) -> None:
        """Take the file that the path leads to now; its content tells what it is."""
        fresh = self.open()
        if fresh:
            gen.fd, fresh.fd = fresh.fd, gen.fd
            gen.watch, fresh.watch = fresh.watch, gen.watch
            gen.ident = fresh.ident
            self.close(fresh)

    def complain(self, error: OSError, lost: bool = False) -> None:
        """Say once why there is nothing to read."""
        message = (error.strerror or str(error)).lower()
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            if self.gens:  # between a rename and a create
                return
            message = "does not exist yet; waiting for it"
        if message != self._complaint:
            self._complaint = message
            self.report(Problem(self.source.name, None, None, message, lost))

    def idents(self) -> set[Ident]:
        """Give the files that are open: their inodes cannot be those of archives."""
        return {gen.ident for gen in self.gens}

    def close(self, gen: Generation) -> None:
        if gen.watch >= 0:
            self.waiter.unwatch(gen.watch)
        self.files.close(gen.fd)
