"""Python snippets, with and without `requests`: results, errors, other answers."""

from __future__ import annotations

import pytest

from logreq.text.escape import plain
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.pysnippets import (
    EMITTERS,
    ENV,
    answering,
    domains,
    execute,
    make_call,
    refused,
    snippet,
)
from tests.support.recorder import Recorded, RecordingServer, Reply

SHAPES = {
    "fail.text": ("", "", "it failed <&>"),
    "fail.code": ("3", "site", "error"),
    "fail.typed": ("exists", "user", "it exists <&>"),
    "fail.string": ("", "", "it failed <&>"),
}


@pytest.mark.parametrize("out", ["json", "xml", "devel"])
@pytest.mark.parametrize("func", list(SHAPES))
@pytest.mark.parametrize("name", EMITTERS)
def test_error_documents(name: str, func: str, out: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([], func.encode()), panel.base, auth="authinfo", out=out)
        with refused(text, ENV) as (error,):
            kind, what, message = SHAPES[func]
            assert (error.type, error.object, error.message) == (kind, what, message)
            told = f"{kind}({what}) {message}" if kind else message
            assert str(error) == f"{func}: {told}"


@pytest.mark.parametrize("out", ["bjson", "JSONdata", "text", "csv"])
def test_error_documents_of_other_formats(out: str) -> None:
    with FakePanel() as panel:
        call = make_call([], b"fail.typed")
        with refused(snippet("python", call, panel.base, auth="authinfo", out=out), ENV) as (e,):
            assert e.message == "it exists <&>"
            if out in ("text", "csv"):
                assert (e.type, e.object) == ("exists", "user")


def test_no_error_document_drives_a_terminal() -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("a\x1b[2J\u202eb\n\x9b", object="\x07")
        with refused(snippet("python", make_call([]), panel.base, auth="authinfo"), ENV) as (e,):
            assert str(e) == "domain: value(\\x07) a\\x1b[2J\\u202eb\\n\\x9b"
            assert e.message == "a\x1b[2J\u202eb\n\x9b"


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("json", b'{"error":{"code":5,"object":"x","msg":"m"}}'),
        ("bjson", b'{"ok":false}'),
        ("bjson", b'{"ok":false,"error":"m"}'),
        ("xml", b"<error>m</error>"),
        ("xml", b"<authfail/>"),
        ("json", b'{"authfail":""}'),
        ("json", b'{"doc":{"error":""}}'),
    ],
)
def test_rarer_error_documents(out: str, body: bytes) -> None:
    with answering(body) as server, refused(snippet("python", make_call([]), server.base, out=out)):
        pass


XXE = b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc><a>&x;</a></doc>'


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("json", b""),
        ("json", b"<html>\x1b[1m</html>"),
        ("json", b"null"),
        ("json", b'"text"'),
        ("json", b'{"doc":5}'),
        ("xml", b""),
        ("xml", b"<html><body/></html>"),
        ("xml", b"<doc>"),
        ("xml", b'<?xml version="1.0" encoding="nonsense"?><doc/>'),
        ("xml", XXE),
    ],
)
@pytest.mark.parametrize("name", EMITTERS)
def test_what_is_no_document_is_an_error(name: str, out: str, body: bytes) -> None:
    with (
        answering(body) as server,
        refused(snippet(name, make_call([]), server.base, out=out)) as e,
    ):
        assert "document in the answer" in str(e[0])
        assert "root:" not in str(e[0])
        assert plain(str(e[0]))


