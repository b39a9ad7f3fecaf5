"""A loopback HTTP server that records requests as bytes, and its own form decoder.

The decoder shares no code with the program under test: a fault in one must not hide
the same fault in the other.
"""

from __future__ import annotations

import socketserver
import ssl
import sys
import threading
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Callable, NamedTuple, Optional, cast

from tests.support.certificate import certificate

Pairs = list[tuple[bytes, bytes]]
FORM = "application/x-www-form-urlencoded"
HEX = b"0123456789abcdefABCDEF"


def unquote(raw: bytes) -> bytes:
    """Decode `%XX` and `+`; a `%` without two hex digits stays."""
    first, *rest = raw.replace(b"+", b" ").split(b"%")
    decoded = [first]
    for part in rest:
        if len(part) >= 2 and part[0] in HEX and part[1] in HEX:
            decoded.append(bytes((int(part[:2], 16),)) + part[2:])
        else:
            decoded.append(b"%" + part)
    return b"".join(decoded)


def decode_form(raw: bytes) -> Pairs:
    """Split a query or a form body into decoded pairs, in order, repeats included."""
    pairs = []
    for piece in raw.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((unquote(name), unquote(value)))
    return pairs


class Recorded(NamedTuple):
    """One request as it came in; `client` is the sender's address."""

    method: str
    path: str
    query: bytes
    headers: HTTPMessage
    body: bytes
    client: str

    @property
    def pairs(self) -> Pairs:
        """Decoded parameters: the query's, then the form body's.

        A body of another type is an error, not an empty list: nothing may pass by
        being overlooked.
        """
        pairs = decode_form(self.query)
        if self.body:
            kind = self.headers.get_content_type()
            if kind != FORM:
                raise ValueError(f"the body is {kind}, not a form")
            pairs += decode_form(self.body)
        return pairs

    def get(self, name: bytes) -> Optional[bytes]:
        """Give the last value of that name, or None."""
        return dict(self.pairs).get(name)


class Reply(NamedTuple):
    """What the server answers."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()


Answer = Callable[[Recorded], Reply]

OK = {
    b"xml": Reply(b"<?xml version='1.0' encoding='UTF-8'?>\n<doc><ok/></doc>\n", "text/xml"),
    b"text": Reply(b"OK\n", "text/plain"),
    b"bjson": Reply(b'{"ok":true}'),
    b"JSONdata": Reply(b"[]"),
}
OK[b"devel"] = OK[b"xml"]


def ok_document(request: Recorded) -> Reply:
    """Answer success in the format that the request's `out` names, JSON by default."""
    out = dict(decode_form(request.query) + decode_form(request.body)).get(b"out", b"json")
    return OK.get(out, Reply(b'{"doc":{"ok":{}}}'))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, owner: RecordingServer, context: Optional[ssl.SSLContext]) -> None:
        self.owner = owner
        self.context = context
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the resolver for the host's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def finish_request(self, request: Any, client_address: Any) -> None:
        # The handshake belongs to the request's thread: a silent client must not stop others.
        request.settimeout(_Handler.timeout)
        if self.context is None:
            super().finish_request(request, client_address)
            return
        with self.context.wrap_socket(request, server_side=True) as wrapped:
            super().finish_request(wrapped, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        self.owner.refused.append(repr(sys.exc_info()[1]))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20.0

    def answer(self) -> None:
        owner = cast(_Server, self.server).owner
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.send_error(411)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        # The request line, not self.path: http.server shortens slashes at its beginning.
        target = self.requestline.split()[1].encode("latin-1")
        path, _, query = target.partition(b"?")
        request = Recorded(
            self.command,
            path.decode("latin-1"),
            query,
            cast(HTTPMessage, self.headers),
            body,
            self.client_address[0],
        )
        owner.requests.append(request)
        reply = owner.answer(request)
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        # One request per connection: nobody waits for an idle one to time out.
        self.send_header("Connection", "close")
        for name, value in reply.headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names

    def send_error(
        self, code: int, message: Optional[str] = None, explain: Optional[str] = None
    ) -> None:
        cast(_Server, self.server).owner.refused.append(f"{code} {message or ''}".strip())
        super().send_error(code, message, explain)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep quiet: `requests` and `refused` tell more."""


class RecordingServer:
    """A server on 127.0.0.1 and a free port, while the `with` block lasts.

    `requests` holds what came in, in order; `refused` what was no proper request or
    broke off (bad syntax, failed TLS handshake); `answer` makes the reply and may be
    replaced at any time. With `tls`, `cafile` is the self-signed certificate.
    """

    def __init__(self, answer: Answer = ok_document, *, tls: bool = False) -> None:
        self.answer = answer
        self.requests: list[Recorded] = []
        self.refused: list[str] = []
        self.cafile: Optional[str] = None
        context = None
        if tls:
            chain, key = certificate()
            self.cafile = str(chain)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain, key)
        self._server = _Server(self, context)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.port: int = self._server.server_port
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def pairs(self) -> list[Pairs]:
        """The pairs of every request, in order."""
        return [request.pairs for request in self.requests]
