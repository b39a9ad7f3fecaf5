"""Nothing leaks: secrets and credentials, in what is written, said, started or left behind."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq import emitters
from logreq.rules.decide import SECRETS
from tests.support.cli import logreq
from tests.support.hostile import lines
from tests.support.mgrctl import REAL
from tests.support.recorder import RecordingServer
from tests.support.run import requires, run_sh
from tests.support.shell import Watched
from tests.support.strategies import log_line, panel_encode

ROOT = Path(__file__).parents[2]
TARGETS = sorted(emitters.names())
SESSIONS = [b"s3ss10n1", b"r00t:s3ss10n2", b"s3ss10n3"]
PASSWORDS = [b"pa55w0rd1", b"k3y2", b"k3y3"]
SECRET = [b"s3cr3t1", b"s3cr3t2", b"s3cr3t3"]
# Names in capitals, and secrets whose name stands in another parameter.
ELSEWHERE = [b"s3cr3t4%d" % number for number in range(8)]
LOG = b"".join(
    log_line(panel_encode(pairs))
    for pairs in (
        [(b"func", b"domain"), (b"auth", SESSIONS[0]), (b"a", b"1")],
        [(b"func", b"domain"), (b"authinfo", SESSIONS[1]), (b"sesid", SESSIONS[2]), (b"a", b"1")],
        [(b"func", b"auth"), (b"username", b"root"), (b"password", PASSWORDS[0])],
        [(b"func", b"auth"), (b"username", b"root"), (b"key", PASSWORDS[1])],
        [(b"func", b"session.newkey"), (b"username", b"x"), (b"key", PASSWORDS[2])],
        [(b"func", b"user.edit"), (b"passwd", SECRET[0]), (b"confirm", SECRET[0]), (b"sok", b"ok")],
        [(b"func", b"ds.edit"), (b"ipmipass", SECRET[1]), (b"again", SECRET[1])],
        [(b"func", b"x.edit"), (b"my_password", SECRET[2]), (b"name", b"x"), (b"sfrom", SECRET[2])],
        [(b"API_KEY", ELSEWHERE[0]), (b"func", b"paymethod.add.save"), (b"sok", b"ok")],
        [(b"apisecret", ELSEWHERE[1]), (b"botToken", ELSEWHERE[2]), (b"func", b"paymethod.edit")],
        [(b"elid", b"ForwardedSecret"), (b"func", b"paramlist.edit"), (b"value", ELSEWHERE[3])],
        [(b"crypted", b"on"), (b"func", b"service.saveparam"), (b"name", b"userpassword"),
         (b"value", ELSEWHERE[4])],
        [(b"func", b"check.password"), (b"name", b"passwd"), (b"value", ELSEWHERE[5])],
        [(b"db_pass", ELSEWHERE[6]), (b"func", b"site.edit"), (b"again", ELSEWHERE[6])],
        [(b"func", b"sslcert.add"), (b"key", b"-- PRIVATE KEY --" + ELSEWHERE[7])],
    )
)  # fmt: skip
SECRET += ELSEWHERE
# The name is written in other ways, the parameter stands twice or first, the record is loose.
ODD = b"".join(
    log_line(query)
    for query in (
        b"%61uth=" + SESSIONS[0] + b"&func=a&b=1",
        b"func=a&&auth=" + SESSIONS[0] + b"&auth=" + SESSIONS[0] + b"&func=b",
        b"func=a&sesid=" + SESSIONS[0] + b"'&b=1",
        b"func=a&b=1&auth=" + SESSIONS[0] + b"&passw%64=" + SECRET[0] + b"&b=" + SECRET[0],
        b"fun%63=auth&password=" + PASSWORDS[0],
        b"func=%61uth&password=" + PASSWORDS[0] + b"&x=" + PASSWORDS[0],
    )
)


def frames(to: str) -> list[list[str]]:
    """Give the options of a target's snippets and of its script."""
    scripts = emitters.load(to).script.__qualname__ != "Emitter.script"
    return [[], ["--script"]] if scripts else [[]]


ALL = ["--keep", "*", "--keep-empty"]
# What a call holds is decided before a target sees it: json shows that for every option, the
# others get the calls that hold most.
WRITTEN = [("json", secrets, rules) for secrets in SECRETS for rules in ([], ALL)] + [
    (to, secrets, ALL) for to in TARGETS if to != "json" for secrets in ("env", "keep")
]


@pytest.mark.parametrize(("to", "secrets", "rules"), WRITTEN)
def test_what_is_written(to: str, secrets: str, rules: list[str]) -> None:
    for frame in frames(to):
        done = logreq("convert", "-t", to, "--secrets", secrets, *rules, *frame, stdin=LOG + ODD)
        assert done.status == 0, done.err
        said = done.err.encode()
        hidden = SESSIONS if secrets == "keep" else [*SESSIONS, *PASSWORDS, *SECRET]
        for word in hidden:
            assert word not in done.out
            assert word not in said
            assert word.replace(b":", b"%3A") not in done.out
        if secrets == "keep":
            assert SECRET[0] in done.out


