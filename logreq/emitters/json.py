"""One JSON object per line: for jq, for other programs, for log pipelines."""

from __future__ import annotations

import json

from logreq.emitters._old import Emitter, percent
from logreq.model.call import Call, Decision, Env, Value
from logreq.model.connection import Connection
from logreq.text.cache import BoundedCache

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
    joins = True
    fields = ("time", "pid", "tid", "texts", "aside", "line")
    joint = ", "
    aside = "\1"  # does not stand in JSON as it is

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._words = BoundedCache(_text, 5_000)

    def snippet(self, call: Call) -> str:
        texts = "".join([self._part(decision) for decision in call.decisions])
        return self.told(call._replace(notes=[*call.notes, *_odd_bytes(call)]), texts)

    def part(self, decision: Decision) -> str:
        # What is not UTF-8 is noted.
        odd = not (_utf8(str(decision.value)) and _utf8(decision.param.name))
        return "\0" if odd else self._part(decision)

    def _part(self, decision: Decision) -> str:
        """Make a pair of `params`, or an object of `dropped`, to go aside.

        Empty for what is told elsewhere.
        """
        name = self._words[decision.param.name]
        if decision.keep:
            return f"[{name}, {_value(decision.value)}]{self.joint}"
        if decision.rule in ("function", "empty"):
            return ""
        value = "" if decision.private else f'"value": {_text(decision.param.value)}, '
        rule = self._words[decision.rule or ""]
        return f'{self.aside}{{"name": {name}, {value}"rule": {rule}}}{self.joint}{self.aside}'

    def told(self, call: Call, texts: str) -> str:
        request, _, notes, kind = call
        words = self._words
        # Between the first mark and the second is what was dropped, and so on.
        parts = texts.split(self.aside)
        params, dropped = ("".join(p)[: -len(self.joint)] for p in (parts[::2], parts[1::2]))
        return (
            f'{{"time": "{request.time}", "pid": {request.pid}, '
            f'"tid": {"null" if request.tid is None else request.tid}, '
            f'"module": {words[request.module]}, "caller": {words[request.caller]}, '
            f'"user": {words[request.user]}, "panel": {words[request.panel]}, '
            f'"func": {words[request.func]}, "kind": "{kind}", '
            f'"params": [{params}], "dropped": [{dropped}], '
            f'"notes": {_dumps(notes) if notes else "[]"}, '
            f'"source": {words[request.source]}, "line": {request.line}}}\n'
        )


def _utf8(text: str) -> bool:
    return text.isascii() or not any("\udc80" <= char <= "\udcff" for char in text)


def _text(text: str) -> str:
    return _dumps(text if _utf8(text) else percent(text))


def _value(value: Value) -> str:
    return _dumps({"env": value.name}) if isinstance(value, Env) else _text(str(value))


def _odd_bytes(call: Call) -> list[str]:
    return [
        f"{percent(decision.param.name)} is not UTF-8 and stands percent-encoded"
        for decision in call.decisions
        if isinstance(decision.value, str)
        and not (_utf8(decision.value) and _utf8(decision.param.name))
    ]
