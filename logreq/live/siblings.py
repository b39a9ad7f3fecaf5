"""What is known of the files beside a log: which are new, which were read already."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Container, Iterable
from typing import NamedTuple, Optional, Union

from logreq.live.archive import (
    Archive,
    UnreadableError,
    directories,
    named,
    promises,
    related,
    scan,
    stem,
)
from logreq.live.files import Entry, Files, Ident, ident
from logreq.live.generation import SAMPLE, Generation

# Seconds for which a file counts as new: an archive is written just before a truncation.
RECENT = 10.0
# Generations that are remembered as read, and files without the log's name that one search
# opens at most. A reader that is held up finds hundreds of generations at once.
REMEMBERED = 4096
SEARCHED = 64

_Key = Union[tuple[str, Ident], tuple[Ident, int, int]]


class Glimpse(NamedTuple):
    """How an archive begins: its head and its first line, None where that is not whole."""

    head: bytes
    line: Optional[bytes]


class Siblings:
    """The files in the directories of one log's archives.

    `look` before the log is looked at, `commit` if the log had not been rotated then: what was
    there at that time is known. A file that is not known came with a rotation.
    """

    def __init__(self, files: Files, path: str, clock: Callable[[], float]) -> None:
        self.files = files
        self.path = path
        self.places = directories(path)
        self._clock = clock
        self._known: Optional[dict[_Key, float]] = None
        self._found: Optional[list[Entry]] = None
        self._state: object = None
        self._again: Optional[float] = None
        self._read: deque[bytes] = deque(maxlen=REMEMBERED)
        self._glimpses: dict[Entry, Optional[Glimpse]] = {}

    def look(self) -> None:
        """List the directories if they changed."""
        state = [self._changed(place) for place in self.places]
        now = self._clock()
        if state != self._state:
            # Changes within one tick of the clock leave the time as it is: look once more.
            self._again = now + 1.0
        elif self._again is None or now < self._again:
            return
        else:
            self._again = None
        self._state = state
        self._found = scan(self.files, self.places) if state[0] is not None else None

    def commit(self) -> None:
        """Take what `look` found as known."""
        if self._found is None:
            return
        now = self._clock() if self._known is not None else -RECENT
        before = self._known or {}
        self._known = {key: before.get(key, now) for e in self._found for key in _keys(e)}
        self._found = None

    def discard(self) -> None:
        """Forget what `look` found: the log was rotated meanwhile."""
        self._state = self._found = None

    def _changed(self, place: str) -> Optional[int]:
        try:
            return self.files.stat(place).st_mtime_ns
        except OSError:
            return None

    @property
    def informed(self) -> bool:
        """Whether it is known what was there before."""
        return self._known is not None

    def seen(self, entry: Entry) -> Optional[float]:
        """Give when a file became known, None for a new one; never None without a `commit`."""
        if self._known is None:
            return -RECENT
        return next((self._known[key] for key in _keys(entry) if key in self._known), None)

    def recent(self, entry: Entry) -> bool:
        """Tell whether a file is new or became known a moment ago."""
        since = self.seen(entry)
        return since is None or self._clock() - since < RECENT

    def busy(self, idents: Callable[[], Container[Ident]]) -> bool:
        """Tell whether a file appeared a moment ago, or one that has the log's name changed."""
        entries = self.entries(idents)
        known = self._known or {}
        changed = (_keys(e)[1] not in known for e in related(entries, self.path))
        return any(map(self.recent, entries)) or any(changed)

    def remember(self, head: bytes) -> None:
        """Note that the generation with this head was read."""
        if head and head not in self._read:
            self._read.append(head)

    def was_read(self, head: bytes) -> bool:
        """Tell whether a generation that begins so was read."""
        return any(head.startswith(known) or known.startswith(head) for known in self._read)

    def entries(self, idents: Callable[[], Container[Ident]]) -> list[Entry]:
        """List all files but those that are open and the log itself."""
        found = scan(self.files, self.places)
        others = idents()  # asked afterwards: what is open now was not an archive then
        with contextlib.suppress(OSError):  # between a rename and a create
            log = ident(self.files.stat(self.path))
            found = [e for e in found if e.ident != log or not self._is(e)]
        return [e for e in found if e.ident not in others and e.path != self.path]

    def _is(self, entry: Entry) -> bool:
        """Tell whether a file is still there: the log can have the inode of one that is gone."""
        try:
            return ident(self.files.stat(entry.path)) == entry.ident
        except OSError:
            return False

    def candidates(self, idents: Callable[[], Container[Ident]]) -> list[Entry]:
        """Give the files in which to search for a generation, the likely ones first."""
        entries = self.entries(idents)
        first = related(entries, self.path)[::-1]
        rest = sorted(set(entries) - set(first), key=lambda e: -e.mtime)
        return [*first, *rest[:SEARCHED]]

    def glimpse(self, entry: Entry) -> Optional[Glimpse]:
        """Look at how a file begins; None where it cannot be read."""
        if entry not in self._glimpses:
            if len(self._glimpses) >= REMEMBERED:
                self._glimpses.clear()
            self._glimpses[entry] = self._open(entry)
        return self._glimpses[entry]

    def _open(self, entry: Entry) -> Optional[Glimpse]:
        try:
            archive = Archive(self.files, entry)
        except UnreadableError:
            return None
        archive.close()
        return Glimpse(archive.head, archive.line) if archive.head else None

    def came_and_went(
        self,
        gen: Generation,
        idents: Callable[[], Container[Ident]],
        heads: list[bytes],
        line: bytes,
        before: Optional[Container[str]] = None,
    ) -> tuple[list[Glimpse], bool]:
        """Give the generations between the last one that was read and `gen`, oldest first.

        `heads` are those of what is open, `line` is the first line of `gen`. One of them is
        what that line names, or a first line of theirs, or what has the log's name and an
        ending; if it is new and was not read yet. `before` has the paths, without the ending of
        a compression, of those that can be older than the first line. Also tells whether one
        that is named is still to come.
        """
        everything = self.entries(set)
        others = idents()
        new = {e for e in everything if e.ident not in others and self.seen(e) is None}
        found: dict[bytes, tuple[Entry, Glimpse]] = {}
        to_come = self._walk(line, everything, new, heads, found)
        chain = list(found.values())[::-1]
        limit = self._limit(gen)
        old = [e for e in related(new, self.path) if limit is None or e.mtime <= limit]
        old = [e for e in old if before is None or stem(e.path) in before]
        unnamed = self._unread(old, [*found, *heads])
        dark = [e for e in old if e.size and not self.glimpse(e)]
        if dark:  # gone meanwhile, or not packed to its end: what it is, shows later
            plain = {stem(e.path) for e in everything if self.glimpse(e)}
            to_come |= any(stem(e.path) not in plain for e in dark)
        if unnamed:
            for pair in unnamed:
                found[pair[1].head] = pair
            for pair in unnamed:
                to_come |= self._walk(pair[1].line or b"", everything, new, heads, found)
            chain = _ordered(found.values())
        return [glimpse for _, glimpse in chain], to_come

    def _walk(
        self,
        line: bytes,
        everything: list[Entry],
        new: set[Entry],
        heads: list[bytes],
        found: dict[bytes, tuple[Entry, Glimpse]],
    ) -> bool:
        """Add what a first line names, and so on; tell whether something is still to come."""
        while line:
            here = named(everything, line)
            steps = self._unread([e for e in here if e in new], [*found, *heads])
            if not steps:
                absent = not here and promises(line)
                late = any(e in new and not self.glimpse(e) for e in here)
                return self.informed and (absent or late)
            found[steps[0][1].head] = steps[0]
            line = steps[0][1].line or b""
        return False

    def _limit(self, gen: Generation) -> Optional[int]:
        """Give the time (ns) after which a file is newer than `gen`; None: none is."""
        with contextlib.suppress(OSError):  # between a rename and a create
            if not gen.unlinked() and ident(self.files.stat(self.path)) == gen.ident:
                return None
        try:
            return self.files.fstat(gen.fd).st_mtime_ns
        except OSError:
            return None

    def _unread(self, entries: list[Entry], but: list[bytes]) -> list[tuple[Entry, Glimpse]]:
        """Give those that were not read yet and do not begin like any of `but`."""
        found: dict[bytes, tuple[Entry, Glimpse]] = {}
        for entry in entries:
            glimpse = self.glimpse(entry)
            if glimpse is None or self.was_read(glimpse.head):
                continue
            # Less than a line tells nothing.
            known = [head for head in but if b"\n" in head or len(head) == SAMPLE]
            if not any(glimpse.head.startswith(head) for head in known):
                found.setdefault(glimpse.head, (entry, glimpse))
        return list(found.values())


def _ordered(found: Iterable[tuple[Entry, Glimpse]]) -> list[tuple[Entry, Glimpse]]:
    """Sort by time of change, but what a first line names goes before it: it can be late."""
    left = {pair[0]: pair for pair in sorted(found, key=lambda pair: pair[0].mtime)}
    chain: list[tuple[Entry, Glimpse]] = []
    for entry in list(left):
        way = []
        pair = left.pop(entry, None)
        while pair:
            way.append(pair)
            older = named(left, pair[1].line or b"")
            pair = left.pop(older[0]) if older else None
        chain += way[::-1]
    return chain


def _keys(entry: Entry) -> tuple[_Key, _Key]:
    # A renamed archive keeps the second, one that is being written keeps the first.
    return (entry.path, entry.ident), (entry.ident, entry.size, entry.mtime)
