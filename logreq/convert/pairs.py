"""The text of each pair as logged, remembered: what makes many requests cheap.

Most pairs have a text of their own, whatever else the request holds. A pair of which the
frame or the notes have to know is marked: with its text comes the decision about it. What
becomes of a secret, or of a pair with a condition, is decided in each request. Of a name with
many values, numbers for one, what stands around them is remembered (`plans`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Callable, NamedTuple, Optional, Union

from logreq.convert.plans import Plan, Plans, is_word
from logreq.convert.summary import LeftOut
from logreq.emitters.base import Emitter, WholeCallError
from logreq.errors import EmitError
from logreq.model.call import Decision, Value
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache, length_of
from logreq.text.escape import plain
from logreq.text.percent import unquote

# Pairs whose texts are remembered, some 5 MB, and marked ones.
PAIRS = 10_000
MARKS = 2_000
# Stands for the text of a pair that each request decides.
_OPEN = "\0"
_NONE: Mapping[int, Decision] = {}


class Mark(NamedTuple):
    """The text of a pair of which frame or notes have to know, and why: what was decided."""

    text: str
    decision: Optional[Decision]


# The texts of a request's pairs; the decisions about the marked ones, in its order; and those
# of them that hold for this request alone, by the pair's place.
Texts = tuple[list[str], Sequence[Decision], Mapping[int, Decision]]


class PairTable(dict[str, str]):
    """The text of each pair as logged, by one way of writing pairs; "" for a dropped one."""

    def __init__(
        self,
        decider: Decider,
        emitter: Emitter,
        pair: Callable[[str, Value], str],
        left: LeftOut,
    ) -> None:
        """Prepare; `pair` is the emitter's, or a frame's. `left` counts what no text tells."""
        super().__init__()
        self.plans = Plans(decider, emitter, pair)
        self._left = left
        self._decider = decider
        self._emitter = emitter
        self._mapping = emitter.mapping
        self._pair = pair
        # Decoded names of known pairs, and of those that were not known when last asked for.
        self._names: dict[str, str] = {}
        self._new_names: list[str] = []
        self._marks: dict[str, Mark] = {}
        # Of the pairs asked for: the decisions about marked ones, None for those to decide.
        self._marked: list[Optional[Decision]] = []
        self._values: BoundedCache[tuple[str, Value], str]
        self._values = BoundedCache(lambda one: self._text(*one), MARKS, length_of)

    def of(
        self, pieces: list[str], request: Request, decided: Mapping[int, Decision] = _NONE
    ) -> Optional[Texts]:
        """Give the texts of a request's pairs; None where only the whole request tells them.

        `decided`: what another table found for this request.
        """
        marked = self._marked
        marked.clear()
        if self._mapping:
            self._new_names.clear()
        try:
            texts = list(map(self.__getitem__, pieces))
            if self._mapping and self._repeat(pieces):
                return None
            if not marked:
                return texts, (), _NONE
            if None in marked:
                places = [at for at, text in enumerate(texts) if text == _OPEN]
                decided = decided or self._decide(request, pieces, places)
                for at in places:
                    decision = decided[at]
                    name, value = decision.param.name, decision.value
                    texts[at] = self._values[name, value] if decision.keep else ""
                    marked[marked.index(None)] = decision
        except EmitError:
            return None
        return texts, [decision for decision in marked if decision is not None], decided

    def _repeat(self, pieces: list[str]) -> bool:
        """Tell whether a name comes twice in pieces whose texts were asked for."""
        names = {*map(self._names.get, pieces), *self._new_names}
        return len(names) - (None in names) < len(pieces)

    def __missing__(self, piece: str) -> str:
        """Give the text of a pair that is not known; EmitError if it has none."""
        name, _, value = piece.partition("=")
        plan = self.plans[name]
        if self._mapping:
            self._new_names.append(plan.name)
        if value not in plan.exceptions:
            if plan.drops or (plan.around is not None and is_word(value)):
                text = "" if plan.around is None else value.join(plan.around)
                if plan.room:
                    plan.room -= 1
                    self._remember(piece, text, plan)
                return text
            if plan.asks:
                self._marked.append(None)
                return _OPEN
        found = self._marks.get(piece) or self._looked(piece, value, plan)
        if not isinstance(found, Mark):
            self._remember(piece, found, plan)
            return found
        self._marked.append(found.decision)
        return found.text

    def _looked(self, piece: str, value: str, plan: Plan) -> Union[str, Mark]:
        """Give the text of a pair that its name alone does not tell."""
        if not piece:
            return ""
        settled = plan.decision is not None and value not in plan.exceptions and not plan.told
        if settled and plain(unquote(value)):
            return self._text(plan.name, unquote(value))
        found = self._told(self.plans.decided(piece))
        if isinstance(found, Mark) and len(piece) <= LONGEST:
            if len(self._marks) >= MARKS:
                self._marks.clear()
            self._marks[piece] = found
        return found

    def _remember(self, piece: str, text: str, plan: Plan) -> None:
        if len(piece) > LONGEST:
            return
        if len(self) >= PAIRS:
            self.clear()
            self._names.clear()
            # There is room for words again.
            self.plans.clear()
        self[piece] = text
        if self._mapping:
            self._names[piece] = plan.name

    def _told(self, decision: Optional[Decision]) -> Union[str, Mark]:
        """Give the text of a decided pair, marked where frame or notes have to know."""
        if decision is None:
            return Mark(_OPEN, None)
        noted = bool(decision.note) and self._emitter.tells_request
        if not self._emitter.tells_request:
            count_masked([decision], self._left)
        if not decision.keep:
            return Mark("", decision) if noted else ""
        name, value = decision.param.pair
        text = self._text(name, value)
        return Mark(text, decision) if noted or self.plans.shows(name, value) else text

    def _text(self, name: str, value: Value) -> str:
        return self._pair(name, value) + self._emitter.joint

    def _decide(
        self, request: Request, pieces: list[str], places: list[int]
    ) -> dict[int, Decision]:
        """Decide about pairs that depend on the request; EmitError where others do on them."""
        decisions = self._decider.particular(request, [pieces[at] for at in places])
        if decisions is None:
            raise WholeCallError("the pairs depend on each other")
        if not self._emitter.tells_request:
            count_masked(decisions, self._left)
        return dict(zip(places, decisions))


def count_masked(decisions: Iterable[Decision], left: LeftOut) -> None:
    """Count masked values that are left out without a note in the text."""
    for decision in decisions:
        if decision.note and decision.param.masked and not decision.keep:
            left.masked[decision.param.name] = None
