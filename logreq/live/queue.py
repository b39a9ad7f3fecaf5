"""The open files of one log: what its path leads to, and older ones that may still grow."""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Optional

from logreq.errors import Problem
from logreq.live.archive import directories
from logreq.live.files import Files, Ident, ident
from logreq.live.generation import Generation
from logreq.live.lines import Lines
from logreq.live.siblings import Siblings
from logreq.live.wake import Waiter
from logreq.model.chunk import Source

# Descriptors of older files at most, once they have been read to their ends.
KEPT = 64
# Descriptors at all, but one: files that come while a slow consumer holds up the reading wait.
HELD = 256
# Seconds after which the directories are watched anew: they can be replaced.
ARM = 5.0


class Log(NamedTuple):
    """A log to follow, and what that takes; `clock` gives seconds."""

    path: str
    source: Source
    report: Callable[[Problem], None]
    files: Files
    clock: Callable[[], float]
    waiter: Waiter


class Queue:
    """The generations that are open, the oldest first.

    `turned` is set where something is on the move; `past` holds those that were closed.
    """

    def __init__(self, log: Log, siblings: Siblings) -> None:
        self.log = log
        self.siblings = siblings
        self.gens: list[Generation] = []
        self.past: deque[Generation] = deque(maxlen=KEPT)
        self.turned = False
        self._pending: list[Generation] = []  # opened by `look`, compared with nothing yet
        self._complaint = ""
        self._armed = -ARM

    def arm(self) -> None:
        """Watch the directories."""
        now = self.log.clock()
        if now - self._armed >= ARM:
            self._armed = now
            self.siblings.places = directories(self.log.path)
            for place_ in self.siblings.places:
                self.log.waiter.watch(place_, directory=True)

    def open(self) -> Optional[Generation]:
        """Open what the path leads to now; None where there is nothing to read."""
        log = self.log
        try:
            fd = log.files.open(log.path)
            lines = Lines(log.source, log.report)
            gen = Generation(log.files, fd, ident(log.files.fstat(fd)), lines)
        except OSError as error:
            # Without a descriptor nobody sees how often the log is replaced.
            self.complain(error, lost=error.errno in (errno.EMFILE, errno.ENFILE))
            return None
        self._complaint = ""
        self._armed = -ARM  # a link can lead to another directory now
        proc = f"/proc/self/fd/{fd}"
        gen.watch = log.waiter.watch(proc if Path(proc).exists() else log.path, directory=False)
        return gen

    def look(self) -> None:
        """Queue another file that the path leads to meanwhile, as it is; the rest can wait.

        Safe while the queue is read: no other one moves, nothing is read.
        """
        try:
            here = ident(self.log.files.stat(self.log.path))
        except OSError:  # between a rename and a create
            self.turned = True
            return
        if here == self.gens[-1].ident:
            return
        self.turned = True
        # A link that was swapped back moves a file in the queue: later.
        gen = None if here in self.idents() else self.open()
        if gen and gen.ident in self.idents():  # that soon
            self.close(gen)
        elif gen:
            if self._pending[-1:] == self.gens[-1:]:
                self._make_room()
            self.gens[-1].left = self.log.clock()
            self.gens.append(gen)
            self._pending.append(gen)

    def arrivals(self) -> None:
        """Queue the file that the path leads to now, if it is another one."""
        pending, self._pending = self._pending, []
        self.turned = self.turned or bool(pending)
        for gen in pending:
            self._adopt(gen)
        current = self.gens[-1] if self.gens else None
        try:
            unlinked = current is not None and current.unlinked()
        except OSError as error:
            self.failed(self.gens[-1], error)
            return
        try:
            here = ident(self.log.files.stat(self.log.path))
        except OSError as error:
            self.turned = bool(current)  # between a rename and a create
            self.complain(error)
            return
        if current and here == current.ident and not unlinked:
            return
        self.turned = True
        another = self.open()
        if another is None:
            return
        self._make_room()
        if current:
            current.left = self.log.clock()
        for old in self.gens:
            if old.ident == another.ident and not old.unlinked():  # a link that was swapped back
                self.close(another)
                self.gens.remove(old)
                self.gens.append(old)
                old.left = None
                return
        self.gens.append(another)
        self._adopt(another)

    def _make_room(self) -> None:
        """Give the newest file up, where too many are open: a newer one is followed."""
        if len(self.gens) < HELD:
            return
        gen = self.gens.pop()
        self.close(gen)
        self._pending = [one for one in self._pending if one is not gen]
        message = f"lines may be missing: the log was rotated while {HELD} files wait to be read"
        self.log.report(Problem(self.log.source.name, None, None, message, lost=True))

    def _adopt(self, gen: Generation) -> None:
        """Go on where reading stopped, if the same content is under another inode now.

        An editor does that, and a copy that is moved back.
        """
        older = self.gens[: self.gens.index(gen)]
        for past in (*older[::-1], *self.past):
            if past.same(gen.fd):
                gen.base, gen.offset = past.base, past.offset
                gen.head, gen.anchor, gen.lines = past.head, past.anchor, past.lines
                gen.fresh = False
                if past in self.gens:
                    self.gens.remove(past)
                    self.close(past)
                break

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
            self.log.report(Problem(self.log.source.name, None, None, message, lost))

    def idents(self) -> set[Ident]:
        """Give the files that are open: their inodes cannot be those of archives."""
        return {gen.ident for gen in self.gens}

    def close(self, gen: Generation) -> None:
        if gen.watch >= 0:
            self.log.waiter.unwatch(gen.watch)
        self.log.files.close(gen.fd)
