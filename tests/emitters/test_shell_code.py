"""The files that scripts are made of, by themselves: answers, and what a linter says."""

from __future__ import annotations

from pathlib import Path

import pytest

import logreq.emitters
from logreq.emitters.shell_script import helper
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
from tests.support.run import Ran, each, other_shells, run_sh
from tests.support.shellcheck import complaints, shellcheck

pytestmark = pytest.mark.interpreter
FILES = sorted(Path(logreq.emitters.__file__).parent.glob("code/sh/*.sh"))
SHELLS = [*each("dash", "bash"), *other_shells()]
FINISH = b"""
func=f panel=p out=$OUT code=200
answer=$(cat)
finish
[ -z "${restarts-}" ] || echo "restarts: $restarts" >&2
"""


def finished(out: str, answer: bytes, name: str = "dash") -> Ran:
    """Give what becomes of an answer."""
    text = "".join(map(helper, ("panel", "fail", "check", "finish")))
    return run_sh(text.encode() + FINISH, name, env={"OUT": out}, stdin=answer)


ERROR = {"error": "no", "authfail": "x"}
RESULTS: list[Document] = [
    Listing([]),
    Listing([ERROR]),
    Listing([ERROR, {"name": 'ERROR "\\" {"error":1} <error>'}]),
    Form({"elid": "a", "value": "b\\"}),
    Done(),
    Done("other"),
    LoggedIn("0123456789ab"),
    Form({"name": "\u0438\u043c\u044f"}),
]


@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "devel", "text", "csv", ""])
def test_results_are_printed(out: str) -> None:
    for document in RESULTS:
        answer = render(document, out or "text").body
        ran = finished(out, answer)
        assert (ran.status, ran.err) == (0, b"f: ok\n"), document
        assert ran.out.rstrip(b"\n") == answer.rstrip(b"\n")


@pytest.mark.parametrize("name", SHELLS)
def test_cyrillic_is_readable_in_every_shell(name: str) -> None:
    answer = render(Form({"name": "\u0438\u043c\u044f"}), "xml").body
    assert finished("xml", answer, name).out == answer
    ran = finished("xml", render(Failure("\u0438\u043c\u044f"), "xml").body, name)
    assert (ran.status, ran.err.decode()) == (1, "f: \u0438\u043c\u044f\n")


@pytest.mark.parametrize("out", ["json", "xml", "devel", "text", "csv", "print"])
def test_restart(out: str) -> None:
    if out != "print":
        ran = finished(out, render(Done("restart"), out).body)
        assert ran.err.startswith(b"f: the panel's web server has to be restarted: func=restart")
        assert ran.err.endswith(b"f: ok\nrestarts: p \n")
    assert (
        b"restart" not in finished(out, b"restart" if out == "print" else b"<doc>restart</doc>").err
    )


RESTARTS = [
    ("xml", b"<doc><id>5</id><ok>restart</ok></doc>"),
    ("xml", b'<doc lang="en"><a><b/><b>1</b></a> <!-- x --><i x="1"/>\n<ok>restart</ok></doc>'),
    ("devel", b"<doc><metadata><x><y/></x></metadata><ok>restart</ok></doc>"),
    ("json", b'{"doc":{"id":"5","ok":"restart"}}'),
    ("json", b'{"doc": {"id": {"$": "}\\"{"}, "l": [1, "["], "ok" : {"$": "restart"}}}'),
]
NO_RESTARTS = [
    ("xml", b"<doc><elem><ok>restart</ok></elem></doc>"),
    ("xml", b"<doc><a>&lt;ok>restart&lt;/ok></a></doc>"),
    ("json", b'{"doc":{"elem":[{"ok":"restart"}]}}'),
    ("json", b'{"doc":{"elem":{"ok":{"$":"restart"}}}}'),
    ("json", b'{"doc":{"a":"{","b":"\\"ok\\":\\"restart\\"","c":"ok","d":"restart"}}'),
    ("JSONdata", b'[{"ok":"restart"},"ok"]'),
    ("text", b'a {"ok":"restart"} <ok>restart</ok>'),
]


@pytest.mark.parametrize("name", SHELLS)
def test_a_restart_is_found_wherever_it_stands_at_the_top(name: str) -> None:
    for found, answers in ((True, RESTARTS), (False, NO_RESTARTS)):
        for out, answer in answers:
            ran = finished(out, answer, name)
            assert (ran.status, b"restarts: p" in ran.err) == (0, found), (answer, ran)


def test_an_answer_that_cannot_be_written_ends_the_script() -> None:
    text = "".join(map(helper, ("panel", "fail", "check", "finish"))).encode()
    ran = run_sh(text + b"exec >/dev/full" + FINISH, env={"OUT": "text"}, stdin=b"x")
    assert ran.status == 1
    assert ran.err.endswith(b"f: the answer could not be written\n")


FAILURES = {
    "text": (Failure('a "b" <&>\\', "text"), 'a "b" <&>\\'),
    "string": (Failure('a "b" <&>\\', "string"), 'a "b" <&>\\'),
    "code": (Failure("", "code", object="site", code=3), '{"$code":"3","$obj":"site"}'),
    "typed": (Failure("It is there", "typed", type="exists", object="user"), "It is there"),
    "no object": (Failure("", "typed", type="exists"), "exists()"),
    "no text": (Failure("", "typed", type="exists", object="user"), "exists(user)"),
}


