"""Makes Python snippets of calls and runs them in the tests' own interpreter."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
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
    """Run a snippet here; give its variables, what it wrote to standard error under `stderr`."""
    found: dict[str, Any] = {"__name__": "__main__"}
    err = io.StringIO()
    with mock.patch.dict(os.environ, env or {}), contextlib.redirect_stderr(err):
        for variable in {*ENV, "PASSWD"} - set(env or {}):
            os.environ.pop(variable, None)
        exec(compile(text.encode(), "snippet", "exec"), found)
    found["stderr"] = err.getvalue()
    return found


@contextlib.contextmanager
def refused(text: str, env: Optional[Mapping[str, str]] = None) -> Iterator[list[Any]]:
    """Expect that a snippet raises its PanelError, which the list then holds."""
    errors: list[Any] = []
    with pytest.raises(RuntimeError) as caught:
        execute(text, env)
    assert type(caught.value).__name__ == "PanelError"
    errors.append(caught.value)
    yield errors


def answering(body: bytes, status: int = 200, *headers: tuple[str, str]) -> RecordingServer:
    return RecordingServer(lambda request: Reply(body, "text/plain", status, headers))


def domains(panel: FakePanel) -> list[dict[str, str]]:
    return [dict(row) for row in panel.state.tables["domain"]]
