"""Requests -> text in one step, for the requests that need no second look (nearly all).

Rules and emitter are compiled into two tables by asking the applier and the emitter
themselves, so that there is one definition of what a call is. The first has the text of a
pair as logged in the target; three of four pairs are found in it, and most others
are dropped by their name alone (`operafake` never repeats itself). The second has what
stands around the texts, by who called which function: the emitter is asked with a made-up
time, line and texts, and what it says is cut where they stand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from logreq.apply import Applier
from logreq.call import Call, Outcome
from logreq.errors import EmitError
from logreq.memo import LONGEST, Memo
from logreq.parser import LONG_LINE, Brief
from logreq.request import Param, Request, Source, decode, encode

if TYPE_CHECKING:
    from logreq.emitters._base import Emitter

# Stands before and after the function's name. No emitter has another use for a NUL.
MARK = b"\0"
# The request has to be looked at as a whole: too many marks for any request.
ASK = MARK * 3
# Pairs, names and frames that are remembered: some 10 MB, as a frame may have kilobytes.
PAIRS = 20_000
NAMES = 2_000
FRAMES = 500
SOURCES = 8
ROOM = 16

# What the emitter is asked with. Where a log holds one of them, the plain way is gone.
_TIME = "Feb 29 23:59:60"
_LINE = 8_190_367_425_190_367_421
_TEXTS = "@texts-of-the-parameters@"
_VALUE = b"7aValue0fAParameter"


class _Plan:
    """What becomes of a parameter by its name: of each value but the exceptions, the same.

    `outcome` is that of some value; None if each has its own. `around`: what stands before
    and after letters and digits. `silent`: there is no text.
    """

    def __init__(
        self,
        exceptions: frozenset[bytes],
        outcome: Optional[Outcome] = None,
        around: Optional[tuple[bytes, bytes]] = None,
        silent: bool = False,
    ) -> None:
        self.exceptions = exceptions
        self.outcome = outcome
        self.around = around
        self.silent = silent
        # So many of the dropped values are remembered, in case they are always the same.
        self.room = PAIRS if outcome is None or outcome.keep else ROOM


class _Noted(bytes):
    """Asks; the pair's text, and what the call's header has to say about it."""

    note: bytes
    text: bytes


class Fused(dict[bytes, bytes]):
    """Makes the text of a request, or None where only the plain way can."""

    def __init__(self, applier: Applier, emitter: Emitter) -> None:
        super().__init__()
        self._applier = applier
        self._emitter = emitter
        self._plans = Memo(self._plan, NAMES)
        self._briefs: dict[Source, Brief] = {}
        self._same: dict[bytes, bytes] = {}

    def snippet(self, request: Request) -> Optional[bytes]:
        """Give the emitter's text of a request's call; None: ask the applier and the emitter."""
        if request.doubt or len(request.query) > LONG_LINE:
            return None
        query = encode(request.query)
        source = Source(request.source, request.panel)
        if self._emitter.verbatim:
            brief = self._briefs.get(source) or self.brief(source)
            who = map(encode, (request.time, request.caller, request.user))
            return brief.make(query, *who, request.line)
        parts = self._parts(query)
        if parts is None:
            return None
        before, func, after = parts
        kind = self._applier.rules.kind(request) if self._applier.kinds else ""
        notes = decode(func).split(decode(MARK))[1:]
        try:
            text = self._emitter.told(Call(request, (), notes, kind), decode(before + after))
            return encode(text)
        except EmitError:
            return None

    def brief(self, source: Source) -> Brief:
        """Give what makes a text of the parts of a source's sound lines."""

        def make(key: bytes) -> Optional[tuple[bytes, ...]]:
            return self._frame(source, decode(key))

        frames = Memo(make, FRAMES)
        get, parts_of = self.__getitem__, self._parts

        def call(query: bytes, *_: object) -> Optional[bytes]:
            try:
                before, func, after = b"".join(map(get, query.split(b"&"))).split(MARK)
            except ValueError:
                return None  # no function, several, or a pair that asks for the request
            frame = frames[func]
            return None if frame is None else b"".join((frame[0], before, after, frame[1]))

        def request(
            query: bytes, time: bytes, caller: bytes, user: bytes, line: int
        ) -> Optional[bytes]:
            parts = parts_of(query)
            if parts is None:
                return None
            before, func, after = parts
            frame = frames[b"]".join((caller, user, func))]
            if frame is None:
                return None
            begin, who, head, end = frame
            return b"".join((begin, time, who, b"%d" % line, head, before, after, end))

        told = self._emitter.tells_request
        if len(self._briefs) >= SOURCES:
            self._briefs.clear()
        self._briefs[source] = Brief(request if told else call, told)
        return self._briefs[source]

    def _parts(self, query: bytes) -> Optional[list[bytes]]:
        """Give the texts before the function, its name, and the texts after it.

        After the name and a mark each follow the notes. None where all this depends on more.
        """
        parts = b"".join(map(self.__getitem__, query.split(b"&"))).split(MARK)
        if len(parts) == 3:
            return parts
        texts, notes = [], b""
        for piece in query.split(b"&"):
            text = self[piece]
            if isinstance(text, _Noted):
                notes += MARK + text.note
                text = text.text
            texts.append(text)
        parts = b"".join(texts).split(MARK)
        return [parts[0], parts[1] + notes, parts[2]] if len(parts) == 3 else None

    def _frame(self, source: Source, key: str) -> Optional[tuple[bytes, ...]]:
        """Give what stands before, between and after time, line and texts; None if untold."""
        told = self._emitter.tells_request
        caller, user, name = key.split("]", 2) if told else ("", "", key)
        func, *notes = name.split(decode(MARK))
        request = Request(
            _TIME, 0, None, "", caller, user, "", func, source.panel, source.name, _LINE
        )
        try:
            rest = self._emitter.told(Call(request, (), notes), _TEXTS)
        except EmitError:
            return None
        found = []
        for known in (_TIME, str(_LINE), _TEXTS) if told else (_TEXTS,):
            if rest.count(known) != 1:
                return None
            piece, _, rest = rest.partition(known)
            found.append(piece)
        # Most of it is the same in all frames.
        if len(self._same) >= FRAMES:
            self._same.clear()
        pieces = map(encode, (*found, rest))
        return tuple(self._same.setdefault(piece, piece) for piece in pieces)

    def __missing__(self, piece: bytes) -> bytes:
        name, _, value = piece.partition(b"=")
        plan = self._plans[name]
        if b"'" in piece:
            return ASK  # the line is doubted
        if plan.outcome is None or value in plan.exceptions:
            outcome = self._applier.decided(decode(piece))
            text = ASK if outcome is None else self._text(outcome)
        elif plan.silent:
            text = b""
        elif plan.around and value.isalnum():
            text = value.join(plan.around)
        else:
            text = self._text(plan.outcome.of(Param(decode(piece))))
        plan.room -= 1
        if plan.room >= 0 and len(piece) <= LONGEST:
            if len(self) >= PAIRS:
                self.clear()
                self._plans.clear()
            self[piece] = text
        return text

    def _text(self, outcome: Outcome) -> bytes:
        if outcome.rule == "function":
            func = encode(str(outcome.value))
            return ASK if MARK in func else MARK + func + MARK
        try:
            text = encode(self._emitter.part(outcome))
        except EmitError:
            return ASK
        if MARK in text:
            return ASK
        if outcome.note and self._emitter.tells_request:
            noted = _Noted(ASK)
            noted.note, noted.text = encode(outcome.note), text
            return noted
        return text

    def _plan(self, name: bytes) -> _Plan:
        values = self._applier.exceptions(decode(name))
        if values is None:
            return _Plan(frozenset())
        exceptions = frozenset(map(encode, values))
        value = _VALUE
        while value in exceptions:
            value += b"x"
        outcome = self._applier.decided(decode(name + b"=" + value))
        if outcome is None or outcome.note or outcome.rule == "function":
            return _Plan(exceptions)
        text = self._text(outcome)
        before, found, after = text.partition(value)
        once = found and MARK not in text and value not in after
        return _Plan(exceptions, outcome, (before, after) if once else None, not text)
