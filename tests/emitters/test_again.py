"""Scripts that are made to be run again, in all languages: rows of arguments, ids, safeguards."""

from __future__ import annotations

import csv
import io
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq.model.call import Arg, Env, Id, Lookup
from tests.support.again import OUTS, Bench, argument, call, targets
from tests.support.documents import Failure
from tests.support.hostile import TEXTS
from tests.support.panel import FakePanel
from tests.support.recorder import Recorded, Reply

OK = ("sok", "ok")
# A user with a password, a form that every value gets into, and something that can exist.
NAMED = (argument("login"), ("name", (Arg("login"),)), ("passwd", Env("PASSWD")), OK)
USER = call("user.edit", *NAMED)
MAIL = call("user.edit", argument("name"), ("mail", ("to:", Arg("mail"))))
SITE = call("sslcert.edit", argument("name"), OK)
WEB = call("webdomain.edit", argument("name"), OK)
LIST = call("iplist")
SERVER = call("server.edit", argument("name"), OK)
DISK = call("disk.edit", ("plid", (Id("server.edit"),)), ("name", ("d-", Id("server.edit"))), OK)

# Characters that drive a terminal, or make lines that are none, or turn their direction.
DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


@pytest.fixture
def panel() -> Iterator[FakePanel]:
    with FakePanel() as panel:
        for name in ("example.com", "example.net"):
            panel.state.tables["sslcert"].append({"name": name})
        yield panel


@pytest.fixture(params=targets())
def bench(request: pytest.FixtureRequest, tmp_path: Path, panel: FakePanel) -> Bench:
    return Bench(request.param, tmp_path, panel)


def names(panel: FakePanel, table: str = "sslcert") -> list[str]:
    return [row["name"] for row in panel.state.tables[table] if "example" not in row["name"]]


def parsed(data: bytes) -> list[list[str]]:
    return [*csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]


def test_rows_are_as_good_as_single_runs(bench: Bench) -> None:
    rows = [
        ("plain", "a@example.com"),
        ("com,ma", 'quo"te"'),
        ("line\nend", "cr\r\nlf\n\n"),
        ("\u0438\u043c\u044f \U0001f600", "  blanks\t "),
        ("", "x=1"),
        ("-e", "--mail"),
        ("last", ""),
    ]
    bench.script(LIST, MAIL)
    bench.rows(
        b'\xef\xbb\xbfname, mail \r\nplain,a@example.com\r\n"com,ma","quo""te"""\n\n'
        b'"line\nend","cr\r\nlf\n\n"\r\n\r\n\xd0\xb8\xd0\xbc\xd1\x8f \xf0\x9f\x98\x80,  blanks\t \n'
        b',x=1\n-e,--mail\n"last",'
    )
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, len(ran.lines)) == (0, 2 * len(rows)), ran
    told = [f"row {number}: ok" for number in range(1, len(rows) + 1)]
    assert ran.err == [line for row in told for line in ("iplist: ok", "user.edit: ok", row)]
    sent = bench.sent
    assert [one.pairs for one in sent[1::2]] == [
        [("name", name), ("mail", f"to:{mail}")] for name, mail in rows
    ]
    for name, mail in rows[1:4]:
        assert bench.run(f"--name={name}", f"--mail={mail}").status == 0
    assert bench.sent == sent[2:8]
    # A value of the command line is for all rows; what begins with @ or = is text as well.
    bench.rows("mail\n@/etc/passwd\n=1\n", "-x")
    assert bench.run("--name", "all", "--each=-x").status == 0
    assert [one.pairs for one in bench.sent[1::2]] == [
        [("name", "all"), ("mail", "to:@/etc/passwd")], [("name", "all"), ("mail", "to:=1")],
    ]  # fmt: skip


