"""Requests -> text in one step, for the requests that need no second look (nearly all).

Rules and emitter are compiled into one table: the text of a pair as logged -> its text in
the target. It is filled by asking the applier and the emitter themselves, so that there is one
definition of what a call is. Three of four pairs are found in it; of the others, most
are dropped by their name alone (`operafake` never repeats itself).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Optional

from logreq.apply import Applier
from logreq.call import Outcome
from logreq.errors import EmitError
from logreq.memo import LONGEST, Memo
from logreq.request import Param, Request, unquote

if TYPE_CHECKING:
    from logreq.emitters._base import Emitter

# A text with a NUL in it asks for the call as a whole; no emitter has another use for one.
ASK = "\0"
# Pairs and names that are remembered: some 10 MB.
PAIRS = 20_000
NAMES = 2_000
ROOM = 16


class _Plan:
    """What becomes of a parameter by its name: of each value but the exceptions, the same.

    `outcome` is that of some value; None if its fate depends on the request. `silent`:
    it leaves no text.
    """

    def __init__(
        self, exceptions: frozenset[str], outcome: Optional[Outcome], silent: bool
    ) -> None:
        self.exceptions = exceptions
        self.outcome = outcome
        self.silent = silent
        # So many of the dropped values are remembered, in case they are always the same.
        self.room = ROOM


class Fused(dict[str, str]):
    """Makes the text of a request, or None where only the plain way can."""

    def __init__(self, applier: Applier, emitter: Emitter) -> None:
        super().__init__()
        self._applier = applier
        self._emitter = emitter
        self._plans = Memo(self._plan, NAMES)
        self._joined = emitter.joined
        self._kind = applier.rules.kind if applier.kinds else None
        self._get = self.__getitem__

    def snippet(self, request: Request) -> Optional[str]:
        """Give the emitter's text of a request's call; None: ask the applier and the emitter."""
        query = request.query
        if request.doubt or query.find("func=", query.find("func=") + 5) >= 0:
            return None
        parts = list(map(self._get, query.split("&")))
        if ASK in parts:
            return None
        kind = self._kind(request) if self._kind else ""
        try:
            return self._joined(request, parts, kind)
        except EmitError:
            return None

    def brief(self, panel: str) -> Callable[[str], Optional[str]]:
        """Give what `snippet` is for a panel's queries; the emitter tells of the call only."""
        frames = Memo(lambda raw: self._emitter.ends(panel, unquote(raw)), NAMES)
        get = self._get

        def text_of(query: str) -> Optional[str]:
            at = query.find("func=") + 5
            end = query.find("&", at)
            func = query[at:end] if end >= 0 else query[at:]
            if (
                not func
                or query.find("func=", at) >= 0
                or (at != 5 and query[at - 6] != "&")
                or "'" in query
            ):
                return None
            before, after = frames[func]
            text = f"{before}{''.join(map(get, query.split('&')))}{after}"
            return None if ASK in text else text

        return text_of

    def __missing__(self, piece: str) -> str:
        name, _, value = piece.partition("=")
        plan = self._plans[name]
        if plan.outcome is None or value in plan.exceptions:
            outcome = self._applier.decided(piece)
        else:
            if not plan.outcome.keep:
                plan.room -= 1
                if plan.silent and plan.room < 0:
                    return ""
            outcome = plan.outcome.of(Param(piece))
        text = ASK if outcome is None else self._text(outcome)
        if len(piece) <= LONGEST and plan.room >= 0:
            if len(self) >= PAIRS:
                self.clear()
                self._plans.clear()
            self[piece] = text
        return text

    def _text(self, outcome: Outcome) -> str:
        try:
            text = self._emitter.part(outcome)
        except EmitError:
            return ASK
        return ASK if ASK in text else text

    def _plan(self, name: str) -> _Plan:
        exceptions = self._applier.exceptions(name)
        value = "x"
        while value in exceptions:
            value += "x"
        outcome = self._applier.decided(f"{name}={value}")
        silent = outcome is not None and not (outcome.keep or self._emitter.tells_dropped)
        return _Plan(exceptions, outcome, silent)
