"""PHP's and Perl's scripts that are made to be run again: what is these languages' own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Union

import pytest

from logreq.model.call import Arg, Env, Id, Lookup
from tests.support.again import Bench, argument, call
from tests.support.panel import FakePanel
from tests.support.recorder import Recorded, Reply
from tests.support.run import each

SITE = call("webdomain.edit", argument("name"), ("sok", "ok"))
# Words that mean something in Perl, at a line's or a block's beginning.
WORDS = (
    "format", "y", "q", "s", "m", "tr", "x", "v1", "if", "print", "__END__", "sub", "-e", "1",
    "BEGIN", "package", "return",
)  # fmt: skip


@pytest.fixture
def panel() -> Iterator[FakePanel]:
    with FakePanel() as panel:
        yield panel


@pytest.fixture(params=each("php", "perl"))
def bench(request: pytest.FixtureRequest, tmp_path: Path, panel: FakePanel) -> Bench:
    return Bench(request.param, tmp_path, panel)


def answer(bench: Bench, parameter: bytes, bodies: Mapping[str, str]) -> None:
    """Let the panel answer these bodies, by the value of a parameter."""
    real = bench.panel.answer

    def other(request: Recorded) -> Reply:
        body = bodies.get((request.get(parameter) or b"").decode())
        return real(request) if body is None else Reply(body.encode())

    bench.panel.answer = other


def sent(bench: Bench) -> list[bytes]:
    """Give the first value of each call."""
    return [one.pairs[0][1].encode("utf-8", "surrogateescape") for one in bench.sent]


def test_long_and_odd_fields(bench: Bench) -> None:
    """What patterns with limits would stumble over, and line ends that are none."""
    bare = b"\r" * 100_000 + b"x"
    values = [b'""' * 100_000, bare, b"a" * 3_000_000, b"\0\r\r\n" + b"\n" * 99_999]
    bench.script(call("user.edit", argument("name")))
    quoted = b"".join(b'"' + value.replace(b'"', b'""') + b'"\r\n' for value in values)
    bench.rows(b"name\n" + quoted + bare + b"\r\n" + bare + b"\r\nend\r")
    ran = bench.run("--each", "rows.csv")
    assert ran.status == 0, ran.err
    assert sent(bench) == [*values, bare, bare, b"end"]


def test_values_that_look_like_options(bench: Bench) -> None:
    bench.script(SITE, call("user.edit", argument("mail")))
    ran = bench.run("--name", "--yes", "--mail", "--dry-run")
    assert ran.status == 0, ran
    assert sent(bench) == [b"--yes", b"--dry-run"]
    ran = bench.run("--name", "--keep-going", "-k", "--restart", "--dry-run", "--mail=--each")
    assert ran.status == 0
    assert ran.lines == [
        "webdomain.edit", "  name=--keep-going", "  sok=ok", "user.edit", "  mail=--each",
    ]  # fmt: skip
    for words in (["--yes", "x"], ["--dry-run="], ["--name"], ["--keep-going", "--each"]):
        assert bench.run(*words).status == 2
    assert bench.silent


def test_bytes_of_the_command_line(bench: Bench) -> None:
    """Perl can be told to take arguments and files for text."""
    login: dict[str, Union[str, bytes]] = {
        "PANEL_AUTHINFO": "root:secret", "PERL_UNICODE": "SDA", "PASSWD": b"\xff\xc3\xa9",
    }  # fmt: skip
    bench.script(call("user.edit", argument("name"), ("mail", ("\u00e9", Arg("m"), Env("PASSWD")))))
    bench.rows(b"name\n\xff\xc3\xa9\nx\n", "\u0438.csv")
    ran = bench.run("--each", "\u0438.csv", "--m", "\u0438\u00e9", env=login)
    assert ran.status == 0, ran.err
    first = bench.sent[0]
    assert first.pairs == [("name", "\udcff\u00e9"), ("mail", "\u00e9\u0438\u00e9\udcff\u00e9")]
    ran = bench.run("--name=\u0438", "--m", "\u00e9", "--dry-run", env={"PERL_UNICODE": "SDA"})
    assert ran.lines == ["user.edit", "  name=\u0438", "  mail=\u00e9\u00e9$PASSWD"]
    bench.panel.state.tables["server"].append({"id": "\u0438", "name": "\u00e9\u0438", "ip": ""})
    found = Lookup("server", "name", (Arg("name"),))
    bench.script(call("user.edit", ("mail", (found, "\u00e9"))))
    bench.rows("name\n\u00e9\u0438\n\u0438\n", "\u0438.csv")
    ran = bench.run("--each", "\u0438.csv", "--keep-going", env=login)
    assert (ran.status, bench.sent[1]["mail"]) == (1, "\u0438\u00e9")
    assert ran.err[-2:] == [
        "row 2: user.edit: no server where name=\u0438",
        "1 of 2 rows failed; they are in \u0438.failed.csv",
    ]
    assert bench.failed("\u0438.failed.csv").decode() == "name\n\u0438\n"


@pytest.mark.parametrize(
    "name",
    ["php://stdin", "data:text/plain,name%0Ax", "http:/x", "rows.csv|", "<rows.csv", " rows.csv"],
)
def test_a_file_is_a_file(bench: Bench, name: str) -> None:
    bench.script(SITE)
    bench.rows("name\nnew\n")
    ran = bench.run("--each", name, stdin=b"name\nnew\n")
    assert (ran.status, ran.err) == (2, [f"{name}: No such file or directory"])
    assert bench.silent


def test_the_file_of_failed_rows_is_new(bench: Bench) -> None:
    """No other file is written to by way of a link, and none that others have open."""
    bench.script(SITE)
    bench.rows("name\nexample.com\nexample.net\n")
    other = bench.work / "other"
    other.write_text("mine")
    failed = bench.work / "rows.failed.csv"
    failed.symlink_to(other)
    assert bench.run("--each", "rows.csv", "--keep-going").status == 1
    assert bench.failed() == b"name\nexample.com\nexample.net\n"
    assert other.read_text() == "mine"
    assert not failed.is_symlink()
    failed.unlink()
    failed.mkdir()
    ran = bench.run("--each", str(bench.work / "rows.csv"), "--keep-going")
    assert ran.status == 1
    assert ran.err[-1].startswith(f"{failed}: ")


@pytest.mark.parametrize("first", WORDS)
def test_names_where_a_function_begins(bench: Bench, first: str) -> None:
    pairs = [(name, (Id("server.edit"),)) for name in (first, *WORDS)]
    bench.script(call("server.edit", ("name", "x"), ("sok", "ok")), call("user.edit", *pairs))
    assert bench.run().status == 0
    assert bench.sent[1].pairs == [(name, "4711") for name in (first, *WORDS)]


EXISTS = {
    '<doc><error a=">" type="exists" object="x"><msg>m</msg></error></doc>': True,
    '<doc><error a="type=&quot;exists" type="value"/></doc>': False,
    '<doc><error a=\' type="exists"\' type="value"><msg type="exists"/></error></doc>': False,
    "ERROR exists(user): m": True,
    "ERROR value(exists): m": False,
    '{"doc":{"error":{"$type":"exists","msg":{"$":"m"}}}}': True,
    '{"error":{"$type":"exists"}}': True,
    '{"error":"exists"}': False,
    '{"error":"<error type=\\"exists\\"/>"}': False,
    '{"doc":{"error":{"$type":"value","p":{"$type":"exists"}}}}': False,
}


def test_the_type_is_the_errors_own(bench: Bench) -> None:
    answer(bench, b"name", {str(n): body for n, body in enumerate(EXISTS)})
    bench.script(SITE, out="xml")
    bench.rows("name\n" + "".join(f"{number}\n" for number in range(len(EXISTS))))
    ran = bench.run("--each", "rows.csv", "--keep-going", "--existing", "skip")
    rows = [line.endswith(": ok") for line in ran.err if line.startswith("row ")]
    assert rows == [*EXISTS.values()], ran.err


def test_an_answer_before_one_that_exists_gives_no_id(bench: Bench) -> None:
    twice = [call("server.edit", ("name", "x"), ("sok", "ok"))] * 2
    bench.script(*twice, call("user.edit", ("mail", (Id("server.edit"),))))
    ran = bench.run("--existing", "skip")
    assert (ran.status, ran.err) == (1, [
        "server.edit: ok", "server.edit: exists, skipped",
        "user.edit: server.edit answered no id",
    ])  # fmt: skip


def test_questions_in_a_terminal(bench: Bench) -> None:
    bench.script(call("webdomain.delete", ("elid", (Arg("name"),))))
    with bench.terminal("--name", "example.net") as terminal:
        terminal.expect("y/N")
        terminal.type("not yet\n")
        terminal.expect("nothing was sent")
        assert terminal.end() == 1
    # Rows and the answer cannot both be read there.
    with bench.terminal("--each", "-") as terminal:
        terminal.type("name\nexample.com\n\x04")
        terminal.expect("deletes or spends: --yes runs it unasked")
        assert terminal.end() == 2
    assert bench.silent


def test_an_id_among_other_markup(bench: Bench) -> None:
    bodies = [
        "<doc><!-- <id>1</id> --><a b=\"<id>2</id>\" c='/>'/><![CDATA[</doc><id>3</id>]]>"
        '<id x="/">a&amp;b</id></doc>',
        '<?xml version="1.0"?><doc><a/><b><id>1</id></b ><id >a&amp;b</id ></doc>',
    ]
    answer(bench, b"name", dict(zip("01", bodies)))
    user = call("user.edit", ("mail", (Id("server.edit"),)))
    bench.script(call("server.edit", argument("name")), user, out="xml")
    bench.rows("name\n0\n1\n")
    assert bench.run("--each", "rows.csv").status == 0
    assert sent(bench) == [b"a&b"] * 2


LISTS = {
    '{"doc":{"elem":[1,null,"x",{"\u0438":true,"id":1},{"\u0438":{"$":"\\u00e9"},"id":12345678901234567890}'
    "]}}": "12345678901234567890",
    '{"doc":{"elem":{"\u0438":"\u00e9","id":{"$":"\u0438"}}}}': "\u0438",
    '[{"\u0438":"\u00e9","id":0},{"\u0438":233,"id":1}]': "0",
    '{"doc":{"elem":[{"\u0438":"\u00e9","id":{}}]}}': "",
    '{"doc":{"elem":[{"\u0438":"\u00e9","id":[1]}]}}': "",
    '{"doc":{"elem":"\u00e9"}}': "",
    '{"doc":{}}': "",
}


@pytest.mark.parametrize("body", LISTS)
def test_json_of_a_lookup(bench: Bench, body: str) -> None:
    answer(bench, b"func", {"list": body})
    bench.script(call("user.edit", ("mail", (Lookup("list", "\u0438", ("\u00e9",)),))))
    ran = bench.run()
    assert ran.status == (LISTS[body] == "")
    assert sent(bench) == [LISTS[body].encode()] * (ran.status == 0)
