"""The awk programs that judge a panel's answers, in every awk found."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from logreq.emitters._shell_check import program
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

pytestmark = pytest.mark.interpreter
# busybox has an awk of its own.
AWKS = {"awk": ["awk"], "mawk": ["mawk"], "gawk": ["gawk", "--posix"]}
AWKS.update({"original-awk": ["original-awk"], "busybox": ["busybox", "awk"]})


FOUND = [name for name, command in AWKS.items() if shutil.which(command[0])]


@pytest.mark.parametrize("name", AWKS)
def test_awk_is_here(name: str) -> None:
    if name not in FOUND:
        pytest.skip(f"not here: {name}")


def verdict(awk: str, out: str, answer: bytes) -> str:
    done = subprocess.run(
        [*AWKS[awk], program(out)],
        input=answer + b"\n",
        capture_output=True,
        env={"LC_ALL": "C"},
        timeout=60,
        executable=shutil.which(AWKS[awk][0]),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


ERROR = {"error": "no", "authfail": "x"}
RESULTS: list[Document] = [
    Listing([]),
    Listing([ERROR]),
    Listing([ERROR, {"name": 'ERROR "\\" {"error":1} <error>'}]),
    Form({"elid": "a", "value": "b\\"}),
    Done(),
    Done("other"),
    LoggedIn("0123456789ab"),
]


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "devel", "text", "csv", ""])
def test_results(out: str, awk: str) -> None:
    for document in RESULTS:
        assert verdict(awk, out, render(document, out).body) == "", document


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize("out", ["json", "xml", "devel", "text", "csv", "print"])
def test_restart(out: str, awk: str) -> None:
    if out != "print":
        assert verdict(awk, out, render(Done("restart"), out).body) == "restart\n"
    assert verdict(awk, out, b"restart") != "restart\n"


FAILURES = {
    "text": (Failure('a "b" <&>\\', "text"), 'error a "b" <&>\\\n'),
    "string": (Failure('a "b" <&>\\', "string"), 'error a "b" <&>\\\n'),
    "code": (Failure("", "code", object="site", code=3), "error code 3 (site)\n"),
    "typed": (
        Failure("It is there", "typed", type="exists", object="user"),
        "error exists (user): It is there\n",
    ),
    "no object": (Failure("x", "typed", type="value"), "error value: x\n"),
}


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize("out", ["json", "xml", "devel"])
@pytest.mark.parametrize("shape", FAILURES)
def test_failures(shape: str, out: str, awk: str) -> None:
    document, wanted = FAILURES[shape]
    if out == "json":  # JSON's own escapes stay as they are: no terminal obeys them
        wanted = wanted.replace("\\", "\\\\")
    assert verdict(awk, out, render(document, out).body) == wanted


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize("out", ["bjson", "JSONdata", "text", "print", "csv"])
@pytest.mark.parametrize("shape", FAILURES)
def test_failures_of_other_formats(shape: str, out: str, awk: str) -> None:
    assert verdict(awk, out, render(FAILURES[shape][0], out).body).startswith("error ")


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize("out", ["json", "bjson", "JSONdata", "xml", "devel", "text", "print"])
def test_authfail(out: str, awk: str) -> None:
    assert verdict(awk, out, render(AuthFail(), out).body).startswith("error ")


CASES = [
    ("xml", b"", "error the answer is no XML document\n"),
    ("xml", b"<doc><ok/>", "error the answer is no XML document\n"),
    ("xml", b"<html></html>", "error the answer is no XML document\n"),
    ("xml", b"OK <doc/>", "error the answer is no XML document\n"),
    ("xml", b"<doc><a", "error the answer is no XML document\n"),
    ("xml", b"\xef\xbb\xbf<doc/>", ""),
    ("xml", b"<error code='1'/>", "error the panel gave no reason\n"),
    ("xml", b"<doc><!-- <error/> --><ok/></doc>", ""),
    ("xml", b"<doc><a><![CDATA[<error/></a>]]></a></doc>", ""),
    ("xml", b"<doc><error><![CDATA[a <b>]]> c</error></doc>", "error a <b> c\n"),
    ("xml", b"<doc><error>a <!-- b -->c</error><x/>d</doc>", "error a c\n"),
    (
        "xml",
        b'<doc>\n<error\ttype="a&amp;b" lang="en"><stack>s</stack><msg>m&lt;\n</msg></error></doc>',
        "error a&b: m< \n",
    ),
    ("xml", b"<doc><ok>restart</ok></doc>", "restart\n"),
    ("xml", b"<doc><ok/>restart</doc>", ""),
    ("json", b"", "error the answer is no JSON document\n"),
    ("json", b'"error"', "error the answer is no JSON document\n"),
    ("json", b'{"doc": {', "error the answer is no JSON document\n"),
    ("json", b'{"doc" : {"error" : "x"}}', "error x\n"),
    ("json", b'{"error": {"code": 3, "msg": "m"}}', "error code 3: m\n"),
    ("json", b'{"error": null, "ok": true}', ""),
    ("json", b'{"doc": {"error": false}}', ""),
    ("json", b'{"ok": false}', "error the panel gave no reason\n"),
    ("json", b'{"doc":{"ok":"restart"}}', "restart\n"),
    ("json", b'{"a": "error", "b": ["error", "x"]}', ""),
    ("json", b'[{"error": {"$": "x"}}]', ""),
    ("json", b'{"doc":{"elem":{"error":{"$":"x"}}}}', ""),
    ("json", b'{"doc":{"elem":[{"ok":{"$":"restart"}}]}}', ""),
    ("text", b"ERROR exists(user)", "error exists(user)\n"),
    ("text", b"ERRORS: none", ""),
    ("text", b"name=x\nERROR y", ""),
    ("", b'<?xml version="1.0"?>\n<doc><error>x</error></doc>', None),
    ("", b'{"doc": {"authfail": {}}}', None),
    ("csv", b"<error/>", None),
    ("csv", b"a;b <error/>", ""),
    ("csv", b"", ""),
]


@pytest.mark.parametrize("awk", FOUND)
@pytest.mark.parametrize(("out", "answer", "wanted"), CASES)
def test_particular_answers(out: str, answer: bytes, wanted: str | None, awk: str) -> None:
    given = verdict(awk, out, answer)
    assert given == wanted or (wanted is None and given.startswith("error "))


@pytest.mark.parametrize("awk", FOUND)
def test_large_answers_take_no_time(awk: str) -> None:
    rows = Listing([{"name": 'x"y\\' * 20, "error": "<" * 20}] * 3_000)
    for out in ("json", "xml", "text"):
        assert verdict(awk, out, render(rows, out).body) == ""


def test_programs_stand_in_single_quotes() -> None:
    assert all("'" not in program(out) for out in ("xml", "json", "text"))
