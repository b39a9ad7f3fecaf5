"""One JSON object per line: for jq, for other programs, for log pipelines."""

from __future__ import annotations

import json
from collections.abc import Iterable

from logreq.emitters.base import Emitter
from logreq.emitters.context import Context
from logreq.emitters.frame import (
    DROPPED,
    LINE,
    NOTES,
    PAIRS,
    PID,
    TID,
    TIME,
    WHEN,
    Frame,
    Piece,
)
from logreq.model.call import Decision, Env, Value
from logreq.model.outcome import Outcome
from logreq.model.request import Request
from logreq.text.codec import is_utf8
from logreq.text.percent import percent

_dumps = json.JSONEncoder(ensure_ascii=True).encode


# When it was, as text; and where nothing tells that.
_DATED: tuple[Piece, ...] = ('", "when": "', WHEN, '", "pid": ')
_UNDATED: tuple[Piece, ...] = ('", "when": null, "pid": ',)


class Json(Emitter):
    """Everything known about a call; lone surrogates never get into the JSON."""

    summary = "one JSON object a line, with what was dropped and why"
    syntax = "json"
    http = False
    default_out = ""
    auths = ()
    separator = ""
    joint = ", "
    needs_kind = True
    tells_dropped = True
    tells_when = True

    def pair(self, name: str, value: Value) -> str:
        text = _dumps({"env": value.name}) if isinstance(value, Env) else _text(str(value))
        return f"[{_text(name)}, {text}]"

    def dropped(self, decision: Decision) -> str:
        if decision.rule == "function":
            return ""  # told as `func`
        param = decision.param
        value = "" if decision.private else f'"value": {_text(param.value)}, '
        return f'{{"name": {_text(param.name)}, {value}"rule": {_text(decision.rule or "")}}}'

    def frame(self, context: Context) -> Frame:
        odd = self.notes(
            f"{percent(name)} is not UTF-8 and stands percent-encoded"
            for name, value in context.odd
            if not (is_utf8(name) and is_utf8(value))
        )
        before = "".join(
            f'"{field}": {_text(getattr(context, field))}, '
            for field in ("module", "caller", "user", "panel", "func", "kind")
        )
        outcome = context.outcome
        after = "" if outcome is None else f', "outcome": {_outcome(outcome)}'
        return _Record(
            '{"time": "', TIME, PID, ', "tid": ', TID,
            f', {before}"params": [', PAIRS, '], "dropped": [', DROPPED,
            '], "notes": [', NOTES, f'], "source": {_text(context.source)}, "line": ', LINE,
            after + "}\n",
            odd=odd,
        )  # fmt: skip

    def notes(self, notes: Iterable[str]) -> str:
        return ", ".join(map(_dumps, notes))


class _Record(Frame):
    """Tells when it was, or null where no year was decided.

    Adds a note on what is not UTF-8 to those of the request.
    """

    __slots__ = ("_odd", "_undated")

    def __init__(self, begin: Piece, time: Piece, *pieces: Piece, odd: str) -> None:
        super().__init__(begin, time, *_DATED, *pieces)
        self._undated = Frame(begin, time, *_UNDATED, *pieces)
        self._odd = odd

    def fill(self, request: Request, pairs: str, dropped: str = "", notes: str = "") -> str:
        if self._odd:
            notes = ", ".join(filter(None, (notes, self._odd)))
        time, pid, tid = request[:3]
        frame: Frame = self if request.when else self._undated
        return frame.joined(
            time, str(request.line), pairs, dropped, notes, request.when or "",
            str(pid), "null" if tid is None else str(tid),
        )  # fmt: skip


def _outcome(outcome: Outcome) -> str:
    words = "".join(f', "{name}": {_text(getattr(outcome, name))}' for name in Outcome._fields[1:])
    return f'{{"failed": {str(outcome.failed).lower()}{words}}}'


def _text(text: str) -> str:
    return _dumps(text if is_utf8(text) else percent(text))