@pytest.mark.parametrize("rules", [["--drop", "*"], ["--drop", "passwd", "--drop", "*pass*"], []])
def test_json_tells_names_only(rules: list[str]) -> None:
    done = logreq("convert", "-q", "-t", "json", *rules, stdin=LOG + ODD)
    for text in done.text.splitlines():
        for entry in json.loads(text)["dropped"]:
            assert entry["name"] not in ("auth", "authinfo", "sesid") or "value" not in entry
    assert not any(word in done.out for word in [*SESSIONS, *PASSWORDS, *SECRET])


def test_reports_of_damaged_lines_never_show_them() -> None:
    line = log_line(panel_encode([(b"func", b"a"), (b"passwd", SECRET[0]), (b"auth", SESSIONS[0])]))
    cut = [line[:end] + b"\n" for end in range(len(line) - 1)]
    cut += [line[:at] + b"\x1b[2J" + line[at:] for at in range(len(line))]
    for options in ([], ["-q"], ["--script"]):
        done = logreq(
            "convert",
            "-t",
            "url" if "--script" not in options else "curl",
            *options,
            stdin=b"".join(cut) + log_line(b"func=last"),
        )
        for word in (SECRET[0], SESSIONS[0], b"passwd", b"\x1b"):
            assert word not in done.err.encode()


@pytest.mark.parametrize("to", ["list", "rules explain"])
def test_other_commands(to: str, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(LOG + ODD)
    done = logreq(*to.split(), log)
    assert done.status in (0, 2), done.err
    for word in [*SESSIONS, *PASSWORDS, *SECRET]:
        assert word not in done.out + done.err.encode()


# What a run does besides reading and printing, told by the interpreter itself.
AUDITED = """\
import sys
log = open(sys.argv[1], "w")
WATCHED = (
    "open", "subprocess", "os.system", "os.exec", "os.posix_spawn", "os.fork", "socket", "shutil",
    "tempfile", "os.remove", "os.rename", "os.mkdir", "ctypes", "pty",
)
def hook(event, args):
    reads = event == "open" and (str(args[1]).startswith("r") or args[2] & 3 == 0)
    if event.startswith(WATCHED) and not reads:
        print(event, *args, file=log, flush=True)
import logreq.cli
sys.addaudithook(hook)
sys.dont_write_bytecode = True
for command in map(str.split, sys.argv[2:]):
    sys.argv[1:] = command
    print("#", *command, file=sys.stderr, flush=True)
    try:
        logreq.cli.main()
    except SystemExit as end:
        print("status", end.code, file=sys.stderr, flush=True)
"""


def test_it_starts_nothing_and_writes_no_file(tmp_path: Path) -> None:
    """Neither for snippets nor for a script of any target, all in one process."""
    corpus = [h.line for h in lines()]
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "all.yaml").write_text("extends: none\n")
    # What mgrctl cannot be told, no script for it can hold.
    told = [line for line in corpus if b"%00" not in line]
    (tmp_path / "mgrctl.log").write_bytes(LOG + b"".join(told[::5]))
    (tmp_path / "others.log").write_bytes(LOG + b"".join(corpus[::5]))
    commands = [
        f"convert -q -p ispmgr -t {to} {' '.join(frame)} --secrets keep -r all.yaml "
        + ("../mgrctl.log" if to == "mgrctl" else "../others.log")
        for to in TARGETS
        for frame in frames(to)
    ]
    done = subprocess.run(
        [sys.executable, "-c", AUDITED, str(tmp_path / "events"), *commands],
        cwd=tmp_path / "work",
        capture_output=True,
        timeout=120,
        check=False,
        env={"PATH": "/nonexistent", "HOME": str(tmp_path / "work"), "PYTHONPATH": str(ROOT)},
    )
    assert b"Traceback" not in done.stderr
    statuses = re.findall(r"^status (\d)$", done.stderr.decode(), re.MULTILINE)
    assert statuses == ["0"] * len(commands)
    assert (tmp_path / "events").read_text() == ""
    assert [path.name for path in (tmp_path / "work").rglob("*")] == ["all.yaml"]


def test_the_audit_sees_what_it_looks_for(tmp_path: Path) -> None:
    program = AUDITED.replace(
        "logreq.cli.main()", "open('x', 'w'); __import__('os').system('true')"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "events"), "a command"],
        cwd=tmp_path,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert "open x w" in (tmp_path / "events").read_text()
    assert "os.system b'true'" in (tmp_path / "events").read_text()


