"""What JavaScript snippets and scripts make of answers: results, errors, no documents."""

from __future__ import annotations

import json

import pytest

from logreq.model.connection import Connection
from tests.emitters.test_javascript import LIST, call, emit, node, script
from tests.support import run
from tests.support.recorder import RecordingServer, Reply
from tests.support.terminal import on_terminal

pytestmark = run.requires("node")


@pytest.mark.parametrize("out", ["json", "xml", "text"])
@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_other_statuses_stop_it(status: int, out: str) -> None:
    body = {"json": b'{"doc":{}}', "xml": b"<doc/>", "text": b"OK"}[out]
    with RecordingServer() as server:
        there = (("Location", server.base + "/else\u00a0where\x9b"),)
        server.answer = lambda request: Reply(body, status=status, headers=there)
        ran = node(emit(Connection(server.base, out=out), call(LIST)))
        whole = node(script(Connection(server.base, out=out), call(LIST)))
    assert (ran.status, whole.status) == (1, 1)
    assert (ran.out, whole.out) == (b"", b"")
    assert f"Error: domain: HTTP {status} ".encode() in ran.err
    where = f"{server.base}/else\\u00a0where\\u009b"
    assert whole.err.decode() == f"domain: HTTP status {status} (redirected to {where})\n"
    assert len(server.requests) == 2


