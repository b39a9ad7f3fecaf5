"""What an emitter says around the texts of a call's parameters, as pieces to put together.

The emitter is asked with a made-up time, line, texts and so on, and what it says is cut
where these stand: there is one definition of a snippet, and it is the emitter's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from logreq.errors import EmitError
from logreq.model.call import Call
from logreq.model.chunk import Source
from logreq.model.request import Request
from logreq.text.cache import BoundedCache
from logreq.text.codec import decode, encode

if TYPE_CHECKING:
    from logreq.emitters._old import Emitter

# Frames that are remembered of a log: some megabytes, as the tail of one has kilobytes.
FRAMES = 500

# A log that holds one of them goes the plain way.
_MADE_UP = {
    "time": "Feb 29 23:59:60",
    "pid": "8190367425190367421",
    "tid": "7301892634173018921",
    "texts": "@texts-of-the-parameters@",
    "aside": "@texts-of-the-others@",
    "line": "6423190367425190367",
}

Frame = tuple[bytes, ...]


class Frames(BoundedCache[bytes, Optional[Frame]]):
    """The frames of a log by `key`: n + 1 pieces around the n fields of the emitter.

    None where the emitter can only be asked for the call itself.
    """

    def __init__(self, emitter: Emitter, source: Source) -> None:
        super().__init__(self._frame, FRAMES)
        self._emitter = emitter
        self._source = source
        self._same: dict[bytes, bytes] = {}

    @staticmethod
    def key(module: bytes, caller: bytes, user: bytes, kind: bytes, func: bytes) -> bytes:
        """Make a key; the function's notes may follow it, each after a NUL.

        What stands in brackets in the log holds no bracket, and no module or kind has one.
        """
        return b"]".join((module, caller, user, kind, func))

    def _frame(self, key: bytes) -> Optional[Frame]:
        module, caller, user, kind, name = decode(key).split("]", 4)
        func, *notes = name.split("\0")
        emitter, made_up = self._emitter, _MADE_UP
        request = Request(
            made_up["time"], int(made_up["pid"]), int(made_up["tid"]), module, caller, user, "",
            func, self._source.panel, self._source.name, int(made_up["line"]),
        )  # fmt: skip
        texts = made_up["texts"] + emitter.joint
        if emitter.aside:
            texts += f"{emitter.aside}{made_up['aside']}{emitter.joint}{emitter.aside}"
        try:
            rest = emitter.told(Call(request, (), notes, kind), texts)
        except EmitError:
            return None
        found = []
        for field in emitter.fields:
            if rest.count(made_up[field]) != 1:
                return None
            piece, _, rest = rest.partition(made_up[field])
            found.append(piece)
        if len(self._same) >= FRAMES:
            self._same.clear()
        # Most of it is the same in all frames.
        return tuple(self._same.setdefault(p, p) for p in map(encode, (*found, rest)))
