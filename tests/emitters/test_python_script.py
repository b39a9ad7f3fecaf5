"""Python scripts, with and without `requests`: arguments, logins, restarts, failures."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional, Union

import pytest

from logreq.emitters import load
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Decision, Env, Value
from logreq.model.connection import Connection
from logreq.model.request import Param
from logreq.text.escape import plain
from tests.support import run
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.pysnippets import EMITTERS, ENV, OUTS, domains, make_call
from tests.support.recorder import Recorded, RecordingServer, Reply

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
        assert results == ["ok", [*domains(panel)]]
        made = domains(panel)[-1]
        assert (made["name"], made["ns"]) == ("new.example", "ns1.new.example. ns2.new.example.")
        assert start(text, "--domain=third.example", python=python).status == 0
        assert domains(panel)[-1]["name"] == "third.example"
        # The default is there already: the first failure ends the script.
        done = start(text, python=python)
        assert (done.status, done.out) == (1, b"")
        assert done.err == b"failed: domain.edit: exists(domain) Already there\n"


@pytest.mark.parametrize("auth", ["none", "authinfo", "session", "key"])
@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("name", EMITTERS)
def test_every_login_with_every_format(name: str, out: str, auth: str) -> None:
    with FakePanel() as panel:
        calls = [make_call([]), make_call([(b"a", b"b")])]
        done = start(script(name, calls, panel.base, auth=auth, out=out, lang="en"))
        if auth == "none":
            assert (done.status, done.out) == (1, b"")
            assert done.err.startswith(b"failed: domain: ")
            return
        assert (done.status, done.err) == (0, b"domain: ok\ndomain: ok\n")
        if out in ("text", "print", "csv"):
            assert done.out.count(b"example.com") == 2
        else:
            assert [json.loads(line) for line in done.out.splitlines()] == [domains(panel)] * 2
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
        for args in ([b"--domain", value], [b"--domain=" + value]):
            assert start(text, *args, env=env).status == 0
        assert (
            server.pairs
            == [[(b"func", b"domain"), (b"x", value + b"\xff\xd0\xb9\xfe"), (b"out", b"json")]] * 2
        )


def test_help_tells_arguments_and_variables_and_sends_nothing() -> None:
    call = with_values(make_call([(b"passwd", b"never written")]), *ADDED)
    odd = Argument("odd", "100% {x} 'q' \u0439\x1b[1m\n\udcff")
    with RecordingServer() as server:
        text = script("python", [call], server.base, [DOMAIN, odd], auth="session")
        assert "never written" not in text
        assert all(plain(line) for line in text.split("\n"))
        for word in ("-h", "--help"):
            done = start(text, word, env={})
            assert (done.status, done.err) == (0, b"")
            lines = done.out.decode().splitlines()
            assert "  --domain DOMAIN  default: example.com" in lines
            assert "  --odd ODD  default: 100% {x} 'q' \u0439\\x1b[1m\\x0a\\xff" in lines
            assert f"  --url URL  default: {server.base}/ispmgr" in lines
            assert [line.split()[0] for line in lines[lines.index("environment:") + 1 :]] == [
                "PANEL_USER",
                "PANEL_PASSWORD",
                "PASSWD",
            ]
        assert "environment:" not in script("python", [make_call([])], server.base, auth="none")
        assert server.requests == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--domian", "x"], b"unknown argument --domian; --help tells which there are\n"),
        (["--domain", "x", "\x1b"], b"unknown argument \\x1b; --help tells which there are\n"),
        (["domain=x"], b"unknown argument domain=x; --help tells which there are\n"),
        (["--restart=1"], b"unknown argument --restart=1; --help tells which there are\n"),
        (["--domain"], b"--domain needs a value\n"),
        (["--url=file:///etc/passwd"], b"--url has to begin with https:// or http://\n"),
    ],
)
def test_wrong_arguments_end_with_2(args: list[str], told: bytes) -> None:
    with RecordingServer() as server:
        text = script("python", [make_call([])], server.base, [DOMAIN])
        assert start(text, *args) == (2, b"", told, [])
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
        # A name that cannot be an address ends it as any failure does.
        done = start(text, "--url", "http://[")
        assert (done.status, done.out) == (1, b"")
        assert done.err.startswith(b"failed: ")


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


def forgetful(panel: FakePanel, at: Callable[[Recorded], bool]) -> None:
    """Let a panel forget its sessions before it answers some requests."""
    answer = panel.answer

    def forget(request: Recorded) -> Reply:
        if at(request):
            panel.auth.sessions.clear()
        return answer(request)

    panel.answer = forget


@pytest.mark.parametrize("how", ["error", "authfail"])
@pytest.mark.parametrize("out", ["json", "xml", "text"])
@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_a_session_that_is_over_is_opened_again(
    name: str, auth: str, out: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakePanel() as panel:
        if how == "authfail" and out != "text":
            bodies = {"json": b'{"doc":{"authfail":{}}}', "xml": b"<doc><authfail/></doc>"}
            answer = panel.answer
            seen: list[Recorded] = []

            def fail_once(request: Recorded) -> Reply:
                seen.append(request)
                last = request.get(b"a") == b"2" and len([r for r in seen if r.get(b"a")]) == 2
                return Reply(bodies[out]) if last else answer(request)

            panel.answer = fail_once
        else:
            forgetful(panel, lambda request: len(panel.requests) == {"session": 3, "key": 4}[auth])
        calls = [make_call([(b"a", b"%d" % n)]) for n in (1, 2, 3)]
        done = start(script(name, calls, panel.base, auth=auth, out=out))
        assert (done.status, done.err) == (0, b"domain: ok\n" * 3)
        made = [dict(c.params)[b"a"] for c in panel.calls if c.func == "domain"]
        assert made == [b"1", b"2", b"3"]
        assert [r.get(b"func") for r in panel.requests].count(b"auth") == 2


def test_a_session_is_opened_again_but_once() -> None:
    with FakePanel() as panel:
        forgetful(panel, lambda request: request.get(b"func") == b"domain")
        done = start(script("python", [make_call([])], panel.base, auth="session"))
        assert (done.status, done.out) == (1, b"")
        assert done.err == b"failed: domain: auth(session) No such session\n"
        assert len(panel.requests) == 4
        # Another error is no reason to try again.
        panel.requests.clear()
        done = start(script("python", [make_call([], b"fail.typed")], panel.base, auth="session"))
        assert (done.status, len(panel.requests)) == (1, 2)


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("out", ["json", "xml", "text"])
@pytest.mark.parametrize("name", EMITTERS)
def test_restart_when_asked_to(name: str, out: str, auth: str) -> None:
    with FakePanel() as panel:
        names = iter(b"%d.example" % n for n in range(9))
        told = f"{panel.url()}: the panel's web server has to be restarted: func=restart\n"

        def text(*more: Call) -> str:
            calls = [edit(next(names)), edit(next(names)), *more]
            return script(name, calls, panel.base, auth=auth, out=out)

        done = start(text())
        assert done.err.decode() == "webdomain.edit: ok\n" * 2 + told
        assert panel.state.restarts == 0
        done = start(text(), "--restart")
        assert done.err.decode() == "webdomain.edit: ok\n" * 2 + "restart: ok\n"
        assert panel.state.restarts == 1
        assert (b"out", b"xml") in panel.calls[-1].params
        # A script that stops before it could still tells what is to be done.
        done = start(text(make_call([], b"fail.typed")), "--restart")
        assert done.status == 1
        assert done.err.decode().endswith(told)
        panel.fail["restart"] = Failure("not now\x1b", shape="text")
        done = start(text(), "--restart")
        assert done.status == 1
        assert b"failed: restart: " in done.err
        assert b"not now" in done.err
        assert b"\x1b" not in done.err


@pytest.mark.parametrize("name", EMITTERS)
def test_a_script_stops_at_the_first_failure(name: str) -> None:
    bodies = [b'{"doc":{"ok":{}}}', b"\x1b<html>", b'{"doc":{"ok":{}}}']
    with RecordingServer() as server:
        server.answer = lambda request: Reply(bodies[len(server.requests) - 1])
        text = script(name, [make_call([])] * 3, server.base)
        done = start(text)
        assert (done.status, done.out, len(server.requests)) == (1, b'"ok"\n', 2)
        told = b"domain: ok\nfailed: domain: no JSON document in the answer: \\x1b<html>\n"
        assert done.err == told
        server.answer = lambda request: Reply(b"", status=500)
        assert start(text)[:2] == (1, b"")
    # Nobody answers any more.
    done = start(text)
    assert done[:2] == (1, b"")
    assert done.err.startswith(b"failed: ")


def test_a_script_of_nothing_does_nothing() -> None:
    for auth in ("none", "authinfo"):
        assert start(script("python", [], "https://panel.example", auth=auth)) == (0, b"", b"", [])


def test_the_log_stays_in_literals_and_comments() -> None:
    hostile = b"x'\"\\ \xe2\x80\xa8import os \xff coding: utf-7"
    calls = [
        make_call([(hostile, hostile + b"\n")], hostile, user=hostile)._replace(
            notes=[hostile.decode("utf-8", "replace")]
        ),
        make_call([(b"a", b"b")], user=b"x")._replace(notes=["x"]),
    ]
    shapes = []
    for call in calls:
        text = script("python", [call], "https://panel.example", auth="none")
        tree = ast.parse(text.encode())
        (function,) = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "calls"]
        for node in ast.walk(function):
            if isinstance(node, ast.Constant):
                node.value = ""
        shapes.append(ast.dump(tree))
        assert all(plain(line) for line in text.split("\n"))
    assert shapes[0] == shapes[1]


def test_ctrl_c_ends_a_script_quietly() -> None:
    with RecordingServer() as server:
        text = script("python", [make_call([])], server.base, auth="none")
        # As the signal would, in the midst of the first call.
        broken = text.replace("    form = ", "    raise KeyboardInterrupt\n    form = ")
        assert start(broken) == (130, b"", b"", [])
