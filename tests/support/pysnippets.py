"""Makes Python snippets of calls and runs them in the tests' own interpreter."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Mapping
from typing import Any, Optional
from unittest import mock

import pytest

from logreq.emitters import load
from logreq.log.line import parse_line
from logreq.model.call import Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.text.escape import plain
from tests.support import strategies
from tests.support.panel import FakePanel
from tests.support.recorder import Pairs, RecordingServer, Reply

EMITTERS = ("python", "requests")
OUTS = ("json", "bjson", "JSONdata", "xml", "devel", "text", "print", "csv")
ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}


def make_call(
    pairs: Pairs,
    func: bytes = b"domain",
    *,
    secrets: str = "env",
    panel: str = "ispmgr",
    **line: Any,
) -> Call:
    """Make the call of a logged request; nothing is dropped but credentials."""
    query = strategies.panel_encode([(b"func", func), *pairs])
    request = parse_line(strategies.log_line(query, **line), panel)
    assert isinstance(request, Request)
    return Decider(rule_set(keep=["*"], keep_empty=True), secrets=secrets)(request)


def snippet(name: str, call: Call, url: str, **connection: Any) -> str:
    connection.setdefault("auth", "none")
    return load(name)(Connection(url, **connection)).snippet(call)


def execute(text: str, env: Optional[Mapping[str, str]] = None) -> dict[str, Any]:
    """Run a snippet here; give its variables, and what it wrote: `stdout` as bytes, `stderr`."""
    found: dict[str, Any] = {"__name__": "__main__"}
    written, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(written, "utf-8")
    with (
        mock.patch.dict(os.environ, env or {}),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        for variable in {*ENV, "PASSWD"} - set(env or {}):
            os.environ.pop(variable, None)
        exec(compile(text.encode(), "snippet", "exec"), found)
        out.flush()
    found["stdout"] = written.getvalue()
    found["stderr"] = err.getvalue()
    return found


def refused(text: str, env: Optional[Mapping[str, str]] = None) -> str:
    """Run a snippet that ends by itself with status 1; give what it says then."""
    with pytest.raises(SystemExit) as caught:
        execute(text, env)
    assert isinstance(caught.value.code, str)
    assert plain(caught.value.code)
    return caught.value.code


def shown(found: dict[str, Any]) -> Any:
    """Give the document that a snippet printed."""
    assert found["stderr"] == ""
    return json.loads(found["stdout"])


def answering(body: bytes, status: int = 200, *headers: tuple[str, str]) -> RecordingServer:
    return RecordingServer(lambda request: Reply(body, "text/plain", status, headers))


def domains(panel: FakePanel) -> list[dict[str, str]]:
    return [dict(row) for row in panel.state.tables["domain"]]


def listed(panel: FakePanel) -> list[dict[str, Any]]:
    """Give the domains as a document's `elem`."""
    return [{name: {"$": text} for name, text in row.items()} for row in domains(panel)]
