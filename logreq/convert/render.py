"""Requests -> text: the one way, for saved logs, live ones, picked requests and the library.

A request goes through the rules and the emitter. Logs repeat themselves, so both answers are
remembered: the text of a pair as logged, the decision for a parameter's name (for values
never seen before), the frame per (caller, user, function). What is remembered is what the
decider and the emitter gave; a request with a secret, a note or a condition is decided as a
whole and uses the same texts and frames.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from copy import copy
from itertools import repeat
from typing import TYPE_CHECKING, NamedTuple, Optional

from logreq.convert.summary import LeftOut
from logreq.emitters.base import Emitter, WholeCallError
from logreq.emitters.context import Context
from logreq.emitters.frame import Frame, holes
from logreq.errors import EmitError, Problem, Report
from logreq.model.call import Call, Decision, Value
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache
from logreq.text.codec import encode
from logreq.text.escape import plain
from logreq.text.percent import unquote

if TYPE_CHECKING:
    from logreq.convert.filter import Unique, Wanted

# Pairs, names and frames that are remembered: some 10 MB.
PAIRS = 10_000
NAMES = 2_000
FRAMES = 1_000
# Values of a dropped name that are remembered, in case they are always the same.
DROPPED = 16
# Stands for a text that is not known. Texts are compared quicker with a text than with None.
_UNKNOWN = "\0"
_UNKNOWN_TEXTS = repeat(_UNKNOWN)


class Renderer:
    """Turns requests into text: those that are wanted, each once if `new`.

    A call that the emitter cannot express is reported and becomes comment lines.
    """

    def __init__(
        self,
        decider: Decider,
        emitter: Emitter,
        report: Report,
        wanted: Optional[Wanted] = None,
        new: Optional[Unique] = None,
        left: Optional[LeftOut] = None,
    ) -> None:
        """Prepare; `left` counts what is left out of calls and told nowhere in their texts."""
        self.left = LeftOut() if left is None else left
        self.decider = decider
        self.emitter = emitter
        self.report = report
        # Calls that the emitter could not express.
        self.refused = 0
        self._wanted = wanted
        self._new = new
        self._texts = _PairTable(decider, emitter, self.left)
        self._values: BoundedCache[tuple[str, Value], str]
        self._values = BoundedCache(lambda pair: emitter.pair(*pair), PAIRS, _length)
        self._frames = BoundedCache(self._frame, FRAMES, _length)
        self._contexts = BoundedCache(emitter.frame, FRAMES, _weight)
        self._names: BoundedCache[str, str]
        self._names = BoundedCache(lambda piece: unquote(piece.partition("=")[0]), PAIRS)
        self._cut = -len(emitter.joint) or None

    def reporting(self, report: Report) -> Renderer:
        """Give the same renderer with another place for its reports."""
        other = copy(self)
        other.report = report
        return other

    def batch(self, requests: Iterable[Request]) -> list[bytes]:
        """Give the texts of requests, each ending with a line end."""
        return [encode(text) for text in self.texts(requests)]

    def texts(self, requests: Iterable[Request]) -> Iterator[str]:
        """Give the texts of requests as they come."""
        for request in filter(self._wanted, requests) if self._wanted else requests:
            text = self.text(request)
            if text is not None:
                yield text

    def text(self, request: Request) -> Optional[str]:
        """Give the text of a request; None if the same call came before and once is enough."""
        emitter, query = self.emitter, request.query
        if request.doubt or request.outcome or query.count("func=") != 1:
            return self._whole(request)
        pieces = query.split("&")
        # A plain dictionary answers in a third of the time of one that fills itself.
        texts = list(map(self._texts.known.get, pieces, _UNKNOWN_TEXTS))
        if _UNKNOWN in texts and not self._texts.complete(texts, pieces):
            return self._whole(request)
        if emitter.mapping and self._repeat(pieces):
            return self._whole(request)
        pairs = "".join(texts)[: self._cut]
        if emitter.limit and len(pairs) * 4 > emitter.limit:
            return self._whole(request)
        kind = self.decider.rules.kind(request) if self.decider.kinds else ""
        key = (*request[3:6], *request[7:10], kind)
        try:
            frame = self._frames[key]
        except EmitError:
            return self._whole(request)
        if frame.pair is not None:
            return self._whole(request)  # its pairs have other texts than these
        if not self._is_new(request, pairs, ()):
            return None
        dropped = ""
        if emitter.tells_dropped:
            dropped = "".join(map(self._texts.dropped.__getitem__, pieces))[: self._cut]
        return frame.fill(holes(request, pairs, dropped))

    def _repeat(self, pieces: list[str]) -> bool:
        """Tell whether a name may come twice."""
        return len({*map(self._names.__getitem__, pieces)}) < len(pieces)

    def _frame(self, key: tuple[str, ...]) -> Frame:
        module, caller, user, func, panel, source, kind = key
        return self.emitter.frame(Context(panel, source, module, caller, user, func, kind))

    def _whole(self, request: Request) -> Optional[str]:
        """Give the text of a request whose parameters depend on each other."""
        call = self.decider(request)
        if not self.emitter.tells_request:
            for decision in call.decisions:
                _count(decision, self.left)
        try:
            return self._told(call)
        except EmitError as error:
            if not self._is_new(request, request.query):
                return None
            self.refused += 1
            source, line = request.source, request.line
            self.report(Problem(source, line, None, f"no call here: {error}"))
            return self.emitter.refusal(call, str(error))

    def _told(self, call: Call) -> Optional[str]:
        emitter, request = self.emitter, call.request
        context = Context.of(call)
        frame = self._contexts[context]
        try:
            if frame.pair is None:
                pairs = emitter.joint.join([self._values[pair] for pair in call.arguments])
            else:
                pairs = emitter.pairs(frame, call)
        except WholeCallError:
            pairs = None
        if pairs is None or (emitter.limit and len(encode(pairs)) > emitter.limit):
            new = self._is_new(request, *call.arguments)
            return emitter.whole(call) if new else None
        if not self._is_new(request, pairs, context.secrets):
            return None
        return frame.fill(holes(request, pairs, emitter.all_dropped(call)))

    def _is_new(self, request: Request, *parameters: Hashable) -> bool:
        """Tell whether a call did not come before, or that does not matter."""
        user = request.user if self.emitter.by_user else ""
        return self._new is None or self._new(request.panel, request.func, user, *parameters)


class _Plan(NamedTuple):
    """The decision for a name, valid for every raw value that is not among `exceptions`.

    `name` is decoded. `text`: the emitter's text depends on name and value alone.
    """

    decision: Decision
    exceptions: frozenset[str]
    name: str
    text: bool


class _PairTable:
    """The text of each pair as logged, with what stands behind it.

    `known` has those that are remembered; `dropped` the texts of dropped pairs, for emitters
    that tell them.
    """

    def __init__(self, decider: Decider, emitter: Emitter, left: LeftOut) -> None:
        self.known: dict[str, str] = {}
        self._left = left
        self._decider = decider
        self._emitter = emitter
        self._own = emitter.own
        self._plans = BoundedCache(self._plan, NAMES)
        self._rooms: dict[str, int] = {}
        # Pairs that were known before the last clearing.
        self._older: dict[str, str] = {}
        # Pairs whose text depends on the call.
        self._unsettled: set[str] = set()
        self.dropped = BoundedCache(self._dropped, PAIRS)

    def complete(self, texts: list[str], pieces: list[str]) -> bool:
        """Fill in the texts that are not known; False if one depends on the call."""
        at = -1
        for _ in range(texts.count(_UNKNOWN)):
            at = texts.index(_UNKNOWN, at + 1)
            text = self._text_of(pieces[at])
            if text is None:
                return False
            texts[at] = text
        return True

    def _text_of(self, piece: str) -> Optional[str]:
        """Give the text of a pair that is not known, and remember it."""
        if piece in self._unsettled:
            return None
        text = self._older.get(piece)
        if text is None:
            name, _, value = piece.partition("=")
            plan = self._plans[name]
            if plan is None or value in plan.exceptions:
                decision = self._decider.decided(piece)
                text = None if decision is None else self._text(decision)
            elif plan.decision.keep:
                text = self._pair(plan.name, unquote(value)) if plan.text else None
            elif self._room(name):
                text = ""
            else:
                return ""
        if len(piece) > LONGEST:
            return text
        if text is None:
            if len(self._unsettled) >= NAMES:
                self._unsettled.clear()
            self._unsettled.add(piece)
            return text
        if len(self.known) >= PAIRS:
            self._older = dict(self.known)
            self.known.clear()
        self.known[piece] = text
        return text

    def _room(self, name: str) -> bool:
        """Tell whether another value of a dropped name is remembered: most never come again."""
        room = self._rooms.get(name, DROPPED if len(self._rooms) < NAMES else 0)
        if room:
            self._rooms[name] = room - 1
        return room > 0

    def _text(self, decision: Decision) -> Optional[str]:
        if decision.note and self._emitter.tells_request:
            return None
        _count(decision, self._left)
        if not decision.keep:
            return ""
        name, value = decision.param.pair
        return self._pair(name, value) if self._settles(name) else None

    def _settles(self, name: str) -> bool:
        """Tell whether the text of a kept parameter depends on nothing but name and value."""
        return name not in self._own and plain(name)

    def _pair(self, name: str, value: str) -> Optional[str]:
        if not plain(value):
            return None
        try:
            return self._emitter.pair(name, value) + self._emitter.joint
        except EmitError:
            return None

    def _dropped(self, piece: str) -> str:
        name, _, value = piece.partition("=")
        plan = self._plans[name]
        if plan is None or value in plan.exceptions:
            decision = self._decider.decided(piece)
        else:
            decision = plan.decision if plan.decision.keep else plan.decision.of(Param(piece))
        text = "" if decision is None or decision.keep else self._emitter.dropped(decision)
        return text and text + self._emitter.joint

    def _plan(self, raw_name: str) -> Optional[_Plan]:
        """Settle a parameter by its name alone, where all values but some are decided alike."""
        exceptions = self._decider.exceptions(raw_name)
        if exceptions is None:
            return None
        value = "x"
        while value in exceptions:
            value += "x"
        decision = self._decider.decided(f"{raw_name}={value}")
        if decision is None or decision.note or decision.rule == "function":
            return None
        name = decision.param.name
        return _Plan(decision, exceptions, name, self._settles(name))


def _count(decision: Decision, left: LeftOut) -> None:
    """Count a masked value that is left out without a note in the text."""
    if decision.note and decision.param.masked and not decision.keep:
        left.masked[decision.param.name] = None


def _length(key: tuple[object, ...]) -> int:
    return sum(len(str(part)) for part in key)


def _weight(context: Context) -> int:
    return len(repr(context)) - LONGEST
