"""What stands around the text of a call's parameters: literal pieces with named holes."""

from __future__ import annotations

from enum import IntEnum
from operator import itemgetter
from typing import Any, Callable, Optional, Union

from logreq.model.call import Value
from logreq.model.request import Request


class Hole(IntEnum):
    """What differs between two requests of the same context: a place in what fills a frame."""

    TIME = 0
    LINE = 1
    PAIRS = 2
    DROPPED = 3
    NOTES = 4
    # Filled by frames of targets that tell more of a request.
    WHEN = 5
    PID = 6
    TID = 7


TIME, LINE, PAIRS, DROPPED, NOTES, WHEN, PID, TID = Hole
# Text as it stands, or the place of something.
Piece = Union[str, Hole]


class Frame:
    """Literal pieces with holes, to be filled for each request.

    `pair` makes the texts of these calls' pairs in place of the emitter's own.
    """

    __slots__ = ("_literals", "_pick", "pair")

    def __init__(self, *pieces: Piece, pair: Optional[Callable[[str, Value], str]] = None) -> None:
        literals = tuple([piece for piece in pieces if not isinstance(piece, Hole)])
        places, count = [], 0
        for piece in pieces:
            if isinstance(piece, Hole):
                places.append(len(literals) + piece)
            else:
                places.append(count)
                count += 1
        self._literals = literals
        # Joining is several times quicker than formatting.
        self._pick: Callable[[tuple[str, ...]], Any] = itemgetter(*places)
        self.pair = pair

    def fill(self, request: Request, pairs: str, dropped: str = "", notes: str = "") -> str:
        """Give the text of a request's call: its pairs, those dropped, its notes, as texts."""
        return self.joined(request.time, str(request.line), pairs, dropped, notes)

    def joined(self, *values: str) -> str:
        """Give the text, with `values` in the holes."""
        return "".join(self._pick(self._literals + values))
