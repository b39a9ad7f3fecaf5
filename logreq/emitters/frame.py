"""What stands around the text of a call's parameters: literal pieces with named holes."""

from __future__ import annotations

from enum import IntEnum
from operator import itemgetter
from typing import Any, Callable, Optional, Union

from logreq.model.call import Value


class Hole(IntEnum):
    """What differs between two requests of the same context."""

    TIME = 0
    LINE = 1
    PID = 2
    TID = 3
    PAIRS = 4
    DROPPED = 5


TIME, LINE, PID, TID, PAIRS, DROPPED = Hole
# Text as it stands, or the place of something.
Piece = Union[str, Hole]


class Frame:
    """Literal pieces with holes, to be filled for each request.

    `pair` makes the texts of these calls' pairs in place of the emitter's own.
    """

    __slots__ = ("_pick", "_template", "pair")

    def __init__(self, *pieces: Piece, pair: Optional[Callable[[str, Value], str]] = None) -> None:
        holes = [piece for piece in pieces if isinstance(piece, Hole)]
        self._template = "".join(
            "%s" if isinstance(piece, Hole) else piece.replace("%", "%%") for piece in pieces
        )
        self._pick: Callable[[tuple[str, ...]], Any] = (
            itemgetter(*holes) if holes else lambda values: ()
        )
        self.pair = pair

    def fill(self, values: tuple[str, ...]) -> str:
        """Give the text; `values` are in the order of `Hole`."""
        text: str = self._template % self._pick(values)
        return text
