"""Whole scripts: one file, arguments, one call after another.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Optional

import pytest

from logreq.emitters import load
from logreq.model.call import Arg, Argument, Env
from logreq.model.connection import Connection
from tests.emitters.program_base import (
    OK,
    Programs,
    answering,
    calls,
    with_value,
)
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import Answer, Recorded, RecordingServer, Reply
from tests.support.run import find
from tests.support.terminal import on_terminal


class Scripts(Programs):
    """Arguments, sessions, restarts, several panels."""

    def test_a_script_runs_one_call_after_another(self) -> None:
        queries = calls(b"func=domain", b"func=domain.edit&elid=example.com", b"func=iplist")
        with FakePanel() as panel:
            for auth in ("authinfo", "session", "key"):
                ran = self.run(self.script(panel.base, queries, auth=auth))
                assert ran.status == 0, ran.err
                found = [json.loads(line) for line in ran.out.splitlines()]
                assert [row["name"]["$"] for row in found[0]["elem"]] == [
                    "example.com",
                    "example.net",
                ]
                assert found[2] == {"elem": {"name": {"$": "192.0.2.1"}}}
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
            "fail.typed: it exists <&>",
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
        assert ran.err == b"domain: No\n"
        assert len(panel.requests) == 2
        found = calls(b"func=iplist", b"func=domain")
        with FakePanel() as panel:
            panel.fail["domain"] = Failure("No", "typed", type="access", object="x")
            ran = self.run(self.script(panel.base, found, auth="session"))
        assert ran.err == b"iplist: ok\ndomain: No\n"
        assert [r.get(b"func") for r in panel.requests] == [
            b"auth", b"iplist", b"domain", b"auth", b"domain",
        ]  # fmt: skip

    @pytest.mark.parametrize("out", ["json", "xml", "text"])
    @pytest.mark.parametrize(
        ("reply", "repeated"),
        [
            (Reply(b"", status=302, headers=(("Location", "/"),)), True),
            (Reply(b"<!DOCTYPE html>\n<html>log in</html>", "text/html"), True),
            (Reply(b'{"doc":{"error":{"$type":"auth","msg":"x"}}}'), True),
            (Reply(b'{"doc":{"error":{"$type":"exists","msg":"FTP access, session"}}}'), False),
            (Reply(b'<doc><error type="x" object="auth"><msg>access</msg></error></doc>'), False),
            (Reply(b"ERROR value(auth): access"), False),
            (Reply(b"<html>", status=500), False),
        ],
    )
    def test_only_a_refusal_is_repeated(self, reply: Reply, repeated: bool, out: str) -> None:
        """In a session that is not new, by its type, a redirect or a page."""
        well = {"xml": b"<doc/>", "text": b"OK"}.get(out, OK)

        def funcs() -> list[Optional[bytes]]:
            return [request.get(b"func") for request in server.requests]

        def answer(request: Recorded) -> Reply:
            if request.get(b"func") == b"auth":
                return Reply(b'{"doc":{"auth":{"$id":"s"}}}')
            lost = request.get(b"x") and (for_ever or funcs().count(b"auth") == 1)
            return reply if lost else Reply(well)

        found = calls(b"func=f", b"func=f&x=1")
        for for_ever in (True, False):
            with RecordingServer(answer) as server:
                ran = self.run(self.script(server.base, found, auth="session", out=out))
                assert funcs() == [b"auth", b"f", b"f", b"auth", b"f"][: 5 if repeated else 3]
                assert ran.status == (for_ever or not repeated), ran
                # A session that is new is not over.
                server.requests.clear()
                ran = self.run(self.script(server.base, found[1:], auth="session", out=out))
                assert (funcs(), ran.status) == ([b"auth", b"f"], 1)

    @pytest.mark.parametrize("out", ["json", "xml", "text"])
    def test_restart(self, out: str) -> None:
        edit = b"func=webdomain.edit&elid=example.com&ip=::1&sok=ok"
        with FakePanel() as panel:
            text = self.script(panel.base, calls(edit, edit), out=out)
            without = self.run(text)
            assert panel.state.restarts == 0
            ran = self.run(text, args=["--restart"])
        assert (without.status, ran.status) == (0, 0)
        assert b"has to be restarted: --restart does it" in without.err
        assert panel.state.restarts == 1
        assert ran.err.decode().splitlines()[-1] == "restart: ok"
        assert b"has to be" not in ran.err
        assert len(ran.out.splitlines()) == len(without.out.splitlines()) + (
            2 if out == "xml" else 1
        )

    def test_a_failed_restart_is_a_failure(self) -> None:
        edit = b"func=webdomain.edit&elid=example.com&ip=::1&sok=ok"
        with FakePanel() as panel:
            panel.fail["restart"] = Failure("No")
            ran = self.run(self.script(panel.base, calls(edit)), args=["--restart"])
        assert ran.status == 1
        assert ran.err.decode().splitlines()[-1] == "restart: No"

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

    @pytest.mark.parametrize("again", [False, True])
    def test_an_address_means_what_it_means_to_logreq(self, again: bool) -> None:
        call = calls(b"func=f", panel="bill&mgr")[0]
        with RecordingServer() as server:
            emitter = self.emitter("http://127.0.0.1:1/x/", auth="none")
            text = "".join(emitter.script([call], [], again=again))
            for path in (
                "",
                "/",
                "/manager",
                "/manager/",
                "/a/",
                "/a/manager",
                "/a",
                "/xmanager",
                "/MANAGER",
            ):
                ran = self.run(text, args=["--url", server.base + path])
                assert ran.status == 0, ran.err
                address = Connection(url=server.base + path).address("bill&mgr")
                assert server.base + server.requests[-1].path == address
            text = "".join(emitter.script([call], [], again=again))
            assert "127.0.0.1:1/x/bill%26mgr" in text

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
            "-k, --insecure",
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
        wrong += [["-x"], [""], ["--"], ["--restart=1"], ["-k=1"], ["--insecure", "x"]]
        for args in wrong:
            ran = self.run(text, {}, args)
            assert (ran.status, ran.out) == (2, b"")
            assert b"\x1b" not in ran.err
            named = args[-1] if args[0] == "--insecure" else args[0].partition("=")[0]
            assert named.strip("\x1b").encode() in ran.err

    def test_a_certificate_can_be_let_pass_when_a_script_runs(self) -> None:
        with FakePanel(tls=True) as panel:
            text = self.script(panel.base, calls(b"func=domain"))
            checked = self.run(text)
            assert not panel.requests
            made = [self.run(text, args=[word]) for word in ("-k", "--insecure")]
            made.append(self.run(self.script(panel.base, calls(b"func=domain"), insecure=True)))
        assert "certificate verify failed" in self.failure(checked)
        assert [ran.status for ran in made] == [0, 0, 0]

    def test_the_preamble_is_short(self) -> None:
        """Lines of code before the first call, without comments."""
        text = self.script("https://localhost:1500", calls(b"func=a&b=c"))
        code = text.partition("panel.log:1\n")[0].split("\n")
        code = [line for line in code if line and not line.startswith(("#", "//"))]
        assert len(code) <= 116

    def test_formats_and_argument_values_of_formats(self) -> None:
        """What answers that are not JSON need is in a script that may get them."""
        call = with_value(calls(b"func=domain")[0], "out", (Arg("format"),))
        with FakePanel() as panel:
            text = self.script(panel.base, [call], Argument("format", "json"))
            made = [self.run(text), self.run(text, args=["--format", "csv"])]
        assert [ran.status for ran in made] == [0, 0], made
        assert [ran.out[:1] for ran in made] == [b"{", b"n"]

    def test_text_on_a_terminal_cannot_drive_it(self) -> None:
        with answering(b"a\x1b[2J\xc2\x9b\n\xd0\xb8\n", "text/csv") as server:
            text = self.script(server.base, calls(b"func=f"), out="csv", auth="none")
            shown = self.on_terminal(text)
            assert shown == b"a\\u001b[2J\\u009b\r\n\xd0\xb8\r\n"

    @pytest.mark.parametrize("out", ["xml", "devel", "text", "csv", "print"])
    def test_the_text_of_a_snippet_on_a_terminal_cannot_drive_it(self, out: str) -> None:
        body = "<doc>\x1b[2J\x9b\u202e\u2028\u2066\x7f\n\u0438\n".encode()
        with answering(body, "text/csv") as server:
            text = self.text(server.base, calls(b"func=f"), out=out, auth="none")
            assert self.on_terminal(text).decode() == "<doc>?[2J?????\r\n\u0438\r\n"
            assert self.run(text).out == body
        with answering(b"<doc>\xff\x9b\x1b\n", "text/csv") as server:
            text = self.text(server.base, calls(b"func=f"), out=out, auth="none")
            assert not re.search(b"[\x1b\x9b\xff]", self.on_terminal(text))
            assert self.run(text).out == b"<doc>\xff\x9b\x1b\n"

    def on_terminal(self, text: str) -> bytes:
        path = self.folder / "script"
        path.write_text(text)
        return on_terminal([find(self.name) or "", path])

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def test_the_summary_is_one_line(self) -> None:
        assert "\n" not in load(self.name).summary
