"""Scripts that are run again, as a user asks for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.cli import Done, logreq
from tests.support.recordings import BASE, archive, entry
from tests.support.twice import line, query


def clicks(name: str, domain: str, plid: str, second: int = 0, user: str = "root") -> str:
    """Write the log of a site that was set up and moved."""
    return "".join(
        line(func, pairs, second=second + at, user=user)
        for at, (func, pairs) in enumerate([
            ("user.edit", [("name", name), ("passwd", "*"), ("sok", "ok")]),
            ("webdomain", []),
            ("webdomain.edit", [("name", domain), ("owner", name), ("email", f"webmaster@{domain}"),
                                ("sok", "ok")]),
            ("server.edit", [("elid", plid), ("elname", domain), ("sok", "ok")]),
        ])
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    found = tmp_path / "ispmgr.log"
    text = clicks("alice", "example.com", "12") + clicks("bob", "example.org", "15", 10)
    found.write_text(text + line("whoami", [], second=20))
    return found


RUNS = ("--nth", "1-4", "--again", "5-8")
TWICE = ("convert", "--script", "-t", "mgrctl", *RUNS)
PYTHON = ("convert", "--script", "-t", "python")


def body(done: Done) -> list[str]:
    """Give the calls of a shell script, each in one line."""
    assert done.status == 0
    found = re.findall(r"^ *(?:call|step) ([a-z.]+(?: \\\n[^\\\n]*)*)$", done.text, re.MULTILINE)
    return [re.sub(r" \\\n *", " ", text) for text in found if text != "restart"]


def test_two_runs(log: Path) -> None:
    done = logreq(*TWICE, log)
    assert body(done) == [
        'user.edit name="$arg_name" sok=ok',
        "webdomain",
        'webdomain.edit name="$arg_name_2" owner="$arg_name" email=webmaster@"$arg_name_2" sok=ok',
        'server.edit elid=12 elname="$arg_name_2" sok=ok',
    ]
    assert "arg_name=alice\narg_name_2=example.com\n" in done.text
    assert done.err == (
        "logreq: numbers of this installation, which others do not have: elid=12\n"
        "logreq: masked in the log and left out: passwd; --keep NAME asks for it\n"
        "logreq: --name: alice here, bob there: 2 places in 2 calls\n"
        "logreq: --name-2: example.com here, example.org there: 3 places in 2 calls\n"
        "logreq: elid of call 4 (server.edit): 12 here, 15 there: nothing that was typed explains"
        " it; if webdomain.edit (call 3) answered it: --link elid=webdomain.edit; else a list can"
        " be asked: --lookup elid=LIST:name\n"
        "logreq: 9 lines, 9 requests, 4 converted, 0 malformed\n"
    )


def test_the_second_run_may_come_first(log: Path) -> None:
    done = logreq("convert", "--script", "-t", "mgrctl", "--keep", "passwd", "--nth", "5,7",
                  "--again", "1", "--again", "3", "--param", "site=example.org", log)  # fmt: skip
    assert "passwd=$PASSWD'" in done.text
    assert "PASSWD_2" not in done.text
    assert done.err == (
        "logreq: --name: bob here, alice there: 2 places in 2 calls\n"
        "logreq: --site: example.org here, example.com there: 2 places in 1 call\n"
        "logreq: 9 lines, 9 requests, 2 converted, 0 malformed\n"
    )


def test_both_runs_are_filtered(log: Path) -> None:
    done = logreq(*TWICE, "-a", "--worked", "-w", "func != user.edit", log)
    assert len(body(done)) == 2
    assert done.err.splitlines()[-6:] == [
        "logreq: --nth 1: left out by --where",
        "logreq: --nth 2: left out by --actions",
        "logreq: --again 5: left out by --where",
        "logreq: --again 6: left out by --actions",
        "logreq: --actions left out 2 views and 0 background requests",
        "logreq: 9 lines, 9 requests, 2 converted, 0 malformed",
    ]


def test_each_run_is_unique_by_itself(log: Path) -> None:
    log.write_text(log.read_text() + line("whoami", []) * 2 + line("webdomain", []))
    both = "--nth", "2,4,9,10", "--again", "6,8,11,12"
    done = logreq("convert", "--script", "-t", "mgrctl", "--unique", *both, log)
    assert done.err.splitlines()[-3:] == [
        "logreq: --elid: 12 here, 15 there: 1 place in 1 call; a list can be asked: --lookup"
        " elid=LIST:name",
        "logreq: --elname: example.com here, example.org there: 1 place in 1 call",
        "logreq: 12 lines, 12 requests, 3 converted, 0 malformed",
    ]


def test_ids_that_are_linked_and_looked_up(log: Path) -> None:
    options = "--lookup", "elid=webdomain:name", "--param", "site=example.com"
    done = logreq(*PYTHON, *RUNS, "-a", *options, log)
    assert done.err.splitlines()[:-4] == [
        "logreq: masked in the log and left out: passwd; --keep NAME asks for it",
        "logreq: --lookup elid=webdomain:name changes 1 place in 1 call: the id of the webdomain"
        " whose name is --site",
        "logreq: --name: alice here, bob there: 2 places in 2 calls",
        "logreq: --site: example.com here, example.org there: 4 places in 2 calls",
    ]
    done = logreq(*PYTHON, *RUNS, "-a", "--link", "elid=webdomain.edit", log)
    assert done.err.splitlines()[1:-4] == [
        "logreq: --link elid=webdomain.edit changes 1 place in 1 call",
        "logreq: --name: alice here, bob there: 2 places in 2 calls",
        "logreq: --name-2: example.com here, example.org there: 3 places in 2 calls",
    ]


def test_one_run_with_ids_that_it_finds_out(log: Path) -> None:
    options = "--link", "owner=user.edit", "--lookup", "elid=webdomain:name", "--safe"
    done = logreq(*PYTHON, "-a", "--nth", "1-4", *options, log)
    assert done.err.splitlines()[:-3] == [
        "logreq: masked in the log and left out: passwd; --keep NAME asks for it",
        "logreq: --link owner=user.edit changes 1 place in 1 call",
        "logreq: --lookup elid=webdomain:name changes 1 place in 1 call: the id of the webdomain"
        " whose name is example.com",
    ]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--again", "5-8"], "--again makes arguments of a script: it needs --script"),
        (["--script", "--again", "5-8"],
         "--again is the second run: --nth NUMBERS has to name the first one"),
        (["--script", "--nth", "1-4", "--again", "5-8", "--last", "2"],
         "--again compares what --nth names: --last cannot choose from it"),
        (["--script", "--nth", "1-4,9-", "--again", "2,3,9"],
         "--again 2,3,9: 2 is in --nth 1-4,9-, too; name two runs"),
        (["--script", "--nth", "9-", "--again", "3,100"],
         "--again 3,100: 100 is in --nth 9-, too; name two runs"),
        (["--script", "--nth", "1-2", "--again", "15-16"],
         "--again 15: there are 9 requests; logreq list shows them"),
        (["--script", "--nth", "12", "--again", "15-16"],
         "--nth 12: there are 9 requests; logreq list shows them"),
        (["--script", "--nth", "1", "--again", "6"],
         "--again: the runs part at call 1: user.edit (number 1 in {log}:1) in the first,"
         " webdomain (number 6 in {log}:6) in the second; --nth, --again and -w choose others"),
        (["--link", "a=b"],
         "--link makes a script use the id that a call answered: it needs --script"),
        (["--lookup", "a=b:c"], "--lookup makes a script ask a list for an id: it needs --script"),
        (["--safe"], "--safe makes a script that can be run again: it needs --script"),
        (["--param", "a=b"], "--param makes an argument of a script: it needs --script"),
        (["--script", "--link", "a"],
         "--link a: expected PARAM=FUNCTION, such as plid=server.edit"),
        (["--script", "--lookup", "a"],
         "--lookup a: expected PARAM=LIST:FIELD, such as elid=webdomain:name"),
        (["--script", "--link", "a=b"],
         "--link a=b: no call of b; called: user.edit, webdomain, webdomain.edit, server.edit,"
         " whoami"),
        (["--script", "--param", "each=alice"],
         "--param each: every script has its own --each; take another name"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_cannot_be(args: list[str], message: str, log: Path) -> None:
    done = logreq("convert", *args, log)
    assert (done.status, done.out) == (2, b"")
    assert done.err == f"logreq: {message.format(log=log)}\n"


@pytest.mark.parametrize("options", [["--safe"], ["--nth", "1", "--again", "5"]], ids=" ".join)
def test_targets_without_scripts(options: list[str], log: Path) -> None:
    done = logreq("convert", "--script", "-t", "json", *options, log)
    assert (done.status, done.out) == (2, b"")
    assert done.err.startswith("logreq: --script: json makes snippets only; ")


@pytest.mark.parametrize("command", ["tail", "list"])
def test_it_is_converts(command: str) -> None:
    done = logreq(command, "--again", "3", "x.log")
    assert done.status == 2
    assert done.err.splitlines()[-1] == (
        "Error: No such option '--again'; logreq convert --script --nth 3-6 --again 9-12 compares"
        " two runs"
    )
    done = logreq("convert", "--each", "rows.csv")
    assert done.err.splitlines()[-1] == (
        "Error: No such option '--each'; a script that --script --param makes takes --each FILE"
    )


def test_nothing_is_left_of_both_runs(log: Path) -> None:
    done = logreq(*TWICE, "-w", "func == x", log)
    assert (done.status, done.out) == (1, b"")
    assert done.err.splitlines()[0] == "logreq: --where left out 8 requests"


def test_runs_of_other_users(log: Path) -> None:
    log.write_text(
        clicks("alice", "a.example", "1", user="reseller") + clicks("bob", "b.example", "2")
    )
    told = "logreq: reseller here, root there: calls run as who clicked in the first run"
    assert told in logreq(*TWICE, "--su", "auto", log).err.splitlines()
    assert told not in logreq(*TWICE, "--su", "x", log).err.splitlines()
    log.write_text(clicks("alice", "a.example", "1") + clicks("bob", "b.example", "2"))
    assert "who clicked" not in logreq(*TWICE, "--su", "auto", log).err


def test_a_browsers_recording(tmp_path: Path) -> None:
    def form(name: str, domain: str) -> list[object]:
        texts = [
            query("user.edit", [("name", name), ("passwd", f"secret-{name}"), ("sok", "ok")]),
            query("webdomain.edit", [("name", domain), ("owner", name), ("sok", "ok")]),
        ]
        return [entry(f"{BASE}/ispmgr", text) for text in texts]

    har = tmp_path / "session.har"
    har.write_bytes(archive(*form("alice", "example.com"), *form("bob", "example.org")))
    done = logreq("convert", "--script", "-t", "python", "--nth", "1-2", "--again", "3-4", har)
    assert done.err == (
        "logreq: --name: alice here, bob there: 2 places in 2 calls\n"
        "logreq: --name-2: example.com here, example.org there: 1 place in 1 call\n"
        "logreq: 4 lines, 4 requests, 2 converted, 0 malformed\n"
    )
    lines = (re.sub(r"passwd=.*?\[", "passwd=[", text).strip() for text in done.text.splitlines())
    assert [text for text in lines if text.startswith("call(")] == [
        'call("user.edit", name=options["name"], passwd=["PASSWD"], sok="ok")',
        'call("webdomain.edit", name=options["name_2"], owner=options["name"], sok="ok")',
    ]


def test_settings(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    config = tmp_path / "logreq" / "config.yaml"
    config.parent.mkdir()
    config.write_text("safe: true\nconvert: {link: [elid=user.edit]}\n")
    first = ("convert", "-t", "python", "--nth", "1-4", "--script")
    assert "--link elid=user.edit changes 1 place in 1 call" in logreq(*first, log).err
    # Scripts are safe; what is none needs no --script for that.
    config.write_text("safe: true\n")
    assert logreq(*first[:-1], log).status == 0
    assert logreq("list", log).status == 0
    monkeypatch.setenv("LOGREQ_AGAIN", "5-8")
    assert "--name: alice here, bob there" in logreq(*first, log).err
    monkeypatch.setenv("LOGREQ_LOOKUP", "elid=webdomain:name")
    assert "--lookup elid=webdomain:name changes" in logreq(*first, log).err


def test_recorded_while_somebody_clicks(log: Path) -> None:
    options = "--link", "elid=webdomain.edit", "--lookup", "owner=user:name"
    with log.open() as stream:
        text = "".join(stream.readlines()[:4])
    done = logreq("tail", "--script", "-t", "python", "-p", "isp", "-a", *options,
                  "--param", "who=alice", "--safe", "-", stdin=text)  # fmt: skip
    assert done.status == 0
    assert [text for text in done.err.splitlines() if "recorded" not in text] == [
        "logreq: masked in the log and left out: passwd; --keep NAME asks for it",
        "logreq: --link elid=webdomain.edit changes 1 place in 1 call",
        "logreq: --lookup owner=user:name changes 1 place in 1 call: the id of the user whose name"
        " is example.com",
        "logreq: --param who changes 1 place in 1 call",
        "logreq: --actions left out 1 view and 0 background requests",
        "logreq: 4 lines, 4 requests, 3 converted, 0 malformed",
    ]
