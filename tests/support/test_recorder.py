"""The recording server, its decoder and the strategies, tested before anything relies on them."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.model.request import Param
from logreq.text.codec import encode
from tests.support import strategies
from tests.support.recorder import (
    FORM,
    Pairs,
    RecordingServer,
    Reply,
    decode_form,
    unquote,
)
from tests.support.run import requires, run
from tests.support.strategies import log_line, panel_encode


@pytest.fixture(scope="module")
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as server:
        yield server


def send(
    server: RecordingServer, method: str, target: str, body: bytes = b"", kind: str = FORM
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, target, body or None, {"Content-Type": kind} if body else {})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        (b"", []),
        (b"a=b", [(b"a", b"b")]),
        (b"a=b=c", [(b"a", b"b=c")]),
        (b"a", [(b"a", b"")]),
        (b"a=", [(b"a", b"")]),
        (b"=b", [(b"", b"b")]),
        (b"&a=1&&a=2&", [(b"a", b"1"), (b"a", b"2")]),
        (b"a+b=c+d%20e%2B", [(b"a b", b"c d e+")]),
        (b"a=%FF%fe%00", [(b"a", b"\xff\xfe\x00")]),
        (b"a=100%&b=%zz%4", [(b"a", b"100%"), (b"b", b"%zz%4")]),
        (b"a=%2526", [(b"a", b"%26")]),
        (b"a=%26b%3D", [(b"a", b"&b=")]),
        (b"\xff=\xfe;", [(b"\xff", b"\xfe;")]),
        (b"a=%4 x%4+", [(b"a", b"%4 x%4 ")]),
        (b"a=% 1%+1", [(b"a", b"% 1% 1")]),
    ],
)
def test_decoder(raw: bytes, pairs: Pairs) -> None:
    assert decode_form(raw) == pairs


@given(strategies.pairs())
def test_panel_encoding_is_read_back(pairs: Pairs) -> None:
    raw = panel_encode(pairs)
    assert decode_form(raw) == pairs
    # The program's own reading agrees, though it shares no code with the decoder.
    params = [Param(piece.decode("ascii")) for piece in raw.split(b"&") if piece]
    assert [(encode(p.name), encode(p.value)) for p in params] == pairs


@given(st.binary())
def test_decoder_and_program_agree_on_any_text(raw: bytes) -> None:
    assert unquote(raw.replace(b"=", b"")) == encode(
        Param(raw.replace(b"=", b"").decode("utf-8", "surrogateescape")).name
    )


def test_panel_encoding_is_the_panels() -> None:
    pairs = [(b"zoom-ns", b"ns1.example.com. *"), (b"a_b", b"\xd0\xaf+")]
    assert panel_encode(pairs) == b"zoom%2Dns=ns1.example.com.%20%2A&a%5Fb=%D0%AF%2B"


def test_log_line() -> None:
    assert log_line(b"func=x") == (
        b"Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.33][root] 'func=x'\n"
    )
    bare = log_line(b"", tid=None, module=b"", caller=b"", user=b"", time=b"Jun 09 00:00:00", pid=1)
    assert bare == b"Jun 09 00:00:00 [1] INFO Request [][] ''\n"
    coloured = log_line(b"func=x", colour=True)
    assert b" \x1b[1;32mINFO Request [" in coloured
    assert coloured.endswith(b"'func=x'\x1b[0m\n")


@given(pairs=strategies.pairs(min_size=1))
def test_server_carries_any_bytes(server: RecordingServer, pairs: Pairs) -> None:
    raw = panel_encode(pairs)
    del server.requests[:]
    assert send(server, "GET", "/ispmgr?" + raw.decode("ascii"))[0] == 200
    assert send(server, "POST", "/ispmgr", raw)[0] == 200
    assert server.pairs == [pairs, pairs]


def test_server_records_all_of_a_request(server: RecordingServer) -> None:
    del server.requests[:]
    send(server, "POST", "//manager/billmgr?a=1&a=2", b"a=3")
    request = server.requests[0]
    assert request.method == "POST"
    assert request.path == "//manager/billmgr"
    assert request.query == b"a=1&a=2"
    assert request.body == b"a=3"
    assert request.headers["content-type"] == FORM
    assert request.client == "127.0.0.1"
    assert request.pairs == [(b"a", b"1"), (b"a", b"2"), (b"a", b"3")]
    assert request.get(b"a") == b"3"
    assert request.get(b"b") is None


def test_a_body_that_is_no_form_is_not_overlooked(server: RecordingServer) -> None:
    del server.requests[:]
    send(server, "POST", "/ispmgr?a=1", b'{"a":1}', "application/json")
    with pytest.raises(ValueError, match="application/json"):
        _ = server.requests[0].pairs


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("", b'{"doc":{"ok":{}}}'),
        ("&out=json", b'{"doc":{"ok":{}}}'),
        ("&out=text", b"OK\n"),
        ("&out=bjson", b'{"ok":true}'),
        ("&out=JSONdata", b"[]"),
        ("&out=xml", b"<?xml version='1.0' encoding='UTF-8'?>\n<doc><ok/></doc>\n"),
    ],
)
def test_answer_follows_out(server: RecordingServer, out: str, body: bytes) -> None:
    assert send(server, "GET", "/ispmgr?func=x" + out) == (200, body)
    assert send(server, "POST", "/ispmgr", ("func=x" + out).encode()) == (200, body)


def test_answer_can_be_set() -> None:
    def teapot(_request: object) -> Reply:
        return Reply(b"short", "text/plain", 418, (("Set-Cookie", "a=b"),))

    with (
        RecordingServer(teapot) as server,
        pytest.raises(urllib.error.HTTPError) as caught,
    ):
        urllib.request.urlopen(server.base, timeout=10)
    with caught.value as answer:
        assert (answer.code, answer.read()) == (418, b"short")
        assert answer.headers["Set-Cookie"] == "a=b"


def test_what_is_no_request_is_noted() -> None:
    with RecordingServer() as server:
        with socket.create_connection(("127.0.0.1", server.port), 10) as raw:
            raw.sendall(b"GET /a b c HTTP/1.1\r\n\r\n")
            assert b"400" in raw.makefile("rb").readline()
        with socket.create_connection(("127.0.0.1", server.port), 10) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
            assert b"411" in raw.makefile("rb").readline()
        assert server.requests == []
        assert [text.split()[0] for text in server.refused] == ["400", "411"]


def test_tls() -> None:
    with RecordingServer(tls=True) as server:
        assert server.base.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=server.cafile)
        with urllib.request.urlopen(server.base + "/ispmgr?a=%00", timeout=10, context=trusting):
            pass
        assert server.pairs == [[(b"a", b"\0")]]
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(server.base, timeout=10)
        assert len(server.requests) == 1


def test_certificate_is_made_once() -> None:
    with RecordingServer(tls=True) as one, RecordingServer(tls=True) as two:
        assert one.cafile == two.cafile
        assert one.port != two.port


def test_nothing_answers_after_the_end() -> None:
    with RecordingServer() as server:
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 10).close()


# Each posts the form in the variable FORM to the address in URL and prints the answer.
POST = {
    "sh": b'curl -sS --cacert "$CA" -d "$FORM" "$URL"',
    "perl": b"use HTTP::Tiny; my $http = HTTP::Tiny->new; print $http->request('POST', $ENV{URL},"
    b" {content => $ENV{FORM}, headers => {'content-type' => '%s'}})->{content};" % FORM.encode(),
    "php": b"<?php echo file_get_contents(getenv('URL'), false, stream_context_create(["
    b"'ssl' => ['cafile' => getenv('CA')], 'http' => ['method' => 'POST', 'header' =>"
    b" 'Content-Type: %s', 'content' => getenv('FORM')]]));" % FORM.encode(),
    "node": b"const {URL: url, FORM: body} = process.env;\n"
    b"const answer = await fetch(url, {method: 'POST', body, headers: {'content-type': '%s'}});\n"
    b"process.stdout.write(await answer.text());" % FORM.encode(),
}


# HTTP::Tiny's TLS needs modules that are not core: Perl goes without here.
@pytest.mark.parametrize(
    ("name", "tls"),
    [
        pytest.param(name, tls, marks=requires(name), id=f"{name}-{'https' if tls else 'http'}")
        for name in POST
        for tls in (False, True)
        if (name, tls) != ("perl", True)
    ],
)
def test_every_languages_client_is_served(name: str, tls: bool) -> None:
    pairs = [(b"func", b"x"), (b"b", bytes(range(256))), (b"a", b"1"), (b"a", b"2")] * 10
    with RecordingServer(tls=tls) as server:
        ca = server.cafile or ""
        env = {"URL": server.base + "/ispmgr", "FORM": panel_encode(pairs)}
        ran = run(name, POST[name], env={**env, "CA": ca, "NODE_EXTRA_CA_CERTS": ca})
        assert ran == (0, b'{"doc":{"ok":{}}}', b"", [])
        assert server.pairs == [pairs]
        assert server.refused == []
