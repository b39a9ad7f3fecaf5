"""One JSON object per call: everything known about it."""

from __future__ import annotations

import json
from typing import Any

from logreq.emitters.json import Json
from logreq.log.line import parse_line
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.strategies import log_line


def told(line: bytes, **options: str) -> dict[str, Any]:
    request = parse_line(line, "ispmgr", "ispmgr.log", 7)
    assert isinstance(request, Request)
    text = Json(Connection()).snippet(Decider(rule_set(user=None), kinds=True, **options)(request))  # type: ignore[arg-type] # a test's own
    assert text.isascii()
    assert text.endswith("}\n")
    assert text.count("\n") == 1
    found: dict[str, Any] = json.loads(text)
    return found


def test_everything_is_told() -> None:
    query = b"func=user.edit&name=%D0%B6&passwd=x&sfrom=ajax&sok=ok&empty=&auth=0123&confirm=*"
    found = told(log_line(query))
    for entry in found["dropped"]:
        entry["rule"] = entry["rule"].partition(":")[0]
    assert found == {
        "time": "Feb  6 08:08:07",
        "when": None,
        "pid": 2346,
        "tid": 23826,
        "module": "core_module",
        "caller": "192.0.2.33",
        "user": "root",
        "panel": "ispmgr",
        "func": "user.edit",
        "kind": "action",
        "params": [["name", "\u0436"], ["passwd", {"env": "PASSWD"}], ["sok", "ok"]],
        "dropped": [
            {"name": "sfrom", "value": "ajax", "rule": "default.yaml"},
            {"name": "empty", "value": "", "rule": "default.yaml"},
            {"name": "auth", "rule": "credential"},
            {"name": "confirm", "rule": "default.yaml"},
        ],
        "notes": ["confirm was masked in the log and is left out, --keep confirm asks for it"],
        "source": "ispmgr.log",
        "line": 7,
    }


def test_the_year_is_told_where_one_was_decided() -> None:
    request = parse_line(log_line(b"func=a"))
    assert isinstance(request, Request)
    decider = Decider(rule_set(user=None), kinds=True)
    record = Json(Connection()).snippet(decider(request._replace(when="2026-02-06T08:08:07")))
    assert record.startswith('{"time": "Feb  6 08:08:07", "when": "2026-02-06T08:08:07", "pid": ')


def test_a_log_without_threads() -> None:
    found = told(b"Feb  6 08:08:07 [2346] INFO Request [][] 'func=a'\n")
    assert (found["tid"], found["module"], found["caller"], found["user"]) == (None, "", "", "")
    assert (found["params"], found["dropped"], found["notes"]) == ([], [], [])


def test_bytes_that_are_not_utf8_are_noted_after_all_else() -> None:
    found = told(log_line(b"func=a&x%FF=1&y=%FF&t=%09&y=%FE&b=%D0%B6&passwd=*&%FEz=*"))
    assert found["params"] == [
        ["x%FF", "1"], ["y", "%FF"], ["t", "\t"], ["y", "%FE"], ["b", "\u0436"],
    ]  # fmt: skip
    assert found["notes"][-3:] == [
        "x%FF is not UTF-8 and stands percent-encoded",
        "y is not UTF-8 and stands percent-encoded",
        "y is not UTF-8 and stands percent-encoded",
    ]
    assert [note[:20] for note in found["notes"][:-3]] == [
        "passwd was masked in", "\\xfez was masked in ",
    ]  # fmt: skip
