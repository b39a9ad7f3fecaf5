"""Requests -> text in one step, for the requests that need no second look (nearly all).

Rules and emitter are compiled into one table: the text of a pair as logged -> its text in
the target. It is filled by asking the decider and the emitter themselves, so that there is
one definition of what a call is. Three of four pairs are found in it, and most others are
dropped by their name alone (`operafake` never repeats itself). All pairs of a block of log
are looked up at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import groupby
from operator import attrgetter, itemgetter, methodcaller
from typing import TYPE_CHECKING, Optional

from logreq.convert.frames import Frames
from logreq.errors import EmitError
from logreq.log.scan import LONG_LINE, Brief
from logreq.model.call import Decision
from logreq.model.chunk import Source
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache
from logreq.text.codec import decode, encode

if TYPE_CHECKING:
    from logreq.emitters._old import Emitter

# Stands before and after the function's name. No emitter has another use for a NUL.
MARK = b"\0"
# The request has to be looked at as a whole: too many marks for any request.
ASK = MARK * 3
# Stands between the texts of two requests; a line's end stands between their queries.
_TURN = b"\2"
END = MARK + _TURN + MARK
_NEXT = b"&\n&"
# Pairs and names that are remembered: some 10 MB; and logs whose frames are.
PAIRS = 20_000
NAMES = 2_000
SOURCES = 8
ROOM = 16
# Names that are dropped so often with other values that only exceptions are looked for.
GONE = 8
_ZERO = ord("0")
_QUOTE = ord("'")
# `in` takes a tenth of the time for a number that it takes for a byte of bytes.
_MARKS = (ord(MARK), ord(_TURN))
# A named tuple's own constructor takes as long again.
_new = tuple.__new__
_encoded = methodcaller("encode", "utf-8", "surrogateescape")

# What a text can tell of a request and the call.
_CALL = ("texts",)
_REQUEST = ("time", "line", "texts")
_RECORD = ("time", "pid", "tid", "texts", "aside", "line")
# A value that the emitter is asked with, for what stands around values.
_VALUE = b"7aValue0fAParameter"


class _Plan:
    """What becomes of a parameter by its name: of each value but the exceptions, the same.

    `decision` is that of some value; None if each has its own. `around`: what stands before
    and after letters and digits. `silent`: there is no text.
    """

    def __init__(
        self,
        exceptions: frozenset[bytes],
        decision: Optional[Decision] = None,
        around: Optional[tuple[bytes, bytes]] = None,
        silent: bool = False,
    ) -> None:
        self.exceptions = exceptions
        self.decision = decision
        self.around = around
        self.silent = silent
        # So many of the dropped values are remembered, in case they are always the same.
        self.room = PAIRS if decision is None or decision.keep else ROOM


class _Noted(bytes):
    """Asks; the pair's text, and what the call's header has to say about it."""

    note: bytes
    text: bytes


class Fused(dict[bytes, bytes]):
    """Makes the text of a request, or None where only the plain way can."""

    def __init__(self, decider: Decider, emitter: Emitter) -> None:
        super().__init__()
        self._applier = decider
        self._emitter = emitter
        self._plans = BoundedCache(self._plan, NAMES)
        # How pairs begin that are dropped without a text, unless they are remembered.
        self._gone: tuple[bytes, ...] = ()
        self._briefs: dict[Source, Brief] = {}

    def snippets(self, requests: Iterable[Request]) -> list[Optional[bytes]]:
        """Give the emitter's texts of requests' calls; None: ask the decider and the emitter."""
        texts: list[Optional[bytes]] = []
        for (name, panel), group in groupby(requests, attrgetter("source", "panel")):
            found = list(group)
            source = Source(name, panel)
            brief = self._briefs.get(source) or self.brief(source)
            if brief is None:
                texts += [None] * len(found)
                continue
            queries = [
                b"" if r.doubt or len(r.query) > LONG_LINE else _encoded(r.query) for r in found
            ]
            heads = _heads(found, brief.groups) if brief.groups else []
            texts += brief.make(queries, heads, [request.line for request in found])
        return texts

    def brief(self, source: Source) -> Optional[Brief]:
        """Give what makes texts of the parts of a source's sound lines, if anything can."""
        if self._applier.kinds and not self._applier.rules.kind_fields <= {"func"}:
            return None
        if len(self._briefs) >= SOURCES:
            self._briefs.clear()
        frames = Frames(self._emitter, source)
        fields = self._emitter.fields
        if fields == _CALL:
            brief = Brief(partial(self._calls, frames), ())
        elif fields == _REQUEST:
            brief = Brief(partial(self._requests, frames), (1, 5, 6))
        elif fields == _RECORD:
            brief = Brief(partial(self._records, frames, source), (1, 2, 3, 4, 5, 6))
        else:
            return None
        self._briefs[source] = brief
        return brief

    def _texts(self, queries: list[bytes]) -> Iterable[Sequence[bytes]]:
        """Give each query's texts: those before the function, its name, and those after it.

        Other than three: no function, several, or a pair that asks for the request.
        """
        pieces = _NEXT.join(queries).split(b"&")
        texts = b"".join(map(self.__getitem__, pieces)).split(MARK)
        # Where every third is followed by a turn, none has more nor less than three.
        if texts[3::4] == [_TURN] * (len(queries) - 1) and len(texts) == 4 * len(queries) - 1:
            return zip(texts[::4], texts[1::4], texts[2::4])
        texts += (_TURN, _TURN, _TURN)
        found: list[Sequence[bytes]] = []
        at = 0
        for _ in queries:
            # A function's name is no turn, nor is there one mark alone.
            sound = texts[at + 3] == _TURN and texts[at + 1] != _TURN
            end = at + 3 if sound else texts.index(_TURN, at)
            found.append(texts[at:end])
            at = end + 1
        return found

    def _calls(
        self, frames: Frames, queries: list[bytes], _: object, __: object
    ) -> list[Optional[bytes]]:
        """Make texts that tell of nothing but the call."""
        made: list[Optional[bytes]] = []
        add, key = made.append, Frames.key(b"", b"", b"", b"", b"")
        for texts in self._texts(queries):
            try:
                before, func, after = texts
            except ValueError:
                add(None)
                continue
            frame = frames[key + func]
            add(None if frame is None else b"".join((frame[0], before, after, frame[1])))
        return made

    def _requests(
        self,
        frames: Frames,
        queries: list[bytes],
        heads: list[tuple[bytes, ...]],
        lines: list[int],
    ) -> list[Optional[bytes]]:
        """Make texts that tell of the request as well."""
        made: list[Optional[bytes]] = []
        add, key = made.append, Frames.key
        for parts, query, head, line in zip(self._texts(queries), queries, heads, lines):
            if len(parts) != 3:
                parts = self._noted(query)
            time, caller, user = head
            frame = frames[key(b"", caller, user, b"", parts[1])] if parts else None
            if frame is None:
                add(None)
                continue
            begin, who, rest, end = frame
            add(b"".join((begin, time, who, b"%d" % line, rest, parts[0], parts[2], end)))
        return made

    def _records(
        self,
        frames: Frames,
        source: Source,
        queries: list[bytes],
        heads: list[tuple[bytes, ...]],
        lines: list[int],
    ) -> list[Optional[bytes]]:
        """Make texts that tell all there is to tell."""
        made: list[Optional[bytes]] = []
        add, key = made.append, Frames.key
        emitter, kind_of, kind = self._emitter, self._applier.rules.kind, b""
        names = BoundedCache(_func_of, NAMES)
        joint, aside = -len(emitter.joint) or None, encode(emitter.aside)
        for parts, query, head, line in zip(self._texts(queries), queries, heads, lines):
            if len(parts) != 3:
                parts = self._noted(query)
            time, pid, tid, module, caller, user = head
            # Numbers are told without zeros before them; some plugins log no thread.
            if not parts or not tid or pid[0] == _ZERO or (tid[0] == _ZERO and tid != b"0"):
                add(None)
                continue
            if self._applier.kinds:
                # It depends on function and parameters alone.
                some = ("", 0, 0, "", "", "", decode(query), names[parts[1]], *source, 0, "")
                kind = kind_of(_new(Request, some)).encode()
            frame = frames[key(module or b"", caller, user, kind, parts[1])]
            if frame is None:
                add(None)
                continue
            # Between the first mark and the second is what goes aside, and so on.
            texts = (parts[0] + parts[2]).split(aside)
            told, others = b"".join(texts[::2])[:joint], b"".join(texts[1::2])[:joint]
            a, b, c, d, e, f, g = frame
            fields = (a, time, b, pid, c, tid, d, told, e, others, f, b"%d" % line, g)
            add(b"".join(fields))
        return made

    def _noted(self, query: bytes) -> Sequence[bytes]:
        """Give what `_texts` gives for a query with notes, which follow the function's name.

        Nothing where all this depends on more.
        """
        texts, notes = [], b""
        for piece in query.split(b"&"):
            text = self[piece]
            if isinstance(text, _Noted):
                notes += MARK + text.note
                text = text.text
            texts.append(text)
        parts = b"".join(texts).split(MARK)
        return [parts[0], parts[1] + notes, parts[2]] if len(parts) == 3 else []

    def __missing__(self, piece: bytes) -> bytes:
        if piece.startswith(self._gone) and _QUOTE not in piece:
            return b""
        name, _, value = piece.partition(b"=")
        plan = self._plans[name]
        text = self._made(piece, value, plan)
        if plan.room:
            plan.room -= 1
            if len(piece) <= LONGEST:
                if len(self) >= PAIRS:
                    self._forget()
                self[piece] = text
        elif plan.silent and len(self._gone) < GONE:
            for other in plan.exceptions:
                pair = name + b"=" + other
                self[pair] = self._made(pair, other, plan)
            self._gone += (name + b"=",)
        return text

    def _forget(self) -> None:
        self.clear()
        self._plans.clear()
        self._gone = ()

    def _made(self, piece: bytes, value: bytes, plan: _Plan) -> bytes:
        if _QUOTE in piece:
            return ASK  # the line is doubted
        if piece == b"\n":
            return END
        if plan.decision is None or value in plan.exceptions:
            decision = self._applier.decided(decode(piece))
            return ASK if decision is None else self._text(decision)
        if plan.silent:
            return b""
        if plan.around and value.isalnum():
            return value.join(plan.around)
        return self._text(plan.decision.of(Param(decode(piece))))

    def _text(self, decision: Decision) -> bytes:
        func = encode(str(decision.value)) if decision.rule == "function" else b""
        try:
            text = encode(self._emitter.part(decision))
        except EmitError:
            return ASK
        if any(mark in known for mark in _MARKS for known in (text, func)):
            return ASK
        if func:
            return MARK + func + MARK
        if decision.note and self._emitter.tells_request:
            noted = _Noted(ASK)
            noted.note, noted.text = encode(decision.note), text
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
        decision = self._applier.decided(decode(name + b"=" + value))
        if decision is None or decision.note or decision.rule == "function":
            return _Plan(exceptions)
        text = self._text(decision)
        before, found, after = text.partition(value)
        once = found and MARK not in text and value not in after
        return _Plan(exceptions, decision, (before, after) if once else None, not text)


def _func_of(name: bytes) -> str:
    """Decode a function's name, which notes may follow."""
    return decode(name.partition(MARK)[0])


def _heads(requests: list[Request], groups: tuple[int, ...]) -> list[tuple[bytes, ...]]:
    """Give what was logged of requests, numbers without zeros before them."""
    pick = itemgetter(*(group - 1 for group in groups))
    if 2 not in groups:  # no numbers
        return [tuple(map(_encoded, pick(request))) for request in requests]
    rows = map(pick, requests)
    return [tuple([b"" if p is None else _encoded(str(p)) for p in row]) for row in rows]
