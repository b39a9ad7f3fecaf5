"""The code that scripts in Python begin with, by itself: emitters/code/python."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support import documents
from tests.support.again import PATHS
from tests.support.panel import FakePanel
from tests.support.pysnippets import ENV, answering, domains, listed
from tests.support.recorder import RecordingServer, Reply

CODE = Path(__file__).parents[2] / "logreq" / "emitters" / "code" / "python"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CODE / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CLIENTS = {"urllib": load("panel").post, "requests": load("requests_post").post}


@pytest.fixture(params=CLIENTS)
def code(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module, as the scripts of a client have it, and the variables of a login."""
    module = load("panel")
    monkeypatch.setattr(module, "post", CLIENTS[request.param])
    monkeypatch.setattr(sys, "argv", ["script"])
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    return module


def ended(action: Callable[[], object]) -> str:
    with pytest.raises(SystemExit) as caught:
        action()
    assert isinstance(caught.value.code, str)
    return caught.value.code


def test_text_for_a_terminal() -> None:
    shown = load("panel").shown
    assert shown("имя a\x1b\x7f\x9b\u202e\udcff\n") == r"имя a\u001b\u007f\u009b\u202e\udcff\n"


ERRORS: list[tuple[Any, str]] = [
    ({"$type": "exists", "$object": "user", "msg": {"$": "There is one"}}, "There is one"),
    ({"$type": "exists", "$object": "user"}, "exists(user)"),
    ({"$type": "missed", "msg": {"$": ""}, "$": "x"}, "missed()"),
    ({"$": "it failed"}, "it failed"),
    ({"code": 5, "msg": "plain"}, "plain"),
    ({"$code": "3", "$obj": "сайт"}, '{"$code":"3","$obj":"сайт"}'),
    ("it failed", "it failed"),
    ("", '{"$":""}'),
    (None, '{"$":null}'),
]


@pytest.mark.parametrize(("error", "told"), ERRORS)
def test_words_of_an_error(error: Any, told: str) -> None:
    assert load("panel").words(error) == told


@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "devel", "text"])
@pytest.mark.parametrize("shape", ["text", "code", "typed", "string"])
def test_the_same_words_in_every_format(shape: str, out: str) -> None:
    failure = documents.Failure("не вышло", shape, "exists", "user")
    body = documents.render(failure, out).body
    told = ended(lambda: load("panel").read("f", out, body))
    if shape == "code" and out in ("json", "xml", "devel"):
        assert told == 'f: {"$code":"3","$obj":"user"}'
    else:
        assert told == "f: не вышло"
    answer = documents.render(documents.AuthFail(), out).body
    login = "auth(badpassword)" if out == "text" else "login failed"
    assert ended(lambda: load("panel").read("f", out, answer)) == f"f: {login}"


@pytest.mark.parametrize(
    ("out", "body", "document"),
    [
        ("json", b'{"doc":{"elem":[{"a":{"$":"1"}}]}}', {"elem": [{"a": {"$": "1"}}]}),
        ("json", b'{"result":"OK"}', {"result": "OK"}),
        ("json", b'{"doc":{"a":{"$":"\xff"}}}', {"a": {"$": "\ufffd"}}),
        ("JSONdata", b'[{"a":1}]', [{"a": 1}]),
        ("bjson", b'{"ok":true}', {"ok": True}),
        ("xml", b"<doc lang='en'><elid>7</elid><n/><n>2</n></doc>",
         {"$lang": "en", "elid": {"$": "7"}, "n": [{}, {"$": "2"}]}),
        ("xml", b"\n<doc>\n <a x='y'>\n <b> </b> </a>\n</doc>",
         {"a": {"$x": "y", "b": {"$": " "}}}),
        ("xml", b"<?xml version='1.0' encoding='UTF-8'?><doc/>", {}),
        ("devel", b"<doc><elem><error>\xd0\xb9\xff</error></elem></doc>",
         {"elem": {"error": {"$": "\u0439\ufffd"}}}),
        ("csv", b"error;x\n\xff", b"error;x\n\xff"),
        ("", b"<h1>", b"<h1>"),
    ],
)  # fmt: skip
def test_documents(out: str, body: bytes, document: object) -> None:
    assert load("panel").read("f", out, body) == document


