"""The texts of dropped pairs, for targets that tell them."""

from __future__ import annotations

from collections.abc import Mapping

from logreq.convert.pairs import PairTable
from logreq.convert.plans import is_word
from logreq.emitters.base import Emitter
from logreq.model.call import Decision
from logreq.model.request import Param
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST

# Pairs whose texts are remembered.
PAIRS = 5_000


class DroppedTable(dict[str, str]):
    """The text of each dropped pair as logged, for the hole DROPPED."""

    def __init__(self, decider: Decider, emitter: Emitter, table: PairTable) -> None:
        """Prepare; `table`: of the texts of kept pairs, by the same emitter."""
        super().__init__()
        self._decider = decider
        self._emitter = emitter
        self._table = table

    def of(self, pieces: list[str], texts: list[str], decided: Mapping[int, Decision]) -> str:
        """Give the text of a request's dropped pairs; `texts`, `decided`: by `PairTable.of`."""
        told = [self[piece] for piece, text in zip(pieces, texts) if not text]
        for at, decision in decided.items():
            if not decision.keep:
                told[texts[:at].count("")] = self._told(decision)
        return "".join(told)

    def __missing__(self, piece: str) -> str:
        name, _, value = piece.partition("=")
        plan = self._table.plans[name]
        if plan.gone is not None and value not in plan.exceptions and is_word(value):
            text = value.join(plan.gone)
            if piece in self._table:
                # It may come again.
                self._remember(piece, text)
            return text
        if plan.asks and value not in plan.exceptions:
            return ""
        if plan.decision is None or value in plan.exceptions:
            decision = self._decider.decided(piece)
        else:
            decision = plan.decision.of(Param(piece))
        text = "" if decision is None else self._told(decision)
        if len(piece) <= LONGEST:
            self._remember(piece, text)
        return text

    def _remember(self, piece: str, text: str) -> None:
        if len(self) >= PAIRS:
            self.clear()
        self[piece] = text

    def _told(self, decision: Decision) -> str:
        text = "" if decision.keep else self._emitter.dropped(decision)
        return text and text + self._emitter.joint
