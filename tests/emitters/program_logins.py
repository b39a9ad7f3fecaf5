"""How such a program logs in.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import re

import pytest

from logreq.errors import EmitError
from tests.emitters.program_base import (
    AUTHS,
    ENV,
    OK,
    OUTS,
    Programs,
    calls,
)
from tests.support.panel import FakePanel
from tests.support.recorder import Recorded, RecordingServer, Reply, ok_document


class Logins(Programs):
    """Every authorisation, its success and failure."""

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_every_login_and_format(self, auth: str, out: str) -> None:
        with FakePanel() as panel:
            made = self.both(panel.base, b"func=domain&x=1", auth=auth, out=out)
        if auth == "none":
            for ran in made:
                assert "Log in first" in self.failure(ran)
            assert not panel.calls
            return
        login = {"authinfo": b"authinfo", "session": b"auth", "key": b"auth"}[auth]
        found = [call for call in panel.calls if call.func == "domain"]
        assert len(found) == 2
        for ran, sent in zip(made, found):
            assert ran.status == 0, ran.err
            assert [name for name, _ in sent.params] == [b"func", b"x", b"out", login]
            assert sent.user == "root"
            assert b"example.com" in ran.out

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
        words = "login failed" if way == "authfail" and out != "text" else "Wrong name or password"
        words = words if out != "text" or auth != "authinfo" or way == "error" else "badpassword"
        words = "login failed" if auth != "authinfo" and way == "authfail" else words
        for one in (ran, script):
            message = self.failure(one)
            assert "authfail" in message or words in message, message
            assert "wrong:" not in message
            assert "root:wrong" not in message
        assert script.err.decode().endswith(f": {words}\n") or "badpassword" in words
        assert script.status == 1
        assert not panel.calls

    @pytest.mark.parametrize(
        "shape", [b'{"$id":"s1"}', b'{"$":"s1"}', b'{"id":"s1"}', b'"s1"', b'{"$id":"s1","$":""}']
    )
    def test_the_id_is_found_in_every_shape(self, shape: bytes) -> None:
        def answer(request: Recorded) -> Reply:
            if request.get(b"func") != b"auth":
                return Reply(OK)
            if request.get(b"out") == b"xml":
                return Reply(b'<doc lang="ru"><auth level="29" id="s1"/></doc>', "text/xml")
            return Reply(b'{"doc":{"auth":%s}}' % shape)

        with RecordingServer(answer) as server:
            self.result(server.base, b"func=f", auth="session")
        assert [pairs[-1] for pairs in server.pairs[1::2]] == [(b"auth", b"s1")] * 2

    @pytest.mark.parametrize("auth", ["session", "key"])
    def test_a_login_that_gives_nothing_fails(self, auth: str) -> None:
        with RecordingServer() as server:
            snippet, script = self.both(server.base, b"func=f", auth=auth)
        assert "auth: " in self.failure(snippet)
        assert script.err == b"auth: the login gave no session\n"
        assert all(request.get(b"func") != b"f" for request in server.requests)

    @pytest.mark.parametrize("auth", ["session", "key"])
    def test_a_redirected_login_fails(self, auth: str) -> None:
        with RecordingServer() as server:
            headers = (("Location", f"{server.base}/x"), ("Set-Cookie", "a=1"))
            server.answer = lambda _: Reply(b"", "text/html", 302, headers)
            for ran in self.both(server.base, b"func=f", auth=auth):
                self.failure(ran)
        assert len(server.requests) == 2

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
                return ok_document(request)._replace(headers=cookies)
            return ok_document(request)

        with RecordingServer(answer) as server:
            self.result(server.base, b"func=f", auth="key")
        for number in (2, 5):
            assert server.requests[number].headers["Cookie"] == "a=1; b=2"
            assert server.pairs[number] == [(b"func", b"f"), (b"out", b"json")]

    def test_cookies_of_a_refused_key_are_no_login(self) -> None:
        def answer(request: Recorded) -> Reply:
            reply = ok_document(request)
            if request.get(b"func") == b"auth":
                refused = b"<doc><authfail/></doc>", b'{"doc":{"authfail":{}}}'
                body = refused[request.get(b"out") == b"json"]
                reply = reply._replace(body=body, headers=(("Set-Cookie", "lang=ru"),))
            return reply

        with RecordingServer(answer) as server:
            for ran in self.both(server.base, b"func=f", auth="key"):
                self.failure(ran)
        assert all(request.get(b"func") != b"f" for request in server.requests)

    def test_a_key_needs_a_user(self) -> None:
        with pytest.raises(EmitError, match="no user"):
            self.text("http://127.0.0.1:1", calls(b"func=a", user=b""), auth="key")
