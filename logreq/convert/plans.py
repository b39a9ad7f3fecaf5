"""What a parameter's name settles: what becomes of its pairs, and the text around their values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Callable, Optional

from logreq.emitters.base import Emitter
from logreq.errors import EmitError
from logreq.model.call import Decision, Value
from logreq.model.request import Param
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache
from logreq.text.escape import plain
from logreq.text.percent import unquote

# Names whose plans are remembered.
NAMES = 2_000
# Words of a name whose texts are remembered: few come again and again, if there are more.
WORDS = 64

# A value that a pair's text holds as it was logged: see `Emitter.pair`.
is_word = re.compile(rf"[A-Za-z0-9._-]{{1,{LONGEST}}}").fullmatch
# Of several kinds, in case a target of another package does not write them alike; seldom part of
# a name.
_SAMPLES = ("a.Word", "-2_words", "4711", "true", "null", "long-" * 50)


class Plan:
    """What a name settles for every raw value that is not among `exceptions`.

    `name` is decoded. `asks`: what becomes of a value depends on the request. `decision`: what
    does; None where that depends on the request or the value. `drops`: no value goes into the
    call. `told`: the frame has to know of the pair. `around`: the pieces of text around a word
    in its pair's text; None where each word has a text of its own. `gone`: the same of a
    dropped word in the hole DROPPED. `room`: so many more words' texts are remembered.
    """

    __slots__ = (
        "around",
        "asks",
        "decision",
        "drops",
        "exceptions",
        "gone",
        "name",
        "room",
        "told",
    )

    def __init__(self, name: str, decision: Optional[Decision], exceptions: frozenset[str]) -> None:
        self.name = name
        self.decision = decision
        self.drops = decision is not None and not decision.keep
        self.exceptions = exceptions
        self.asks = self.told = False
        self.around: Optional[Sequence[str]] = None
        self.gone: Optional[Sequence[str]] = None
        self.room = WORDS


class Plans(BoundedCache[str, Plan]):
    """The plan of each raw name, by one way of writing pairs."""

    def __init__(
        self, decider: Decider, emitter: Emitter, pair: Callable[[str, Value], str]
    ) -> None:
        """Prepare; `pair` is the emitter's, or a frame's."""
        super().__init__(self._plan, NAMES)
        self._decider = decider
        self._emitter = emitter
        self._pair = pair
        self._own = emitter.own

    def shows(self, name: str, value: str) -> bool:
        """Tell whether a frame has to know of a kept parameter."""
        return name in self._own or not (plain(name) and plain(value))

    def decided(self, piece: str) -> Optional[Decision]:
        """Settle a pair as `Decider.decided` does, by the plan of its name where that will do."""
        name, _, value = piece.partition("=")
        plan = self[name]
        if plan.decision is None or value in plan.exceptions:
            return self._decider.decided(piece)
        return plan.decision.of(Param(piece))

    def _plan(self, raw_name: str) -> Plan:
        name = unquote(raw_name)
        exceptions = self._decider.exceptions(raw_name)
        if exceptions is None:
            return Plan(name, None, frozenset())
        value = "x"
        while value in exceptions:
            value += "x"
        decision = self._decider.decided(f"{raw_name}={value}")
        if decision is not None and (decision.note or decision.rule == "function"):
            return Plan(name, None, frozenset())
        plan = Plan(name, decision, exceptions)
        if decision is None:
            plan.asks = True
        elif decision.keep:
            plan.told = self.shows(name, value)
            if not plan.told:
                plan.around = _around(lambda word: self._pair(name, word) + self._emitter.joint)
        elif self._emitter.tells_dropped:
            plan.gone = _around(lambda word: self._dropped(decision, f"{raw_name}={word}"))
        return plan

    def _dropped(self, decision: Decision, piece: str) -> str:
        return self._emitter.dropped(decision.of(Param(piece))) + self._emitter.joint


def _around(text: Callable[[str], str]) -> Optional[Sequence[str]]:
    """Give what stands around a word in the text of it, by some words' texts."""
    try:
        first, *others = (text(word).split(word) for word in _SAMPLES)
    except EmitError:
        return None
    return first if all(other == first for other in others) else None
