"""What such a program makes of answers.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json
import re

import pytest

from logreq.emitters import _program
from tests.emitters.program_base import (
    OK,
    Programs,
    answering,
    calls,
)
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import RecordingServer, Reply


class Answers(Programs):
    """Lists, forms, success, errors, and what is no document."""

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
        assert isinstance(emitter, _program.Program)
        for n in (*range(5), *range(5)):
            text = emitter.snippet(calls(b"func=f.%d" % n, user=b"user%d" % n)[0])
            assert f"'f.{n}'" in text
            assert f"$user = 'user{n}';" in text
            assert len(emitter._ends) <= 2
            assert len(emitter._functions) <= 2
