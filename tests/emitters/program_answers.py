"""What such a program makes of answers.

A test class per language inherits this and names its emitter.
"""

from __future__ import annotations

import json

import pytest

from tests.emitters.program_base import (
    DRIVING,
    JSON,
    OK,
    OUTS,
    Programs,
    after_login,
    answering,
    answering_bytes,
    calls,
)
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.recorder import RecordingServer, Reply

CYRILLIC = "\u0443\u0436\u0435 \u0435\u0441\u0442\u044c"


class Answers(Programs):
    """Documents, errors, and what is no document."""

    @pytest.mark.parametrize("out", OUTS)
    def test_the_answer_is_printed(self, out: str) -> None:
        with FakePanel() as panel:
            forms = (b"domain.edit&elid=example.com",) if out != "print" else ()
            for func in (b"domain", b"iplist", b"sslcert", *forms):
                for ran in self.both(panel.base, b"func=" + func, out=out):
                    assert ran.status == 0, ran.err
                    sent = panel._answer(panel.requests[-1]).body
                    if out in JSON:
                        doc = json.loads(sent)
                        assert json.loads(ran.out) == (doc["doc"] if out == "json" else doc)
                        assert ran.out.count(b"\n") == 1
                    else:
                        assert ran.out == sent

    def test_flat_json_of_the_fourth_generation(self) -> None:
        with FakePanel(generation=4) as panel:
            edit = b"func=domain.edit&elid=example.com&ip=192.0.2.7&sok=ok"
            assert self.result(panel.base, edit) == {"result": "OK"}
            for ran in self.both(panel.base, b"func=fail.typed"):
                assert "it exists <&>" in self.failure(ran)

    def test_the_answer_is_readable_and_cannot_drive_a_terminal(self) -> None:
        body = json.dumps({"doc": {"a": CYRILLIC + "\x1b\x7f\x9b\u202e\u2028\n"}}).encode()
        raw = f'{{"doc":{{"a":"{CYRILLIC}\x7f\x9b\u202e"}}}}'.encode()
        for answer in (body, raw):
            with answering(answer) as server:
                for ran in self.both(server.base, b"func=f"):
                    assert ran.status == 0, ran.err
                    assert CYRILLIC in ran.out.decode()
                    assert not DRIVING.search(ran.out.decode())
                    json.loads(ran.out)

    @pytest.mark.parametrize("out", OUTS)
    @pytest.mark.parametrize("func", ["fail.text", "fail.code", "fail.typed", "fail.string"])
    def test_every_error_document_is_a_failure(self, out: str, func: str) -> None:
        said = {"fail.text": "it failed <&>", "fail.typed": "it exists <&>"}
        with FakePanel() as panel:
            snippet, script = self.both(panel.base, b"func=" + func.encode(), out=out)
        assert (snippet.out, script.out) == (b"", b"")
        assert func + ": " in self.failure(snippet)
        assert self.failure(script).startswith(f"{func}: ")
        assert script.status == 1
        if func in said:
            shown = self.failure(snippet).replace("&lt;&amp;&gt;", "<&>")
            assert said[func] in shown
            assert script.err.decode() == f"{func}: {said[func]}\n"

    @pytest.mark.parametrize("out", ["json", "xml"])
    def test_a_message_is_readable_and_cannot_drive_a_terminal(self, out: str) -> None:
        text = CYRILLIC + "\x1b[2J\u202e\u2028\x9b\x7f"
        with FakePanel() as panel:
            panel.fail["domain"] = Failure(text, "typed", type="a\x1b", object="b")
            for ran in self.both(panel.base, b"func=domain", out=out):
                assert CYRILLIC in self.failure(ran)

    @pytest.mark.parametrize("out", OUTS)
    def test_a_function_name_cannot_drive_the_terminal(self, out: str) -> None:
        body = b"<doc><error>no</error></doc>\x1b" if out not in JSON else b"\xff\x1b"
        with answering(body) as server:
            for ran in self.both(server.base, b"func=%1B%D0%B8%FFx", out=out):
                self.failure(ran)

    @pytest.mark.parametrize("auth", ["none", "session", "key"])
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<!DOCTYPE html><html>\x1b</html>",
            b"null",
            b'"x"',
            b"[",
            b"\xff\x1b",
            b'{"doc":1}',
        ],
    )
    def test_an_answer_that_is_no_json_is_a_failure(self, body: bytes, auth: str) -> None:
        with after_login(body) as server:
            snippet, script = self.both(server.base, b"func=f", auth=auth)
        assert "f: " in self.failure(snippet)
        assert "f: no document in the answer: " in self.failure(script)
        if b"html" in body:
            assert "<!DOCTYPE html>" in self.failure(snippet)

    @pytest.mark.parametrize("body", [b"", b"<html><body>x</body></html>", b"OK"])
    def test_an_answer_that_is_no_xml_is_a_failure(self, body: bytes) -> None:
        with answering(body, "text/xml") as server:
            for ran in self.both(server.base, b"func=f", out="xml"):
                assert "f: " in self.failure(ran)

    @pytest.mark.parametrize("out", ["text", "csv"])
    def test_a_page_instead_of_text_is_a_failure(self, out: str) -> None:
        with answering(b"\n<!doctype HTML><html>", "text/html") as server:
            for ran in self.both(server.base, b"func=f", out=out):
                assert "f: " in self.failure(ran)

    def test_text_is_not_looked_into(self) -> None:
        rows = b"error;text\n<error>;ERROR value(x)\n"
        for out, body in (("csv", rows), ("xml", b"<doc><elem><error>x</error></elem></doc>")):
            with answering(body) as server:
                for ran in self.both(server.base, b"func=f", out=out):
                    assert (ran.status, ran.out) == (0, body)

    def test_bjson_tells_ok_beside_the_data(self) -> None:
        with answering(b'{"ok":true,"elid":"1"}') as server:
            found = self.result(server.base, b"func=f", out="bjson")
            assert found == {"ok": True, "elid": "1"}
        with answering(b'{"ok":false}') as server:
            for ran in self.both(server.base, b"func=f", out="bjson"):
                assert 'f: {"ok":false}' in self.failure(ran)

    @pytest.mark.parametrize("out", JSON)
    @pytest.mark.parametrize("body", [b'{"authfail":{}}', b'{"error":{"$type":"x"}}'])
    def test_an_error_may_stand_in_any_json(self, body: bytes, out: str) -> None:
        for answer in (body, b'{"doc":%s}' % body):
            with answering(answer) as server:
                for ran in self.both(server.base, b"func=f", out=out):
                    assert "f: " in self.failure(ran)

    @pytest.mark.parametrize("out", ["json", "xml", "text", "csv", "print"])
    def test_an_answer_that_breaks_off_is_a_failure(self, out: str) -> None:
        body = b"<doc><a/>\n" * 2 if out == "xml" else b'{"doc":{}}\n\n'
        head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
        with answering_bytes(head + b"Content-Length: 10000\r\n\r\n" + body) as base:
            snippet, script = self.both(base, b"func=f", out=out)
            assert script.err.startswith(b"f: no answer from "), script
            if out != "json":  # what is cut from a document there does not parse
                assert "f: " in self.failure(snippet)
        chunked = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (len(body), body)
        for end in (b"", b"\r\n", b"\r\n5\r\nab", b"\r\nzz\r\n"):
            with answering_bytes(chunked + end) as base:
                ran = self.run(self.script(base, calls(b"func=f"), out=out))
            assert "f: no answer from " in self.failure(ran)
        for end in (b"\r\n0\r\n\r\n", b"\r\n00001;x=y\r\n\n\r\n0;z\r\nTrailer: x\r\n\r\n"):
            with answering_bytes(chunked + end) as base:
                for ran in self.both(base, b"func=f", out=out):
                    assert (ran.status, ran.out[:5]) == (0, b"{}\n" if out == "json" else body[:5])

    @pytest.mark.parametrize("out", ["json", "csv"])
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 404, 500, 503])
    def test_another_http_status_is_a_failure(self, status: int, out: str) -> None:
        with RecordingServer() as server:
            headers = (("Location", f"{server.base}/elsewhere"),) if status < 400 else ()
            server.answer = lambda _request: Reply(OK, status=status, headers=headers)
            snippet, script = self.both(server.base, b"func=f", out=out)
        assert "f: " in self.failure(snippet)
        to = f" (redirected to {server.base}/elsewhere)" if status < 400 else ""
        assert script.err.decode() == f"f: HTTP status {status}{to}\n"
        assert len(server.requests) == 2

    def test_nobody_listening_is_a_failure(self) -> None:
        with RecordingServer() as server:
            pass
        snippet, script = self.both(server.base, b"func=f")
        assert "f: " in self.failure(snippet)
        assert "refused" in self.failure(snippet)
        assert script.err.decode().startswith(f"f: no answer from {server.base}/ispmgr: ")

    def test_a_time_limit(self) -> None:
        for text in (
            self.text("http://h", calls(b"func=a")),
            self.script("http://h", calls(b"func=a")),
        ):
            assert "timeout' => 600" in text or "timeout => 600" in text
