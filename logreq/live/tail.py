"""Follows one log through truncations, renames and deletions."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Optional

from logreq.live.archive import named, stem
from logreq.live.files import ident
from logreq.live.generation import SAMPLE, Generation
from logreq.live.queue import KEPT, Log, Queue
from logreq.live.recovery import PATIENCE, Recovery, Steps
from logreq.live.siblings import Glimpse, Siblings
from logreq.live.start import Wanted, place
from logreq.live.wake import POLL, SAFETY
from logreq.model.chunk import Chunk

# Seconds for which a renamed or deleted file is kept open, counted from its last growth.
KEEP = 5.0
# Reads of a new file while the files beside it change.
TRIES = 8
# Seconds until the next look while an archive is waited for.
RETRY = 0.05


class Tail:
    """One log: the generation at its path, and older ones that may still grow.

    `run` never ends; it yields chunks of whole lines, chunks without data while work is
    under way, and None when there is nothing to do but wait, at most `delay` seconds.
    """

    def __init__(self, log: Log) -> None:
        self.log = log
        self.siblings = Siblings(log.files, log.path, log.clock)
        self.queue = Queue(log, self.siblings)
        self.gens = self.queue.gens
        self.hurried = False
        self.recovery: Optional[Recovery] = None
        self._drained = 0  # so many of the oldest were read to their ends in this pass
        self._state: object = None
        self._looked = 0.0

    @property
    def delay(self) -> float:
        """Seconds to wait at most until the next look."""
        waits = self.recovery or any(gen.since is not None for gen in self.gens)
        return RETRY if waits else self.log.waiter.interval

    def begin(self, back: Optional[int], wanted: Wanted) -> None:
        """Open the log where it exists, at its end or `back` lines before; None: at its start."""
        self.queue.arm()
        self.siblings.look()
        gen = self.queue.open()
        if gen is not None:
            if back is None:
                opening = gen.opening()
                gen.restart(opening.base, opening.head, apart=False)
                gen.fresh = not opening.head
            else:
                place(gen, back, wanted)
            self.gens.append(gen)
        self.siblings.commit()

    def run(self) -> Steps:
        """Hand out what comes, for ever."""
        while True:
            if self._quiet():
                yield None
                continue
            moved = False
            self.queue.turned = False
            self.queue.arm()
            self.siblings.look()
            self.queue.arrivals()
            count = len(self.gens)
            self._drained = 0
            for chunk in self._drain(count):
                moved = moved or chunk is not None
                yield chunk
                # A slow consumer took its time: what came meanwhile may be gone at the end.
                self.queue.look()
            for chunk in self._retire(count - 1):
                yield chunk
            if self.queue.turned:
                self.siblings.discard()
            elif not any(gen.fresh for gen in self.gens):
                # While a log is empty, what is put beside it may be what it held meanwhile.
                self.siblings.commit()
            if not moved:
                yield None

    def _quiet(self) -> bool:
        """Tell whether size, time and inode are those of the last look, a moment ago.

        They can stay the same over a rotation within one tick of the clock. So this saves work
        only between two thorough looks, SAFETY apart.
        """
        if len(self.gens) != 1 or self.gens[0].since is not None:
            return False
        now = self.log.clock()
        try:
            mine = self.log.files.fstat(self.gens[0].fd)
            here = self.log.files.stat(self.log.path)
        except OSError:
            return False
        state = (mine.st_size, mine.st_mtime_ns, mine.st_nlink, ident(mine), ident(here))
        if state == self._state and now - self._looked < SAFETY - POLL / 2:
            return True
        self._state, self._looked = state, now
        return False

    def hurry(self) -> None:
        """Wait for nothing any more: report what is missing, hand out what is there."""
        self.hurried = True
        if self.recovery:
            self.recovery.hurried = True

    def finish(self) -> None:
        """Close all files; what could not be recovered until now is reported."""
        if self.recovery:
            self.recovery.gap()
        for gen in self.gens:
            self.queue.close(gen)
        self.gens.clear()

    def _drain(self, count: int) -> Steps:
        """Hand out what the oldest `count` generations hold.

        What a newer one holds is read first, and handed out after the older ones have been
        read to their ends: a writer that moved on wrote nothing to them since.
        """
        if not count:
            return
        gen = self.gens[count - 1]
        while True:
            data = self._first(gen) if gen.fresh else self._read(gen)
            text = data or gen.head  # of one that was truncated before it could be handed out
            whole = b"\n" in text or len(text) >= SAMPLE
            if data is None and gen.fresh and not whole:
                # Too little to tell it by: it is one of those that came and went.
                gen.head = b""
                gen.unseen = True
                continue
            looks = gen.fresh and (gen.unseen or whole or gen.since is not None)
            missed = self._missed(gen, text) if looks else []
            # Many files take a while before the first chunk of the oldest.
            self.queue.look()
            yield from self._drain(self.gens.index(gen))
            waits = any(old.since is not None for old in self.gens[: self.gens.index(gen) + 1])
            if not waits:
                yield from self._before(gen, missed)
            if gen.fresh and data and (waits or not whole):
                gen.head = data[:SAMPLE]  # a truncation meanwhile must not go unnoticed
            if waits:
                return
            if data == b"" or (data and gen.fresh and not whole):
                self._drained = self.gens.index(gen) + 1
                return
            if gen.fresh:
                gen.fresh = False
                gen.lines.restart(self._apart(gen, text[: text.find(b"\n") + 1]))
            if data is None:
                yield from self._recover(gen)
                continue
            if gen.left is not None:
                gen.left = self.log.clock()
            yield gen.take(data) or Chunk(b"", self.log.source, 0)

    def _first(self, gen: Generation) -> Optional[bytes]:
        """Read a file of which nothing was handed out, at a time when nothing is on the move.

        What was beside the log before these bytes were seen in it, is older.
        """
        before = self._stems()
        for _ in range(TRIES):
            data = self._read(gen)
            stems, before = before, self._stems()
            if stems == before:
                break
        if data:
            gen.before = stems
        return data

    def _read(self, gen: Generation) -> Optional[bytes]:
        try:
            return gen.read()
        except OSError as error:
            self.queue.failed(gen, error)
            return b""

    def _missed(self, gen: Generation, data: bytes) -> list[Glimpse]:
        """Find the generations between the last one that was opened and this one."""
        gen.unseen = False
        self._remember()
        cut = data.find(b"\n") + 1
        line = data[:cut]
        heads = [data[:SAMPLE]]
        for one in self.gens:  # a packed copy of what is open came from here
            with contextlib.suppress(OSError):
                heads.append(one.opening().head)
        # What is beside the log while this first line stands in it, is older.
        stems = self._stems()
        with contextlib.suppress(OSError):
            if gen.opening().head.startswith(heads[0]):
                gen.before = stems
        found, to_come = self.siblings.came_and_went(
            gen, self.queue.idents, heads, line, gen.before
        )
        self.queue.turned = self.queue.turned or bool(found) or to_come
        now = self.log.clock()
        if not to_come:
            gen.since = None
        elif gen.since is None and not self.hurried:
            gen.since = now
        elif gen.since is None or now - gen.since >= PATIENCE or self.hurried:
            gen.since = None
            recovery = self._recovery(gen)
            recovery.line = line
            recovery.gap()
        return found

    def _stems(self) -> set[str]:
        return {stem(entry.path) for entry in self.siblings.entries(self.queue.idents)}

    def _before(self, gen: Generation, missed: list[Glimpse]) -> Steps:
        """Hand out generations that came and went before this one."""
        self._remember()
        for glimpse in missed:
            if not self.siblings.was_read(glimpse.head):
                between = Generation(self.log.files, -1, (0, 0), gen.lines)
                between.restart(0, glimpse.head, self._apart(gen, glimpse.line))
                yield from self._with(self._recovery(between), Recovery.between)

    def _remember(self) -> None:
        for gen in self.gens:
            if gen.done:
                self.siblings.remember(gen.head)

    def _apart(self, gen: Generation, line: Optional[bytes]) -> bool:
        """Tell whether a first line stands between the two halves of an unfinished line."""
        if not gen.lines.unfinished or line is None:
            return False
        return bool(named(self.siblings.entries(self.queue.idents), line))

    def _recover(self, gen: Generation) -> Steps:
        """Hand out what a truncation took away."""
        self.queue.turned = True
        yield from self._with(self._recovery(gen), Recovery.run)

    def _recovery(self, gen: Generation) -> Recovery:
        recovery = Recovery(gen, self.siblings, self.queue.idents, self.log.clock, self.log.report)
        recovery.hurried = self.hurried
        return recovery

    def _with(self, recovery: Recovery, steps: Callable[[Recovery], Steps]) -> Steps:
        self.recovery = recovery
        yield from steps(recovery)
        self.recovery = None

    def _retire(self, count: int) -> Steps:
        """Close the files that nobody writes any more.

        The oldest `count` are those that the path had left before they were read.
        """
        now = self.log.clock()
        for gen in self.gens[: max(0, min(count, self._drained))]:
            old = gen.left is not None and now - gen.left >= KEEP
            if old or len(self.gens) > KEPT:
                chunk = gen.lines.finish()
                if chunk:
                    yield chunk
                self._remember()
                self.gens.remove(gen)
                self.queue.past.append(gen)
                self.queue.close(gen)
