"""The text of each pair as logged, remembered: what makes many requests cheap.

Most pairs have a text of their own, whatever else the request holds. A pair of which the
frame or the notes have to know is marked: with its text comes the decision about it. What
becomes of a secret, or of a pair with a condition, is decided in each request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Callable, NamedTuple, Optional, Union

from logreq.convert.summary import LeftOut
from logreq.emitters.base import Emitter, WholeCallError
from logreq.errors import EmitError
from logreq.model.call import Decision, Value
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache, length_of
from logreq.text.escape import plain
from logreq.text.percent import unquote

# Pairs and names that are remembered: some 10 MB.
PAIRS = 10_000
NAMES = 2_000
# Values of a dropped name that are remembered, in case they are always the same.
DROPPED = 16
# Stands for a text that is not known. Texts are compared quicker with a text than with None.
_UNKNOWN = "\0"
_UNKNOWN_TEXTS = repeat(_UNKNOWN)


class _Plan(NamedTuple):
    """The decision for a name, valid for every raw value that is not among `exceptions`.

    `name` is decoded. `told`: the frame has to know of it.
    """

    decision: Decision
    exceptions: frozenset[str]
    name: str
    told: bool


class _Mark(NamedTuple):
    """A pair of which frame or notes know; without a decision: that each request decides."""

    text: str
    decision: Optional[Decision]


_OPEN = _Mark("", None)
_NONE: Mapping[int, Decision] = {}


class Texts(NamedTuple):
    """The texts of a request's pairs, and the decisions about the marked ones, in its order.

    `decided`: those of them that hold for this request alone, by the pair's place.
    """

    pairs: list[str]
    marked: Sequence[Decision] = ()
    decided: Mapping[int, Decision] = _NONE


class PairTable:
    """The text of each pair as logged, by one way of writing pairs."""

    def __init__(
        self,
        decider: Decider,
        emitter: Emitter,
        pair: Callable[[str, Value], str],
        left: LeftOut,
    ) -> None:
        """Prepare; `pair` is the emitter's, or a frame's. `left` counts what no text tells."""
        # A plain dictionary answers in a third of the time of one that fills itself.
        self._known: dict[str, str] = {}
        # Pairs that were known before the last clearing.
        self._older: dict[str, str] = {}
        self._marks: dict[str, _Mark] = {}
        self._left = left
        self._decider = decider
        self._emitter = emitter
        self._pair = pair
        self._own = emitter.own
        self._joint = emitter.joint
        self._plans = BoundedCache(self._plan, NAMES)
        self._rooms: dict[str, int] = {}
        self._values: BoundedCache[tuple[str, Value], str]
        self._values = BoundedCache(lambda one: self._text(*one), NAMES, length_of)
        self._dropped = BoundedCache(self._dropped_text, PAIRS)

    def of(
        self, pieces: list[str], request: Request, decided: Mapping[int, Decision] = _NONE
    ) -> Optional[Texts]:
        """Give the texts of a request's pairs; None where only the whole request tells them.

        `decided`: what another table found for this request.
        """
        texts = list(map(self._known.get, pieces, _UNKNOWN_TEXTS))
        if _UNKNOWN not in texts:
            return Texts(texts)
        marked: list[Decision] = []
        # Places, of pairs and of marks.
        left: list[tuple[int, int]] = []
        at = -1
        try:
            for _ in range(texts.count(_UNKNOWN)):
                at = texts.index(_UNKNOWN, at + 1)
                text = self._text_of(pieces[at])
                if isinstance(text, _Mark):
                    text, decision = text
                    if decision is None:
                        left.append((at, len(marked) + len(left)))
                        continue
                    marked.append(decision)
                texts[at] = text
            if not left:
                return Texts(texts, marked)
            decided = decided or self._decide(request, pieces, [at for at, _ in left])
            for at, place in left:
                decision = decided[at]
                texts[at] = (
                    self._values[decision.param.name, decision.value] if decision.keep else ""
                )
                marked.insert(place, decision)
        except EmitError:
            return None
        return Texts(texts, marked, decided)

    def _decide(
        self, request: Request, pieces: list[str], places: list[int]
    ) -> dict[int, Decision]:
        """Decide about pairs that depend on the request; EmitError where others do on them."""
        special = [pieces[at] for at in places]
        others = (piece for piece in pieces if piece not in special)
        decisions = self._decider.particular(request, special, others)
        if decisions is None:
            raise WholeCallError("the pairs depend on each other")
        if not self._emitter.tells_request:
            count_masked(decisions, self._left)
        return dict(zip(places, decisions))

    def _text_of(self, piece: str) -> Union[str, _Mark]:
        """Give the text of a pair that is not known, and remember it; EmitError if it has none."""
        found: Union[str, _Mark, None] = self._older.get(piece) or self._marks.get(piece)
        if not piece:
            found = ""
        elif not found:
            name, _, value = piece.partition("=")
            plan = self._plans[name]
            if plan is None or value in plan.exceptions:
                found = self._told(self._decider.decided(piece))
            elif plan.decision.keep:
                value = unquote(value)
                if plan.told or not plain(value):
                    found = self._told(plan.decision.of(Param(piece)))
                else:
                    found = self._pair(plan.name, value) + self._joint
            elif self._room(name):
                found = ""
            else:
                return ""
        if len(piece) > LONGEST:
            return found
        if isinstance(found, _Mark):
            if len(self._marks) >= NAMES:
                self._marks.clear()
            self._marks[piece] = found
        else:
            if len(self._known) >= PAIRS:
                self._older = dict(self._known)
                self._known.clear()
            self._known[piece] = found
        return found

    def _room(self, name: str) -> bool:
        """Tell whether another value of a dropped name is remembered: most never come again."""
        room = self._rooms.get(name, DROPPED if len(self._rooms) < NAMES else 0)
        if room:
            self._rooms[name] = room - 1
        return room > 0

    def _told(self, decision: Optional[Decision]) -> Union[str, _Mark]:
        """Give the text of a decided pair, marked where frame or notes have to know."""
        if decision is None:
            return _OPEN
        noted = bool(decision.note) and self._emitter.tells_request
        if not self._emitter.tells_request:
            count_masked([decision], self._left)
        if not decision.keep:
            return _Mark("", decision) if noted else ""
        name, value = decision.param.pair
        text = self._text(name, value)
        return _Mark(text, decision) if noted or self._shows(name, value) else text

    def _shows(self, name: str, value: str) -> bool:
        """Tell whether a frame has to know of a kept parameter."""
        return name in self._own or not (plain(name) and plain(value))

    def _text(self, name: str, value: Value) -> str:
        return self._pair(name, value) + self._joint

    def dropped(self, pieces: list[str], decided: Mapping[int, Decision]) -> str:
        """Give the text of a request's dropped pairs, for emitters that tell them."""
        texts = [self._dropped[piece] for piece in pieces]
        for at, decision in decided.items():
            texts[at] = self._told_dropped(decision)
        return "".join(texts)

    def _dropped_text(self, piece: str) -> str:
        name, _, value = piece.partition("=")
        plan = self._plans[name]
        if plan is None or value in plan.exceptions:
            decision = self._decider.decided(piece)
        else:
            decision = plan.decision if plan.decision.keep else plan.decision.of(Param(piece))
        return "" if decision is None else self._told_dropped(decision)

    def _told_dropped(self, decision: Decision) -> str:
        text = "" if decision.keep else self._emitter.dropped(decision)
        return text and text + self._joint

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
        return _Plan(decision, exceptions, name, self._shows(name, value))


def count_masked(decisions: Iterable[Decision], left: LeftOut) -> None:
    """Count masked values that are left out without a note in the text."""
    for decision in decisions:
        if decision.note and decision.param.masked and not decision.keep:
            left.masked[decision.param.name] = None
