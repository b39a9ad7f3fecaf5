"""`list --functions`: which functions were called, how often, with which parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from logreq.model.call import Call
from logreq.rules import notes
from logreq.text.codec import is_utf8
from logreq.text.percent import percent


class Seen:
    """A function of a panel, calls of one kind: how many, the parameters that they keep."""

    def __init__(self, panel: str, func: str, kind: str) -> None:
        self.panel = panel
        self.func = func
        self.kind = kind
        self.count = 0
        self.deletes = False
        self.params: dict[str, None] = {}


def seen(calls: Iterable[Call]) -> list[Seen]:
    """Count calls by panel, function and kind; the most frequent first."""
    found: dict[tuple[str, str, str], Seen] = {}
    for call in calls:
        key = (call.request.panel, call.func, call.kind)
        one = found.setdefault(key, Seen(*key))
        one.count += 1
        one.deletes = one.deletes or notes.deletes(call)
        one.params.update(dict.fromkeys(name for name, _ in call.arguments))
    return sorted(found.values(), key=lambda one: (-one.count, one.panel, one.func, one.kind))


def objects(calls: Iterable[Call]) -> Iterator[str]:
    """Give a JSON object a line for each function."""
    for one in seen(calls):
        known = {
            "count": one.count, "panel": one.panel, "func": _text(one.func), "kind": one.kind,
            "deletes": one.deletes, "params": [*map(_text, one.params)],
        }  # fmt: skip
        yield f"{json.dumps(known)}\n"


def _text(text: str) -> str:
    return text if is_utf8(text) else percent(text)
