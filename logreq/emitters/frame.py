"""What stands around the text of a call's parameters: literal pieces with named holes."""

from __future__ import annotations

from enum import IntEnum
from operator import itemgetter
from typing import Any, Callable, Optional, Union

from logreq.model.call import Value
from logreq.model.request import Request


class Hole(IntEnum):
    """What differs between two requests of the same context: a place in what `holes` gives."""

    TIME = 0
    PID = 1
    TID = 2
    LINE = Request._fields.index("line")
    WHEN = Request._fields.index("when")
    PAIRS = len(Request._fields)
    DROPPED = len(Request._fields) + 1
    NOTES = len(Request._fields) + 2


TIME, PID, TID, LINE, WHEN, PAIRS, DROPPED, NOTES = Hole
# Text as it stands, or the place of something.
Piece = Union[str, Hole]


def holes(request: Request, pairs: str, dropped: str = "", notes: str = "") -> tuple[Any, ...]:
    """Give what fills a frame's holes."""
    values = request + (pairs, dropped, notes)  # noqa: RUF005 takes half as long
    return values if request[2] is not None else (*values[:2], "null", *values[3:])


class Frame:
    """Literal pieces with holes, to be filled for each request.

    `pair` makes the texts of these calls' pairs in place of the emitter's own.
    """

    __slots__ = ("_pick", "_template", "pair")

    def __init__(self, *pieces: Piece, pair: Optional[Callable[[str, Value], str]] = None) -> None:
        found = [piece for piece in pieces if isinstance(piece, Hole)]
        self._template = "".join(
            "%s" if isinstance(piece, Hole) else piece.replace("%", "%%") for piece in pieces
        )
        self._pick: Callable[[tuple[Any, ...]], Any] = (
            itemgetter(*found) if found else lambda values: ()
        )
        self.pair = pair

    def fill(self, values: tuple[Any, ...]) -> str:
        """Give the text; `values` are those of `holes`."""
        text: str = self._template % self._pick(values)
        return text