ENV = {
    "PANEL_AUTHINFO": "root:in5ide1",
    "PANEL_USER": "root",
    "PANEL_PASSWORD": "in5ide2",
    "PASSWD": "in5ide3",
    "IPMIPASS": "in5ide4",
    "MY_PASSWORD": "in5ide5",
    "PASSWORD": "in5ide6",
    "KEY": "in5ide7",
    "KEY_2": "in5ide8",
    **dict.fromkeys(
        ("API_KEY", "APISECRET", "BOTTOKEN", "VALUE", "VALUE_2", "VALUE_3", "DB_PASS", "KEY_3"),
        "in5ide9",
    ),
}  # fmt: skip


@requires("dash")
@pytest.mark.parametrize("to", ["curl", "mgrctl"])
@pytest.mark.parametrize("script", [False, True])
def test_no_argument_of_a_program_holds_one(to: str, script: bool, tmp_path: Path) -> None:
    """Arguments are visible to all users of the machine."""
    watched = Watched(tmp_path)
    stand_in = watched.path / "mgrctl"
    answer = "echo '<doc><ok/></doc>'"
    stand_in.write_text(f"#!/bin/sh\nprintf '%s\\0' mgrctl \"$@\" >>'{watched._log}'\n{answer}\n")
    stand_in.chmod(0o755)
    options = ["--script"] if script else []
    with RecordingServer() as server:
        url = ["-u", server.base] if to == "curl" else []
        done = logreq("convert", "-q", "-t", to, *url, *options, stdin=LOG)
        assert done.status == 0
        ran = run_sh(
            done.out.replace(REAL, bytes(stand_in)), "dash", env=ENV, path_first=watched.path
        )
    assert ran.status == 0, ran.err
    assert ran.files == []
    assert len(watched.arguments) > 100
    assert b"in5ide" not in watched.arguments
    sent = {value for pairs in server.pairs for _, value in pairs}
    if to == "curl":
        assert {b"root:in5ide1", b"in5ide3", b"in5ide4", b"in5ide5"} <= sent
    else:
        assert b"passwd=$PASSWD" in watched.arguments
    # Unset: named, not shown, nothing sent.
    empty = run_sh(done.out.replace(REAL, bytes(stand_in)), "dash", path_first=watched.path)
    assert empty.status != 0 or not script


def forged() -> Iterator[tuple[str, bytes, int, int]]:
    """A whole Request line in every place of another: name, log, requests, doubts."""
    inner = log_line(b"func=user.delete&elid=root&sok=ok")
    for name, pairs in (
        ("value", [(b"func", b"a"), (b"x", b"1" + b"'\n" + inner), (b"y", b"2")]),
        ("name", [(b"func", b"a"), (b"x'\n" + inner, b"1")]),
        ("function", [(b"func", b"a'\n" + inner)]),
    ):
        yield name, log_line(panel_encode(pairs)), 1, 0
    raw = b"Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][root] 'func=a&x="
    yield "raw value", raw + b"\n" + inner, 1, 1
    yield "raw value, closed", raw + b"'\n" + inner, 2, 0
    yield "raw, same line", raw + inner, 1, 1
    head = b"Feb  6 08:08:07 [1:2] core_module INFO Request ["
    yield "raw caller", head + b"x\n" + inner, 1, 1
    yield "raw line end in user", head + b"192.0.2.1][x\n" + inner, 1, 1
    yield "raw user", log_line(b"func=a", user=inner[:-1].replace(b"]", b")")), 1, 0


@pytest.mark.parametrize(("name", "log", "requests", "doubts"), [*forged()])
def test_a_request_line_within_one(name: str, log: bytes, requests: int, doubts: int) -> None:
    done = logreq("convert", "-t", "json", stdin=log)
    plural = "" if requests == 1 else "s"
    assert f"{requests} request{plural}, {requests} converted" in done.err
    assert b"\nfunc=user.delete" not in done.out
    assert done.text.count("may be forged") == doubts
    if name == "raw value":
        assert "logreq: -:1:" in done.err
        assert "the line is cut off" in done.err


@pytest.mark.parametrize("to", TARGETS)
def test_every_target_shows_the_doubts(to: str) -> None:
    _, logs, requests, doubts = zip(*forged())
    done = logreq("convert", "-t", to, stdin=b"".join(logs))
    refused = done.err.count(": no call here: ")
    assert bool(refused) == (to == "mgrctl")
    assert f"{sum(requests)} requests, {sum(requests) - refused} converted" in done.err
    assert b"\nfunc=user.delete" not in done.out
    if to != "url":  # nothing but URLs
        assert done.text.count("may be forged") == sum(doubts)


@pytest.mark.parametrize("to", sorted({*TARGETS} - {"url", "json"}))
def test_who_did_not_log_in_is_marked(to: str) -> None:
    """The URL alone has no comments; the object has an empty user."""
    done = logreq("convert", "-q", "-t", to, "--su", "x", stdin=log_line(b"func=a", user=b""))
    assert "Feb  6 08:08:07  unauthenticated from 192.0.2.33  a" in done.text
    named = logreq("convert", "-q", "-t", to, "--su", "x", stdin=log_line(b"func=a", user=b"root"))
    assert "unauthenticated" not in named.text