NO_DOCUMENTS = [
    *(("json", body) for body in (b"", b"<html>", b"null", b"5", b'"x"', b'{"doc":5}', b"{")),
    *(("xml", body) for body in (b"", b"<html/>", b"<doc>", b"{}", b"<!DOCTYPE d [<!ENTITY x ")),
    *(("xml", b"%b<doc/></html>" % begin) for begin in (b"<html>", b"<!DOCTYPE html>\n<html>")),
    ("xml", b"<error>m</error>"),
    ("xml", b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"),
]


@pytest.mark.parametrize(("out", "body"), NO_DOCUMENTS)
def test_no_documents(out: str, body: bytes) -> None:
    read = load("panel").read
    for answer in (body, body + b"\x1b" + b"x" * 300):
        told = ended(partial(read, "f", out, answer))
        assert told.startswith("f: no document in the answer: ")
        assert len(told) < 240
        assert "\x1b" not in told


def test_no_document_names_a_file() -> None:
    body = b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc><a>&x;</a></doc>'
    told = ended(lambda: load("panel").read("f", "xml", body))
    assert told.startswith("f: no document in the answer: <!DOCTYPE")


@pytest.mark.parametrize(
    ("out", "body", "told"),
    [
        ("text", b"ERROR value(site_name): invalid domain\n", "invalid domain"),
        ("text", b"ERROR missed(feature)\n", "missed(feature)"),
        ("text", b"ERROR request_failed: boo hoo\n", "boo hoo"),
        ("csv", "ERROR Ошибка доступа\n".encode(), "Ошибка доступа"),
        ("", b"ERROR no such: thing", "no such: thing"),
        ("text", b"ERROR (x): y", "(x): y"),
        ("text", b"ERROR  request_failed", "request_failed"),
        ("text", b"ERROR \n", r"ERROR \n"),
        ("csv", b"<!DOCTYPE html>\n<html>", r"<!DOCTYPE html>\n<html>"),
        ("csv", b'<doc lang="ru"><error/></doc>', '<doc lang="ru"><error/></doc>'),
        ("csv", b'{"doc": {"authfail": {}}}', '{"doc": {"authfail": {}}}'),
        ("", b"<doc><authfail/></doc>", "<doc><authfail/></doc>"),
    ],
)
def test_errors_in_other_formats(out: str, body: bytes, told: str) -> None:
    assert ended(lambda: load("panel").read("f", out, body)) == f"f: {told}"


def test_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: ModuleType
) -> None:
    monkeypatch.setattr(sys, "argv", ["x", "--db-name=b", "-k", "--restart"])
    panel = code.Panel(["PANEL_USER"], {"db-name": "a", "url": "http://h"}, out="json")
    assert panel.options == {
        "db_name": "b", "url": "http://h", "insecure": True, "restart": True,
    }  # fmt: skip
    assert (panel.url, panel.common) == ("http://h", {"out": "json"})
    monkeypatch.delenv("PANEL_USER")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.setattr(sys, "argv", ["x"])
    assert ended(lambda: code.Panel(["EMPTY", "PANEL_USER", "PANEL_PASSWORD"], {})) == (
        "not set: EMPTY, PANEL_USER"
    )
    # Help comes first.
    monkeypatch.setattr(sys, "argv", ["x", "--help"])
    with pytest.raises(SystemExit):
        code.Panel(["PANEL_USER"], {"odd": "100%\x1b"})
    assert "default: 100%\\u001b" in capsys.readouterr().out


@pytest.mark.parametrize(("path", "asked"), [("", "/ispmgr"), *PATHS.items()])
def test_addresses(code: ModuleType, path: str, asked: str) -> None:
    panel = code.Panel([], {"url": f"https://manager{path}"}, panel="ispmgr")
    assert panel.url == f"https://manager{asked}"
    assert code.Panel([], {"url": f"https://h{path}"}).url == f"https://h{path}"


@pytest.mark.parametrize("how", ["authinfo", "session", "key"])
def test_calls(code: ModuleType, how: str, capsys: pytest.CaptureFixture[str]) -> None:
    with FakePanel() as server:
        panel = code.Panel([], {"url": server.url()}, out="json")
        if how == "authinfo":
            panel.common["authinfo"] = "root:secret"
        for _ in range(2 * (how != "authinfo")):
            panel.log_in("root" if how == "key" else "")
        before = len(server.requests)
        assert panel.call("domain", ("a", "1"), ("a", "\udcff")) == {"elem": listed(server)}
        assert panel.call("domain", out="JSONdata") == domains(server)
        assert [len(server.requests), before] == {
            "authinfo": [2, 0], "session": [3, 1], "key": [4, 2],
        }[how]  # fmt: skip
        sent = server.calls[-2].params
        assert sent[:3] == [(b"func", b"domain"), (b"a", b"1"), (b"a", b"\xff")]
        assert sent[3] == (b"out", b"json")
        assert server.calls[-1].params[:2] == [(b"func", b"domain"), (b"out", b"JSONdata")]
    assert capsys.readouterr().err == "domain: ok\n" * 2


