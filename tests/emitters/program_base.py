"""Programs of the emitters of scripting languages, run in their interpreters.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json
import re
import socketserver
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, Optional, Union
from urllib.parse import quote

from logreq.emitters import load
from logreq.emitters.base import Emitter
from logreq.log.line import parse_line
from logreq.model.call import Arg, Argument, Call, Decision, Env, Id, Lookup, Part
from logreq.model.connection import Connection
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.text.codec import encode
from tests.support.recorder import Recorded, RecordingServer, Reply, ok_document
from tests.support.run import Ran, run
from tests.support.strategies import log_line

ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
AUTHS = ("authinfo", "session", "key", "none")
JSON = ("json", "bjson", "JSONdata")
OUTS = (*JSON, "xml", "devel", "text", "csv", "print")
OK = b'{"doc":{"ok":{}}}'
# Credentials of the one who clicked are never repeated; func is the function.
RESERVED = {b"auth", b"authinfo", b"sesid", b"func"}
# Characters that drive a terminal, or deceive its reader.
DRIVING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


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


def after_login(body: bytes, kind: str = "application/json") -> RecordingServer:
    """Answer logins well, and calls by this."""

    def answer(request: Recorded) -> Reply:
        if request.get(b"func") == b"auth":
            if request.get(b"out") == b"xml":
                return Reply(b'<doc><auth id="s"/></doc>', "text/xml")
            return Reply(b'{"doc":{"auth":{"$id":"s"}}}')
        if request.get(b"func") == b"session.newkey":
            return ok_document(request)
        return Reply(body, kind)

    return RecordingServer(answer)


@contextmanager
def answering_bytes(answer: bytes) -> Iterator[str]:
    """Answer logins well, and calls by these bytes, head and all; give the address."""
    login = b'<doc><auth id="s"/><ok/></doc>'

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            form = self.rfile.read(length)
            logs_in = b"func=auth" in form or b"func=session" in form
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + login if logs_in else answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def encode_text(value: bytes) -> str:
    text = value.decode("utf-8", "surrogateescape")
    assert encode(text) == value
    return text


class Programs:
    """Makes and runs programs; a subclass names the emitter."""

    name: ClassVar[str]

    def emitter(self, url: str, **connection: Any) -> Emitter:
        return load(self.name)(Connection(url=url, **connection))

    def text(self, url: str, found: Sequence[Call], **connection: Any) -> str:
        emitter = self.emitter(url, **connection)
        snippets = emitter.separator.join(emitter.snippet(call) for call in found)
        return emitter.opening + snippets + emitter.closing

    def run(self, text: str, env: Optional[dict[str, str]] = None, args: Sequence[Any] = ()) -> Ran:
        ran = run(self.name, text.encode(), env=ENV if env is None else env, args=args)
        assert not ran.files
        return ran

    def one(self, url: str, query: bytes, **connection: Any) -> Ran:
        return self.run(self.text(url, calls(query), **connection))

    def both(self, url: str, query: bytes, **connection: Any) -> list[Ran]:
        """Run a call as a snippet and as a script."""
        found = calls(query)
        texts = [self.text(url, found, **connection), self.script(url, found, **connection)]
        return [self.run(text) for text in texts]

    def result(self, url: str, query: bytes, **connection: Any) -> Any:
        """Give the document that a snippet and a script print alike."""
        found = []
        for ran in self.both(url, query, **connection):
            assert ran.status == 0, ran.err
            found.append(json.loads(ran.out))
        assert found[0] == found[1]
        return found[0]

    def script(
        self, url: str, found: Sequence[Call], *arguments: Argument, **connection: Any
    ) -> str:
        return "".join(self.emitter(url, **connection).script(found, arguments))

    def again(self, url: str, **connection: Any) -> str:
        """Give a script that is run again and has all that such scripts can have."""
        row = Lookup("domain", "name", ("x", Arg("domain"), Id("a")))
        first, *others = calls(b"func=a&passwd=x", b"func=b&x=%FF", b"func=b.delete", secrets="env")
        found = [first, with_value(others[0], "id", (Id("a"), row)), others[1]]
        emitter = self.emitter(url, **connection)
        return "".join(emitter.script(found, [Argument("domain", "it's \n$x")], again=True))

    def failure(self, ran: Ran) -> str:
        """Give the error message of a failed run, which cannot drive a terminal."""
        assert ran.status != 0
        # PHP shows the line end of a status line.
        message = (ran.err + ran.out).decode().replace("\r\n", "\n")
        assert not DRIVING.search(message), message
        return message
