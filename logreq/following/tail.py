"""Follows one log through truncations, renames and deletions."""

from __future__ import annotations

import contextlib
import errno
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Optional

from logreq.errors import Problem
from logreq.request import Chunk, Source

from .archive import directories, named, stem
from .files import Files, Ident, ident
from .generation import SAMPLE, Generation
from .lines import Lines
from .recovery import PATIENCE, Recovery, Steps
from .siblings import Glimpse, Siblings
from .start import Wanted, place
from .wake import POLL, SAFETY, Waiter

# Seconds for which a renamed or deleted file is kept open, counted from its last growth.
KEEP = 5.0
# Descriptors of such files at most.
KEPT = 64
# Seconds after which the directories are watched anew: they can be replaced.
ARM = 5.0
# Seconds until the next look while an archive is waited for.
RETRY = 0.05


class Tail:
    """One log: the generation at its path, and older ones that may still grow.

    `run` never ends; it yields chunks of whole lines, chunks without data while work is
    under way, and None when there is nothing to do but wait, at most `delay` seconds.
    """

    def __init__(
        self,
        path: str,
        source: Source,
        report: Callable[[Problem], None],
        files: Files,
        clock: Callable[[], float],
        waiter: Waiter,
    ) -> None:
        self.path = path
        self.source = source
        self.report = report
        self.files = files
        self.clock = clock
        self.waiter = waiter
        self.queue: list[Generation] = []
        self.siblings = Siblings(files, path, clock)
        self.recovery: Optional[Recovery] = None
        self._past: deque[Generation] = deque(maxlen=KEPT)
        self._turned = False
        self._complaint = ""
        self._armed = -ARM
        self._state: object = None
        self._looked = 0.0

    @property
    def delay(self) -> float:
        """Seconds to wait at most until the next look."""
        waits = self.recovery or any(gen.since is not None for gen in self.queue)
        return RETRY if waits else self.waiter.interval

    def begin(self, back: Optional[int], wanted: Wanted) -> None:
        """Open the log where it exists, at its end or `back` lines before; None: at its start."""
        self._arm()
        self.siblings.look()
        gen = self._open()
        if gen is not None:
            gen.fresh = False
            if back is not None:
                place(gen, back, wanted)
            self.queue.append(gen)
        self.siblings.commit()

    def run(self) -> Steps:
        """Hand out what comes, for ever."""
        while True:
            if self._quiet():
                yield None
                continue
            moved = False
            self._turned = False
            self._arm()
            self.siblings.look()
            self._arrivals()
            for chunk in self._drain(len(self.queue)):
                moved = moved or chunk is not None
                yield chunk
            for chunk in self._retire():
                yield chunk
            if self._turned:
                self.siblings.discard()
            else:
                self.siblings.commit()
            if not moved:
                yield None

    def _quiet(self) -> bool:
        """Tell whether size, time and inode are those of the last look, a moment ago.

        They can stay the same over a rotation within one tick of the clock. So this saves work
        only between two thorough looks, SAFETY apart.
        """
        if len(self.queue) != 1 or self.queue[0].since is not None:
            return False
        now = self.clock()
        try:
            mine = self.files.fstat(self.queue[0].fd)
            here = self.files.stat(self.path)
        except OSError:
            return False
        state = (mine.st_size, mine.st_mtime_ns, mine.st_nlink, ident(mine), ident(here))
        if state == self._state and now - self._looked < SAFETY - POLL / 2:
            return True
        self._state, self._looked = state, now
        return False

    def finish(self) -> None:
        """Close all files; what could not be recovered until now is reported."""
        if self.recovery:
            self.recovery.gap()
        for gen in self.queue:
            self._close(gen)
        self.queue.clear()

    def _arm(self) -> None:
        """Watch the directories."""
        now = self.clock()
        if now - self._armed >= ARM:
            self._armed = now
            self.siblings.places = directories(self.path)
            for place_ in self.siblings.places:
                self.waiter.watch(place_, directory=True)

    def _open(self) -> Optional[Generation]:
        """Open what the path leads to now; None where there is nothing to read."""
        try:
            fd = self.files.open(self.path)
            gen = Generation(
                self.files, fd, ident(self.files.fstat(fd)), Lines(self.source, self.report)
            )
        except OSError as error:
            self._complain(error)
            return None
        self._complaint = ""
        self._armed = -ARM  # a link can lead to another directory now
        proc = f"/proc/self/fd/{fd}"
        gen.watch = self.waiter.watch(proc if Path(proc).exists() else self.path, directory=False)
        return gen

    def _complain(self, error: OSError, lost: bool = False) -> None:
        """Say once why there is nothing to read."""
        message = (error.strerror or str(error)).lower()
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            if self.queue:  # between a rename and a create
                return
            message = "does not exist yet; waiting for it"
        if message != self._complaint:
            self._complaint = message
            self.report(Problem(self.source.name, None, None, message, lost))

    def _arrivals(self) -> None:
        """Queue the file that the path leads to now, if it is another one."""
        current = self.queue[-1] if self.queue else None
        try:
            unlinked = current is not None and current.unlinked()
        except OSError as error:
            self._failed(self.queue[-1], error)
            return
        try:
            here = ident(self.files.stat(self.path))
        except OSError as error:
            self._turned = bool(current)  # between a rename and a create
            self._complain(error)
            return
        if current and here == current.ident and not unlinked:
            return
        self._turned = True
        gen = self._open()
        if gen is None:
            return
        now = self.clock()
        if current:
            current.left = now
        for old in self.queue:
            if old.ident == gen.ident and not old.unlinked():  # a link that was swapped back
                self._close(gen)
                self.queue.remove(old)
                self.queue.append(old)
                old.left = None
                return
        # The same content under another inode (an editor, a copy moved back) goes on where
        # reading stopped.
        for past in (*self.queue[::-1], *self._past):
            if past.same(gen.fd):
                gen.base, gen.offset = past.base, past.offset
                gen.head, gen.anchor, gen.lines = past.head, past.anchor, past.lines
                gen.fresh = False
                if past in self.queue:
                    self.queue.remove(past)
                    self._close(past)
                break
        self.queue.append(gen)

    def _drain(self, count: int) -> Steps:
        """Hand out what the oldest `count` generations hold.

        What a newer one holds is read first, and handed out after the older ones have been
        read to their ends: a writer that moved on wrote nothing to them since.
        """
        if not count:
            return
        gen = self.queue[count - 1]
        while True:
            stems = self._stems() if gen.fresh else set()
            data = self._read(gen)
            if data:
                # What was beside the log before these bytes were seen in it, is older.
                gen.before = stems
            text = data or gen.head  # of one that was truncated before it could be handed out
            whole = b"\n" in text or len(text) >= SAMPLE
            if data is None and gen.fresh and not whole:
                # Too little to tell it by: it is one of those that came and went.
                gen.head = b""
                gen.unseen = True
                continue
            looks = gen.fresh and (gen.unseen or whole or gen.since is not None)
            missed = self._missed(gen, text) if looks else []
            yield from self._drain(self.queue.index(gen))
            waits = any(old.since is not None for old in self.queue[: self.queue.index(gen) + 1])
            if not waits:
                yield from self._before(gen, missed)
            if gen.fresh and data and (waits or not whole):
                gen.head = data[:SAMPLE]  # a truncation meanwhile must not go unnoticed
            if waits or data == b"" or (data and gen.fresh and not whole):
                return
            if gen.fresh:
                gen.fresh = False
                gen.lines.restart(self._apart(gen, text[: text.find(b"\n") + 1]))
            if data is None:
                yield from self._recover(gen)
                continue
            if gen.left is not None:
                gen.left = self.clock()
            yield gen.take(data) or Chunk(b"", self.source, 0)

    def _read(self, gen: Generation) -> Optional[bytes]:
        try:
            return gen.read()
        except OSError as error:
            self._failed(gen, error)
            return b""

    def _failed(self, gen: Generation, error: OSError) -> None:
        """Go on after a failed read: a network file system may have replaced the file."""
        if error.errno == errno.ESTALE and gen is self.queue[-1]:
            self._turned = True
            self._reopen(gen)
        else:
            self._complain(error, lost=True)

    def _reopen(self, gen: Generation) -> None:
        """Take the file that the path leads to now; its content tells what it is."""
        fresh = self._open()
        if fresh:
            gen.fd, fresh.fd = fresh.fd, gen.fd
            gen.watch, fresh.watch = fresh.watch, gen.watch
            gen.ident = fresh.ident
            self._close(fresh)

    def _idents(self) -> set[Ident]:
        """Give the files that are open: their inodes cannot be those of archives."""
        return {gen.ident for gen in self.queue}

    def _missed(self, gen: Generation, data: bytes) -> list[Glimpse]:
        """Find the generations between the last one that was opened and this one."""
        gen.unseen = False
        self._remember()
        cut = data.find(b"\n") + 1
        line = data[:cut]
        heads = [data[:SAMPLE]]
        for one in self.queue:  # a packed copy of what is open came from here
            with contextlib.suppress(OSError):
                heads.append(one.opening().head)
        # What is beside the log while this first line stands in it, is older.
        stems = self._stems()
        with contextlib.suppress(OSError):
            if gen.opening().head.startswith(heads[0]):
                gen.before = stems
        found, to_come = self.siblings.came_and_went(gen, self._idents, heads, line, gen.before)
        self._turned = self._turned or bool(found) or to_come
        now = self.clock()
        if not to_come:
            gen.since = None
        elif gen.since is None:
            gen.since = now
        elif now - gen.since >= PATIENCE:
            gen.since = None
            recovery = self._recovery(gen)
            recovery.line = line
            recovery.gap()
        return found

    def _stems(self) -> set[str]:
        return {stem(entry.path) for entry in self.siblings.entries(self._idents)}

    def _before(self, gen: Generation, missed: list[Glimpse]) -> Steps:
        """Hand out generations that came and went before this one."""
        self._remember()
        for glimpse in missed:
            if not self.siblings.was_read(glimpse.head):
                between = Generation(self.files, -1, (0, 0), gen.lines)
                between.restart(0, glimpse.head, self._apart(gen, glimpse.line))
                yield from self._with(self._recovery(between), Recovery.between)

    def _remember(self) -> None:
        for gen in self.queue:
            if gen.done:
                self.siblings.remember(gen.head)

    def _apart(self, gen: Generation, line: Optional[bytes]) -> bool:
        """Tell whether a first line stands between the two halves of an unfinished line."""
        if not gen.lines.unfinished or line is None:
            return False
        return bool(named(self.siblings.entries(self._idents), line))

    def _recover(self, gen: Generation) -> Steps:
        """Hand out what a truncation took away."""
        self._turned = True
        yield from self._with(self._recovery(gen), Recovery.run)

    def _recovery(self, gen: Generation) -> Recovery:
        return Recovery(gen, self.siblings, self._idents, self.clock, self.report)

    def _with(self, recovery: Recovery, steps: Callable[[Recovery], Steps]) -> Steps:
        self.recovery = recovery
        yield from steps(recovery)
        self.recovery = None

    def _retire(self) -> Steps:
        """Close the files that nobody writes any more."""
        now = self.clock()
        for gen in self.queue[:-1]:
            old = gen.left is not None and now - gen.left >= KEEP
            if old or len(self.queue) > KEPT:
                chunk = gen.lines.finish()
                if chunk:
                    yield chunk
                self._remember()
                self.queue.remove(gen)
                self._past.append(gen)
                self._close(gen)

    def _close(self, gen: Generation) -> None:
        if gen.watch >= 0:
            self.waiter.unwatch(gen.watch)
        self.files.close(gen.fd)
