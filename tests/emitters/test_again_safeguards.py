"""What scripts of all languages refuse, show, ask, skip and leave out."""

from __future__ import annotations

import time

import pytest

from logreq.model.call import Arg, Id, Lookup
from tests.support.again import LIST, MAIL, OUTS, SITE, USER, Bench, call
from tests.support.documents import Failure
from tests.support.recorder import Recorded, Reply


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
    # Calls without pairs; no address that all have.
    bench.script(LIST, call("domain", panel="billmgr"))
    assert bench.run("--dry-run", env={}) == (0, b"iplist\ndomain\n", [])


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


def test_help_tells_the_options(bench: Bench) -> None:
    bench.script(SITE)
    ran = bench.run("--help", env={})
    assert (ran.status, ran.err, bench.silent) == (0, [], True)
    told = ran.out.decode()
    for name in ("each", "keep-going", "from", "dry-run", "existing", "pause", "yes"):
        assert f"--{name}" in told
