"""Programs of the emitters of scripting languages, run in their interpreters.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar, Optional, Union
from urllib.parse import quote

from logreq.emitters import load
from logreq.emitters._old import Emitter
from logreq.log.line import parse_line
from logreq.model.call import Argument, Call, Decision, Env, Part
from logreq.model.connection import Connection
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.text.codec import encode
from tests.support.recorder import RecordingServer, Reply
from tests.support.run import Ran, run
from tests.support.strategies import log_line

ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
AUTHS = ("authinfo", "session", "key", "none")
OUTS = ("json", "bjson", "JSONdata", "xml", "devel", "text", "csv", "print")
ROWS = [
    {"name": "example.com", "owner": "www-root", "ip": "192.0.2.1"},
    {"name": "example.net", "owner": "client", "ip": "192.0.2.2"},
]
OK = b'{"doc":{"ok":{}}}'
# Credentials of the one who clicked are never repeated; func is the function.
RESERVED = {b"auth", b"authinfo", b"sesid", b"func"}


def calls(*queries: bytes, secrets: str = "keep", keep: str = "*", **line: Any) -> list[Call]:
    """Make calls of logged queries."""
    panel = line.pop("panel", "ispmgr")
    apply = Decider(rule_set(keep=[keep] if keep else []), secrets=secrets)
    found = []
    for query in queries:
        request = parse_line(log_line(query, **line), panel, "panel.log")
        assert isinstance(request, Request)
        found.append(apply(request))
    return found


def with_value(call: Call, name: str, value: Union[str, Env, tuple[Part, ...]]) -> Call:
    """Give a call whose parameter has another value, as `--param` makes it."""
    param = Param(f"{quote(name)}=logged")
    return call._replace(decisions=[*call.decisions, Decision(param, keep=True, value=value)])


def answering(body: bytes, kind: str = "application/json", **more: Any) -> RecordingServer:
    return RecordingServer(lambda _request: Reply(body, kind, **more))


def encode_text(value: bytes) -> str:
    text = value.decode("utf-8", "surrogateescape")
    assert encode(text) == value
    return text


class Programs:
    """Makes and runs programs; a subclass names the emitter and how results are printed."""

    name: ClassVar[str]
    # What prints `$result` as JSON, and as bytes, after a snippet.
    show: ClassVar[str]
    show_bytes: ClassVar[str]

    def emitter(self, url: str, **connection: Any) -> Emitter:
        return load(self.name)(Connection(url=url, **connection))

    def text(self, url: str, found: Sequence[Call], **connection: Any) -> str:
        emitter = self.emitter(url, **connection)
        return emitter.separator.join(emitter.snippet(call) for call in found)

    def run(self, text: str, env: Optional[dict[str, str]] = None, args: Sequence[Any] = ()) -> Ran:
        ran = run(self.name, text.encode(), env=ENV if env is None else env, args=args)
        assert not ran.files
        return ran

    def one(self, url: str, query: bytes, **connection: Any) -> Ran:
        return self.run(self.text(url, calls(query), **connection) + self.show)

    def result(self, url: str, query: bytes, **connection: Any) -> Any:
        ran = self.one(url, query, **connection)
        assert ran.status == 0, ran.err
        return json.loads(ran.out)

    def script(
        self, url: str, found: Sequence[Call], *arguments: Argument, **connection: Any
    ) -> str:
        return "".join(self.emitter(url, **connection).script(found, arguments))

    def failure(self, ran: Ran) -> str:
        """Give the error message of a failed run."""
        assert ran.status != 0
        assert b"Traceback" not in ran.err
        return (ran.err + ran.out).decode()