NO_DOCUMENT = [
    ("json", b""),
    ("json", b"<html>\x1b[2J\xd0\xb6</html>"),
    ("json", b"null"),
    ("json", b'"text"'),
    ("json", b"7"),
    ("json", b'{"doc":7}'),
    ("json", b'{"doc":null}'),
    ("json", b'{"doc":"text"}'),
    ("json", b"[1"),
    ("xml", b""),
    ("xml", b"text"),
    ("xml", b"{}"),
    ("xml", b"<other/>"),
    ("xml", b"<html>\x1b[2J\xd0\xb6</html>"),
    ("xml", b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc>&x;</doc>'),
    ("text", b"<!DOCTYPE html>\n<html>"),
]


@pytest.mark.parametrize(("out", "body"), NO_DOCUMENT)
def test_an_answer_that_is_no_document_stops_it(out: str, body: bytes) -> None:
    with RecordingServer(lambda request: Reply(body)) as server:
        ran = node(emit(Connection(server.base, out=out), call(LIST)))
        whole = node(script(Connection(server.base, out=out), call(LIST)))
    assert (ran.status, whole.status) == (1, 1)
    assert (ran.out, whole.out) == (b"", b"")
    assert b"Error: domain: HTTP 200 " in ran.err
    assert whole.err.startswith(b"domain: no document in the answer: ")
    for said in (ran.err, whole.err):
        assert b"\x1b" not in said
        assert (b"\xd0\xb6" in said) == (b"\xd0\xb6" in body)


def test_what_a_panel_answers_is_told() -> None:
    body = '{"doc":{"id":{"$":"7"},"name":{"$":"\u0436 \x7f\x9b\u202e \U0001f600"}}}'
    with RecordingServer(lambda request: Reply(body.encode())) as server:
        ran = node(emit(Connection(server.base), call(LIST)))
        whole = node(script(Connection(server.base), call(LIST)))
    for one in (ran, whole):
        assert one.status == 0, one.err
        assert json.loads(one.out) == json.loads(body)["doc"]
        assert one.out.decode() == (
            '{"id":{"$":"7"},"name":{"$":"\u0436 \\u007f\\u009b\\u202e \U0001f600"}}\n'
        )
    assert whole.err == b"domain: ok\n"


def test_a_large_answer_is_read_whole() -> None:
    body = json.dumps({"doc": {"elem": [{"name": {"$": "x" * 100}}] * 100_000}}).encode()
    with RecordingServer(lambda request: Reply(body)) as server:
        ran = node(emit(Connection(server.base), call(LIST)))
        page = node(emit(Connection(server.base, out="text"), call(LIST)))
    assert (ran.status, len(json.loads(ran.out)["elem"])) == (0, 100_000)
    assert (page.status, page.out) == (0, body)


def test_xml_is_shown_as_it_came() -> None:
    text = "<?xml version='1.0'?>\n<doc lang='en'><a>\u0436 \x9b&amp;</a><error_code/></doc>"
    with RecordingServer(lambda request: Reply(text.encode())) as server:
        ran = node(emit(Connection(server.base, out="xml"), call(LIST)))
        made = emit(Connection(server.base, "none", "xml"), call(LIST))
        on_screen = on_terminal(["node", "--input-type=module", "-e", made.decode()])
    assert (ran.status, ran.out.decode()) == (0, text + "\n")
    assert on_screen.decode() == text.replace("\x9b", "&#155;").replace("\n", "\r\n") + "\r\n"


@pytest.mark.parametrize("out", ["text", "csv", "xml"])
def test_only_a_terminal_gets_escapes(out: str) -> None:
    body = b"<doc>\xff \x1b]0;x\x07\xe2\x80\xae\xd0\xb6</doc>\n"
    with RecordingServer(lambda request: Reply(body)) as server:
        for make in (script, emit):
            made = make(Connection(server.base, "none", out), call(LIST)).decode()
            shown = on_terminal(["node", "--input-type=module", "-e", made]).decode()
            assert not {"\x1b", "\x07", "\u202e"} & {*shown}
            assert shown.startswith("<doc>\ufffd ")
            assert "202e" in shown or "8238" in shown
            assert "\u0436</doc>\r\n" in shown
            ran = node(made.encode())
            assert ran.status == 0
            if make is script or out != "xml":
                assert ran.out == body


@pytest.mark.parametrize("field", ["<elem><error>7</error></elem>", "<metadata/><a/>"])
def test_a_column_named_error_is_no_error(field: str) -> None:
    for out in ("xml", "devel"):
        with RecordingServer(lambda request: Reply(f"<doc>{field}</doc>".encode())) as server:
            ran = node(emit(Connection(server.base, out=out), call(LIST)))
        assert ran.status == 0, ran.err


def test_a_failure_without_a_word_is_one() -> None:
    with RecordingServer(lambda request: Reply(b'{"ok":false}')) as server:
        ran = node(emit(Connection(server.base, out="bjson"), call(LIST)))
        whole = node(script(Connection(server.base, out="bjson"), call(LIST)))
    assert (ran.status, whole.status) == (1, 1)
    assert b'Error: domain: HTTP 200 {"ok":false}' in ran.err
    assert whole.err == b'domain: {"ok":false}\n'


# The same in every language.
WORDS = [
    ("json", '{"doc":{"error":{"$type":"a","msg":{"$":"\u043d\u0435"}}}}', "\u043d\u0435"),
    ("json", '{"doc":{"error":{"$type":"exists","$object":"user"}}}', "exists(user)"),
    ("json", '{"doc":{"error":{"$type":"exists"}}}', "exists()"),
    ("json", '{"doc":{"error":{"$":"no"}}}', "no"),
    ("json", '{"doc":{"error":{"msg":"no\x9b"}}}', "no\\u009b"),
    ("json", '{"doc":{"error":"no"}}', "no"),
    ("json", '{"error":"no"}', "no"),
    ("json", '{"doc":{"error":{"$code":"3","$obj":"site"}}}', '{"$code":"3","$obj":"site"}'),
    ("json", '{"doc":{"authfail":{}}}', "login failed"),
    ("json", '{"authfail":""}', "login failed"),
    ("xml", "<doc><authfail/></doc>", "login failed"),
    ("xml", "<?xml a='1'?>\n<doc>\n<error type=\"a\" object='u&amp;1'/></doc>", "a(u&1)"),
    ("xml", "<doc><error type='a'><msg>\u043d\u0435 &lt;</msg></error></doc>", "\u043d\u0435 <"),
    ("xml", "<doc><error>no\n&gt;</error></doc>", "no\\n>"),
    ("xml", '<doc><error code="3" obj="site"/></doc>', '{"$code":"3","$obj":"site"}'),
    ("devel", "<doc><metadata><x/></metadata><error>no</error></doc>", "no"),
    ("text", "ERROR exists(user): no\n", "no"),
    ("text", "ERROR value(site_name)\n", "value(site_name)"),
    ("text", "ERROR request_failed: no\n", "no"),
    ("text", "ERROR \u041d\u0435\u0442 1\n", "\u041d\u0435\u0442 1"),
    ("csv", "ERROR no such: thing\n", "no such: thing"),
    ("csv", "ERROR (x): y\n", "(x): y"),
    ("text", "ERROR \n", "ERROR \\n"),
    ("csv", '{"doc":{"error":"no"}}', "no"),
    ("csv", '{"error":"no"}', "no"),
]  # fmt: skip


@pytest.mark.parametrize(("out", "body", "words"), WORDS)
def test_a_script_tells_the_panels_words(out: str, body: str, words: str) -> None:
    with RecordingServer(lambda request: Reply(body.encode())) as server:
        ran = node(script(Connection(server.base, out=out), call(LIST)))
        snippet = node(emit(Connection(server.base, out=out), call(LIST)))
    assert (ran.status, ran.out, ran.err.decode()) == (1, b"", f"domain: {words}\n")
    assert (snippet.status, snippet.out) == (1, b"")


@pytest.mark.parametrize("body", [b'{"elem":[]}', b'a;"error"\n', b"[1]", b"{x", b"7", b"ERRORS 1"])
def test_a_script_passes_on_what_is_no_error(body: bytes) -> None:
    with RecordingServer(lambda request: Reply(body)) as server:
        for make in (script, emit):
            ran = node(make(Connection(server.base, out="csv"), call(LIST)))
            assert (ran.status, ran.out) == (0, body), ran.err