@pytest.mark.parametrize("key", ["$id", "$"])
def test_places_of_a_session(code: ModuleType, key: str) -> None:
    for generation in (4, 5):
        with FakePanel(generation=generation) as server:
            server.auth.json_key = key
            panel = code.Panel([], {"url": server.url()})
            panel.log_in()
            assert [panel.common["auth"]] == [*server.auth.sessions]


def test_a_session_that_is_over(code: ModuleType) -> None:
    page = Reply(b"<html>log in</html>")
    answers = [b'{"doc":{"auth":{"$id":"%d"}}}' % n for n in (1, 2)]
    replies = [Reply(answers[0]), Reply(b"[]"), page, Reply(answers[1]), Reply(b"[]"), page]
    with RecordingServer(lambda _: replies.pop(0)) as server:
        panel = code.Panel([], {"url": server.base}, out="json")
        panel.log_in()
        assert [panel.call("f"), panel.call("f", ("auth", "old"), a="b")] == [[], []]
        assert [request.get(b"auth") for request in server.requests] == [
            None, b"1", b"old", None, b"2",
        ]  # fmt: skip
        panel.fresh = True
        assert ended(lambda: panel.call("f")).startswith("f: no document in the answer: <html>")
        assert not replies


def test_no_session(code: ModuleType) -> None:
    for body in (b'{"doc":{"ok":{}}}', b'{"doc":{"auth":{}}}'):
        with answering(body) as server:
            panel = code.Panel([], {"url": server.base})
            assert ended(panel.log_in) == "auth: no session in the answer"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 404, 500])
def test_statuses(code: ModuleType, status: int) -> None:
    moved = (("Location", "/other"),) if status < 400 else ()
    with answering(b'{"doc":{}}', status, *moved) as server:
        panel = code.Panel([], {"url": server.base}, out="json")
        more = " (redirected to /other)" if moved else ""
        assert ended(lambda: panel.call("f")) == f"f: HTTP status {status}{more}"
        assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["http://[", "file:///etc/passwd", "http://127.0.0.1:1"])
def test_addresses_that_are_none(code: ModuleType, url: str) -> None:
    assert ended(lambda: code.Panel([], {"url": url}).call("f")).startswith("f: ")


def test_certificates(code: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    with RecordingServer(tls=True) as server:
        call = code.Panel([], {"url": server.base}, out="json").call
        assert "CERTIFICATE_VERIFY_FAILED" in ended(lambda: call("f"))
        assert server.requests == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/dev/null")
        assert code.Panel([], {"url": server.base}, insecure=True, out="json").call("f") == {
            "ok": {}
        }


def test_answers_that_are_no_documents(
    code: ModuleType, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    with answering(b"a\n\x1b\xff") as server:
        panel = code.Panel([], {"url": server.base}, out="pdf_print")
        assert panel.call("f") == b"a\n\x1b\xff"
        assert capsysbinary.readouterr().out == b"a\n\x1b\xff"
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        panel.call("f")
        assert capsysbinary.readouterr() == ("a\n\\u001b\ufffd".encode(), b"f: ok\n")


def test_restarts(
    code: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for argv, sent in ([], 2), (["--restart"], 3):
        monkeypatch.setattr(sys, "argv", ["x", *argv])
        with answering(b'{"doc":{"ok":{"$":"restart"}}}') as server:
            panel = code.Panel([], {"url": server.base}, out="json")
            panel.call("a")
            panel.call("b")
            panel.restart()
            assert len(server.requests) == sent
            assert server.requests[2:] == [] or server.requests[-1].get(b"func") == b"restart"
        assert f"{server.base} asks for a restart (--restart)\n" in capsys.readouterr().err


def test_output_is_flushed_by_call(code: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "utf-8"))
    with answering('{"doc":{"имя":"\\u009b"}}'.encode()) as server:
        code.Panel([], {"url": server.base}, out="json").call("f")
    assert written.getvalue() == '{"имя": "\\u009b"}\n'.encode()
