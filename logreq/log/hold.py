"""Saved logs: each request is handed on with its outcome, when nothing later can change it."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, Optional

from logreq.log.files import LogFile, read_file
from logreq.log.outcome import WINDOW, Page, Pairing
from logreq.log.scan import Found, Paired
from logreq.model.chunk import Chunk
from logreq.model.request import Request

# Seconds that a request waits for its outcome where more is still to be written.
PATIENCE = 2.0


def paired(file: LogFile, later: Sequence[LogFile] = ()) -> Paired:
    """Give what pairs the requests of a log with their outcomes, for `scan.batches`.

    `later`: the files that go on with the same log, in their order.
    """

    def following() -> Iterator[Chunk]:
        for one in later:
            # What is wrong with it is told when its turn comes.
            yield from read_file(one, lambda problem: None)

    # A pipe's writer may still be at work.
    clock = None if file.size else time.monotonic
    return lambda fed: told(hold(fed, following, clock))


def same_log(file: LogFile) -> tuple[str, str, str]:
    """Give what the files of one log have in common: panel, folder, the beginning of the name.

    Panels move a full log to a folder `logs` beside it.
    """
    folder, name = os.path.split(os.path.abspath(file.path))
    above, last = os.path.split(folder)
    return file.source.panel, above if last == "logs" else folder, name.partition(".log")[0]


def hold(
    fed: Iterable[tuple[Chunk, Sequence[Found]]],
    following: Callable[[], Iterable[Chunk]] = tuple,
    clock: Optional[Callable[[], float]] = None,
) -> Iterator[Page]:
    """Hold a saved log's pages back until what comes later cannot tell anything about them.

    `fed`: chunks and what they were scanned to. `following`: gives the chunks after the last
    one, which are taken as far as they may tell something: a rotation can stand between a
    request and its outcome. `clock`, in seconds, for a log that is still being written: where
    nothing more is there (a chunk without data), pages wait no longer than `PATIENCE`. Gives
    the pages in order.
    """
    pairing = Pairing()
    held: deque[Page] = deque()
    for chunk, items in fed:
        page = pairing.feed(chunk, items)
        held.append(page)
        while pairing.at - held[0].end > WINDOW:
            yield held.popleft()
        if clock is not None:
            page.since = now = clock()
            while not chunk.data and held and now - held[0].since >= PATIENCE:
                yield held.popleft()
    if any(page.items for page in held):
        end = pairing.at
        for chunk in following():
            pairing.feed(chunk, ())
            if pairing.at - end > WINDOW:
                break
    yield from held


def told(pages: Iterable[Page]) -> Iterator[Sequence[Found]]:
    """Give what chunks were scanned to, requests with their outcomes."""
    for page in pages:
        items = page.items
        if page.outcomes:
            items = [
                item._replace(outcome=page.outcomes.get(place))
                if isinstance(item, Request) else item
                for place, item in enumerate(items)
            ]  # fmt: skip
        yield items
