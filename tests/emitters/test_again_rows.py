"""Rows of arguments in scripts of all languages: each is as good as a run of its own."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess

import pytest

from logreq.model.call import Arg, Lookup
from tests.support.again import LIST, MAIL, OUTS, SITE, USER, WEB, Bench, argument, call, targets
from tests.support.hostile import TEXTS
from tests.support.panel import FakePanel

# Characters that drive a terminal, or make lines that are none, or turn their direction.
DRIVING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def names(panel: FakePanel, table: str = "sslcert") -> list[str]:
    return [row["name"] for row in panel.state.tables[table] if "example" not in row["name"]]


def parsed(data: bytes) -> list[list[str]]:
    return [*csv.reader(io.StringIO(data.decode(), newline=""), strict=True)]


@pytest.mark.parametrize("bench", targets(), indirect=True)
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


def test_semicolons_part_values_where_they_part_the_names(bench: Bench) -> None:
    """Spreadsheets of half of Europe write them."""
    bench.script(SITE, MAIL)
    bench.rows('\ufeff\r\n"name"; mail\r\none;a,b\nexample.com;"x;""y"";"\nthree;\n')
    ran = bench.run("--each", "rows.csv", "--keep-going")
    assert ran.err[-2:] == ["row 3: ok", "1 of 3 rows failed; they are in rows.failed.csv"]
    mails = [dict(one.pairs)["mail"] for one in bench.sent if one.func == "user.edit"]
    assert mails == ["to:a,b", "to:"]
    lines = csv.reader(io.StringIO(bench.failed().decode(), newline=""), delimiter=";", strict=True)
    assert [[cell.strip() for cell in row] for row in lines] == [
        ["name", "mail"], ["example.com", 'x;"y";'],
    ]  # fmt: skip
    bench.panel.state.tables["sslcert"].clear()
    ran = bench.run("--each", "rows.failed.csv")
    assert (ran.status, ran.err[-1]) == (0, "row 1: ok")
    assert dict(bench.sent[-1].pairs)["mail"] == 'to:x;"y";'
    # With commas between the names, a semicolon is a character.
    bench.rows("name,mail\na;b,c;d\n")
    assert bench.run("--each", "rows.csv").status == 0
    assert dict(bench.sent[-1].pairs)["mail"] == "to:c;d"
    bench.rows("name;mail;\none;a;b\n")
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, bench.silent) == (2, True)
    assert "rows.csv: unknown column: ; this script takes name, mail" in ran.err[0]


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
    # What was left out neither failed nor went well.
    ran = bench.run("--each", "rows.csv", "--from=2", "--keep-going", "--existing=skip")
    assert (ran.status, ran.err[-1]) == (0, "row 3: ok")
    ran = bench.run("--each", "rows.csv", "--from=2", "--keep-going")
    assert ran.err[-1] == "2 of 2 rows failed; they are in rows.failed.csv"


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


def test_rows_without_a_value_are_passed_over(bench: Bench) -> None:
    bench.script(MAIL)
    for mark in (",", ";"):
        one, two, none, quoted = (
            mark.join(row) for row in (("one", "1"), ("two", ""), ("", ""), ('""', '""'))
        )
        bench.rows(f"name{mark}mail\n{one}\r\n{none}\r\n{two}\n{quoted}\n\n{none}{mark}\n{none}")
        ran = bench.run("--each", "rows.csv")
        assert ran.err == ["user.edit: ok", "row 1: ok", "user.edit: ok", "row 2: ok"], ran
        assert [sent["name"] for sent in bench.sent] == ["one", "two"]
    bench.rows(",\n,\n")
    assert (bench.run("--each", "rows.csv").status, bench.silent) == (2, True)
    bench.rows("name,mail\n,\n")
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, ran.err, bench.silent) == (2, ["rows.csv: no rows"], True)
    # The only value of a row can be empty.
    bench.script(call("user.edit", argument("name")))
    bench.rows('name\n""\n\n""\n')
    ran = bench.run("--each", "rows.csv")
    assert [sent["name"] for sent in bench.sent] == ["", ""], ran
    bench.rows("name\nx\n,\n")
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, ran.err) == (2, ["rows.csv:3: 2 values for 1 columns"])


def test_a_secret_is_not_empty(bench: Bench) -> None:
    bench.script(USER)
    bench.rows('PASSWD,login\na,one\n"b\nc",two\n,three\n')
    for more in ([], ["--dry-run"], ["--keep-going"], ["--from", "2"]):
        ran = bench.run("--each", "rows.csv", *more)
        assert (ran.status, ran.out, bench.silent) == (2, b"", True)
        assert ran.err == ["rows.csv:5: PASSWD is empty"]
    bench.rows('PASSWD;login\n"";one\n')
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, ran.err) == (2, ["rows.csv:2: PASSWD is empty"])


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
    # The run that a later row ends tells what an earlier one asked for.
    bench.script(WEB, SITE, out=out)
    bench.rows("name\nthree\nexample.com\n")
    ran = bench.run("--each", "rows.csv")
    assert ran.status == 1
    assert ran.err[-1] == "--from 2 goes on there"
    assert any("restart" in line for line in ran.err)


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


def test_rows_come_through_a_pipe(bench: Bench) -> None:
    bench.script(MAIL)
    data = b"name,mail\nx,y\nx,z\n"
    assert bench.run("--each", "/dev/stdin", stdin=data).err[-1] == "row 2: ok"
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    # As shells name what `<(command)` prints.
    subprocess.run(
        bench.command("--each", f"/dev/fd/{reading}"), env=bench.environment(), cwd=bench.work,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[reading], check=True,
    )  # fmt: skip
    os.close(reading)
    assert [one["mail"] for one in bench.sent] == ["to:y", "to:z"] * 2


def test_answers_stand_before_the_report_of_their_row(bench: Bench) -> None:
    bench.script(SITE)
    bench.rows("name\none\ntwo\n")
    done = subprocess.run(
        bench.command("--each", "rows.csv"), env=bench.environment(), cwd=bench.work, check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = done.stdout.decode().splitlines()
    first = lines.index("row 1: ok")
    assert lines[-1] == "row 2: ok"
    for part in (lines[:first], lines[first:]):
        assert [line for line in part if '"ok"' in line or "<ok/>" in line]
