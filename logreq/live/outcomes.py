"""Live logs: requests as they come, and refusals as they become known."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Callable, NamedTuple, Union

from logreq.errors import Report
from logreq.log.hold import PATIENCE
from logreq.log.outcome import Page, Pairing
from logreq.log.scan import Stats, scanned
from logreq.model.chunk import Chunk, Source
from logreq.model.outcome import Outcome
from logreq.model.request import Request


class Late(NamedTuple):
    """A refusal that became known after its request, as it was then, was handed on."""

    request: Request
    outcome: Outcome


class _Waiting:
    """A request that waits for its outcome."""

    __slots__ = ("done", "page", "place", "request", "since")

    def __init__(self, request: Request, page: Page, place: int, since: float) -> None:
        self.request = request
        self.page = page
        self.place = place
        self.since = since
        self.done = False


class Outcomes:
    """Gives the requests of live logs in their order, and their refusals.

    `wait`: a request waits until its thread is done with it, or for `PATIENCE` seconds, and has
    its outcome where that is known by then; else it is handed on at once and without one.
    """

    def __init__(
        self,
        report: Report,
        stats: Stats,
        *,
        wait: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._stats = stats
        self._wait = wait
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._waiting: dict[tuple[Page, int], _Waiting] = {}

    def due(self) -> float:
        """Give the seconds until a request has waited long enough; infinite if none waits."""
        if not self._queue:
            return float("inf")
        return max(0.0, self._queue[0].since + PATIENCE - self._clock())

    def events(self, chunks: Iterable[Chunk]) -> Iterator[Union[Request, Late]]:
        """Give the requests of chunks, and later refusals of such that were given.

        A chunk without data lets those go that have waited long enough.
        """
        pairings: dict[Source, Pairing] = {}
        for chunk, items in scanned(chunks, self._stats):
            if chunk.data:
                pairing = pairings.get(chunk.source)
                if pairing is None:
                    pairing = pairings[chunk.source] = Pairing(live=True)
                page = pairing.feed(chunk, items)
                yield from self._requests(page)
                yield from self._news(pairing)
            yield from self._let_go(self._clock() - PATIENCE)
        yield from self._let_go(float("inf"))

    def _requests(self, page: Page) -> Iterator[Request]:
        now = self._clock()
        for place, item in enumerate(page.items):
            if not isinstance(item, Request):
                self._stats.malformed += 1
                self._report(item)
                continue
            self._stats.requests += 1
            if not self._wait:
                yield item
                continue
            waiting = self._waiting[page, place] = _Waiting(item, page, place, now)
            self._queue.append(waiting)

    def _news(self, pairing: Pairing) -> Iterator[Late]:
        for opened in pairing.refused:
            waiting = self._waiting.get((opened.page, opened.place))
            if waiting is not None:
                waiting.done = True
            elif opened.outcome is not None:  # pragma: no branch - it is why it is there
                yield Late(opened.request, opened.outcome)
        for opened in pairing.closed:
            waiting = self._waiting.get((opened.page, opened.place))
            if waiting is not None:
                waiting.done = True
        pairing.refused.clear()
        pairing.closed.clear()

    def _let_go(self, before: float) -> Iterator[Request]:
        """Give requests in order that are done, or came before a time."""
        queue = self._queue
        while queue and (queue[0].done or queue[0].since <= before):
            first = queue.popleft()
            del self._waiting[first.page, first.place]
            yield first.request._replace(outcome=first.page.outcomes.get(first.place))
