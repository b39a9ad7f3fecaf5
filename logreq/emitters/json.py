"""One JSON object per line: for jq, for other programs, for log pipelines."""

from __future__ import annotations

import json

from logreq.call import Call, Connection, Env, Outcome, Value
from logreq.emitters._base import Emitter, Remembered, percent

_dumps = json.JSONEncoder(ensure_ascii=True).encode


class Json(Emitter):
    """Everything known about a call; lone surrogates never get into the JSON."""

    summary = "one JSON object a line, with what was dropped and why"
    syntax = "json"
    http = False
    default_out = ""
    auths = ()
    separator = ""

    needs_kind = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._kept = Remembered(lambda name, value: f"[{_text(name)}, {_value(value)}]")
        self._dropped = _Dropped()

    def snippet(self, call: Call) -> str:
        request = call.request
        params = ", ".join(filter(None, [self._kept[outcome] for outcome in call.outcomes]))
        dropped = ", ".join(filter(None, [self._dropped[outcome] for outcome in call.outcomes]))
        notes = [*call.notes, *_odd_bytes(call)]
        return (
            f'{{"time": "{request.time}", "pid": {request.pid}, '
            f'"tid": {"null" if request.tid is None else request.tid}, '
            f'"module": {_text(request.module)}, "caller": {_text(request.caller)}, '
            f'"user": {_text(request.user)}, "panel": {_text(request.panel)}, '
            f'"func": {_text(request.func)}, "kind": "{call.kind}", '
            f'"params": [{params}], "dropped": [{dropped}], "notes": {_dumps(notes)}, '
            f'"source": {_text(request.source)}, "line": {request.line}}}\n'
        )


class _Dropped(Remembered):
    """The entry of each dropped parameter: name, value unless it is private, rule."""

    def __init__(self) -> None:
        super().__init__(lambda name, value: "")

    def __missing__(self, outcome: Outcome) -> str:
        text = ""
        if not outcome.keep and outcome.rule not in ("function", "empty"):
            value = "" if outcome.private else f'"value": {_text(outcome.param.value)}, '
            text = f'{{"name": {_text(outcome.param.name)}, {value}"rule": {_text(outcome.rule or "")}}}'
        self[outcome] = text
        return text


def _utf8(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= char <= "\udcff" for char in text)


def _text(text: str) -> str:
    return _dumps(text if _utf8(text) else percent(text))


def _value(value: Value) -> str:
    return _dumps({"env": value.name}) if isinstance(value, Env) else _text(str(value))


def _odd_bytes(call: Call) -> list[str]:
    return [
        f"{percent(outcome.param.name)} is not UTF-8 and stands percent-encoded"
        for outcome in call.outcomes
        if outcome.keep
        and isinstance(outcome.value, str)
        and not (_utf8(outcome.value) and _utf8(outcome.param.name))
    ]


EMITTER = Json
