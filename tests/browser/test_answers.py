"""A panel's answers in every format that the fake panel knows, and what is no answer of one."""

from __future__ import annotations

from typing import Optional

import pytest

from logreq.browser.answers import outcome
from logreq.model.outcome import Outcome
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

FORMATS = ("xml", "devel", "text", "json", "bjson", "JSONdata")
WORKED: list[Document] = [
    Done(),
    Done("restart"),
    Form({"elid": "1", "name": "error"}),
    Listing([{"name": "a", "error": "in a row"}, {"name": "b"}]),
    Listing([]),
]


def read(document: Document, out: str) -> Optional[Outcome]:
    return outcome(200, render(document, out).body.decode())


@pytest.mark.parametrize("document", WORKED)
@pytest.mark.parametrize("out", ["xml", "devel", "json"])
def test_a_document_without_an_error_worked(document: Document, out: str) -> None:
    assert read(document, out) == Outcome(False, "", "", "", "")


@pytest.mark.parametrize("out", FORMATS)
def test_success_says_so(out: str) -> None:
    assert read(Done(), out) == Outcome(False, "", "", "", "")


@pytest.mark.parametrize("out", FORMATS)
@pytest.mark.parametrize("shape", ["text", "code", "typed", "string"])
def test_a_refusal_has_the_panels_words(out: str, shape: str) -> None:
    found = read(Failure("it exists <&>", shape, type="exists", object="user", code=3), out)
    assert found is not None
    assert found.failed
    if out in ("xml", "devel", "json"):
        kind = {"typed": "exists", "code": "3"}.get(shape, "")
        assert (found.type, found.object) == (kind, "user" if kind else "")
        assert found.text == ("" if shape == "code" else "it exists <&>")
    elif out == "text":
        assert (found.type, found.object, found.text) == ("exists", "user", "it exists <&>")


@pytest.mark.parametrize("out", ["xml", "text", "json", "bjson"])
def test_a_failed_login(out: str) -> None:
    found = read(AuthFail(), out)
    assert found is not None
    assert found.failed


def test_a_login(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(LoggedIn("0123abcd"), "json")
    assert found == Outcome(False, "", "", "", "")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "<!DOCTYPE html><html><body>OK</body></html>",
        "<html><error>x</error></html>",
        '{"a": 1}',
        '{"doc": [1]}',
        '{"doc": ',
        "[" * 100_000,
        "<doc><ok/>",
        "<doc>\x00</doc>",
        '<?xml version="1.0"?><!DOCTYPE doc [<!ENTITY a "b">]><doc><error>&a;</error></doc>',
        "/*ajax*/ panel.show({})",
        "OKAY",
    ],
)
def test_what_tells_nothing(text: Optional[str]) -> None:
    assert outcome(200, text) is None
    assert outcome(0, text) is None
    assert outcome(303, text) is None
    assert outcome(500, text) == Outcome(True, "", "", "", "HTTP status 500")


def test_a_document_tells_more_than_the_status() -> None:
    assert outcome(403, '{"doc": {"ok": {}}}') == Outcome(False, "", "", "", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"doc": {"error": {"$": "x", "$code": "3", "$obj": "site"}}}', ("3", "site", "", "x")),
        ('{"error": {"type": "t", "value": "v", "msg": "m"}}', ("t", "", "v", "m")),
        ('{"error": {"msg": {"a": 1}, "type": 7}}', ("", "", "", "")),
        ('{"ok": false}', ("", "", "", "")),
        ('{"error": null}', ("", "", "", "")),
        ("\ufeff<doc><error type='t' value='\u0438'>a<msg>b</msg></error></doc>",
         ("t", "", "\u0438", "b")),
        ("<?xml version='1.0' encoding='KOI8-R'?><doc><error> \u0438 </error></doc>",
         ("", "", "", "\u0438")),
        ("<doc><error><a><msg>deep</msg></a></error></doc>", ("", "", "", "")),
        ("ERROR value(site): invalid\ndomain\n", ("value", "site", "", "invalid\ndomain")),
        ("ERROR something else", ("", "", "", "something else")),
        ("ERROR " + "x" * 5000, ("", "", "", "x" * 1000)),
        ('{"error": "\\ud800"}', ("", "", "", "\ufffd")),
    ],
)  # fmt: skip
def test_errors(text: str, expected: tuple[str, ...]) -> None:
    assert outcome(200, text) == Outcome(True, *expected)
