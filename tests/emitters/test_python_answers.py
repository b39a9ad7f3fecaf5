"""Python snippets, with and without `requests`: answers, errors, other formats."""

from __future__ import annotations

import sys

import pytest

from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.pysnippets import (
    EMITTERS,
    ENV,
    OUTS,
    answering,
    execute,
    listed,
    make_call,
    refused,
    shown,
    snippet,
)
from tests.support.recorder import Recorded, RecordingServer, Reply
from tests.support.terminal import on_terminal

MESSAGES = {
    "fail.text": "it failed <&>",
    "fail.code": "site",
    "fail.typed": "it exists <&>",
    "fail.string": "it failed <&>",
}


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("func", list(MESSAGES))
@pytest.mark.parametrize("name", EMITTERS)
def test_error_documents(name: str, func: str, out: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([], func.encode()), panel.base, auth="authinfo", out=out)
        told = refused(text, ENV)
        assert told.startswith(f"{func}: ")
        # Flat formats have the message alone.
        if out in ("json", "text", "csv", "print") or func != "fail.code":
            message = MESSAGES[func]
            assert message in told or message.replace("<&>", "&lt;&amp;&gt;") in told


@pytest.mark.parametrize("name", EMITTERS)
def test_no_answer_drives_a_terminal(name: str) -> None:
    hostile = "имя \x1b[2J\u202eb\x9b\udcff".encode("utf-8", "surrogateescape")
    with FakePanel() as panel:
        panel.fail["domain"] = Failure(hostile.decode("utf-8", "replace"), object="\x07")
        # What it says is checked there.
        assert "имя \\x1b[2J\\u202e" in refused(
            snippet(name, make_call([]), panel.base, auth="authinfo"), ENV
        )
    body = b'{"doc":{"a":{"$":"%b"}}}' % hostile.replace(b"\x1b", b"\\u001b")
    with answering(body) as server:
        found = execute(snippet(name, make_call([]), server.base))
        assert found["stdout"].isascii()
        assert shown(found)["a"]["$"].startswith("имя \x1b[2J\u202eb\x9b")
        text = snippet(name, make_call([]), server.base)
        printed = on_terminal([sys.executable, "-c", text])
        assert printed.startswith("{'a': {'$': 'имя \\x1b[2J\\u202eb\\x9b".encode())
    with answering(b"<doc>%b</doc>" % hostile.replace(b"\x1b", b"\t")) as server:
        printed = execute(snippet(name, make_call([]), server.base, out="xml"))["stdout"]
        assert printed == "<doc>имя \t[2J\\u202eb\\x9b\ufffd</doc>\n".encode()


