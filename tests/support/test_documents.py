"""Every document in every format, as the fake panel writes it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documents import (
    AuthFail,
    Document,
    Done,
    Failure,
    Form,
    Listing,
    LoggedIn,
    render,
)

MANY = Listing([{"name": "a<&>", "ip": "1"}, {"name": "b", "ip": ""}])
ONE = Listing([{"name": "x"}])
EMPTY = Listing([])
FORM = Form({"elid": "x", "name": ""})
TYPED = Failure("taken <&>", type="exists", object="user")

XML = [
    (
        MANY,
        "<elem><name>a&lt;&amp;&gt;</name><ip>1</ip></elem><elem><name>b</name><ip></ip></elem>",
    ),
    (EMPTY, ""),
    (FORM, "<elid>x</elid><name></name>"),
    (Done(), "<ok/>"),
    (Done("restart"), "<ok>restart</ok>"),
    (Done("restart", "7"), "<id>7</id><ok>restart</ok>"),
    (LoggedIn("0f"), '<auth id="0f"/>'),
    (AuthFail(), "<authfail/>"),
    (Failure("a<b", "text"), "<error>a&lt;b</error>"),
    (Failure("a<b", "string"), "<error>a&lt;b</error>"),
    (Failure("", "code", object="site"), '<error code="3" obj="site"/>'),
    (
        TYPED,
        '<error type="exists" object="user" lang="en"><msg>taken &lt;&amp;&gt;</msg></error>',
    ),
]
JSON = [
    (MANY, '{"elem":[{"name":{"$":"a<&>"},"ip":{"$":"1"}},{"name":{"$":"b"},"ip":{"$":""}}]}'),
    (ONE, '{"elem":{"name":{"$":"x"}}}'),
    (EMPTY, "{}"),
    (FORM, '{"elid":{"$":"x"},"name":{"$":""}}'),
    (Done(), '{"ok":{}}'),
    (Done("restart"), '{"ok":{"$":"restart"}}'),
    (Done("", "7"), '{"id":{"$":"7"},"ok":{}}'),
    (LoggedIn("0f"), '{"auth":{"$id":"0f"}}'),
    (LoggedIn("0f", "$"), '{"auth":{"$":"0f"}}'),
    (AuthFail(), '{"authfail":{}}'),
    (Failure("a<b", "text"), '{"error":{"$":"a<b"}}'),
    (Failure("a<b", "string"), '{"error":"a<b"}'),
    (Failure("", "code", object="site"), '{"error":{"$code":"3","$obj":"site"}}'),
    (
        TYPED,
        '{"error":{"$type":"exists","$object":"user","$lang":"en","msg":{"$":"taken <&>"}}}',
    ),
]
FLAT = [
    (ONE, '{"elem":[{"name":"x"}]}'),
    (FORM, '{"elid":"x","name":""}'),
    (Done("restart"), '{"result":"OK"}'),
    (LoggedIn("0f"), '{"auth":"0f"}'),
    (AuthFail(), '{"authfail":""}'),
    (TYPED, '{"error":"taken <&>"}'),
]
OTHER = [
    ("text", MANY, "name=a<&> ip=1\nname=b ip=\n"),
    ("text", FORM, "elid=x\nname=\n"),
    ("text", Done(), "OK\n"),
    ("text", Done("restart"), "OK restart\n"),
    ("text", LoggedIn("0f"), "auth=0f\n"),
    ("text", AuthFail(), "ERROR auth(badpassword)\n"),
    ("text", TYPED, "ERROR exists(user): taken <&>\n"),
    ("print", MANY, "name\tip\na<&>\t1\nb\t\n"),
    ("print", EMPTY, ""),
    ("print", FORM, "ERROR value(out): print is for lists only\n"),
    ("print", Done(), "ERROR value(out): print is for lists only\n"),
    ("print", TYPED, "ERROR exists(user): taken <&>\n"),
    ("csv", MANY, "name;ip\na<&>;1\nb;\n"),
    ("csv", Done(), "OK\n"),
    ("JSONdata", MANY, '[{"name": "a<&>", "ip": "1"}, {"name": "b", "ip": ""}]'),
    ("JSONdata", ONE, '[{"name": "x"}]'),
    ("JSONdata", Done(), "[]"),
    ("JSONdata", TYPED, '{"error": "taken <&>"}'),
    ("bjson", ONE, '{"ok": true, "elem": [{"name": "x"}]}'),
    ("bjson", Done(), '{"ok": true}'),
    ("bjson", TYPED, '{"ok": false, "error": "taken <&>"}'),
    ("bjson", AuthFail(), '{"ok": false, "authfail": ""}'),
]


@pytest.mark.parametrize(("document", "inside"), XML)
def test_xml(document: Document, inside: str) -> None:
    reply = render(document, "xml")
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    assert reply.body.decode() == f"{head}<doc>{inside}</doc>\n"
    assert (reply.status, reply.content_type) == (200, "text/xml; charset=UTF-8")


@pytest.mark.parametrize(("document", "inside"), JSON)
def test_json(document: Document, inside: str) -> None:
    reply = render(document, "json")
    assert json.loads(reply.body) == {"doc": json.loads(inside)}
    assert (reply.status, reply.content_type) == (200, "application/json; charset=UTF-8")


@pytest.mark.parametrize(("document", "whole"), FLAT)
def test_json_of_the_fourth_generation(document: Document, whole: str) -> None:
    assert json.loads(render(document, "json", generation=4).body) == json.loads(whole)


@pytest.mark.parametrize(("out", "document", "body"), OTHER)
def test_other_formats(out: str, document: Document, body: str) -> None:
    reply = render(document, out)
    assert (reply.status, reply.body.decode()) == (200, body)


def test_devel_is_xml_and_a_description() -> None:
    doc = ElementTree.fromstring(render(ONE, "devel").body)
    assert [child.tag for child in doc] == ["metadata", "elem"]


@pytest.mark.parametrize("out", ["", "nosuch"])
def test_html_is_the_default(out: str) -> None:
    reply = render(TYPED, out)
    assert reply.content_type == "text/html; charset=UTF-8"
    assert b"<pre>ERROR exists(user): taken &lt;&amp;&gt;\n</pre>" in reply.body


@pytest.mark.parametrize("out", ["xml", "json", ""])
def test_ajax_is_unusable(out: str) -> None:
    body = render(ONE, out, ajax=True).body
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(body)


@given(st.text(max_size=30))
def test_any_text_makes_a_readable_document(value: str) -> None:
    for document in (
        Listing([{"name": value}]),
        Failure(value, object=value),
        Failure(value, "text"),
    ):
        ElementTree.fromstring(render(document, "xml").body)
        assert json.loads(render(document, "json").body).keys() == {"doc"}
        for out in ("text", "csv", ""):
            render(document, out).body.decode()
    assert json.loads(render(Listing([{"name": value}]), "JSONdata").body) == [
        {"name": value.encode("utf-8", "replace").decode()}
    ]


def test_json_is_utf_8() -> None:
    assert "\u0434".encode() in render(Listing([{"name": "\u0434"}]), "json").body


@pytest.mark.parametrize("out", ["xml", "json", "JSONdata", "bjson", "text", "csv", "print", ""])
def test_a_byte_that_was_no_utf_8_makes_no_unreadable_answer(out: str) -> None:
    body = render(Listing([{"name": "a\udcffb"}]), out).body.decode()
    assert ("a\ufffdb" if out == "xml" else "a?b") in body


def test_line_ends_survive_xml() -> None:
    doc = ElementTree.fromstring(render(Listing([{"name": "a\r\nb\rc"}]), "xml").body)
    assert doc.findtext("elem/name") == "a\r\nb\rc"
