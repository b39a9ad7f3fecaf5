"""`logreq convert` and what all commands share, as a user runs it."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import logreq as package
from tests.support.cli import Done, logreq

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "ispmgr.log"
HEAD = "Feb  6 08:08:07 [2346:23826] core_module INFO Request "
GUIDE = (
    "https://HOST:1500/ispmgr?func=domain.edit&ip=8.8.8.8&maildomain=off&name=domain.name"
    "&ns=ns1.example.com.%20ns2.example.com.&owner=www-root&owner_admins=off&sok=ok&webdomain=off"
)


def line(query: str, caller: str = "192.0.2.1", user: str = "root") -> str:
    return f"{HEAD}[{caller}][{user}] '{query}'\n"


def urls(*args: object, stdin: str = "") -> list[str]:
    done = logreq("convert", "-q", "-t", "url", "-u", "http://h", *args, stdin=stdin)
    assert done.err == ""
    return [text.partition("/ispmgr?")[2] for text in done.text.splitlines()]


def objects(*args: object, stdin: str = "") -> list[dict[str, Any]]:
    done = logreq("convert", "-q", "-t", "json", *args, stdin=stdin)
    return [json.loads(text) for text in done.text.splitlines()]


def test_the_guides_line() -> None:
    done = logreq("convert", "-t", "url", "-u", "https://HOST:1500", SAMPLE)
    assert done.status == 0
    assert done.text.splitlines()[0] == GUIDE
    assert done.err == (
        "logreq: masked in the log and left out: confirm, dbpasswd, passwd;"
        " --keep NAME asks for it\n"
        "logreq: 41 lines, 12 requests, 12 converted, 0 malformed\n"
    )


def test_version_and_emitters() -> None:
    assert logreq("--version").text == f"logreq {package.__version__}\n"
    done = logreq("emitters")
    assert re.search(r"^curl +\S", done.text, re.MULTILINE)
    assert re.search(r"^url +\S", done.text, re.MULTILINE)


def test_standard_input_is_the_default() -> None:
    assert urls(stdin=line("func=a&x=1")) == ["func=a&x=1"]
    assert urls("-", stdin=line("func=a&x=1")) == ["func=a&x=1"]


def test_options_of_the_connection() -> None:
    got = urls("-o", "xml", "--lang", "en", "--su", "bob", stdin=line("func=a&out=json&su=x&b=1"))
    assert got == ["func=a&b=1&out=xml&lang=en&su=bob"]


def test_panel() -> None:
    done = logreq("convert", "-q", "-t", "url", "-p", "bill", stdin=line("func=a"))
    assert done.text == "https://localhost:1500/billmgr?func=a\n"


@pytest.mark.parametrize(
    ("name", "panel"),
    [("billmgr.log", "billmgr"), ("billmgr.log.2019-01-02.gz", "billmgr"), ("core.log", "core"),
     ("newmgr.log.0", "newmgr"), ("x.log", "ispmgr"), ("-.log", "ispmgr")],
)  # fmt: skip
def test_panel_from_the_name(tmp_path: Path, name: str, panel: str) -> None:
    (tmp_path / name).write_text(line("func=a"))
    assert objects(tmp_path / name)[0]["panel"] == panel


def test_keep_drop_and_empty() -> None:
    query = "func=a&b=&clicked_button=ok&c=1&sfrom="
    assert urls(stdin=line(query)) == ["func=a&c=1"]
    assert urls("--keep", "clicked*", stdin=line(query)) == ["func=a&clicked_button=ok&c=1"]
    assert urls("--drop", "c", stdin=line(query)) == ["func=a"]
    assert urls("--keep-empty", stdin=line(query)) == ["func=a&b=&c=1"]
    assert urls("--drop", "*", "--keep", "c", stdin=line(query)) == ["func=a&c=1"]


def test_rules_file_and_bundled_set(tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text("params:\n  - drop: c\n  - keep: sfrom\n")
    assert urls("-r", rules, stdin=line("func=a&c=1&sfrom=ajax")) == ["func=a&sfrom=ajax"]
    query = "func=a&clicked_button=install&out=xjson"
    assert urls("-r", "careful", stdin=line(query)) == [query]
    assert urls("-r", "minimal", stdin=line(query)) == ["func=a"]


def test_broken_rules(tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text("parms: []\n")
    done = logreq("convert", "-r", rules, stdin=line("func=a"))
    assert done.status == 2
    assert f"{rules}:1:1: unknown key 'parms'" in done.err
    assert "did you mean 'params'?" in done.err


def test_where_actions_me_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    log = line("func=a&sok=ok") + line("func=b", "192.0.2.2") + line("func=a&sok=ok", user="x")
    assert urls("-w", "func == b", stdin=log) == ["func=b"]
    assert urls("-a", stdin=log) == ["func=a&sok=ok"] * 2
    assert urls("-a", "--unique", stdin=log) == ["func=a&sok=ok"]
    assert urls("-w", "user == x", "-a", stdin=log) == ["func=a&sok=ok"]
    monkeypatch.setenv("SSH_CLIENT", "::ffff:192.0.2.2 50000 22")
    assert urls("--me", stdin=log) == ["func=b"]
    monkeypatch.delenv("SSH_CLIENT")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    done = logreq("convert", "--me", stdin=log)
    assert (done.status, done.err) == (
        2, "logreq: --me needs an SSH session: neither SSH_CLIENT nor SSH_CONNECTION is set"
        " (sudo and su clear them); --where 'caller == ADDRESS' does the same\n",
    )  # fmt: skip


def test_json_keys() -> None:
    (found,) = objects(stdin=line("func=a&passwd=s3cret&b=%FF&operafake=1&auth=0123"))
    assert list(found) == (
        [
            "time",
            "when",
            "pid",
            "tid",
            "module",
            "caller",
            "user",
            "panel",
            "func",
            "kind",
            "params",
            "dropped",
            "notes",
            "source",
            "line",
        ]
    )
    assert found["params"] == [["passwd", {"env": "PASSWD"}], ["b", "%FF"]]
    assert {"name": "auth", "rule": "credential"} in found["dropped"]
    assert [d["name"] for d in found["dropped"]] == ["operafake", "auth"]
    assert "b is not UTF-8 and stands percent-encoded" in found["notes"]
    assert (found["pid"], found["tid"], found["line"]) == (2346, 23826, 1)


def test_json_tells_the_year(tmp_path: Path) -> None:
    turn = ("Dec 31 23:59:59", "Jan  1 00:00:00", "Dec 31 23:59:59", "Feb 29 08:00:00")
    log = tmp_path / "ispmgr.log.2019-03-01"
    log.write_text("".join(line("func=a").replace("Feb  6 08:08:07", time) for time in turn))
    later = tmp_path / "billmgr.log.2020-03-01"
    later.write_text(line("func=b"))
    expected = [
        ("Dec 31 23:59:59", "2018-12-31T23:59:59"),
        ("Jan  1 00:00:00", "2019-01-01T00:00:00"),
        ("Dec 31 23:59:59", "2018-12-31T23:59:59"),
        ("Feb 29 08:00:00", None),
    ]
    for options in ((), ("--unique",), ("-j", "2"), ("--since", "2018-12-31"), ("--nth", "1-")):
        found = objects(*options, log)
        assert [(one["time"], one["when"]) for one in found] == expected[: len(found)]
    (last,) = objects("--last", "1", "--until", "2019-01-31", log)
    assert (last["line"], last["when"]) == (3, "2018-12-31T23:59:59")
    whens = [when for _, when in expected]
    assert [one["when"] for one in objects(tmp_path)] == [*whens, "2020-02-06T08:08:07"]


def test_json_of_a_pipe_is_of_the_last_year() -> None:
    today = datetime.datetime.now()
    (found,) = objects(stdin=line("func=a").replace("Feb  6", f"{today:%b %d}"))
    assert found["when"] == f"{today:%Y-%m-%d}T08:08:07"


def test_secrets() -> None:
    log = line("func=u&passwd=s3cret&confirm=s3cret") + line("func=u&passwd=other")
    env = objects(stdin=log)
    assert env[0]["params"] == [["passwd", {"env": "PASSWD"}], ["confirm", {"env": "PASSWD"}]]
    assert env[1]["params"] == [["passwd", {"env": "PASSWD_2"}]]
    assert objects("--secrets", "keep", stdin=log)[1]["params"] == [["passwd", "other"]]
    assert objects("--secrets", "drop", stdin=log)[1]["params"] == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["-t", "crul"], "unknown target 'crul'; known: "),
        (["-t", "crul"], "did you mean 'curl'?"),
        (["-u", "localhost"], "'localhost' is no panel address; expected http"),
        (["-p", "a/b"], "'a/b' is no panel's name"),
        (["-t", "mgrctl", "--auth", "authinfo"], "--auth authinfo is not for mgrctl"),
        (["-r", "carefull"], "no rules file and no bundled set 'carefull'"),
        (["-r", "/nonexistent/r.yaml"], "cannot read the rules: No such file or directory"),
        (["--keep", ""], "--keep needs a parameter's name or a glob"),
        (["-w", "usr == root"], "unknown field 'usr'"),
        (["--param", "a=b"], "it needs --script"),
        (["--script", "--param", "a"], "expected NAME=VALUE"),
        (["--auth", "authinf"], "'authinf'"),
    ],
)
def test_bad_options(args: list[str], message: str) -> None:
    done = logreq("convert", *args, stdin=line("func=a"))
    assert done.status == 2
    assert message in done.err
    assert done.out == b""


def test_nothing_matched() -> None:
    done = logreq("convert", stdin="no request\n")
    assert (done.status, done.out) == (1, b"")
    assert done.err == (
        "logreq: standard input: no line begins as those of a panel's log do: date, then"
        " [process]\nlogreq: 1 line, 0 requests, 0 converted, 0 malformed\n"
    )


def test_malformed_lines_are_reported_and_cost_nobody() -> None:
    bad = (HEAD + "[][\n") * 7
    done = logreq("convert", "-p", "isp", "-t", "url", stdin=bad + line("func=a"))
    assert done.status == 0
    assert len(done.text.splitlines()) == 1
    lines = done.err.splitlines()
    assert lines[0] == "logreq: -:1:57: expected the user's name in brackets"
    assert lines[5:] == [
        "logreq: ... and 2 more like these",
        "logreq: 8 lines, 1 request, 1 converted, 7 malformed",
    ]
    assert logreq("convert", "-q", "-t", "url", stdin=bad + line("func=a")).err == ""


def test_an_unreadable_file_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(line("func=a"))
    done = logreq("convert", "-q", "-t", "url", tmp_path / "no.log", tmp_path / "a.log")
    assert done.status == 2
    assert len(done.text.splitlines()) == 1
    assert done.err == f"logreq: {tmp_path}/no.log: cannot read: No such file or directory\n"


def test_several_files_in_the_order_of_time(tmp_path: Path) -> None:
    lines = [line("func=a"), line("func=b").replace("08:08:07", "08:08:08")]
    (tmp_path / "1.log").write_text(lines[1])
    (tmp_path / "2.log").write_bytes(gzip.compress(lines[0].encode()))
    for args in ([tmp_path], [tmp_path / "1.log", tmp_path / "2.log"]):
        assert urls(*args) == ["func=a", "func=b"]


def test_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGREQ_TO", "url")
    monkeypatch.setenv("LOGREQ_URL", "http://env")
    assert logreq("convert", "-q", stdin=line("func=a")).text == "http://env/ispmgr?func=a\n"


def test_a_blank_line_between_snippets() -> None:
    done = logreq("convert", "-q", "-t", "mgrctl", stdin=line("func=a") + line("func=b"))
    mgrctl = "/usr/local/mgr5/sbin/mgrctl -m ispmgr"
    head = "# Feb  6 08:08:07  root from 192.0.2.1"
    assert done.text == f"{head}  a  -:1\n{mgrctl} a\n\n{head}  b  -:2\n{mgrctl} b\n"


def test_what_a_target_cannot_express_becomes_a_note() -> None:
    done = logreq("convert", "-t", "mgrctl", stdin=line("func=a&b=%00") + line("func=b"))
    assert done.status == 0
    assert "# note: no call here: a value holds a NUL byte" in done.text
    assert "logreq: -:1: no call here: a value holds a NUL byte" in done.err
    assert done.text.count("sbin/mgrctl") == 1


def command(*args: object, **kwargs: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "logreq", *map(str, args)], cwd=ROOT, **kwargs
    )  # fmt: skip


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a") * 50_000)
    process = command("convert", log, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 0
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a") * 10)
    with open("/dev/full", "wb") as full:
        process = command("convert", log, stdout=full, stderr=subprocess.PIPE)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"No space left on device" in err
    assert b"Traceback" not in err


def test_ctrl_c_ends_without_a_traceback() -> None:
    process = command(
        "convert", "-t", "url", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    process.stdin.write(line("func=a").encode())
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(2)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_python_m(tmp_path: Path) -> None:
    with command("--version", stdout=subprocess.PIPE) as process:
        assert process.communicate()[0].decode() == f"logreq {package.__version__}\n"


def test_a_long_conversion_shows_progress(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from logreq.cli.commands import convert as convert_command

    updates: list[int] = []

    class Bar:
        def __enter__(self) -> None:
            updates.append(0)

        def __exit__(self, *error: object) -> None:
            updates.append(-1)

        def update(self, size: int) -> None:
            updates.append(size)

    monkeypatch.setattr(convert_command, "LONG", 1)
    monkeypatch.setattr(convert_command, "seen", lambda: True)
    monkeypatch.setattr("click.progressbar", lambda **_: Bar())
    log = tmp_path / "x.log"
    log.write_text(line("func=a"))
    done: Done = logreq("convert", "-t", "url", log)
    assert done.status == 0
    assert updates == [0, log.stat().st_size, 0, -1]
