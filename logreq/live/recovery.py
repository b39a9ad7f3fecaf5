"""Hands out the rest of a generation that is no longer in the log, from its archive."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator
from contextlib import closing
from typing import Optional

from logreq.errors import Problem
from logreq.live.archive import Archive, UnreadableError, named, ordinary, promises, skip, stem
from logreq.live.files import Entry, Ident
from logreq.live.generation import Generation, Opening
from logreq.live.siblings import Siblings
from logreq.model.chunk import Chunk
from logreq.text.codec import decode

# Seconds.
PATIENCE = 10.0  # that an archive may take to appear, counted from its last change
SHORT_PATIENCE = 2.5  # the same where the new first line is an ordinary record
NO_PATIENCE = 0.1  # the same where nothing beside the log is new either
LIMIT = 300.0  # whatever changes
LASTING = 1.0  # a shrink that neither head nor anchor shows must last so long
SETTLE = 0.25  # a plain archive that did not grow for so long is complete
SETTLE_SHORT = 1.0  # the same for one that is shorter than what was read

# A chunk without data: work is under way. None: nothing to do but wait.
Steps = Generator[Optional[Chunk], None, None]
Found = tuple[Optional[Archive], list[bytes]]


class Recovery:
    """The way from a generation that was cut off to the one that is in the log now.

    `gen` moves on through the archives: its offset, head and anchor always tell what was
    handed out, so that any interruption is resumed by looking for that place again.
    """

    def __init__(
        self,
        gen: Generation,
        siblings: Siblings,
        idents: Callable[[], Container[Ident]],
        clock: Callable[[], float],
        report: Callable[[Problem], None],
    ) -> None:
        self.gen = gen
        self.siblings = siblings
        self.idents = idents
        self.clock = clock
        self.report = report
        self.busy = Chunk(b"", gen.lines.source, 0)
        self.line: Optional[bytes] = None
        self.before: set[str] = set()
        self.hurried = False  # nothing is waited for any more
        self._shorts: dict[Entry, float] = {}

    def run(self) -> Steps:
        """Hand out what is missing; afterwards the generation is the log's present one."""
        opening = yield from self._first_line()
        if opening is None:
            return
        assert opening.line is not None  # noqa: S101 - it was waited for
        self.line = opening.line
        complete = yield from self._walk(opening)
        if not complete:
            self.gap()
            self.gen.lines.drop()
        self.siblings.remember(self.gen.head)
        self.gen.restart(opening.base, opening.head, self._apart(opening.line))
        self.gen.fresh = False

    def _apart(self, line: Optional[bytes]) -> bool:
        """Tell whether a first line was put there by a rotation."""
        return line is not None and bool(named(self.siblings.entries(self.idents), line))

    def gap(self) -> None:
        """Report what may be missing."""
        gen = self.gen
        found = "no archive was found that can be read"
        # A record can hold secrets, and names no archive.
        if self.line is not None and not ordinary(self.line):
            named_in = decode(self.line[:200].strip())
            found = f"what its first line names was not found or cannot be read ({named_in})"
        message = f"lines after byte {gen.done} may be missing: the log was rotated, and {found}"
        self.report(Problem(gen.lines.source.name, gen.lines.number, None, message, lost=True))

    def _first_line(self) -> Generator[Optional[Chunk], None, Optional[Opening]]:
        """Wait for the new first line; None where the log turns out to be as it was."""
        gen, began = self.gen, self.clock()
        while True:
            if gen.read() is not None:  # a stale size, or the same content written back
                return None
            opening = gen.opening()
            head = opening.head
            same = head and (head.startswith(gen.head) or gen.head.startswith(head))
            if opening.line is not None and not (
                same and self.clock() - began < LASTING and not self.hurried
            ):
                # What is beside the log while this first line stands in it, is older.
                entries = self.siblings.entries(self.idents)
                self.before = {stem(entry.path) for entry in entries}
                if gen.opening().head.startswith(head):
                    return opening
                continue
            if not same and self.clock() - began < PATIENCE:
                yield from self._search()
            yield None

    def _walk(self, opening: Opening) -> Generator[Optional[Chunk], None, bool]:
        """Go from archive to archive; tell whether the way was complete."""
        line = opening.line or b""
        began = moved = self.clock()
        state = named(self.siblings.entries(self.idents), line)
        found_all = False
        while True:
            found = yield from self._trace(line)
            if found:
                archive, rest = found
                whole = archive is None or (yield from self._rest(archive, not rest))
                if whole and not rest:
                    return True
                if whole:
                    self.siblings.remember(self.gen.head)
                    self.gen.restart(0, rest[0], apart=True)
                    continue
            elif (yield from self._search()):
                found_all = True
                # Several rotations, and the archive of the last one is still to come.
                if state or not promises(line):
                    break
            before, state = state, named(self.siblings.entries(self.idents), line)
            now = self.clock()
            if before != state:
                moved = now
            if self.hurried or now - moved >= self._patience(line) or now - began >= LIMIT:
                break
            yield None
        if found_all:
            yield from self._unnamed(opening.head)
        return found_all

    def _patience(self, line: bytes) -> float:
        """Give how long an archive is waited for, in seconds.

        An archive is written before the log is truncated; a panel that writes it afterwards
        names it. So where neither is the case there is none to come.
        """
        if not ordinary(line):
            return PATIENCE
        return SHORT_PATIENCE if self.siblings.busy(self.idents) else NO_PATIENCE

    def _trace(self, line: Optional[bytes]) -> Generator[Optional[Chunk], None, Optional[Found]]:
        """Walk back through the archives that first lines name, to where `gen` stands.

        Gives the archive, ready to be read on (None: nothing is left in it), and the heads
        of the generations after it; None where the way does not lead there.
        """
        entries = self.siblings.entries(self.idents)
        rest: list[bytes] = []
        seen: set[str] = set()
        while line is not None:
            step = None
            short = False
            for entry in named(entries, line):
                glimpse = None if entry.path in seen else self.siblings.glimpse(entry)
                seen.add(entry.path)
                if glimpse is None:
                    continue
                archive, verdict = yield from self._match(entry, glimpse.head)
                if archive:
                    return archive, rest
                short = short or verdict
                step = step or glimpse
            if short:
                return None, rest
            if step is None:
                return None
            rest.insert(0, step.head)
            line = step.line
        return None

    def _search(self) -> Generator[Optional[Chunk], None, bool]:
        """Hand out what any file beside the log has; tell whether one was made for this."""
        final = False
        for entry in self.siblings.candidates(self.idents):
            glimpse = self.siblings.glimpse(entry)
            if glimpse is None:
                continue
            archive, short = yield from self._match(entry, glimpse.head)
            whole = short or (archive is not None and (yield from self._rest(archive, True)))
            # An old copy that somebody made does not tell what followed.
            final = final or (whole and self.siblings.recent(entry))
        return final

    def _unnamed(self, head: bytes) -> Steps:
        """Hand out generations that came and went while nobody looked."""
        self.siblings.remember(self.gen.head)
        missed, _ = self.siblings.came_and_went(
            self.gen, self.idents, [head], self.line or b"", self.before
        )
        for glimpse in missed:
            self.gen.restart(0, glimpse.head, self._apart(glimpse.line))
            yield from self.between()

    def between(self) -> Steps:
        """Hand out a generation that was never in the log when somebody looked."""
        began = self.clock()
        while not (yield from self._search()):
            if self.hurried or self.clock() - began >= PATIENCE:
                self.gap()
                break
            yield None
        self.siblings.remember(self.gen.head)

    def _match(
        self, entry: Entry, head: bytes
    ) -> Generator[Optional[Chunk], None, tuple[Optional[Archive], bool]]:
        """Open a file that holds `gen` at the place where it stands.

        Gives it, or whether it holds the generation, but ends before that place.
        """
        gen = self.gen
        if not head.startswith(gen.head):
            return None, False
        try:
            archive = Archive(self.siblings.files, entry)
        except UnreadableError:
            return None, False
        try:
            for verdict in skip(archive, gen.done, gen.anchor):
                if verdict:
                    return archive, False
                yield self.busy
        except EOFError:
            now = self.clock()
            settled = now - self._shorts.setdefault(entry, now) >= SETTLE_SHORT
            archive.close()
            return None, settled or not archive.plain
        except UnreadableError:
            pass
        archive.close()
        return None, False

    def _rest(self, archive: Archive, settle: bool) -> Generator[Optional[Chunk], None, bool]:
        """Hand out an archive to its end; tell whether it is complete."""
        quiet: Optional[float] = None
        with closing(archive):
            while True:
                try:
                    data = archive.read()
                except UnreadableError:
                    return False
                if data:
                    quiet = None
                    yield self.gen.take(data) or self.busy
                    continue
                now = self.clock()
                quiet = now if quiet is None else quiet
                if not (archive.plain and settle) or now - quiet >= SETTLE or self.hurried:
                    return True
                yield None