@pytest.mark.parametrize("shape", FAILURES)
def test_failures(shape: str) -> None:
    document, wanted = FAILURES[shape]
    for out in ("xml", "devel"):
        ran = finished(out, render(document, out).body)
        assert (ran.status, ran.out, ran.err.decode()) == (1, b"", f"f: {wanted}\n")


@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "text", "print", "csv"])
@pytest.mark.parametrize("shape", FAILURES)
def test_failures_of_other_formats(shape: str, out: str) -> None:
    ran = finished(out, render(FAILURES[shape][0], out).body)
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err.startswith(b"f: ")


@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "devel", "text", "print"])
def test_authfail(out: str) -> None:
    ran = finished(out, render(AuthFail(), out).body)
    assert ran.status == 1
    if out not in ("bjson", "text", "print"):
        assert ran.err == b"f: login failed\n"


NONE = "no document in the answer: "
FOUND = '{"error":{"msg":{"$":"It"}}}}'
DOCUMENTS = ("json", "bjson", "JSONdata", "xml", "devel")
EVERY = (*DOCUMENTS, "text", "csv", "print", "")
CASES = [
    ("xml", b"", NONE),
    ("xml", b"<doc><elem>", NONE + "<elem>"),
    ("xml", b"<html>\n</html>", NONE + "<html> </html>"),
    ("xml", b"<document></document>", NONE + "<document></document>"),
    ("xml", b"x" * 500, NONE + "x" * 200),
    ("xml", b"<doc/>", None),
    ("xml", b"<doc a='b'/>", None),
    ("xml", b"<doc>\n</doc>\n", None),
    ("xml", b"<error>a</error>", "a"),
    ("xml", b"<doc><a><error>b</error></a></doc>", None),
    ("xml", b"<doc><!-- <error/> --><ok/></doc>", None),
    (
        "xml",
        b'<?xml version="1.0"?>\r\n<doc lang="en">\n<error\ttype="a" lang="en"><stack>s</stack>\n'
        b"<msg>m&lt;\n&amp;lt;</msg></error></doc>",
        "m< &lt;",
    ),
    ("xml", b"<doc><ok>restart", NONE + "<ok>restart"),
    ("json", b"", NONE),
    ("json", b"oops", NONE + "oops"),
    ("json", b"[]", NONE + "[]"),
    ("bjson", b"[]", NONE + "[]"),
    ("JSONdata", b"[]", None),
    ("JSONdata", b'{"id":"1"}', None),
    ("json", b'{"doc":{"elid"', NONE + '{"elid"'),
    ("devel", b"<doc><elem>", NONE + "<elem>"),
    *((out, body, NONE + body.decode()) for out in DOCUMENTS for body in (b"", b"5", b"null")),
    *((out, b"<!Doctype HTML>\n<p>", NONE + "<!Doctype HTML> <p>") for out in EVERY),
    *((out, b"\n<HTML><ok/></HTML>", NONE + "<HTML><ok/></HTML>") for out in EVERY),
    *((out, b"ERROR exists(user): It is there", "It is there") for out in EVERY),
    ("text", b"<i>5</i>", None),
    ("text", b"null", None),
    ("xml", b"<doc><tparams><out>xml</out></tparams>\n <error type='a'>It</error></doc>", "It"),
    ("json", b'{"doc":{"$lang":"en","p":[{"a":"]}"}],"error":{"msg":{"$":"It"}}}}', FOUND),
    ("json", b'{ "doc" : { "authfail" : {} } }', "login failed"),
    ("json", b'{"doc":{"elem":[{"error":{"$":"x"}}]}}', None),
    ("csv", b"<error/>", '{"$}'),
    ("csv", b'<error type="a" x="b"/>', '{"$type":"a","$x":"b"}'),
    ("text", b"ERROR exists(user): It is there", "It is there"),
    ("text", b"ERROR exists(user)\n", "exists(user)"),
    ("text", b'ERROR request_failed: a="b" c', 'request_failed: a="b" c'),
    ("csv", b"a;b <error/>", None),
    ("csv", b"", None),
]


@pytest.mark.parametrize(("out", "answer", "wanted"), CASES)
def test_particular_answers(out: str, answer: bytes, wanted: str | None) -> None:
    ran = finished(out, answer)
    if wanted is None:
        assert ran.status == 0
        assert ran.err.endswith(b"f: ok\n")
    else:
        assert (ran.status, ran.out, ran.err.decode()) == (1, b"", f"f: {wanted}\n")


def test_large_answers_take_no_time() -> None:
    rows = Listing([{"name": 'x"y\\' * 20, "error": "<" * 20}] * 3_000)
    for out in ("json", "xml", "text"):
        assert finished(out, render(rows, out).body).status == 0


@shellcheck
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_shellcheck_is_content(file: Path) -> None:
    text = file.read_bytes()
    assert text.startswith(b"# shellcheck shell=sh ")
    assert complaints(text) == ""


def test_every_file_is_used() -> None:
    assert [file.stem for file in FILES] == [
        *("again", "arguments", "bytes", "call", "check", "curl", "end", "fail", "finish"),
        *("go", "ids", "key", "mgrctl", "options", "panel", "password", "rows", "session", "start"),
        *("total", "typed"),
    ]