RESULTS = [
    ("json", b'{"doc":{"$func":"x","elem":[{"a":{"$":"1"},"b":{}}]}}', [{"a": "1", "b": ""}]),
    ("json", b'{"doc":{"elem":{"$k":"1","a":{"$":"1"}},"p_cnt":{"$":"1"}}}', [{"a": "1"}]),
    ("json", b'{"doc":{"id":{"$":"7"},"n":[{"$":"1"},{"$":"2"}]}}', {"id": "7", "n": ["1", "2"]}),
    ("json", b'{"doc":{"a":{"b":{"$":"c"}},"slist":{},"messages":{}}}', {"a": {"b": "c"}}),
    ("json", b'{"doc":{"$lang":"en"}}', []),
    ("json", b'{"doc":{"ok":{},"id":{"$":"5"},"tparams":{"x":{}}}}', {"id": "5"}),
    ("json", b'{"doc":{"ok":{"$":"later"}}}', "later"),
    ("json", b'{"doc":{"a":{"$":"\xff"}}}', {"a": "\ufffd"}),
    ("bjson", b'{"ok":true}', "ok"),
    ("bjson", b'{"ok":true,"elem":[{"a":"1"}]}', [{"a": "1"}]),
    ("JSONdata", b'[{"a":1,"b":null}]', [{"a": 1, "b": None}]),
    ("xml", b"<doc><elem><a>1</a><b/></elem></doc>", [{"a": "1", "b": ""}]),
    ("xml", b"<doc><elem/><elem><a>1</a></elem></doc>", [{}, {"a": "1"}]),
    ("xml", b"<doc lang='en'><elid>7</elid><n>1</n><n>2</n></doc>", {"elid": "7", "n": ["1", "2"]}),
    ("xml", b"<doc>\n <a x='y'>\n <b>c</b> </a>\n</doc>", {"a": {"b": "c"}}),
    ("xml", b"<doc/>", []),
    ("xml", b"<doc>text</doc>", "text"),
    ("devel", b"<doc><metadata><f/></metadata><ok/></doc>", "ok"),
    ("", b"<html>", b"<html>"),
]  # fmt: skip


@pytest.mark.parametrize(("out", "body", "result"), RESULTS)
def test_results(out: str, body: bytes, result: object) -> None:
    with answering(body) as server:
        found = execute(snippet("python", make_call([]), server.base, out=out))
        assert found["result"] == result
        assert found["stderr"] == ""


@pytest.mark.parametrize("out", ["json", "xml"])
@pytest.mark.parametrize("name", EMITTERS)
def test_a_wanted_restart_is_told(name: str, out: str) -> None:
    call = make_call([(b"name", b"new.example"), (b"sok", b"ok")], b"webdomain.edit")
    with FakePanel() as panel:
        found = execute(snippet(name, call, panel.base, auth="authinfo", out=out), ENV)
        assert found["result"] == "restart"
        assert found["stderr"].endswith("has to be restarted: func=restart\n")
        assert panel.state.restarts == 0


@pytest.mark.parametrize("auth", ["none", "key"])
@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("name", EMITTERS)
def test_another_http_status_is_an_error(name: str, status: int, auth: str) -> None:
    with answering(b'{"doc":{"ok":{}}}', status) as server:
        with pytest.raises((RuntimeError, OSError), match=str(status)):
            execute(snippet(name, make_call([]), server.base, auth=auth), ENV)
        assert len(server.requests) == 1


@pytest.mark.parametrize("auth", ["none", "key"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", EMITTERS)
def test_nothing_is_sent_to_where_an_answer_points(name: str, status: int, auth: str) -> None:
    def answer(request: Recorded) -> Reply:
        done = Reply(b'{"doc":{"ok":{}}}', headers=(("Set-Cookie", "a=b"),))
        moved = Reply(b"", status=status, headers=(("Location", "/elsewhere"),))
        return done if request.path == "/elsewhere" else moved

    with RecordingServer(answer) as server:
        with pytest.raises((RuntimeError, OSError), match=f"{status}|redirected to"):
            execute(snippet(name, make_call([]), server.base, auth=auth), ENV)
        # Python's own client may look there, but with empty hands.
        assert [r.body for r in server.requests[1:]] in ([], [b""])


@pytest.mark.parametrize("auth", ["authinfo", "key"])
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
        assert found["result"] == domains(panel)
        assert found["stderr"] == ""
    # Unchecked or not, plain HTTP is a scheme like the other.
    with FakePanel() as panel:
        execute(snippet(name, make_call([]), panel.base, auth=auth, insecure=True), ENV)