def test_hostile_values_arrive_byte_for_byte(bench: Bench) -> None:
    texts = [text for text in TEXTS if b"\0" not in text]
    if bench.target.text:
        texts = [t for t in texts if t.decode("utf-8", "replace").encode() == t]
    width = 24
    texts += [b"x"] * (-len(texts) % width)
    pairs = [argument(f"a{number}") for number in range(width)]
    bench.script(call("user.edit", *pairs))
    quoted = [b'"' + text.replace(b'"', b'""') + b'"' for text in texts]
    lines = [b",".join(quoted[at : at + width]) for at in range(0, len(quoted), width)]
    bench.rows(b"\n".join([",".join(n for n, _ in pairs).encode(), *lines]))
    ran = bench.run("--each", "rows.csv")
    assert ran.status == 0, ran.err
    sent = [value.encode("utf-8", "surrogateescape") for s in bench.sent for _, value in s.pairs]
    assert sent == texts
    assert [path.name for path in bench.work.iterdir()] == ["rows.csv"]
    ran = bench.run("--each", "rows.csv", "--dry-run")
    assert (ran.status, bench.silent) == (0, True)
    assert not DRIVING.search(ran.out.decode("utf-8", "replace"))
    assert [line for line in ran.lines if not line.startswith("  a")] == ["user.edit"] * len(lines)
    assert any(line.endswith("=$(touch pwned)") for line in ran.lines)


def test_what_is_no_text_is_refused_by_its_line(bench: Bench) -> None:
    bench.script(MAIL)
    bench.rows(b"name,mail\nx,y\n\xff,z\n")
    ran = bench.run("--each", "rows.csv")
    if bench.target.text:
        assert (ran.status, bench.silent) == (2, True)
        assert ran.err[-1].startswith("rows.csv:3: ")
    else:
        assert ran.status == 0
        assert bench.sent[1]["name"] == "\udcff"


@pytest.mark.parametrize("out", OUTS)
def test_the_first_failure_ends_the_run(bench: Bench, out: str) -> None:
    bench.script(LIST, SITE, out=out)
    bench.rows("name\none\nexample.com\nthree\n")
    ran = bench.run("--each", "rows.csv")
    assert ran.status == 1
    assert ran.err == [
        "iplist: ok", "sslcert.edit: ok", "row 1: ok", "iplist: ok",
        "row 2: sslcert.edit: Already there", "--from 2 goes on there",
    ]  # fmt: skip
    assert names(bench.panel) == ["one"]
    ran = bench.run("--each", "rows.csv", "--from=3", "--keep-going")
    assert (ran.status, ran.err[-1]) == (0, "row 3: ok")
    assert names(bench.panel) == ["one", "three"]
    assert not (bench.work / "rows.failed.csv").exists()


@pytest.mark.parametrize("name", ["rows.csv", "odd name.list", "-"])
def test_failed_rows_can_be_fed_again(bench: Bench, name: str) -> None:
    bench.script(SITE, MAIL)
    odd = 'to "a, b"\r\n\n c\n'
    data = 'name,mail\none,1\nexample.com,"to ""a, b""\r\n\n c\n"\nthree,3\r\nexample.net,\n'
    other = {"rows.csv": "rows.failed.csv", "-": "failed.csv"}.get(name, f"{name}.failed.csv")
    if name != "-":
        bench.rows(data, name)
    ran = bench.run("--keep-going", "--each", name, stdin=data.encode())
    assert ran.status == 1
    assert [line for line in ran.err if not line.endswith("edit: ok")] == [
        "row 1: ok",
        "row 2: sslcert.edit: Already there",
        "row 3: ok",
        "row 4: sslcert.edit: Already there",
        f"2 of 4 rows failed; they are in {other}",
    ]
    failed = bench.failed(other)
    assert parsed(failed) == [["name", "mail"], ["example.com", odd], ["example.net", ""]]
    assert names(bench.panel) == ["one", "three"]
    bench.panel.state.tables["sslcert"].clear()
    assert len(bench.sent) == 6
    ran = bench.run("--each", other)
    assert (ran.status, ran.err[-1]) == (0, "row 2: ok")
    assert [one.pairs for one in bench.sent[1::2]] == [
        [("name", "example.com"), ("mail", f"to:{odd}")],
        [("name", "example.net"), ("mail", "to:")],
    ]


