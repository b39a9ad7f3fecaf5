"""Python snippets, with and without `requests`: every way to log in, every format."""

from __future__ import annotations

import ast
import json

import pytest

from logreq.emitters import load
from logreq.errors import EmitError
from logreq.model.connection import Connection
from tests.support import documents
from tests.support.panel import FakePanel
from tests.support.pysnippets import (
    EMITTERS,
    ENV,
    OUTS,
    answering,
    domains,
    execute,
    listed,
    make_call,
    refused,
    snippet,
)
from tests.support.recorder import RecordingServer


def wanted(panel: FakePanel, out: str) -> str:
    rows = {"json": {"elem": listed(panel)}, "bjson": {"ok": True, "elem": domains(panel)}}
    raw = {
        "text": "name=example.com owner=www-root ip=192.0.2.1\n"
        "name=example.net owner=client ip=192.0.2.2\n",
        "print": "name\towner\tip\n"
        "example.com\twww-root\t192.0.2.1\nexample.net\tclient\t192.0.2.2\n",
        "csv": "name;owner;ip\nexample.com;www-root;192.0.2.1\nexample.net;client;192.0.2.2\n",
    }
    if out in ("xml", "devel"):
        more = '<metadata name="fake" type="fake"/>' if out == "devel" else ""
        return documents.xml(documents.Listing(domains(panel)), more)
    return raw.get(out) or json.dumps(rows.get(out) or domains(panel)) + "\n"


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_every_login_with_every_format(name: str, auth: str, out: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([]), panel.base, auth=auth, out=out)
        found = execute(text, ENV)
        assert found["stdout"].decode() == wanted(panel, out)
        assert panel.calls[-1][:4] == ("ispmgr", "root", "root", "domain")
        names = [name for name, _ in panel.calls[-1].params]
        assert names == [b"func", b"out", b"authinfo" if auth == "authinfo" else b"auth"]
        # Nothing logs in twice, and no password goes where none is needed.
        assert len(panel.requests) == {"authinfo": 1, "session": 2, "key": 3}[auth]


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("name", EMITTERS)
def test_without_a_login_the_panel_refuses(name: str, out: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([]), panel.base, auth="none", out=out)
        assert "PANEL_" not in text
        refused(text)
        assert [n for n, _ in panel.pairs[0]] == [b"func", b"out"]


@pytest.mark.parametrize("name", EMITTERS)
def test_a_key_logs_in_whom_su_or_the_log_names(name: str) -> None:
    for su, user in ((None, "www-root"), ("client", "client")):
        with FakePanel() as panel:
            call = make_call([], user=b"www-root")
            execute(snippet(name, call, panel.base, auth="key", su=su), ENV)
            assert [c[1:4] for c in panel.calls] == [
                ("root", "root", "session.newkey"),
                (user, user, "domain"),
            ]
            newkey, login, last = panel.requests
            assert [n for n, _ in last.pairs] == [b"func", b"out", b"auth"]
            key = newkey.get(b"key") or b""
            assert len(key) >= 16
            assert login.pairs == [
                (b"func", b"auth"),
                (b"username", user.encode()),
                (b"key", key),
                (b"out", b"xml"),
                (b"checkcookie", b"no"),
            ]


@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_an_answer_without_a_session_ends_it(name: str, auth: str) -> None:
    with answering(b"<doc><ok/></doc>") as server:
        text = snippet(name, make_call([]), server.base, auth=auth)
        assert refused(text, ENV).startswith("auth: '<doc><ok/></doc>'")
        assert [r.get(b"func") for r in server.requests][-1] == b"auth"


@pytest.mark.parametrize("name", EMITTERS)
def test_a_user_is_a_literal(name: str) -> None:
    """Not taken for a place of the code, and any bytes."""
    emitter = load(name)(Connection("https://panel.example", auth="key"))
    for user in (b"URL", b"USERNAME", b"FUNC", b'a"b\\', b"\xff"):
        text = emitter.snippet(make_call([], user=user))
        tree = ast.parse(text)
        (value,) = [
            ast.literal_eval(node.value.values[0])
            for node in tree.body
            if isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "user"
            and isinstance(node.value, ast.Dict)
        ]
        assert value in (user, user.decode("utf-8", "replace"))


@pytest.mark.parametrize("name", EMITTERS)
def test_a_session_goes_where_pairs_are_a_list(name: str) -> None:
    with FakePanel() as panel:
        call = make_call([(b"a", b"1"), (b"a", b"2")])
        execute(snippet(name, call, panel.base, auth="session"), ENV)
        assert [n for n, _ in panel.calls[-1].params] == [b"func", b"a", b"a", b"out", b"auth"]


def test_a_key_needs_a_user() -> None:
    with pytest.raises(EmitError, match="names no user"):
        snippet("python", make_call([], user=b""), "https://panel.example", auth="key")


@pytest.mark.parametrize("out", ["json", "xml", "text"])
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_a_failed_login_is_an_error(name: str, auth: str, out: str) -> None:
    env = {**ENV, "PANEL_AUTHINFO": "root:wrong", "PANEL_PASSWORD": "wrong"}
    for how in ("authfail", "error"):
        with FakePanel() as panel:
            panel.auth.fail_with = how
            text = snippet(name, make_call([]), panel.base, auth=auth, out=out)
            assert "auth" in refused(text, env)
            assert panel.calls == []
            assert len(panel.requests) == 1


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_an_unset_variable_is_named_before_anything_is_sent(name: str, auth: str) -> None:
    needed = [*({"authinfo": ["PANEL_AUTHINFO"]}.get(auth, ["PANEL_USER", "PANEL_PASSWORD"]))]
    with FakePanel() as panel:
        text = snippet(name, make_call([(b"passwd", b"x")]), panel.base, auth=auth)
        env = {**ENV, "PASSWD": "p"}
        for variable in [*needed, "PASSWD"]:
            for value in (None, ""):
                broken = {n: v for n, v in env.items() if n != variable}
                if value is not None:
                    broken[variable] = value
                assert refused(text, broken) == f"{variable} is not set"
        assert panel.requests == []


def test_a_secret_needs_no_login() -> None:
    with RecordingServer() as server:
        text = snippet("python", make_call([(b"passwd", b"x")]), server.base)
        execute(text, {"PASSWD": "p w"})
        assert (b"passwd", b"p w") in server.pairs[0]
        # A snippet that needs no variable does not speak of any.
        assert "environ" not in snippet("python", make_call([]), server.base)