@pytest.mark.parametrize("name", EMITTERS)
def test_what_is_no_document_is_passed_on(name: str) -> None:
    body = b"a;b\n\x1b\xff\x9b\x00%PDF"
    with answering(body) as server:
        text = snippet(name, make_call([]), server.base, out="pdf_print")
        assert execute(text)["stdout"] == body
        printed = on_terminal([sys.executable, "-c", text])
        assert printed == "a;b\r\n\\x1b\ufffd\ufffd\\x00%PDF\r\n".encode()


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("json", b'{"error":{"code":5,"object":"x","msg":"m"}}'),
        ("json", b' {"doc":{"error":"m"}}'),
        ("json", b'{"authfail":""}'),
        ("json", b'{"doc":{"error":""}}'),
        ("bjson", b'{"ok":false}'),
        ("bjson", b'{"ok":false,"error":"m"}'),
        ("JSONdata", b'{"doc":{"error":"m"}}'),
        ("JSONdata", b'{"authfail":""}'),
        ("xml", b"<error>m</error>"),
        ("xml", b"<authfail/>"),
        ("xml", b"<doc><authfail/></doc>"),
        ("csv", b'<?xml version="1.0"?>\n<doc lang="ru"><error type="x"/></doc>'),
        ("csv", b'{"doc": {"authfail": {}}}'),
        ("csv", b"<!DOCTYPE HTML>"),
        ("", b"<doc><error>m</error></doc>"),
        ("", b"ERROR missed(x)"),
        # No document at all.
        ("json", b""),
        ("json", b"<html>\x1b[1m</html>"),
        ("json", b"null"),
        ("json", b'"text"'),
        ("json", b"[]"),
        ("json", b'{"doc":5}'),
        ("json", b'{"doc":"text"}'),
        ("json", b'{"doc":null}'),
        ("json", b'{"doc":[]}'),
        ("bjson", b'{"doc":null}'),
        ("JSONdata", b'{"doc":"text"}'),
        ("JSONdata", b"text"),
        ("xml", b""),
        ("xml", b"<html><body/></html>"),
    ],
)
@pytest.mark.parametrize("name", EMITTERS)
def test_what_ends_a_snippet_with_its_words(name: str, out: str, body: bytes) -> None:
    with answering(body) as server:
        told = refused(snippet(name, make_call([]), server.base, out=out))
        assert told.startswith("domain: ")
        for word in ("authfail", "html", "null", "text", "missed(x)", "error"):
            assert (word in told) or word.encode() not in body


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("json", b"{"),
        ("JSONdata", b"[1"),
        ("xml", b"<doc>"),
        (
            "xml",
            b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc><a>&x;</a></doc>',
        ),
    ],
)
@pytest.mark.parametrize("name", EMITTERS)
def test_what_is_broken_raises(name: str, out: str, body: bytes) -> None:
    with (
        answering(body) as server,
        pytest.raises((ValueError, SyntaxError)) as caught,
    ):
        execute(snippet(name, make_call([]), server.base, out=out))
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize(
    ("out", "body", "document"),
    [
        ("json", b'{"doc":{"elem":{"a":{"$":"1"}}}}', {"elem": {"a": {"$": "1"}}}),
        ("json", b'\n{"doc":{}}\n', {}),
        ("json", b'{"result":"OK"}', {"result": "OK"}),
        ("json", '{"doc":{"имя":{}}}'.encode(), {"имя": {}}),
        ("bjson", b'{"ok":true,"id":"5"}', {"ok": True, "id": "5"}),
        ("JSONdata", b'[{"a":1,"b":null}]', [{"a": 1, "b": None}]),
    ],
)
@pytest.mark.parametrize("name", EMITTERS)
def test_documents(name: str, out: str, body: bytes, document: object) -> None:
    with answering(body) as server:
        assert shown(execute(snippet(name, make_call([]), server.base, out=out))) == document


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("xml", b"<doc><a>\xd0\xb9</a>\n</doc>"),
        ("devel", b"<doc><elem><error>x</error></elem></doc>"),
        ("", b"<html>"),
        ("csv", b"error;authfail\n"),
        ("text", b"name=ERROR\n"),
    ],
)
@pytest.mark.parametrize("name", EMITTERS)
def test_texts(name: str, out: str, body: bytes) -> None:
    with answering(body) as server:
        found = execute(snippet(name, make_call([]), server.base, out=out))
        assert (found["stdout"].rstrip(b"\n"), found["stderr"]) == (body.rstrip(b"\n"), "")


@pytest.mark.parametrize("auth", ["none", "session", "key"])
@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("name", EMITTERS)
def test_another_http_status_is_an_error(name: str, status: int, auth: str) -> None:
    with answering(b'{"doc":{"ok":{}}}', status) as server:
        with pytest.raises((SystemExit, OSError), match=str(status)):
            execute(snippet(name, make_call([]), server.base, auth=auth), ENV)
        assert len(server.requests) == 1


@pytest.mark.parametrize("out", ["json", "JSONdata", "xml", "csv"])
@pytest.mark.parametrize("auth", ["none", "session", "key"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", EMITTERS)
def test_nothing_is_sent_to_where_an_answer_points(
    name: str, status: int, auth: str, out: str
) -> None:
    def answer(request: Recorded) -> Reply:
        good = b'<doc><ok/><auth id="a"/></doc>'
        good = good if auth != "none" or out in ("xml", "csv") else b'{"doc":{"ok":{}}}'
        moved = Reply(good, status=status, headers=(("Location", "/elsewhere"),))
        return Reply(good) if request.path == "/elsewhere" else moved

    with RecordingServer(answer) as server:
        with pytest.raises((SystemExit, OSError), match=f"{status}|/elsewhere"):
            execute(snippet(name, make_call([]), server.base, auth=auth, out=out), ENV)
        # Python's own client may look there, but with empty hands.
        assert [r.body for r in server.requests[1:]] in ([], [b""])


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_only_insecure_takes_any_certificate(name: str, auth: str) -> None:
    with FakePanel(tls=True) as panel:
        strict = snippet(name, make_call([]), panel.base, auth=auth)
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
            execute(strict, ENV)
        assert panel.calls == []
        trusted = {"SSL_CERT_FILE": panel.cafile or "", "REQUESTS_CA_BUNDLE": panel.cafile or ""}
        execute(strict, {**ENV, **trusted})
        found = execute(snippet(name, make_call([]), panel.base, auth=auth, insecure=True), ENV)
        assert shown(found)["elem"] == listed(panel)
    # Unchecked or not, plain HTTP is a scheme like the other.
    with FakePanel() as panel:
        execute(snippet(name, make_call([]), panel.base, auth=auth, insecure=True), ENV)