def test_an_old_file_of_failed_rows_is_not_added_to(bench: Bench) -> None:
    bench.script(SITE)
    bench.rows("name\nexample.com\n")
    bench.rows("name\nold\n", "rows.failed.csv")
    (bench.work / "rows.failed.csv").chmod(0o644)
    assert bench.run("--each", "rows.csv", "--keep-going").status == 1
    assert parsed(bench.failed()) == [["name"], ["example.com"]]
    # Fed to itself, it still is read before it is written.
    ran = bench.run("--each", "rows.failed.csv", "--keep-going")
    assert ran.err[-1].endswith("1 of 1 rows failed; they are in rows.failed.failed.csv")


def test_an_interrupted_run_is_resumed(bench: Bench) -> None:
    bench.script(LIST, SITE)
    bench.rows("name\nexample.com\ntwo\nthree\nfour\n")
    err = bench.killed("--each", "rows.csv", "--keep-going", by=signal.SIGKILL, where=b"three")
    assert [line for line in err if line.startswith("row")] == [
        "row 1: sslcert.edit: Already there",
        "row 2: ok",
    ]
    assert parsed(bench.failed()) == [["name"], ["example.com"]]
    ran = bench.run("--each", "rows.csv", "--from", "3")
    assert ran.status == 0
    assert names(bench.panel) == ["two", "three", "four"]


