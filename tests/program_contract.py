"""What every emitter of a scripting language has to do, run in its own interpreter.

A test class per language inherits `Contract` and says how its programs print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, ClassVar, Optional, Union
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logreq.apply import Applier
from logreq.call import Arg, Call, Connection, Env, Outcome, Part
from logreq.emitters import _program, load
from logreq.emitters._base import Argument, Emitter
from logreq.errors import EmitError
from logreq.parser import parse_line
from logreq.request import Param, Request, encode
from logreq.rulefile import rule_set
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import Answer, Pairs, Recorded, RecordingServer, Reply
from tests.support.run import Ran, run
from tests.support.strategies import HOSTILE, log_line, pairs, panel_encode

ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
AUTHS = ("authinfo", "session", "key", "none")
OUTS = ("json", "bjson", "JSONdata", "xml", "devel", "text", "csv", "print")
ROWS = [
    {"name": "example.com", "owner": "www-root", "ip": "192.0.2.1"},
    {"name": "example.net", "owner": "client", "ip": "192.0.2.2"},
]
OK = b'{"doc":{"ok":{}}}'
# Credentials of the one who clicked are never repeated; func is the function.
RESERVED = {b"auth", b"authinfo", b"sesid", b"func"}


def calls(*queries: bytes, secrets: str = "keep", keep: str = "*", **line: Any) -> list[Call]:
    """Make calls of logged queries."""
    panel = line.pop("panel", "ispmgr")
    apply = Applier(rule_set(keep=[keep] if keep else []), secrets=secrets)
    found = []
    for query in queries:
        request = parse_line(log_line(query, **line), panel, "panel.log")
        assert isinstance(request, Request)
        found.append(apply(request))
    return found


def with_value(call: Call, name: str, value: Union[str, Env, tuple[Part, ...]]) -> Call:
    """Give a call whose parameter has another value, as `--param` makes it."""
    param = Param(f"{quote(name)}=logged")
    return call._replace(outcomes=[*call.outcomes, Outcome(param, keep=True, value=value)])


def answering(body: bytes, kind: str = "application/json", **more: Any) -> RecordingServer:
    return RecordingServer(lambda _request: Reply(body, kind, **more))


class Contract:
    """The tests; a subclass names the emitter and says how its results are printed."""

    name: ClassVar[str]
    # What prints `$result` as JSON, and as bytes, after a snippet.
    show: ClassVar[str]
    show_bytes: ClassVar[str]

    def emitter(self, url: str, **connection: Any) -> Emitter:
        return load(self.name)(Connection(url=url, **connection))

    def text(self, url: str, found: Sequence[Call], **connection: Any) -> str:
        emitter = self.emitter(url, **connection)
        return emitter.separator.join(emitter.snippet(call) for call in found)

    def run(self, text: str, env: Optional[dict[str, str]] = None, args: Sequence[Any] = ()) -> Ran:
        ran = run(self.name, text.encode(), env=ENV if env is None else env, args=args)
        assert not ran.files
        return ran

    def one(self, url: str, query: bytes, **connection: Any) -> Ran:
        return self.run(self.text(url, calls(query), **connection) + self.show)

    def result(self, url: str, query: bytes, **connection: Any) -> Any:
        ran = self.one(url, query, **connection)
        assert ran.status == 0, ran.err
        return json.loads(ran.out)

    def script(
        self, url: str, found: Sequence[Call], *arguments: Argument, **connection: Any
    ) -> str:
        return "".join(self.emitter(url, **connection).script(found, arguments))

    def failure(self, ran: Ran) -> str:
        """Give the error message of a failed run."""
        assert ran.status != 0
        assert b"Traceback" not in ran.err
        return (ran.err + ran.out).decode()

    # --- what is sent

    @settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
    )
    @given(st.lists(pairs(), min_size=8, max_size=40))
    def test_any_bytes_arrive_unchanged(self, batch: list[Pairs]) -> None:
        batch = [[p for p in one if p[0] not in RESERVED] for one in batch]
        found = calls(*(b"func=f.%d&" % n + panel_encode(one) for n, one in enumerate(batch)))
        with RecordingServer() as server:
            ran = self.run(self.text(server.base, found))
        assert (ran.status, ran.err) == (0, b"")
        tail = [(b"out", b"json"), (b"authinfo", b"root:secret")]
        assert server.pairs == [
            [(b"func", b"f.%d" % n), *one, *tail] for n, one in enumerate(batch)
        ]

    def test_hostile_values_arrive_unchanged_in_a_script(self) -> None:
        found = [
            with_value(calls(b"func=a")[0], f"p{n}", encode_text(value))
            for n, value in enumerate(HOSTILE)
        ]
        with RecordingServer() as server:
            ran = self.run(self.script(server.base, found, auth="none"))
        assert ran.status == 0, ran.err
        assert [p[1][1] for p in server.pairs] == list(HOSTILE)

    def test_an_argument_is_any_text(self) -> None:
        call = with_value(calls(b"func=a")[0], "x", ("www.", Arg("the-name"), ".", Env("SECRET")))
        call = with_value(call, "y", Env("SECRET"))
        with RecordingServer() as server:
            text = self.script(server.base, [call], Argument("the-name", "'\"$x @y"), auth="none")
            for value in HOSTILE:
                form = [b"--the-name=" + value] if value[:1] == b"=" else [b"--the-name", value]
                ran = self.run(text, {"SECRET": "s'$x"}, form)
                assert ran.status == 0, ran.err
            assert self.run(text, {"SECRET": "s"}, ["--the-name=a=b"]).status == 0
            assert self.run(text, {"SECRET": "0"}).status == 0
        sent = [p[1:3] for p in server.pairs]
        secret = (b"y", b"s'$x")
        assert sent[: len(HOSTILE)] == [
            [(b"x", b"www." + value + b".s'$x"), secret] for value in HOSTILE
        ]
        assert sent[len(HOSTILE) :] == [
            [(b"x", b"www.a=b.s"), (b"y", b"s")],
            [(b"x", b"www.'\"$x @y.0"), (b"y", b"0")],
        ]

    def test_the_order_is_the_guides(self) -> None:
        with RecordingServer() as server:
            self.result(server.base, b"b=1&func=f&a=2", lang="ru", su="www-root")
        assert server.requests[0].body == (
            b"func=f&b=1&a=2&out=json&lang=ru&su=www-root&authinfo=root%3Asecret"
        )
        assert server.requests[0].path == "/ispmgr"

    def test_a_secret_comes_from_the_environment(self) -> None:
        found = calls(b"func=user.edit&passwd=geheim&confirm=geheim", secrets="env")
        with RecordingServer() as server:
            text = self.text(server.base, found)
            ran = self.run(text, {**ENV, "PASSWD": "p'$x\\"})
            missing = [self.run(text, {**ENV, "PASSWD": ""}), self.run(text, {"PASSWD": "x"})]
        assert ran.status == 0
        assert "geheim" not in text
        assert [pair[1:3] for pair in server.pairs] == [
            [(b"passwd", b"p'$x\\"), (b"confirm", b"p'$x\\")]
        ]
        assert "PASSWD is not set" in self.failure(missing[0])
        assert "PANEL_AUTHINFO is not set" in self.failure(missing[1])

    # --- how it logs in, what it makes of answers

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

    @pytest.mark.parametrize("out", ["json", "xml", "bjson", "devel", "JSONdata"])
    def test_lists_and_forms(self, out: str) -> None:
        with FakePanel() as panel:
            form = self.result(panel.base, b"func=domain.edit&elid=example.com", out=out)
            single = self.result(panel.base, b"func=iplist", out=out)
            empty = self.result(panel.base, b"func=sslcert", out=out)
        form = form[0] if out == "JSONdata" else form
        assert form["name"] == "example.com"
        assert form["ns"] == ""
        assert "metadata" not in form
        assert single == [{"name": "192.0.2.1"}]
        assert empty == []

    @pytest.mark.parametrize("out", ["json", "xml", "bjson"])
    def test_success_is_ok(self, out: str) -> None:
        with FakePanel() as panel:
            edit = b"func=domain.edit&elid=example.com&ip=192.0.2.7&sok=ok"
            assert self.result(panel.base, edit, out=out) == "ok"
            ran = self.one(
                panel.base, b"func=webdomain.edit&elid=example.com&ip=::1&sok=ok", out=out
            )
        assert json.loads(ran.out) == "ok"
        assert (b"has to be restarted: func=restart" in ran.err) == (out != "bjson")

    @pytest.mark.parametrize("out", ["json", "xml", "text", "bjson", "JSONdata"])
    @pytest.mark.parametrize(
        ("func", "message"),
        [
            ("fail.text", "error: it failed <&>"),
            ("fail.code", "error 3(site)"),
            ("fail.typed", "error exists(user): it exists <&>"),
            ("fail.string", "error: it failed <&>"),
        ],
    )
    def test_every_error_document_is_a_failure(self, out: str, func: str, message: str) -> None:
        with FakePanel() as panel:
            ran = self.one(panel.base, b"func=" + func.encode(), out=out)
        shown = self.failure(ran)
        if out in ("json", "xml"):
            assert f"{func}: {message}" in shown
        else:
            assert f"{func}: error" in shown

    def test_a_message_cannot_drive_the_terminal(self) -> None:
        text = "\x1b[2J\u202e\u2028\x9b \u043f\u0440\u0438"
        for out in ("json", "xml"):
            with FakePanel() as panel:
                panel.fail["domain"] = Failure(text, "typed", type="a\x1b", object="b")
                ran = self.one(panel.base, b"func=domain", out=out)
            shown = self.failure(ran)
            assert not re.search("[\x1b\u202e\u2028\x9b]", shown)
            assert "\u043f\u0440\u0438" in shown

    def test_a_function_name_cannot_drive_the_terminal(self) -> None:
        with answering(b"\xff\x1b") as server:
            ran = self.one(server.base, b"func=%1B%FFx")
        shown = self.failure(ran)
        assert "\x1b" not in shown

    @pytest.mark.parametrize(
        "body", [b"", b"<!DOCTYPE html><html></html>", b"null", b'"x"', b"[", b"\xff", b'{"doc":1}']
    )
    def test_an_answer_that_is_no_json_is_a_failure(self, body: bytes) -> None:
        with answering(body) as server:
            assert "f: the answer is no JSON" in self.failure(self.one(server.base, b"func=f"))

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<doc>",
            b"</doc>",
            b"<doc></elem>",
            b"<doc/>text",
            b"<html><body>x</body></html>",
            b"<!DOCTYPE doc [<!ENTITY x SYSTEM '/etc/passwd'>]><doc><ok>&x;</ok></doc>",
            b"<doc><ok>&x;</ok></doc>",
            b"<doc><ok a='&X;'/></doc>",
            b"<doc \xff/>",
            b"<doc><a b=c/></doc>",
            b"<doc><![CDATA[</doc>",
            b"<doc><!-- </doc>",
            b"<doc><ok></doc></ok>",
            b"{}",
        ],
    )
    def test_an_answer_that_is_no_xml_is_a_failure(self, body: bytes) -> None:
        with answering(body, "text/xml") as server:
            ran = self.one(server.base, b"func=f", out="xml")
        assert "f: the answer is no XML" in self.failure(ran)
        assert "root:x:0" not in self.failure(ran)

    def test_xml_is_read_with_care(self) -> None:
        body = (
            b"<?xml version='1.0'?><!-- <a> --><doc lang=\"en\"><a>&lt;&amp;&#x43f;&#1088;&quot;"
            b"&apos;&gt;</a><b x='1>2'><![CDATA[<&amp;]]> y</b><c/><d >0</d ><e><f>1</f></e>"
            b"<m>1</m><m>2</m></doc>\n"
        )
        with answering(body, "text/xml") as server:
            result = self.result(server.base, b"func=f", out="xml")
        assert result == {
            "a": "<&\u043f\u0440\"'>",
            "b": "<&amp; y",
            "c": "",
            "d": "0",
            "m": ["1", "2"],
        }

    def test_json_values_become_strings(self) -> None:
        body = (
            b'{"doc":{"$lang":"en","a":{"$":"x","$color":"red"},"b":{},"c":5,"d":null,"e":true,'
            b'"f":false,"g":{"h":{"$":"1"}},"i":[{"$":"1"},{"$":"2"}],"j":"0","k":{"$":"0"}}}'
        )
        with answering(body) as server:
            result = self.result(server.base, b"func=f")
        assert result == {
            "a": "x", "b": "", "c": "5", "d": "", "e": "1", "f": "0",
            "i": ["1", "2"], "j": "0", "k": "0",
        }  # fmt: skip

    def test_bjson_tells_ok_beside_the_data(self) -> None:
        with answering(b'{"ok":true,"elid":"1"}') as server:
            assert self.result(server.base, b"func=f", out="bjson") == {"elid": "1"}
        with answering(b'{"ok":false}') as server:
            assert "f: error" in self.failure(self.one(server.base, b"func=f", out="bjson"))

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 400, 404, 500, 503])
    def test_another_http_status_is_a_failure(self, status: int) -> None:
        with RecordingServer() as server:
            headers = (("Location", f"{server.base}/elsewhere"),) if status < 400 else ()
            server.answer = lambda _request: Reply(OK, status=status, headers=headers)
            message = self.failure(self.one(server.base, b"func=f"))
        assert "f: HTTP" in message
        assert len(server.requests) == 1

    def test_nobody_listening_is_a_failure(self) -> None:
        with RecordingServer() as server:
            pass
        assert "f: HTTP" in self.failure(self.one(server.base, b"func=f"))

    def test_what_is_remembered_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_program, "MAX_REMEMBERED", 2)
        monkeypatch.setattr(_program, "MAX_ENDS", 2)
        emitter = self.emitter("http://127.0.0.1:1", auth="key")
        for n in (*range(5), *range(5)):
            text = emitter.snippet(calls(b"func=f.%d" % n, user=b"user%d" % n)[0])
            assert f"'f.{n}'" in text
            assert f"$user = 'user{n}';" in text

    # --- comments

    @pytest.mark.parametrize(
        "word",
        [
            b"\ntouch pwned\n",
            b"\r`touch pwned`",
            b"?><?php touch('pwned');",
            b"?\r>\n<?php touch('pwned');",
            b"\n=pod\n",
            b"\n__END__\n",
            b"*/ touch('pwned');",
            b"\xe2\x80\xa8touch",
            b"\x1b]0;x\x07\xe2\x80\xae\xff",
        ],
    )
    def test_nothing_breaks_out_of_a_comment(self, word: bytes) -> None:
        call = calls(b"func=" + panel_encode([(b"x", word)])[2:])[0]
        request = call.request._replace(
            user=word.decode("utf-8", "surrogateescape"),
            caller=word.decode("utf-8", "surrogateescape"),
            source=word.decode("utf-8", "surrogateescape"),
        )
        call = call._replace(request=request, notes=[encode_text(word)])
        with RecordingServer() as server:
            text = self.text(server.base, [call, call])
            ran = self.run(text + self.show)
            script = self.run(self.script(server.base, [call]))
        assert (ran.status, json.loads(ran.out)) == (0, "ok"), ran.err
        assert script.status == 0
        assert [p[0] for p in server.pairs] == [(b"func", word)] * 3
        assert text.replace("\n", " ").isprintable()
        text.encode()

    def test_a_refusal_is_no_program(self) -> None:
        found = calls(b"func=a")[0]
        emitter = self.emitter("http://127.0.0.1:1", auth="none")
        text = emitter.refusal(found, "because\n?> of") + "\n"
        with RecordingServer() as server:
            ran = self.run(text + self.text(server.base, [found], auth="none"))
        assert ran.status == 0, ran.err
        assert len(server.requests) == 1

    # --- scripts

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


def encode_text(value: bytes) -> str:
    text = value.decode("utf-8", "surrogateescape")
    assert encode(text) == value
    return text
