"""Commands as people type them, with the whole output: names, times, texts to look for."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path

import pytest

from logreq.cli.terminal.colour import STYLES
from tests.support.cli import Done, logreq
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]
URL = "https://localhost:1500/ispmgr?func="
FOUR = (
    ("192.0.2.1", "root", "func=user.edit&name=bob&fullname=Web%20Master"),
    ("192.0.2.2", "bob", "func=site.delete&elid=www.example.com"),
    ("192.0.2.2", "root", "func=%75ser&sfrom=x%3Dy"),
    ("192.0.2.1", "root", "func=desk&operafake=1"),
)


def log(requests: object = FOUR, time: str = "Feb  6 08:00:00") -> str:
    assert isinstance(requests, tuple)
    return "".join(
        f"{time} [1:2] core_module INFO Request [{caller}][{user}] '{query}'\n"
        for caller, user, query in requests
    )


def run(*words: object, stdin: str = "") -> Done:
    return logreq("convert", "-t", "url", *words, stdin=stdin or log())


def funcs(done: Done) -> list[str]:
    return [line.partition("func=")[2].partition("&")[0] for line in done.text.splitlines()]


@pytest.mark.parametrize(
    ("option", "text", "found"),
    [
        ("-g", "WEB mas", ["user.edit"]),
        ("--grep", "example", ["site.delete"]),
        ("-g", "bob", ["user.edit", "site.delete"]),
        ("-g", "user", ["user.edit", "user"]),
        # What the rules drop is looked at as well; names of parameters are not.
        ("-g", "x=y", ["user"]),
        ("-g", "elid", []),
        ("-g", "fullname=Web", []),
        ("-w", "any == bob", ["user.edit", "site.delete"]),
        ("-w", "any like *.example.com", ["site.delete"]),
        ("-w", "any ~ '^Web Master$'", ["user.edit"]),
        ("-w", "any in ('x=y', desk)", ["user", "desk"]),
        ("-w", "any > 0 and any < 2", ["desk"]),
        ("-w", "any != root", ["site.delete"]),
        ("-w", "any", ["user.edit", "site.delete", "user", "desk"]),
        ("-w", "panel == isp", ["user.edit", "site.delete", "user", "desk"]),
        ("-w", "panel in (bill, ISPmanager)", ["user.edit", "site.delete", "user", "desk"]),
        ("-w", "panel != ispmgr", []),
        ("-w", "panel == bill", []),
    ],
)
def test_search(option: str, text: str, found: list[str]) -> None:
    done = run("-q", option, text)
    assert funcs(done) == found
    assert done.status == (0 if found else 1)


def test_a_bad_expression_tells_where_the_language_is() -> None:
    done = run("-w", "bob == 1")
    assert (done.status, done.text, done.err) == (
        2, "",
        "logreq: bad expression: unknown field 'bob'; a parameter is param.bob, whatever value is"
        " any\n    bob == 1\n    ^\n    `logreq rules syntax` describes expressions\n",
    )  # fmt: skip


def test_times() -> None:
    now = datetime.datetime.now()
    past = now - datetime.timedelta(days=1)
    text = log(FOUR[:1], f"{past:%b %e} 00:30:00") + log(FOUR[1:2], f"{now:%b %e} 00:00:00")
    both = ["user.edit", "site.delete"]
    for since, found in (
        ("today", both[1:]),
        ("yesterday", both),
        ("Yesterday 00:31", both[1:]),
        (f"{past:%e %b}".strip(), both),
        (f"{now:%d.%m.%Y}", both[1:]),
        ("2 days ago", both),
    ):
        assert funcs(run("-q", "--since", since, stdin=text)) == found, since
    assert funcs(run("-q", "--until", "yesterday", stdin=text)) == both[:1]
    assert funcs(run("-q", "--until", "now", stdin=text)) == both


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["-t", "py"], ["-t", "python"]),
        (["-t", "JS"], ["-t", "javascript"]),
        (["-t", "node"], ["-t", "javascript"]),
        (["-t", "sh"], ["-t", "curl"]),
        (["-t", "URL"], ["-t", "url"]),
        (["--auth", "NONE"], ["--auth", "none"]),
        (["-p", "ISPmanager"], ["-p", "isp"]),
        (["-p", "COREmanager"], ["-p", "core"]),
        (["-p", "BILL"], ["-p", "billmgr"]),
        (["-r", "Careful"], ["-r", "careful"]),
        (["--keep", "operafake, sfrom"], ["--keep", "operafake", "--keep", "sfrom"]),
        (["--drop", "[n,x]ame,elid"], ["--drop", "name", "--drop", "elid"]),
    ],
)
def test_names_that_are_the_same(words: list[str], same: list[str]) -> None:
    done = run("-q", *words)
    assert done == run("-q", *same)
    assert (done.status, done.err) == (0, "")


def test_commands_in_any_case() -> None:
    assert logreq("CONVERT", "-q", stdin=log()) == logreq("convert", "-q", stdin=log())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--keep", "nome,sfrom", "--drop", "zoom-*"],
         ["--keep nome: no parameter has such a name",
          "--drop zoom-*: no parameter has such a name"]),
        (["--keep", "x", "-w", "func == none"], ["--where left out 4 requests"]),
        (["-g", "none"], ["--grep left out 4 requests"]),
        (["-o", "x.sh"],
         ["-o x.sh names a format of the panel's answers (json, xml, ...), no file; > FILE writes"
          " to a file"]),
        (["-o", "out/x"],
         ["-o out/x names a format of the panel's answers (json, xml, ...), no file; > FILE"
          " writes to a file"]),
        (["-o", "jsn"],
         ["-o jsn: no known format of the panel's answers; known: bjson, csv, devel, json,"
          " jsondata, pdf_print, print, sjson, text, xjson, xml; did you mean 'json'?"]),
        (["-o", "XML"], []),
    ],
)  # fmt: skip
def test_what_is_told(words: list[str], said: list[str]) -> None:
    lines = run("-p", "isp", *words).err.splitlines()
    assert [line[8:] for line in lines if line.startswith("logreq: -")] == said


def test_globs_are_told_by_several_processes(tmp_path: Path) -> None:
    path = tmp_path / "ispmgr.log"
    path.write_text(log() * 3000)
    words = ["convert", "-t", "url", "--keep", "operafake,nome", path]
    many, one = (logreq(*words, "-j", jobs) for jobs in (2, 1))
    assert many == one
    assert many.err.splitlines()[0] == "logreq: --keep nome: no parameter has such a name"


@pytest.mark.parametrize("name", ["SSH_CLIENT", "SSH_CONNECTION"])
def test_me_says_what_it_took(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for one in ("SSH_CLIENT", "SSH_CONNECTION"):
        monkeypatch.delenv(one, raising=False)
    monkeypatch.setenv(name, "192.0.2.2 50000 22")
    done = run("--me", "-p", "isp")
    assert done.text == f"{URL}site.delete&elid=www.example.com\n{URL}user\n"
    assert done.err == (
        "logreq: --me: only requests from 192.0.2.2, where this SSH session comes from\n"
        "logreq: 4 lines, 4 requests, 2 converted, 0 malformed\n"
    )
    monkeypatch.setenv(name, "nobody 1 2")
    done = run("--me")
    assert (done.status, done.err) == (2, f"logreq: --me: {name} holds no address\n")


EXPECTED = "is no panel address; expected http(s)://HOST[:PORT][/PATH], such as"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-p", "foo"],
         "logreq: 'foo' is no panel's name; known: isp, bill, vm, ve, vds, dci, ds, dns, ip, core;"
         " ispmgr and ISPmanager are isp\n"),
        (["-p", "\x1bISPM"],
         "logreq: '\\\\x1bISPM' is no panel's name; known: isp, bill, vm, ve, vds, dci, ds, dns,"
         " ip, core; ispmgr and ISPmanager are isp; did you mean 'isp'?\n"),
        (["-u", "localhost:1500"],
         f"logreq: 'localhost:1500' {EXPECTED} https://localhost:1500; did you mean"
         " 'https://localhost:1500'?\n"),
        (["-u", "ftp://x"], f"logreq: 'ftp://x' {EXPECTED} https://localhost:1500\n"),
        (["-u", "https://x:99999"],
         "logreq: 'https://x:99999': the port '99999' is no number from 1 to 65535\n"),
        (["-u", "https://x:/isp"],
         "logreq: 'https://x:/isp': the port '' is no number from 1 to 65535\n"),
        (["-u", "https://x:y"],
         "logreq: 'https://x:y': 'x:y' is no host and port; expected such as localhost:1500\n"),
        (["-u", "https://:1500"],
         "logreq: 'https://:1500': ':1500' is no host and port; expected such as"
         " localhost:1500\n"),
    ],
)  # fmt: skip
def test_refusals(words: list[str], message: str) -> None:
    done = run(*words)
    assert (done.status, done.text, done.err) == (2, "", message)


def test_an_address_of_version_6() -> None:
    assert run("-q", "-u", "https://[2001:db8::1]:1500").text.startswith("https://[2001:db8::1]:1")


@pytest.mark.parametrize(
    ("command", "option", "said"),
    [
        ("tail", "--last", "-n N shows the last N that are already in the log"),
        ("convert", "--lines", "--last N takes the last N"),
        ("convert", "-n", "--last N takes the last N, --nth N the Nth"),
        ("convert", "--follow", "logreq tail follows a log"),
        ("convert", "--output", "> FILE writes to a file (-o is the format of answers)"),
        ("list", "--user",
         "-w 'user == bob', -w 'func == user.edit' and the like choose requests"),
        ("rules", "--last", None),
        ("emitters", "--last", None),
        ("convert", "--whre", "did you mean '--where'?"),
        ("convert", "--lxst", "did you mean '--last'?"),
        ("tail", "--lxst", None),
    ],
)  # fmt: skip
def test_options_of_other_tools(command: str, option: str, said: str) -> None:
    done = logreq(command, option, "3")
    hint = "" if said is None else f"; {said}"
    assert done.status == 2
    assert done.err.splitlines()[-1] == f"Error: No such option {option!r}{hint}"


def test_the_version() -> None:
    assert logreq("-V") == logreq("--version")
    assert logreq("-V").status == 0


SCRIPT = tuple(
    ("192.0.2.1", "root", f"func={func}&name=www.example.com&note=it's%20bob&sok=ok")
    for func in ("a.edit", "b.edit", "c.edit")
)


def test_a_script_tells_what_its_arguments_change() -> None:
    words = ["convert", "-p", "isp", "--script", "-t", "mgrctl"]
    done = logreq(*words, stdin=log(SCRIPT))
    assert done.err == (
        "logreq: www.example.com stands in 3 places in 3 calls: --param name=www.example.com"
        " makes an argument\n"
        "logreq: it's bob stands in 3 places in 3 calls: --param 'note=it'\"'\"'s bob' makes an"
        " argument\n"
        "logreq: 3 lines, 3 requests, 3 converted, 0 malformed\n"
    )
    done = logreq(*words, "--param", "d=example.com", "--param", "n==it's bob", stdin=log(SCRIPT))
    assert done.err == (
        "logreq: --param d changes 3 places in 3 calls\n"
        "logreq: --param n changes 3 places in 3 calls\n"
        "logreq: 3 lines, 3 requests, 3 converted, 0 malformed\n"
    )
    done = logreq(*words, "--param", "d==example.com", stdin=log(SCRIPT))
    assert (done.status, done.err) == (
        2, "logreq: --param d: no parameter of the calls holds 'example.com'\n"
    )  # fmt: skip


@pytest.mark.parametrize("words", ["convert --xyzzy", "convert -w x=y", "convert -p foo"])
def test_errors_are_coloured_on_a_terminal(words: str, tmp_path: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path),
        "TERM": "xterm", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    command = [sys.executable, "-m", "logreq", *words.split()]
    with Terminal(command, env=environment, cwd=str(tmp_path)) as terminal:
        word = "Error:" if "--xyzzy" in words else "logreq:"
        terminal.expect(f"\x1b{STYLES['failure'][1:]}".replace("[", "\\[") + word + "\x1b\\[0m ")
        terminal.process.wait()
    for name, value in (("NO_COLOR", "1"), ("TERM", "dumb")):
        with Terminal(command, env={**environment, name: value}, cwd=str(tmp_path)) as terminal:
            terminal.expect(f"{word} ")
            terminal.process.wait()
            assert "\x1b" not in terminal.text