REFUSED = {
    "unknown": ("name,mial\nx,y\n", ": unknown column: mial; this script takes name, mail"),
    "connection": ("name,mail,PANEL_AUTHINFO\nx,y,z\n", ": unknown column: PANEL_AUTHINFO"),
    "case": ("Name,mail\nx,y\n", ": unknown column: Name"),
    "missing": ("name\nx\n", ": no column: mail; --mail VALUE gives it to all rows"),
    "twice": ("name,mail,name\nx,y,z\n", ": two columns: name"),
    "few": ('name,mail\n"x\n",y\n\nx\n', ":5: 1 values for 2 columns"),
    "many": ("name,mail\nx,y\nx,y,\n", ":3: 3 values for 2 columns"),
    "after": ('name,mail\nx,y\nx,"y"z\n', ":3: "),
    "inside": ('name,mail\r\nx,y\r\nx,y"z"\r\n', ":3: "),
    "open": ('name,mail\n"x\n",y\nx,"y\n\n', ":4: "),
    "header": ('name,"mail\nx,y\n', ":1: "),
    "empty": ("", ": no rows"),
    "blank": ("\n\r\n\n", ": no rows"),
    "header only": ("\ufeffname,mail\r\n\r\n", ": no rows"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_faulty_file_is_refused_before_the_first_call(bench: Bench, case: str) -> None:
    data, told = REFUSED[case]
    bench.script(MAIL, USER)
    bench.rows(data)
    # Before the variables are looked at.
    args = [] if case in ("empty", "blank") else ["--login=x"]
    ran = bench.run("--each", "rows.csv", *args, env={})
    assert (ran.status, ran.out, bench.silent) == (2, b"", True), ran
    assert any(line.startswith(f"rows.csv{told}") for line in ran.err), ran.err
    assert not any("not set" in line for line in ran.err)


def test_other_refusals_of_files(bench: Bench) -> None:
    bench.script(MAIL)
    bench.rows("name,mail\nx,y\n")
    ran = bench.run("--each", "rows.csv", "--name", "x")
    assert (ran.status, ran.err[-1]) == (2, "rows.csv: name is a column and --name is given")
    # Also where it is the default's own value.
    ran = bench.run("--name=old-name", "--each", "rows.csv")
    assert (ran.status, ran.err[-1]) == (2, "rows.csv: name is a column and --name is given")
    for name in ("absent\x1b.csv", "."):
        ran = bench.run("--each", name)
        assert (ran.status, ran.out) == (2, b"")
        assert ran.err
    assert bench.silent
    (bench.work / "rows.csv").write_bytes(b"")
    ran = bench.run("--each", "-", stdin=b"name,mail\nx,y,z\n")
    assert (ran.status, bench.silent) == (2, True)
    assert ran.err[-1] == "-:2: 3 values for 2 columns"


@pytest.mark.parametrize(
    "args",
    [
        ["--keep-going"],
        *(["--from", text] for text in ("0", "-1", "x", "1.5", "", "3", "99999999999999999999")),
        ["--each", "rows.csv", "--from", "4"],
        *(["--existing", text] for text in ("", "update", "SKIP")),
        *(["--pause", text] for text in ("", "x", "-1", "nan", "1;x")),
        ["--each"],
        ["--each", ""],
        ["--dry-run=1"],
        ["--yes=1"],
    ],
    ids=lambda args: " ".join(args),
)
def test_wrong_options(bench: Bench, args: list[str]) -> None:
    bench.script(SITE, LIST)
    bench.rows("name\none\ntwo\nthree\n")
    ran = bench.run(*args)
    assert (ran.status, ran.out, bench.silent) == (2, b"", True), ran
    assert ran.err


def test_rows_are_for_scripts_with_arguments(bench: Bench) -> None:
    bench.script(LIST)
    bench.rows("name\none\n")
    assert bench.run("--each", "rows.csv").status == 2
    assert bench.run("--keep-going").status == 2
    assert bench.silent
    assert bench.run("--yes", "--pause", "0", "--existing", "skip").status == 0
    assert [one.func for one in bench.sent] == ["iplist"]


def test_a_column_takes_the_place_of_a_secret(bench: Bench) -> None:
    bench.script(USER)
    bench.rows("PASSWD,login\nfirst pass,one\nexample,root\n'$(third)\",three\n".replace('"', '""'))
    text = 'PASSWD,login\nfirst pass,one\nexample,root\n"\'$(third)""",three\n'
    bench.rows(text)
    ran = bench.run("--each", "rows.csv", "--keep-going")
    assert ran.status == 1, ran
    assert [(one["name"], one["passwd"]) for one in bench.sent] == [
        ("one", "first pass"), ("root", "example"), ("three", "'$(third)\""),
    ]  # fmt: skip
    assert parsed(bench.failed()) == [["PASSWD", "login"], ["example", "root"]]
    # The variable gives way; without the column it is needed.
    login = {"PANEL_AUTHINFO": "root:secret"}
    bench.rows("login,PASSWD\nfour,4\n")
    assert bench.run("--each", "rows.csv", env={**login, "PASSWD": "no"}).status == 0
    assert bench.sent[0]["passwd"] == "4"
    bench.rows("login\nfive\n")
    ran = bench.run("--each", "rows.csv")
    assert ran.status != 0
    assert any("PASSWD" in line for line in ran.err)
    assert bench.silent
    assert bench.run("--each", "rows.csv", env={**login, "PASSWD": "5"}).status == 0
    assert bench.sent[0]["passwd"] == "5"


def test_dry_run(bench: Bench) -> None:
    site = Lookup("webdomain", "name", (Arg("login"), ".example"))
    more = call("disk.edit", ("plid", (Id("server.edit"),)), ("site", (site, "/x")), ("e", ""))
    text = bench.script(
        USER, call("server.edit", ("name", "a\tb\nc")), more, call("user.delete", ("elid", "old"))
    )
    assert "first pass" not in text
    ran = bench.run("--dry-run", "--login", "new", env={})
    assert (ran.status, bench.silent) == (0, True), ran
    lines = ran.lines
    # mgrctl takes secrets behind all others.
    assert [lines[0], *sorted(lines[1:5]), lines[5]] == [
        "user.edit", "  login=new", "  name=new", "  passwd=$PASSWD", "  sok=ok", "server.edit",
    ]  # fmt: skip
    assert len(lines) == 13
    assert lines[6].startswith("  name=a")
    assert lines[7:] == [
        "disk.edit",
        "  plid=<id of server.edit>",
        "  site=<id of webdomain where name=new.example>/x",
        "  e=",
        "user.delete",
        "  elid=old",
    ]
    bench.rows("login,PASSWD\n\x1b[2J,secret1\nthree,secret2\n")
    ran = bench.run("--each", "rows.csv", "--dry-run", env={})
    assert (ran.status, bench.silent) == (0, True), ran
    assert ran.err == ["row 1: not sent", "row 2: not sent"]
    assert len(ran.lines) == 26
    assert b"secret" not in ran.out
    assert b"\x1b" not in ran.out
    assert ran.out.count(b"  passwd=$PASSWD\n") == 2
    bench.rows("login,PASSWD\nx\n")
    ran = bench.run("--each", "rows.csv", "--dry-run", env={})
    assert (ran.status, ran.out) == (2, b"")
    ran = bench.run("--dry-run", "--from", "4", env={})
    assert (ran.status, ran.lines) == (0, ["user.delete", "  elid=old"])


@pytest.mark.parametrize("out", OUTS)
def test_what_exists_can_be_skipped(bench: Bench, out: str) -> None:
    bench.script(SITE, LIST, out=out)
    ran = bench.run("--name", "example.com", "--existing", "skip")
    assert (ran.status, ran.err) == (0, ["sslcert.edit: exists, skipped", "iplist: ok"])
    bench.rows("name\nexample.com\nnew\n")
    ran = bench.run("--existing=skip", "--each", "rows.csv", "--keep-going")
    assert ran.status == 0
    assert ran.err == [
        "sslcert.edit: exists, skipped", "iplist: ok", "row 1: ok",
        "sslcert.edit: ok", "iplist: ok", "row 2: ok",
    ]  # fmt: skip
    # Another failure is one.
    for failure in (
        Failure("No", type="value", object="exists"),
        Failure('type="exists" "$type":"exists"', type="value", object="name"),
    ):
        bench.panel.fail["sslcert.edit"] = failure
        ran = bench.run("--existing", "skip", "--each", "rows.csv")
        assert ran.status == 1, ran
        assert ran.err[-1] == "--from 1 goes on there"
    # As with a document that says nothing but its type.
    bench.panel.fail["sslcert.edit"] = Failure("", type="exists", object="sslcert")
    assert bench.run("--existing", "skip").err == ["sslcert.edit: exists, skipped", "iplist: ok"]


def test_calls_are_left_out(bench: Bench) -> None:
    bench.script(SITE, LIST, MAIL)
    ran = bench.run("--from", "3")
    assert ran.status == 0, ran
    assert ran.err == ["sslcert.edit: left out", "iplist: left out", "user.edit: ok"]
    assert [one.func for one in bench.sent] == ["user.edit"]
    assert bench.run("--from=1").status == 0
    assert len(bench.sent) == 3


def test_pauses(bench: Bench) -> None:
    times = []
    real = bench.panel.answer

    def answer(request: Recorded) -> Reply:
        times.append(time.monotonic())
        return real(request)

    bench.panel.answer = answer
    bench.script(LIST, MAIL)
    bench.rows("name,mail\nx,y\nx,y\n")
    assert bench.run("--each", "rows.csv", "--pause", "0.4").status == 0
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert len(gaps) == 3
    assert all(0.4 <= gap < 3 for gap in gaps), gaps
    # Not before the first one.
    assert bench.run("--from", "2", "--pause=50", timeout=20).status == 0


def test_a_script_that_deletes_asks_in_a_terminal(bench: Bench) -> None:
    gone = call("sslcert.delete", ("elid", (Arg("name"),)))
    bench.script(LIST, gone, call("user.delete", ("elid", "client")), gone)
    asked = r"This deletes or spends: sslcert.delete, user.delete. Go on\? \[y/N\] "
    for typed in ("\n", "n\n", "\u0443\n", "\x04"):
        with bench.terminal("--name", "example.net") as terminal:
            terminal.expect(asked)
            terminal.type(typed)
            terminal.expect("nothing was sent\r\n")
            assert terminal.end() == 1
    assert bench.silent
    bench.rows("name\nexample.com\nexample.net\n")
    with bench.terminal("--each", "rows.csv", "--keep-going") as terminal:
        terminal.expect(asked.replace(". Go", " in each of 2 rows. Go"))
        assert bench.silent
        terminal.type("Yes\n")
        terminal.expect("2 of 2 rows failed")
        assert terminal.end() == 1
    assert [one.func for one in bench.sent][:2] == ["iplist", "sslcert.delete"]
    # With what is wrong nothing is asked.
    with bench.terminal("--each", "absent.csv") as terminal:
        assert terminal.end() == 2
        assert "Go on" not in terminal.text


def test_a_script_that_deletes_asks_no_file(bench: Bench) -> None:
    bench.script(LIST, call("sslcert.delete", ("elid", (Arg("name"),))))
    told = ["sslcert.delete deletes or spends: --yes runs it unasked"]
    assert bench.run("--name", "example.com", stdin=b"y\n") == (2, b"", told)
    assert bench.run("--name", "example.com") == (2, b"", told)
    rows = b"name\nexample.com\n"
    assert bench.run("--each", "-", stdin=rows) == (2, b"", told)
    assert bench.silent
    ran = bench.run("--each", "-", "--yes", stdin=rows)
    assert (ran.status, ran.err[-1]) == (0, "row 1: ok")
    assert bench.sent[-1] == ("sslcert.delete", [("elid", "example.com")])


@pytest.mark.parametrize("out", OUTS)
def test_ids_are_those_of_this_run(bench: Bench, out: str) -> None:
    again = call("server.edit", ("elid", (Id("server.edit"),)), ("ip", (Id("disk.edit"),)), OK)
    bench.script(SERVER, DISK, again, out=out)
    ran = bench.run("--name", "web")
    assert (ran.status, ran.err) == (0, ["server.edit: ok", "disk.edit: ok", "server.edit: ok"])
    assert [one.pairs for one in bench.sent] == [
        [("name", "web"), OK],
        [("plid", "4711"), ("name", "d-4711"), OK],
        [("elid", "4711"), ("ip", "501"), OK],
    ]
    # Each row has its own.
    bench.rows("name\ndb\nweb\nmx\n")
    ran = bench.run("--each", "rows.csv", "--existing", "skip", "--keep-going")
    assert ran.status == 1
    assert [line for line in ran.err if line.startswith("row")] == [
        "row 1: ok", "row 2: disk.edit: server.edit answered no id", "row 3: ok",
    ]  # fmt: skip
    assert [one["plid"] for one in bench.sent if one.func == "disk.edit"] == ["4712", "4713"]
    # What was left out has none either.
    ran = bench.run("--from", "2", "--name", "last")
    assert ran.status == 1
    assert ran.err == ["server.edit: left out", "disk.edit: server.edit answered no id"]
    assert bench.silent
    # As logged, without a link, the number is another panel's.
    bench.script(SERVER, call("disk.edit", ("plid", "7"), ("name", "x"), OK), out=out)
    ran = bench.run("--name", "more")
    assert (ran.status, ran.err[-1]) == (1, "disk.edit: No such element")


ANSWERS = {
    "json": [
        '{"doc":{"id":{"$":"12"}}}', '{"doc":{"ok":{},"id":"12"}}', '{"doc":{"id":12}}',
        '{ "doc" :\n {"a":{"id":{"$":"1"}}, "id" : { "$" : 12 } , "b":{"id":3}}}',
    ],
    "xml": [
        "<doc><id>12</id><ok/></doc>", "<doc><ok/><id>12</id></doc>",
        '<?xml version="1.0"?>\n<doc lang="en">\n <a><id>1</id></a>\n <id>12</id>\n'
        " <b><id>3</id></b>\n</doc>\n",
    ],
}  # fmt: skip
NO_IDS = {
    "json": [
        '{"doc":{"ok":{}}}', '{"doc":{"id":{}}}', '{"doc":{"id":null}}', '{"doc":{"id":""}}',
        '{"doc":{"a":{"id":{"$":"1"}}}}', '{"doc":{"elem":[{"id":{"$":"1"}}]}}',
    ],
    "xml": ["<doc><ok/></doc>", "<doc><id/></doc>", "<doc><id></id></doc>",
            "<doc><elem><id>1</id></elem></doc>"],
}  # fmt: skip


@pytest.mark.parametrize("out", OUTS)
def test_places_of_an_id(bench: Bench, out: str) -> None:
    if bench.target.program == "sh" and out == "json":
        pytest.skip("a shell asks for XML where it needs an id")
    bodies = {str(n): body for n, body in enumerate([*ANSWERS[out], *NO_IDS[out]])}
    real = bench.panel.answer

    def answer(request: Recorded) -> Reply:
        body = bodies.get((request.get(b"name") or b"").decode())
        return Reply(body.encode()) if body else real(request)

    bench.panel.answer = answer
    bench.script(SERVER, call("user.edit", ("mail", (Id("server.edit"),))), out=out)
    bench.rows("".join(f"{name}\n" for name in ["name", *bodies]))
    ran = bench.run("--each", "rows.csv", "--keep-going")
    assert [line for line in ran.err if line.startswith("row")] == [
        *(f"row {n + 1}: ok" for n in range(len(ANSWERS[out]))),
        *(
            f"row {n + 1}: user.edit: server.edit answered no id"
            for n in range(len(ANSWERS[out]), len(bodies))
        ),
    ]
    assert [one["mail"] for one in bench.sent] == ["12"] * len(ANSWERS[out])


@pytest.mark.parametrize("out", [*OUTS, "JSONdata"])
def test_lookups(bench: Bench, out: str) -> None:
    if bench.name == "mgrctl" and out == "JSONdata":
        pytest.skip("mgrctl has no such format")
    found = Lookup("server", "name", (Arg("name"),))
    bench.script(call("user.edit", ("mail", ("a", found, "b")), ("name", (found,))), out=out)
    servers = bench.panel.state.tables["server"]
    odd = "a&b <c> \"d\" 'e' \u0438"
    bench.rows("name\n" + "".join(f'"{n}"\n' for n in ["db", odd.replace('"', '""'), "web", "d"]))
    rows = ["db", odd, "web", "web", "db&amp;", "D", " d", "d "]
    ran = bench.run("--name", "db")
    # An empty list, and one of a single row, are no lists in JSON.
    assert (ran.status, ran.err) == (1, ["user.edit: no server where name=db"])
    servers.append({"id": "70", "name": "db", "ip": "web"})
    assert bench.run("--name", "db").status == 0
    assert [one.pairs for one in bench.sent if one.func == "user.edit"] == [
        [("mail", "a70b"), ("name", "70")]
    ]
    servers[:] = [{"id": str(n), "name": name, "ip": "d"} for n, name in enumerate(rows, 71)]
    ran = bench.run("--each", "rows.csv", "--keep-going")
    # What is only looked into is not printed: it has `ip`.
    assert (ran.status, ran.out.count(b"level") > 0, b"ip" in ran.out) == (1, True, False), ran
    assert ran.err == [
        "user.edit: ok",
        "row 1: ok",
        "user.edit: ok",
        "row 2: ok",
        "row 3: user.edit: 2 server where name=web",
        "row 4: user.edit: no server where name=d",
        "2 of 4 rows failed; they are in rows.failed.csv",
    ]
    sent = bench.sent
    assert [one["name"] for one in sent if one.func == "user.edit"] == ["71", "72"]
    assert {tuple(one.pairs) for one in sent if one.func == "server"} == {()}
    ran = bench.run("--name", "\x1b[2J\n$(touch pwned)")
    assert ran.status == 1
    assert ran.err[0].startswith("user.edit: no server where name=")


@pytest.mark.parametrize("out", OUTS)
def test_lookups_that_cannot_be_told(bench: Bench, out: str) -> None:
    site = Lookup("webdomain", "name", (Arg("name"),))
    bench.script(LIST, call("user.edit", ("site", (site,)), ("name", "x")), out=out)
    ran = bench.run("--name", "example.com")
    assert ran.status == 1
    assert ran.err[0] == "iplist: ok"
    assert len(ran.err) == 2
    assert "webdomain where name=example.com has no id" in ran.err[1]
    assert [one.func for one in bench.sent] == ["iplist", "webdomain"]
    # Who is asked says no.
    bench.panel.fail["webdomain"] = Failure("Not today")
    ran = bench.run("--name", "example.com")
    assert (ran.status, len(ran.err)) == (1, 2)
    assert ran.err[1].endswith("Not today")


def test_a_lookup_of_an_id_and_of_a_secret(bench: Bench) -> None:
    mine = Lookup("server", "id", (Id("server.edit"),))
    other = Lookup("server", "name", ("s-", Env("PASSWD"), "'"))
    bench.script(SERVER, call("user.edit", ("name", (mine,)), ("mail", (other,))))
    bench.panel.state.tables["server"].append({"id": "8", "name": "s-$x \"'", "ip": ""})
    env = {"PANEL_AUTHINFO": "root:secret", "PASSWD": '$x "'}
    ran = bench.run("--name", "web", env=env)
    assert ran.status == 0, ran
    assert bench.sent[-1].pairs == [("name", "4711"), ("mail", "8")]
    ran = bench.run("--dry-run", env=env)
    assert ran.lines[-2:] == [
        "  name=<id of server where id=<id of server.edit>>",
        "  mail=<id of server where name=s-$PASSWD'>",
    ]


def test_rows_begin_at_the_first_panel(bench: Bench) -> None:
    calls = [call("iplist"), call("domain", panel="billmgr"), MAIL]
    bench.script(*calls)
    bench.rows("name,mail\nx,y\nx,y\n")
    assert bench.run("--each", "rows.csv").status == 0
    assert [(c.panel, c.func) for c in bench.panel.calls] == [
        ("ispmgr", "iplist"), ("billmgr", "domain"), ("ispmgr", "user.edit"),
    ] * 2  # fmt: skip
    bench.panel.calls.clear()
    assert bench.run("--from", "2").status == 0
    assert [c.panel for c in bench.panel.calls] == ["billmgr", "ispmgr"]


@pytest.mark.parametrize("out", OUTS)
def test_a_restart_comes_once_after_all_rows(bench: Bench, out: str) -> None:
    bench.script(WEB, LIST, out=out)
    bench.rows("name\none\ntwo\n")
    ran = bench.run("--each", "rows.csv", "--restart")
    assert (ran.status, bench.panel.state.restarts) == (0, 1), ran
    assert ran.err[-1] == "restart: ok"
    assert [one.func for one in bench.sent][-2:] == ["iplist", "restart"]


@pytest.mark.parametrize("bench", targets("mgrctl"), indirect=True)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_login_is_for_all_rows(bench: Bench, auth: str) -> None:
    found = Lookup("server", "name", (Arg("name"),))
    bench.panel.state.tables["server"].append({"id": "9", "name": "web", "ip": ""})
    bench.script(LIST, call("user.edit", ("name", (found,))), auth=auth)
    bench.rows("name\nweb\nx\nweb\n")
    login = {"PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
    ran = bench.run("--each", "rows.csv", "--dry-run", env={})
    assert (ran.status, bench.silent) == (0, True), ran
    ran = bench.run("--each", "rows.csv", "--keep-going", env=login)
    assert ran.status == 1
    assert [line for line in ran.err if line.startswith("row")] == [
        "row 1: ok", "row 2: user.edit: no server where name=x", "row 3: ok",
    ]  # fmt: skip
    assert [r.get(b"func") for r in bench.panel.requests].count(b"auth") == 1


def test_help_tells_the_options(bench: Bench) -> None:
    bench.script(SITE)
    ran = bench.run("--help", env={})
    assert (ran.status, ran.err, bench.silent) == (0, [], True)
    told = ran.out.decode()
    for name in ("each", "keep-going", "from", "dry-run", "existing", "pause", "yes"):
        assert f"--{name}" in told
