"""Python scripts, with and without `requests`: arguments, logins, restarts, failures."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import pytest

from logreq.emitters import load
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Decision, Env, Value
from logreq.model.connection import Connection
from logreq.model.request import Param
from logreq.text.escape import plain
from tests.support import run
from tests.support.again import PATHS
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.pysnippets import EMITTERS, ENV, OUTS, domains, listed, make_call
from tests.support.recorder import Pairs, Recorded, RecordingServer, Reply
from tests.support.sessions import PAGES, in_turn

pytestmark = pytest.mark.interpreter
HERE = f"python3.{sys.version_info[1]}"
DOMAIN = Argument("domain", "example.com")
# A logged click: the argument stands in one value whole, in the other as a part.
ADDED = (("name", (Arg("domain"),)), ("ns", ("ns1.", Arg("domain"), ". ns2.", Arg("domain"), ".")))


def with_values(call: Call, *pairs: tuple[str, Value]) -> Call:
    """Add parameters whose values may be references."""
    added = [Decision(Param(name), True, value=value) for name, value in pairs]
    return call._replace(decisions=[*call.decisions, *added])


def script(
    name: str,
    calls: Sequence[Call],
    url: str,
    arguments: Sequence[Argument] = (),
    **connection: Any,
) -> str:
    connection.setdefault("auth", "authinfo")
    return "".join(load(name)(Connection(url, **connection)).script(calls, arguments))


def start(
    text: str,
    *args: Union[str, bytes],
    env: Optional[Mapping[str, Union[str, bytes]]] = None,
    python: str = HERE,
) -> run.Ran:
    ran = run.run(python, text.encode(), args=args, env=ENV if env is None else env)
    assert ran.files == []
    return ran


def edit(name: bytes, **line: Any) -> Call:
    return make_call([(b"name", name), (b"sok", b"ok")], b"webdomain.edit", **line)


@pytest.mark.parametrize("python", run.each(*run.PYTHONS))
def test_an_argument_makes_another_domain(python: str) -> None:
    with FakePanel() as panel:
        call = with_values(make_call([(b"sok", b"ok")], b"domain.edit"), *ADDED)
        text = script("python", [call, make_call([])], panel.base, [DOMAIN])
        assert text.startswith("#!/usr/bin/env python3\n# 2 calls,")
        done = start(text, "--domain", "new.example", python=python)
        assert done.status == 0
        assert done.err == b"domain.edit: ok\ndomain: ok\n"
        results = [json.loads(line) for line in done.out.splitlines()]
        assert results == [{"ok": {}}, {"elem": listed(panel)}]
        made = domains(panel)[-1]
        assert (made["name"], made["ns"]) == ("new.example", "ns1.new.example. ns2.new.example.")
        assert start(text, "--domain=third.example", python=python).status == 0
        assert domains(panel)[-1]["name"] == "third.example"
        # The default is there already: the first failure ends the script.
        done = start(text, python=python)
        assert (done.status, done.out) == (1, b"")
        assert done.err == b"domain.edit: Already there\n"


@pytest.mark.parametrize("auth", ["none", "authinfo", "session", "key"])
@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("name", EMITTERS)
def test_every_login_with_every_format(name: str, out: str, auth: str) -> None:
    with FakePanel() as panel:
        calls = [make_call([]), make_call([(b"a", b"b")])]
        done = start(script(name, calls, panel.base, auth=auth, out=out, lang="en"))
        if auth == "none":
            assert (done.status, done.out) == (1, b"")
            assert done.err.startswith(b"domain: ")
            return
        assert (done.status, done.err) == (0, b"domain: ok\ndomain: ok\n")
        if out in ("text", "print", "csv"):
            assert done.out.count(b"example.com") == 2
        else:
            rows = listed(panel) if out in ("json", "xml", "devel") else domains(panel)
            for line in done.out.splitlines():
                doc = json.loads(line)
                assert (doc if out == "JSONdata" else doc["elem"]) == rows
        assert len(panel.requests) == {"authinfo": 2, "session": 3, "key": 4}[auth]
        credential = b"authinfo" if auth == "authinfo" else b"auth"
        names = [n for n, _ in panel.requests[-1].pairs]
        assert names == [b"func", b"a", b"out", b"lang", credential]


@pytest.mark.parametrize(
    "value", [b"-e", b"--help", b"--domain=x", b"", b" a'b\"$x \xff\xd0\xb9%s\n", b"a=b"]
)
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_an_argument_is_any_bytes(value: bytes, locale: str) -> None:
    with RecordingServer() as server:
        call = with_values(make_call([]), ("x", (Arg("domain"), Env("PASSWD"), "\udcfe")))
        text = script("python", [call], server.base, [DOMAIN], auth="none")
        env: dict[str, Union[str, bytes]] = {"PASSWD": b"\xff\xd0\xb9", "LC_ALL": locale}
        # As with other programs, a value that begins with `-` follows a `=`.
        first = [b"--domain=" + value] if value[:1] == b"-" else [b"--domain", value]
        for args in (first, [b"--domain=" + value]):
            assert start(text, *args, env=env).status == 0
        assert (
            server.pairs
            == [[(b"func", b"domain"), (b"x", value + b"\xff\xd0\xb9\xfe"), (b"out", b"json")]] * 2
        )


def test_help_tells_arguments_and_variables_and_sends_nothing() -> None:
    call = with_values(make_call([(b"passwd", b"never written")]), *ADDED)
    odd = Argument("odd-one", "100% {x} 'q' \u0439\x1b[1m\n\udcff")
    with RecordingServer() as server:
        text = script("python", [call], server.base, [DOMAIN, odd], auth="session")
        assert "never written" not in text
        assert all(plain(line) for line in text.split("\n"))
        for word in ("-h", "--help"):
            done = start(text, word, env={})
            assert (done.status, done.err) == (0, b"")
            told = " ".join(done.out.decode().split())
            assert "--domain DOMAIN default: example.com" in told
            assert (
                r"--odd-one ODD_ONE default: 100% {x} 'q' \u0439\u001b[1m\n\udcff".replace(
                    r"\u0439", "\u0439"
                )
                in told
            )
            assert f"--url URL default: {server.base}/ispmgr" in told
            assert told.endswith("environment: PANEL_USER, PANEL_PASSWORD, PASSWD")
        assert server.requests == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--domian", "x"], b"unrecognized arguments: --domian x\n"),
        (["domain=x"], b"unrecognized arguments: domain=x\n"),
        (["--restart=1"], b"argument --restart: ignored explicit argument '1'\n"),
        (["--domain"], b"argument --domain: expected one argument\n"),
    ],
)
def test_wrong_arguments_end_with_2(args: list[str], told: bytes) -> None:
    with RecordingServer() as server:
        text = script("python", [make_call([])], server.base, [DOMAIN])
        done = start(text, *args)
        assert (done.status, done.out) == (2, b"")
        assert done.err.endswith(b": error: " + told)
        assert server.requests == []


@pytest.mark.parametrize("name", EMITTERS)
def test_unset_variables_are_named_before_the_first_call(name: str) -> None:
    with FakePanel() as panel:
        calls = [make_call([]), make_call([(b"passwd", b"x")])]
        text = script(name, calls, panel.base, auth="session")
        done = start(text, env={"PANEL_USER": "root", "PASSWD": ""})
        assert done == (1, b"", b"not set: PANEL_PASSWORD, PASSWD\n", [])
        assert panel.requests == []


def test_another_address_by_argument() -> None:
    with FakePanel() as panel:
        text = script("python", [make_call([])], "https://panel.invalid", auth="key")
        assert start(text, "--url", panel.url()).status == 0
        # What cannot be an address ends it as any failure does.
        for url in ("http://[", "file:///etc/passwd", "https://panel.invalid"):
            for name in EMITTERS:
                text = script(name, [make_call([])], "https://panel.example")
                done = start(text, "--url", url)
                assert (done.status, done.out) == (1, b"")
                assert done.err.startswith(b"domain: ")
                assert done.err.count(b"\n") == 1


@pytest.mark.parametrize("name", EMITTERS)
def test_an_address_by_argument_is_as_that_of_logreq(name: str) -> None:
    with RecordingServer() as server:
        base = server.base
        for again in (False, True):
            emitter = load(name)(Connection("http://127.0.0.1:9/x/y", auth="none"))
            text = "".join(emitter.script([make_call([])], [], again=again))
            for path in ("", *PATHS):
                assert start(text, "--url", base + path).status == 0
        assert [one.path for one in server.requests] == ["/ispmgr", *PATHS.values()] * 2
        server.requests.clear()
        # Of several panels at one address, none is the one to append.
        calls = [make_call([]), make_call([], panel="dnsmgr")]
        assert start(script(name, calls, f"{base}/x"), "--url", f"{base}/").status == 0
        assert [one.path for one in server.requests] == ["/", "/"]


@pytest.mark.parametrize("name", EMITTERS)
def test_several_panels(name: str) -> None:
    with FakePanel() as panel:
        panels = ["ispmgr", "billmgr", "ispmgr"]
        calls = [make_call([], panel=p) for p in panels]
        text = script(name, calls, panel.base, auth="session")
        assert start(text).status == 0
        assert [call.panel for call in panel.calls] == panels
        # Each panel has its own session, and there is no one address to replace.
        assert [r.get(b"func") for r in panel.requests].count(b"auth") == 2
        assert start(text, "--url", panel.url()).status == 2


@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize("out", ["json", "xml", "text", "csv"])
@pytest.mark.parametrize("name", EMITTERS)
def test_a_session_that_is_over_is_opened_anew_once(name: str, out: str, auth: str) -> None:
    calls = [make_call([(b"lang", b"ru")], func) for func in (b"domain", b"iplist", b"longtask")]
    with FakePanel() as panel:

        def forget(request: Recorded) -> Reply:
            # The second call finds its session gone; and the third is refused for ever.
            if request.get(b"func") == b"iplist" and panel.auth.fail_with != "error":
                panel.auth.fail_with = "error"
                panel.auth.sessions.clear()
            reply: Reply = answer(request)
            return reply

        answer, panel.answer = panel.answer, forget
        panel.fail["longtask"] = Failure("No", "typed", type="access", object="x")
        done = start(script(name, calls, panel.base, auth=auth, out=out, lang="en"))
        assert (done.status, done.err) == (1, b"domain: ok\niplist: ok\nlongtask: No\n")
        sent = [request.get(b"func") for request in panel.requests]
        login = [b"auth"] if auth == "session" else [b"session.newkey", b"auth"]
        assert sent == [
            *login, b"domain", b"iplist", *login, b"iplist", b"longtask", *login, b"longtask",
        ]  # fmt: skip
        sessions = [r.get(b"auth") for r in panel.requests if r.get(b"func") == b"iplist"]
        assert len({*sessions}) == 2
        assert {r.get(b"lang") for r in panel.requests if r.get(b"func") == b"iplist"} == {b"ru"}


@pytest.mark.parametrize("name", EMITTERS)
def test_a_new_session_is_not_doubted(name: str) -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("No", "typed", type="access", object="x")
        done = start(script(name, [make_call([])], panel.base, auth="session"))
        assert (done.status, done.err) == (1, b"domain: No\n")
        assert len(panel.requests) == 2
    # Nor is a session the reason of other odd answers.
    assert in_session(name, DOCUMENT, Reply(b"<p>a session</p>")) == (
        1, [b"auth", b"domain", b"domain"],
        b"domain: ok\ndomain: no document in the answer: <p>a session</p>\n",
    )  # fmt: skip


DOCUMENT = Reply(b'{"doc":{}}')


def in_session(
    name: str, *replies: Reply, out: str = "json", auth: str = "session"
) -> tuple[int, list[Optional[bytes]], bytes]:
    """Run two calls that get these replies; give the status, the functions sent, the words."""
    with RecordingServer(in_turn(*replies)) as server:
        done = start(script(name, [make_call([])] * 2, server.base, auth=auth, out=out))
        return done.status, [request.get(b"func") for request in server.requests], done.err


@pytest.mark.parametrize("out", ["json", "xml", "csv"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", EMITTERS)
def test_a_page_or_a_redirect_tells_that_a_session_is_over(name: str, page: str, out: str) -> None:
    good = Reply({"json": b'{"doc":{}}', "xml": b"<doc/>", "csv": b"a;b\n"}[out])
    lost = PAGES[page]
    status, sent, words = in_session(name, good, lost, good, out=out)
    assert (status, words) == (0, b"domain: ok\n" * 2)
    assert sent == [b"auth", b"domain", b"domain", b"auth", b"domain"]
    status, sent, words = in_session(name, good, lost, lost, out=out, auth="key")
    login = [b"session.newkey", b"auth"]
    assert (status, sent) == (1, [*login, b"domain", b"domain", *login, b"domain"])
    assert words.startswith(b"domain: ok\ndomain: ")
    # A session that is new is not over.
    status, sent, words = in_session(name, lost, good, out=out)
    assert (status, sent) == (1, [b"auth", b"domain"])


@pytest.mark.parametrize("name", EMITTERS)
def test_a_key_logs_in_once_a_user(name: str) -> None:
    with FakePanel() as panel:
        users = [b"www-root", b"client", b"www-root"]
        calls = [make_call([], user=user) for user in users]
        assert start(script(name, calls, panel.base, auth="key")).status == 0
        made = [call for call in panel.calls if call.func == "domain"]
        assert [call.login.encode() for call in made] == users
        assert len(panel.requests) == 7
        panel.calls.clear()
        assert start(script(name, calls, panel.base, auth="key", su="client")).status == 0
        assert {call.login for call in panel.calls if call.func == "domain"} == {"client"}
        assert b"su" not in dict(panel.requests[-1].pairs)
    with pytest.raises(EmitError, match="names no user"):
        script(name, [make_call([], user=b"")], "https://panel.example", auth="key")


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("out", ["json", "xml"])
@pytest.mark.parametrize("name", EMITTERS)
def test_restart_when_asked_to(name: str, out: str, auth: str) -> None:
    with FakePanel() as panel:
        names = iter(b"%d.example" % n for n in range(9))
        told = f"{panel.url()} asks for a restart (--restart)\n"

        def text() -> str:
            calls = [edit(next(names)), edit(next(names)), make_call([])]
            return script(name, calls, panel.base, auth=auth, out=out)

        done = start(text())
        assert done.err.decode() == "webdomain.edit: ok\n" * 2 + "domain: ok\n" + told
        assert done.out.count(b'{"ok": {"$": "restart"}}\n') == 2
        assert panel.state.restarts == 0
        done = start(text(), "--restart")
        assert done.err.decode() == "webdomain.edit: ok\n" * 2 + f"domain: ok\n{told}restart: ok\n"
        assert panel.state.restarts == 1
        panel.fail["restart"] = Failure("not now\x1b", shape="text")
        done = start(text(), "--restart")
        assert done.status == 1
        last = done.err.decode().splitlines()[-1]
        # XML has no such character.
        assert last == ("restart: not now\\u001b" if out == "json" else "restart: not now\ufffd")


@pytest.mark.parametrize("name", EMITTERS)
def test_a_script_stops_at_the_first_failure(name: str) -> None:
    bodies = [b'{"doc":{"ok":{}}}', b"\x1b<html>", b'{"doc":{"ok":{}}}']
    with RecordingServer() as server:
        server.answer = lambda request: Reply(bodies[len(server.requests) - 1])
        text = script(name, [make_call([])] * 3, server.base)
        done = start(text)
        assert (done.status, done.out, len(server.requests)) == (1, b'{"ok": {}}\n', 2)
        told = b"domain: ok\ndomain: no document in the answer: \\u001b<html>\n"
        assert done.err == told
        server.answer = lambda request: Reply(b"", status=500)
        assert start(text)[:3] == (1, b"", b"domain: HTTP status 500\n")
        server.requests.clear()
        moved = Reply(b"", status=302, headers=(("Location", f"{server.base}/x\x7f"),))
        server.answer = lambda request: moved
        told = f"domain: HTTP status 302 (redirected to {server.base}/x\\u007f)\n".encode()
        assert start(text)[:3] == (1, b"", told)
        assert len(server.requests) == 1
    # Nobody answers any more.
    done = start(text)
    assert done[:2] == (1, b"")
    assert done.err.startswith(b"domain: ")
    assert b"refused" in done.err


def test_a_script_of_nothing_does_nothing() -> None:
    for auth in ("none", "authinfo"):
        assert start(script("python", [], "https://panel.example", auth=auth)) == (0, b"", b"", [])


def test_the_log_stays_in_literals_and_comments() -> None:
    hostile = b"x'\"\\ \xe2\x80\xa8import os \xff coding: utf-7"
    calls = [
        make_call([(hostile, hostile + b"\n")], hostile, user=hostile)._replace(
            notes=[hostile.decode("utf-8", "replace")]
        ),
        make_call([(b"a b", b"b")], user=b"x")._replace(notes=["x"]),
    ]
    shapes = []
    for call in calls:
        text = script("python", [call], "https://panel.example", auth="none")
        tree = ast.parse(text.encode())
        (made,) = [n for n in ast.walk(tree) if ast.unparse(n).startswith("call(")][:1]
        sent = [ast.literal_eval(word) for word in made.value.args]  # type: ignore[attr-defined]
        assert all(isinstance(word, (str, tuple)) for word in sent)
        for node in ast.walk(made):
            if isinstance(node, ast.Constant):
                node.value = ""
        shapes.append(ast.dump(tree))
        assert all(plain(line) for line in text.split("\n"))
    assert shapes[0] == shapes[1]


def test_arguments_by_name_where_python_can() -> None:
    def called(pairs: Pairs) -> str:
        text = script("python", [make_call(pairs, b"f")], "https://panel.example")
        assert compile(text, "script", "exec")
        return text.partition("domain: x\n")[0].rpartition("-:1\n")[2].partition("\n\n")[0]

    assert called([(b"a", b"1"), (b"_B2", b"it's")]) == """call("f", a="1", _B2="it's")"""
    assert called([]) == 'call("f")'
    assert called([(b"self", b"1"), (b"func2", b"1")]) == 'call("f", self="1", func2="1")'
    for name in ("a b", "1a", "class", "None", "__debug__", "", "zoom-ip", "\u00b5", "\udcff"):
        shown = name.encode("utf-8", "surrogateescape")
        assert called([(b"a", b"1"), (shown, b"2")]).startswith('call("f", ("a", "1"), (')
    assert called([(b"a", b"1"), (b"a", b"2")]) == 'call("f", ("a", "1"), ("a", "2"))'
    long = called([(b"a", b"x" * 50), (b"b", b"y" * 50)])
    assert long == f'call(\n    "f",\n    a="{"x" * 50}",\n    b="{"y" * 50}",\n)'


@pytest.mark.parametrize("name", EMITTERS)
def test_a_preamble_is_short(name: str) -> None:
    for out in ("json", "xml"):
        text = script(name, [make_call([(b"passwd", b"x")])], "https://panel.example", out=out)
        preamble = text.partition("panel = Panel(")[0].splitlines()
        code = [line for line in preamble if line and not line.startswith("#")]
        assert len(preamble) <= 84 or out == "xml"
        assert len(code) <= 84
    # Nothing stands in it that nothing uses.
    for word in ("only", "# end", "secrets", "tree", "isatty", "log_in"):
        assert word not in script(name, [make_call([])], "https://panel.example")


def test_unchecked_certificates() -> None:
    with FakePanel(tls=True) as panel:
        env = {**ENV, "PYTHONWARNINGS": "always", "REQUESTS_CA_BUNDLE": "/dev/null"}
        for name in EMITTERS:
            strict = script(name, [make_call([])], panel.base)
            assert start(strict).status == 1
            assert start(strict, "-k", env=env)[0::2][:2] == (0, b"domain: ok\n")
            made = script(name, [make_call([])], panel.base, insecure=True)
            assert start(made, env=env)[0::2][:2] == (0, b"domain: ok\n")
