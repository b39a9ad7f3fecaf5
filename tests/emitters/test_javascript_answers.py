"""What JavaScript snippets make of answers: results of each shape, and what is no document."""

from __future__ import annotations

import json

import pytest

from logreq.model.connection import Connection
from tests.emitters.test_javascript import LIST, call, emit, node
from tests.support import run
from tests.support.recorder import RecordingServer, Reply

pytestmark = run.requires("node")


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_other_statuses_stop_it(status: int) -> None:
    with RecordingServer() as server:
        there = (("Location", server.base + "/elsewhere"),)
        server.answer = lambda request: Reply(b'{"doc":{}}', status=status, headers=there)
        ran = node(emit(Connection(server.base), call(LIST)))
    assert ran.status == 1
    assert f"HTTP status {status}".encode() in ran.err
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("out", "body"),
    [
        ("json", b""),
        ("json", b"<html>\x1b[2J</html>"),
        ("json", b"null"),
        ("json", b'"text"'),
        ("json", b"[1"),
        ("xml", b""),
        ("xml", b"text"),
        ("xml", b"{}"),
        ("xml", b"<doc><a></b></doc>"),
        ("xml", b"<doc><a></doc>"),
        ("xml", b"<doc>"),
        ("xml", b"<other/>"),
        ("xml", b"<doc>&nothing;</doc>"),
        ("xml", b"<doc>&amp</doc>"),
        ("xml", b"<doc a=1/>"),
        ("xml", b"<doc>&#x110000;</doc>"),
        ("xml", b'<!DOCTYPE doc [<!ENTITY x SYSTEM "file:///etc/passwd">]><doc>&x;</doc>'),
    ],
)
def test_an_answer_that_is_no_document_stops_it(out: str, body: bytes) -> None:
    with RecordingServer(lambda request: Reply(body)) as server:
        ran = node(emit(Connection(server.base, out=out), call(LIST)))
    assert ran.status == 1
    assert b"neither a result nor an error" in ran.err
    assert b"\x1b" not in ran.err
    assert b"root:" not in ran.err


XML: list[tuple[bytes, object]] = [
    (b"<doc><elem><a>1</a><b/></elem></doc>", [{"a": "1", "b": ""}]),
    (b"<doc><elem><a> x </a></elem>\n <elem><a>2</a></elem>\n</doc>\n", [{"a": " x "}, {"a": "2"}]),
    (b"<?xml?><!-- <error/> --><doc lang='en'><a k=\"v\">&lt;&amp;&#65;&#x42;</a></doc>",
     {"a": "<&AB"}),
    (b"<doc><a><![CDATA[<error>&amp;]]></a><b><c>1</c><c>2</c></b></doc>",
     {"a": "<error>&amp;", "b": {"c": ["1", "2"]}}),
    (b"<doc><__proto__>x</__proto__><constructor>y</constructor></doc>",
     {"__proto__": "x", "constructor": "y"}),
    (b"<doc><ok/></doc>", "ok"),
    (b"<doc><ok/><id>7</id></doc>", {"id": "7"}),
    (b"<doc><ok/><tparams><out>xml</out></tparams></doc>", {"tparams": {"out": "xml"}}),
    ("<doc><a>\u0436\u2028</a></doc>".encode(), {"a": "\u0436\u2028"}),
]  # fmt: skip


def test_xml_is_understood() -> None:
    bodies = [body for body, _ in XML]
    with RecordingServer(lambda request: Reply(bodies.pop(0))) as server:
        ran = node(emit(Connection(server.base, out="xml"), *[call(LIST)] * len(bodies)))
    assert ran.status == 0, ran.err
    assert [json.loads(line) for line in ran.out.splitlines()] == [made for _, made in XML]


JSON: list[tuple[bytes, object]] = [
    (b'{"doc":{"elem":{"a":{"$":"1"},"b":{}}}}', [{"a": "1", "b": ""}]),
    (b'{"doc":{"elem":[{"a":{"$":"1","$k":"v"}},{"a":2}],"$lang":"en"}}', [{"a": "1"}, {"a": 2}]),
    (b'{"doc":{"a":[{"$":"1"},{"$":"2"}],"n":3}}', {"a": ["1", "2"], "n": 3}),
    (b'{"ok":true,"elem":[{"a":"1"}]}', [{"a": "1"}]),
    (b'{"ok":true}', "ok"),
    (b'[{"a":"1"}]', [{"a": "1"}]),
]  # fmt: skip


def test_json_is_understood() -> None:
    bodies = [body for body, _ in JSON]
    with RecordingServer(lambda request: Reply(bodies.pop(0))) as server:
        ran = node(emit(Connection(server.base, out="json"), *[call(LIST)] * len(bodies)))
    assert ran.status == 0, ran.err
    assert [json.loads(line) for line in ran.out.splitlines()] == [made for _, made in JSON]


def test_a_failure_without_a_word_is_one() -> None:
    with RecordingServer(lambda request: Reply(b'{"ok":false}')) as server:
        ran = node(emit(Connection(server.base, out="bjson"), call(LIST)))
    assert ran.status == 1
    assert b"Error: failed" in ran.err
