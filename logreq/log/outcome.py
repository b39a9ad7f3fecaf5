"""Requests and what their log says afterwards on the same `[PID:TID]`: how they went.

To a request belong the lines of its thread until the thread's next request, until
`Thread HEX finished`, or until `BYTES` bytes or `SECONDS` seconds later. An ERROR or CRIT
record there is a refusal. `Run '...' pid N` makes the end of process N tell something about
the request, wherever it is logged. A document counts where no other record interrupts it.
Silence is not success: there is no outcome then. (Lines seen in real logs; ERROR needs log
level 3, processes need 6.)

Most chunks hold nothing of interest, and finding that out is all that they cost. Others are
read line by line, after the chunks before them, as far back as the window goes.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import Optional

from logreq.log import records
from logreq.log.reasons import answer, ended, refusal
from logreq.log.scan import Found
from logreq.model.chunk import Chunk
from logreq.model.outcome import Outcome
from logreq.model.request import Request

# A record that begins more bytes or seconds after a request than that tells nothing about it.
BYTES = 1024 * 1024
SECONDS = 300
# Threads, or processes, from which on those without a request in the window are forgotten.
KNOWN = 1_000
# Chunks that a record may go on through: it is read again with each of them.
PIECES = 100
# A record that begins within `BYTES` may end in another chunk.
WINDOW = BYTES + records.RECORD

_REQUEST = re.compile(rb"Request(?!\w)").match
_FINISHED = re.compile(rb"Thread \w+ finished").match
_ENDED = re.compile(rb"Process (\d+) finished with status (-?\d+)").match
_RUN = re.compile(rb"Run '.*' pid (\d+)", re.DOTALL).match

# What counts more where several records tell of a request: most of all, the panel's own words.
_DONE, _PROCESS, _TEXT, _TYPED = 1, 2, 3, 4


class Open:
    """A request whose log may still tell how it went; `closed` when it cannot any more."""

    __slots__ = ("_rank", "_record", "at", "closed", "outcome", "page", "place", "request", "time")

    def __init__(self, request: Request, page: Page, place: int, at: int, time: bytes) -> None:
        self.request = request
        self.page = page
        self.place = place
        self.at = at
        self.time = time
        self.closed = False
        self.outcome: Optional[Outcome] = None
        self._rank = 0
        self._record = -1

    def within(self, at: int, time: bytes) -> bool:
        """Tell whether a record at this place and time may still belong to the request."""
        return (
            not self.closed
            and at - self.at <= BYTES
            and records.elapsed(self.time, time) <= SECONDS
        )

    def learn(self, outcome: Outcome, rank: int, record: int) -> bool:
        """Take an outcome if it counts more than the one before, or is more of its text.

        `record` is the record's place. Gives whether it is the first refusal.
        """
        if rank < self._rank or (rank == self._rank and record != self._record):
            return False
        first = outcome.failed and not (self.outcome and self.outcome.failed)
        self.outcome, self._rank, self._record = outcome, rank, record
        self.page.outcomes[self.place] = outcome
        return first


class Page:
    """What a chunk was scanned to; outcomes by the places of their requests in `items`.

    `begin` and `end` are its bytes' places, counted from the first chunk on.
    """

    __slots__ = ("begin", "chunk", "end", "fresh", "items", "outcomes", "since")

    def __init__(self, chunk: Chunk, items: Sequence[Found], begin: int, fresh: bool) -> None:
        # None when it has been read, or is too old to be.
        self.chunk: Optional[Chunk] = chunk
        self.items = items
        self.begin = begin
        self.end = begin + len(chunk.data)
        # It begins with a new record, or in the middle of one whose beginning is not known.
        self.fresh = fresh
        self.outcomes: dict[int, Outcome] = {}
        self.since = 0.0


class _Known(dict[bytes, Optional[Open]]):
    """The requests of threads, or of processes; None: it is known to have none."""

    limit = KNOWN

    def forget(self, before: int) -> None:
        """Take requests out that stand before a place, now and then."""
        if len(self) > self.limit:
            for key in [key for key, one in self.items() if one is None or one.at < before]:
                del self[key]
            self.limit = max(KNOWN, 2 * len(self))


class Pairing:
    """Pairs the requests of one log with their outcomes, chunk by chunk.

    `live`: each chunk is read at once; `refused` gets a request when it is first known to be,
    `closed` when nothing more can be known of it. Memory: the window's bytes, and a little for
    each thread.
    """

    def __init__(self, *, live: bool = False) -> None:
        self.at = 0
        self.refused: list[Open] = []
        self.closed: list[Open] = []
        self._live = live
        self._threads = _Known()
        self._processes = _Known()
        self._unread: deque[Page] = deque()
        # The last record that was read, if there may be more of it, in how many chunks it
        # stood, and whether it tells something as it stands.
        self._carry = b""
        self._pieces = 0
        self._goes_on = False
        # The next chunk's line, at least.
        self._line = 0
        # From here on there is no request in the window.
        self._until = 0

    def feed(self, chunk: Chunk, items: Sequence[Found]) -> Page:
        """Take a chunk and what it was scanned to: requests, which have lines' numbers, others."""
        # A log's lines begin anew when it is rotated.
        page = Page(chunk, items, self.at, chunk.line < self._line)
        self._line = chunk.line + bool(chunk.data)
        self.at = page.end
        if items:
            self._until = page.end + WINDOW
        if page.begin >= self._until:
            page.chunk = None
            return page
        unread, data = self._unread, chunk.data
        while unread and page.begin - unread[0].end > WINDOW:
            unread.popleft().chunk = None
        unread.append(page)
        if self._live or (self._goes_on and not records.begins(data)) or records.interesting(data):
            while unread:
                self._read(unread.popleft())
        return page

    def _read(self, page: Page) -> None:
        assert page.chunk is not None  # noqa: S101 those that are too old are not read
        chunk, page.chunk = page.chunk, None
        carry = b"" if page.fresh else self._carry
        data = carry + chunk.data
        begin = page.begin - len(carry)
        line, counted = chunk.line - carry.count(b"\n"), 0
        requests = {
            one.line: (place, one) for place, one in enumerate(page.items)
            if isinstance(one, Request)
        }  # fmt: skip
        for at, answers in records.places(data):
            head = records.head(data, at)
            if head is None:
                continue
            time, key, level = head.groups()
            text = head.end()
            if level == b"INFO" and _REQUEST(data, text):
                line += data.count(b"\n", counted, at)
                counted = at
                self._close(key)
                # A damaged one is the thread's next request as well.
                if line in requests:
                    place, request = requests[line]
                    self._threads[key] = Open(request, page, place, begin + at, time)
                continue
            opened = self._threads.get(key)
            if level in (b"ERROR", b"CRIT"):
                if opened is not None and opened.within(begin + at, time):
                    outcome = refusal(data[text : records.end(data, text)])
                    self._learn(opened, outcome, begin + at)
            else:
                self._process(opened, key, data, text, begin + at, time)
            if answers and opened is not None and opened.within(begin + at, time):
                said = answer(data[text : records.end(data, text)], opened.request.func)
                if said is not None:
                    self._learn(opened, said, begin + at)
        self._keep(data, len(carry), page.end)

    def _process(
        self, opened: Optional[Open], key: bytes, data: bytes, text: int, at: int, time: bytes
    ) -> None:
        """Read what a record tells of threads and processes."""
        if data.startswith(b"Thread ", text):
            if _FINISHED(data, text):
                self._close(key)
        elif data.startswith(b"Run '", text):
            run = _RUN(data, text, records.end(data, text))
            if run:
                self._processes[run[1]] = opened
        elif data.startswith(b"Process ", text):
            end = _ENDED(data, text)
            # One whose beginning was not logged is its thread's own.
            owner = self._processes.pop(end[1], opened) if end else None
            if end and end[2].strip(b"-0") and owner is not None and owner.within(at, time):
                self._learn(owner, ended(end[1], end[2]), at, _PROCESS)

    def _learn(self, opened: Open, outcome: Outcome, record: int, rank: int = 0) -> None:
        rank = rank or (_DONE if not outcome.failed else _TYPED if outcome.type else _TEXT)
        if opened.learn(outcome, rank, record) and self._live:
            self.refused.append(opened)

    def _close(self, key: bytes) -> None:
        opened = self._threads.pop(key, None)
        if opened is not None:
            opened.closed = True
            if self._live:
                self.closed.append(opened)

    def _keep(self, data: bytes, known: int, end: int) -> None:
        """Remember the last record, if there may be more of it, and forget what is too old.

        The first `known` bytes of `data` are one record's, which was read before.
        """
        self._carry, self._goes_on = b"", False
        at = records.last(data, known)
        self._pieces = self._pieces + 1 if known and not at else 0
        head = records.head(data, at) if at >= 0 and self._pieces <= PIECES else None
        # Requests, and what is known of threads and processes, have one line.
        if head and not data.startswith((b"Request", b"Process ", b"Thread "), head.end()):
            self._carry = data[at:]
            self._goes_on = head[3] in (b"ERROR", b"CRIT")
        for one in (self._threads, self._processes):
            one.forget(end - BYTES)
