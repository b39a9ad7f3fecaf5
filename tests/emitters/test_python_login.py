"""Python snippets, with and without `requests`: every way to log in, every format."""

from __future__ import annotations

from typing import Any

import pytest

from logreq.emitters import load
from logreq.errors import EmitError
from logreq.model.connection import Connection
from tests.support.panel import FakePanel
from tests.support.pysnippets import (
    EMITTERS,
    ENV,
    OUTS,
    domains,
    execute,
    make_call,
    refused,
    snippet,
)
from tests.support.recorder import Recorded, RecordingServer, Reply


def wanted(panel: FakePanel, out: str) -> Any:
    raw = {
        "text": "name=example.com owner=www-root ip=192.0.2.1\n"
        "name=example.net owner=client ip=192.0.2.2\n",
        "print": "name\towner\tip\n"
        "example.com\twww-root\t192.0.2.1\nexample.net\tclient\t192.0.2.2\n",
        "csv": "name;owner;ip\nexample.com;www-root;192.0.2.1\nexample.net;client;192.0.2.2\n",
    }
    return raw[out].encode() if out in raw else domains(panel)


@pytest.mark.parametrize("out", OUTS)
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("name", EMITTERS)
def test_every_login_with_every_format(name: str, auth: str, out: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([]), panel.base, auth=auth, out=out)
        found = execute(text, ENV)
        assert found["result"] == wanted(panel, out)
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
        with refused(text):
            pass
        assert [n for n, _ in panel.pairs[0]] == [b"func", b"out"]


@pytest.mark.parametrize("json_key", ["$id", "$", "id"])
@pytest.mark.parametrize("name", EMITTERS)
def test_an_id_stands_in_several_places(name: str, json_key: str) -> None:
    with FakePanel() as panel:
        panel.auth.json_key = json_key
        execute(snippet(name, make_call([]), panel.base, auth="session"), ENV)
    with FakePanel(generation=4) as panel:
        execute(snippet(name, make_call([]), panel.base, auth="session"), ENV)


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
            assert login.pairs[:4] == [
                (b"func", b"auth"),
                (b"username", user.encode()),
                (b"key", key),
                (b"checkcookie", b"no"),
            ]
            assert login.headers["Cookie"] is None
            session = (last.get(b"auth") or b"").decode()
            assert last.headers["Cookie"] == f"ispmgrses5={session}"


@pytest.mark.parametrize("name", EMITTERS)
def test_a_key_may_give_a_cookie_alone_or_an_id_alone(name: str) -> None:
    def answer(request: Recorded) -> Reply:
        if request.get(b"func") == b"auth":
            return Reply(b'{"doc":{"ok":{}}}', headers=(("Set-Cookie", "s=1; path=/"),) * given)
        return Reply(b'{"doc":{"ok":{}}}')

    for given in (1, 0):
        with RecordingServer(answer) as server:
            text = snippet(name, make_call([]), server.base, auth="key")
            if not given:
                with refused(text, ENV) as errors:
                    assert str(errors[0]) == "auth: no session in the answer"
                continue
            execute(text, ENV)
            assert server.requests[-1].headers["Cookie"] == "s=1"
            assert server.pairs[-1] == [(b"func", b"domain"), (b"out", b"json")]


def test_users_are_not_taken_for_places_and_are_any_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("logreq.emitters._python.MAX_ENDS", 2)
    emitter = load("python")(Connection("https://panel.example", auth="key"))
    for user in ("@URL@", "a", "@USER@", "b", "a"):
        text = emitter.snippet(make_call([], user=user.encode()))
        assert text.count(f"auth, cookies = login('https://panel.example/ispmgr', {user!r})\n") == 1


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
            with refused(text, env) as errors:
                assert "auth" in str(errors[0])
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
                with pytest.raises(RuntimeError, match=f"^{variable} is not set$"):
                    execute(text, broken)
        assert panel.requests == []


def test_a_secret_needs_no_login() -> None:
    with RecordingServer() as server:
        text = snippet("python", make_call([(b"passwd", b"x")]), server.base)
        assert execute(text, {"PASSWD": "p w"})["result"] == "ok"
        assert (b"passwd", b"p w") in server.pairs[0]
        # A snippet that needs no variable does not speak of any.
        assert "environ" not in snippet("python", make_call([]), server.base)
