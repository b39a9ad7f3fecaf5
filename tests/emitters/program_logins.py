"""How such a program logs in.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json
import re

import pytest

from logreq.errors import EmitError
from tests.emitters.program_base import (
    AUTHS,
    ENV,
    OK,
    OUTS,
    ROWS,
    Programs,
    answering,
    calls,
)
from tests.support.panel import FakePanel
from tests.support.recorder import Recorded, RecordingServer, Reply


class Logins(Programs):
    """Every authorisation, its success and failure."""

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_every_login_and_format(self, auth: str, out: str) -> None:
        with FakePanel() as panel:
            text = self.text(panel.base, calls(b"func=domain&x=1"), auth=auth, out=out)
            shown = self.show if out in OUTS[:5] else self.show_bytes
            ran = self.run(text + shown)
        if auth == "none":
            message = self.failure(ran)
            assert re.search(r"domain: error( access\(auth\))?: Log in first", message), message
            assert not panel.calls
            return
        assert ran.status == 0, ran.err
        login = {"authinfo": b"authinfo", "session": b"auth", "key": b"auth"}[auth]
        sent = panel.calls[-1]
        assert [name for name, _ in sent.params] == [b"func", b"x", b"out", login]
        assert (sent.user, sent.func) == ("root", "domain")
        if out in OUTS[:5]:
            assert json.loads(ran.out) == ROWS
        else:
            assert b"example.com" in ran.out
            assert ran.out == panel._answer(panel.requests[-1]).body

    @pytest.mark.parametrize("auth", AUTHS)
    def test_an_unset_variable_stops_before_anything_is_sent(self, auth: str) -> None:
        needed = {"authinfo": ["PANEL_AUTHINFO"], "none": []}
        with FakePanel() as panel:
            text = self.text(panel.base, calls(b"func=domain"), auth=auth)
            script = self.script(panel.base, calls(b"func=domain"), auth=auth)
            for name in needed.get(auth, ["PANEL_USER", "PANEL_PASSWORD"]):
                for env in ({**ENV, name: ""}, {k: v for k, v in ENV.items() if k != name}):
                    for one in (text, script):
                        assert f"{name} is not set" in self.failure(self.run(one, env))
        assert not panel.requests

    @pytest.mark.parametrize("out", ["json", "xml", "text"])
    @pytest.mark.parametrize("way", ["authfail", "error"])
    @pytest.mark.parametrize("auth", ["session", "key", "authinfo"])
    def test_a_failed_login_says_so(self, auth: str, way: str, out: str) -> None:
        env = {**ENV, "PANEL_PASSWORD": "wrong", "PANEL_AUTHINFO": "root:wrong"}
        with FakePanel() as panel:
            panel.auth.fail_with = way
            ran = self.run(self.text(panel.base, calls(b"func=domain"), auth=auth, out=out), env)
            script = self.run(
                self.script(panel.base, calls(b"func=domain"), auth=auth, out=out), env
            )
        for one in (ran, script):
            message = self.failure(one)
            assert re.search(r": error auth(fail|\(badpassword\))", message), message
            assert "wrong:" not in message
            assert "root:wrong" not in message
        assert script.status == 1
        assert not panel.calls

    def test_the_id_is_found_in_every_shape(self) -> None:
        shapes = (b'{"$id":"s1"}', b'{"$":"s1"}', b'{"id":"s1"}', b'"s1"', b'[{"$id":"s1"}]')
        for shape in shapes:
            with RecordingServer() as server:
                server.answer = lambda request, shape=shape: Reply(
                    b'{"doc":{"auth":%s}}' % shape if request.get(b"func") == b"auth" else OK
                )
                assert self.result(server.base, b"func=f", auth="session") == "ok"
            assert server.pairs[1][-1] == (b"auth", b"s1")

    @pytest.mark.parametrize("auth", ["session", "key"])
    def test_a_login_that_gives_nothing_fails(self, auth: str) -> None:
        with answering(OK) as server:
            assert "the login gave no session" in self.failure(
                self.one(server.base, b"func=f", auth=auth)
            )

    def test_a_key_logs_in_another_user(self) -> None:
        with FakePanel() as panel:
            found = calls(b"func=domain", user=b"www-root")
            ran = self.run(self.text(panel.base, found, auth="key", lang="en"))
            su = self.run(self.text(panel.base, found, auth="key", su="client"))
        assert (ran.status, su.status) == (0, 0)
        users = [(c.func, c.user) for c in panel.calls]
        assert users == [
            ("session.newkey", "root"),
            ("domain", "www-root"),
            ("session.newkey", "root"),
            ("domain", "client"),
        ]
        keys = [r.get(b"key") for r in panel.requests if r.get(b"func") == b"session.newkey"]
        assert len(set(keys)) == 2
        assert all(re.fullmatch(rb"[0-9a-f]{32}", key or b"") for key in keys)
        for request in panel.requests[2::3]:
            assert (request.get(b"auth") or b"").decode() in request.headers["Cookie"]
            assert request.get(b"su") is None

    def test_a_key_may_give_cookies_alone(self) -> None:
        def answer(request: Recorded) -> Reply:
            if request.get(b"func") == b"auth":
                cookies = (("Set-Cookie", "a=1; path=/"), ("Set-Cookie", "b=2; HttpOnly"))
                return Reply(OK, headers=cookies)
            return Reply(OK)

        with RecordingServer(answer) as server:
            assert self.result(server.base, b"func=f", auth="key") == "ok"
        assert server.requests[-1].headers["Cookie"] == "a=1; b=2"
        assert server.pairs[-1] == [(b"func", b"f"), (b"out", b"json")]

    def test_a_key_needs_a_user(self) -> None:
        with pytest.raises(EmitError, match="no user"):
            self.text("http://127.0.0.1:1", calls(b"func=a", user=b""), auth="key")
