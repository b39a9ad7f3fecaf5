"""The texts of dropped pairs, for targets that tell them."""

from __future__ import annotations

from collections.abc import Mapping

from logreq.convert.pairs import PairTable
from logreq.convert.plans import is_word
from logreq.emitters.base import Emitter
from logreq.model.call import Decision
from logreq.text.cache import BoundedCache

# Pairs whose texts are remembered.
PAIRS = 5_000


class DroppedTable(BoundedCache[str, str]):
    """The text of each dropped pair as logged, for the hole DROPPED."""

    def __init__(self, emitter: Emitter, table: PairTable) -> None:
        """Prepare; `table`: of the texts of kept pairs, by the same emitter."""
        super().__init__(self._text, PAIRS)
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
        if value not in plan.exceptions:
            if plan.asks:
                return ""
            # A word that the other table remembers may come again.
            if plan.gone is not None and is_word(value) and piece not in self._table:
                return value.join(plan.gone)
        return super().__missing__(piece)

    def _text(self, piece: str) -> str:
        decision = self._table.plans.decided(piece)
        return "" if decision is None else self._told(decision)

    def _told(self, decision: Decision) -> str:
        text = "" if decision.keep else self._emitter.dropped(decision)
        return text and text + self._emitter.joint
