"""Whole scripts: one file, arguments, one call after another.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json

import pytest

from logreq.emitters import load
from logreq.model.call import Arg, Argument, Env
from tests.emitters.program_base import (
    ROWS,
    Programs,
    answering,
    calls,
    with_value,
)
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import Answer, Recorded, RecordingServer, Reply


class Scripts(Programs):
    """Arguments, sessions, restarts, several panels."""

    def test_a_script_runs_one_call_after_another(self) -> None:
        found = calls(b"func=domain", b"func=domain.edit&elid=example.com", b"func=iplist")
        with FakePanel() as panel:
            for auth in ("authinfo", "session", "key"):
                ran = self.run(self.script(panel.base, found, auth=auth))
                assert ran.status == 0, ran.err
                assert [json.loads(line) for line in ran.out.splitlines()][::2] == [
                    ROWS,
                    [{"name": "192.0.2.1"}],
                ]
                assert ran.err.decode().splitlines() == [
                    "domain: ok",
                    "domain.edit: ok",
                    "iplist: ok",
                ]
        logins = [r for r in panel.requests if r.get(b"func") == b"auth"]
        assert len(logins) == 2

    def test_a_script_passes_bytes_through(self) -> None:
        with answering(b"\xff\0\r\nx") as server:
            ran = self.run(self.script(server.base, calls(b"func=f", b"func=g"), out="csv"))
        assert (ran.status, ran.out) == (0, b"\xff\0\r\nx" * 2)

    def test_a_script_stops_at_the_first_failure(self) -> None:
        found = calls(b"func=domain", b"func=fail.typed", b"func=iplist")
        with FakePanel() as panel:
            ran = self.run(self.script(panel.base, found))
        assert ran.status == 1
        assert ran.err.decode().splitlines() == [
            "domain: ok",
            "fail.typed: error exists(user): it exists <&>",
        ]
        assert [c.func for c in panel.calls] == ["domain", "fail.typed"]

    @pytest.mark.parametrize("out", ["json", "xml", "text"])
    @pytest.mark.parametrize("auth", ["session", "key"])
    def test_a_session_that_is_over_is_renewed_once(self, auth: str, out: str) -> None:
        found = calls(b"func=domain", b"func=iplist", b"func=longtask")
        with FakePanel() as panel:
            real: Answer = panel._answer

            def answer(request: Recorded) -> Reply:
                # The second call finds its session gone.
                if request.get(b"func") == b"iplist" and "iplist" not in seen:
                    seen.append("iplist")
                    panel.auth.sessions.clear()
                return real(request)

            seen: list[str] = []
            panel.answer = answer
            ran = self.run(self.script(panel.base, found, auth=auth, out=out))
        assert ran.status == 0, ran.err
        assert [c.func for c in panel.calls if c.func != "session.newkey"] == [
            "domain",
            "iplist",
            "longtask",
        ]
        funcs = [r.get(b"func") for r in panel.requests]
        assert funcs.count(b"auth") == 2
        assert funcs.count(b"iplist") == 2

    def test_a_refused_session_is_not_renewed_for_ever(self) -> None:
        with FakePanel() as panel:
            panel.fail["domain"] = Failure("No", "typed", type="access", object="x")
            ran = self.run(self.script(panel.base, calls(b"func=domain"), auth="session"))
        assert ran.status == 1
        assert "domain: error access(x): No" in ran.err.decode()
        assert len(panel.requests) == 4

    def test_only_a_refusal_is_repeated(self) -> None:
        def answer(request: Recorded) -> Reply:
            if request.get(b"func") == b"auth":
                return Reply(b'{"doc":{"auth":{"$id":"s"}}}')
            return Reply(b"<html>your session, perhaps</html>")

        with RecordingServer(answer) as server:
            ran = self.run(self.script(server.base, calls(b"func=f"), auth="session"))
        assert ran.status == 1
        assert len(server.requests) == 2

    @pytest.mark.parametrize("out", ["json", "xml", "text"])
    def test_restart(self, out: str) -> None:
        edit = b"func=webdomain.edit&elid=example.com&ip=::1&sok=ok"
        with FakePanel() as panel:
            text = self.script(panel.base, calls(edit, edit), out=out)
            without = self.run(text)
            assert panel.state.restarts == 0
            ran = self.run(text, args=["--restart"])
        assert (without.status, ran.status) == (0, 0)
        assert b"has to be restarted: func=restart" in without.err
        assert panel.state.restarts == 1
        assert ran.err.decode().splitlines()[-1] == "restart: ok"
        assert without.out == ran.out

    def test_a_failed_restart_is_a_failure(self) -> None:
        edit = b"func=webdomain.edit&elid=example.com&ip=::1&sok=ok"
        with FakePanel() as panel:
            panel.fail["restart"] = Failure("No")
            ran = self.run(self.script(panel.base, calls(edit)), args=["--restart"])
        assert ran.status == 1
        assert "restart: error value: No" in ran.err.decode()

    def test_several_panels_and_users(self) -> None:
        found = [
            *calls(b"func=domain", user=b"www-root"),
            *calls(b"func=domain", panel="billmgr", user=b"client"),
            *calls(b"func=domain", user=b"client"),
            *calls(b"func=iplist", user=b"client"),
        ]
        with FakePanel() as panel:
            text = self.script(panel.base, found, auth="key")
            ran = self.run(text)
            refused = self.run(text, args=["--url", panel.base])
        assert ran.status == 0, ran.err
        made = [(c.panel, c.user) for c in panel.calls if c.func != "session.newkey"]
        assert made == [
            ("ispmgr", "www-root"),
            ("billmgr", "client"),
            ("ispmgr", "client"),
            ("ispmgr", "client"),
        ]
        assert sum(r.get(b"func") == b"auth" for r in panel.requests) == 3
        assert refused.status == 2

    def test_another_address(self) -> None:
        with FakePanel() as panel:
            text = self.script("http://127.0.0.1:1", calls(b"func=domain"))
            ran = self.run(text, args=["--url", panel.url("dnsmgr")])
            other = self.run(text, args=["--url=file:///etc/passwd"])
        assert ran.status == 0
        assert [c.panel for c in panel.calls] == ["dnsmgr"]
        assert other.status == 1
        assert b"root:x" not in other.out + other.err

    def test_help_and_wrong_arguments(self) -> None:
        default = "a'\"\\$x @y\x1b\n{z}USAGE ARGS"
        call = with_value(calls(b"func=a")[0], "x", (Arg("domain"),))
        call = with_value(call, "y", Env("PASSWD"))
        text = self.script("http://127.0.0.1:1", [call], Argument("domain", default))
        shown = [self.run(text, {}, [word]) for word in ("--help", "-h")]
        assert shown[0] == shown[1]
        assert (shown[0].status, shown[0].err) == (0, b"")
        usage = shown[0].out.decode()
        for word in (
            "usage:",
            "--domain",
            "a'\"\\$x @y\\x1b\\x0a{z}USAGE ARGS",
            "--url",
            "--restart",
        ):
            assert word in usage
        assert "PANEL_AUTHINFO" in usage
        assert "PASSWD" in usage
        wrong = [["--nonsense\x1b"], ["domain"], ["--domain"], ["--Domain", "x"], ["--help=1"]]
        for args in wrong:
            ran = self.run(text, {}, args)
            assert (ran.status, ran.out) == (2, b"")
            assert b"\x1b" not in ran.err
            assert args[0].strip("\x1b").encode() in ran.err

    def test_the_summary_is_one_line(self) -> None:
        assert "\n" not in load(self.name).summary
