"""Shell scripts that are made to be run again, in every shell and with every awk."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq.emitters import load
from logreq.emitters.shell_script import helper
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Env, Id, Lookup
from logreq.model.connection import Connection
from tests.support import run
from tests.support.again import Bench, Bytes, argument, call
from tests.support.documents import Failure, render
from tests.support.panel import FakePanel
from tests.support.recorder import Recorded, Reply
from tests.support.run import OTHER_SHELLS, each, other_shells, requires, run_sh
from tests.support.shell import Watched
from tests.support.shellcheck import complaints, shellcheck

pytestmark = pytest.mark.interpreter
TO = ("curl", "mgrctl")
SHELLS = [*each("dash", "bash"), *other_shells()]
AWKS = ("busybox awk", "gawk", "gawk --posix", "mawk", "original-awk")
OK = ("sok", "ok")
SITE = call("sslcert.edit", argument("name"), OK)
USER = call("user.edit", argument("name"), ("passwd", Env("PASSWD")), OK)
FOUND = Lookup("server", "name", ("s-", Arg("name")))
MINE = Lookup("server", "id", (Id("server.edit"),))
LINKED = [
    call("server.edit", ("name", ("s-", Arg("name"))), OK),
    call("disk.edit", ("plid", (Id("server.edit"),)), argument("name"), OK),
    call("user.edit", ("mail", (FOUND,)), ("name", ("it's ", MINE))),
]


class Shell(Bench):
    """A bench whose scripts run in one shell."""

    def __init__(self, name: str, shell: str, folder: Path, panel: FakePanel) -> None:
        super().__init__(name, folder, panel)
        self.shell = OTHER_SHELLS.get(shell, (shell,))

    def command(self, *args: Bytes) -> list[Bytes]:
        program = run.find(self.shell[0])
        assert program
        return [program, *self.shell[1:], *super().command(*args)[1:]]


@pytest.fixture
def panel() -> Iterator[FakePanel]:
    with FakePanel() as panel:
        yield panel


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=TO)
def bench(request: pytest.FixtureRequest, shell: str, tmp_path: Path, panel: FakePanel) -> Shell:
    return Shell(request.param, shell, tmp_path, panel)


@pytest.fixture(params=TO)
def dash(request: pytest.FixtureRequest, tmp_path: Path, panel: FakePanel) -> Shell:
    return Shell(request.param, "dash", tmp_path, panel)


def quoted(value: bytes) -> bytes:
    return b'"' + value.replace(b'"', b'""') + b'"'


def test_every_byte_of_a_row_arrives(bench: Shell) -> None:
    some = "\u0438'$x\n\t \\ \r\n\x01\x7f\U0001f600".encode()
    every = bytes(range(1, 256))
    values = [some, b"'", b"\\'", b"\n\n", *([] if bench.shell == ("yash",) else [every, b"\xff"])]
    text = bench.script(USER)
    bench.rows(b"PASSWD,name\n" + b"".join(quoted(v) + b"," + quoted(v) + b"\n" for v in values))
    login = {"PANEL_AUTHINFO": "root:secret"}
    ran = bench.run("--each", "rows.csv", "--keep-going", "--dry-run", env={})
    assert (ran.status, ran.out.count(b"  passwd=$PASSWD\n"), bench.silent) == (
        0,
        len(values),
        True,
    )
    # Names of users are taken or not; all are sent.
    ran = bench.run("--each", "rows.csv", "--keep-going", env=login)
    assert "PASSWD=" not in text
    sent = [value.encode("utf-8", "surrogateescape") for s in bench.sent for _, value in s.pairs]
    assert [value for value in sent if value != b"ok"] == [v for v in values for _ in range(2)]


def test_what_yash_cannot_read_is_sent_nowhere(tmp_path: Path, panel: FakePanel) -> None:
    run.check(["yash"])
    bench = Shell("curl", "yash", tmp_path, panel)
    bench.script(SITE)
    bench.rows(b"name\none\na\xffb\nthree\n")
    ran = bench.run("--each", "rows.csv")
    assert (ran.status, bench.silent) == (2, True)


def test_rows_ids_and_look_ups(bench: Shell) -> None:
    bench.panel.state.tables["server"].append({"id": "8", "name": "s-two", "ip": ""})
    bench.script(*LINKED, lang="ru")
    bench.rows("name\none\ntwo\nthree\n")
    ran = bench.run("--each", "rows.csv", "--keep-going", "--restart", "--pause", "0")
    assert (ran.status, len(ran.lines)) == (1, 8), ran
    done = ["server.edit: ok", "disk.edit: ok", "user.edit: ok"]
    assert [line for line in ran.err if not line.startswith("row 2")] == [
        *(*done, "row 1: ok", *done, "row 3: ok"),
        "1 of 3 rows failed; they are in rows.failed.csv",
    ]
    assert bench.failed() == b"name\ntwo\n"
    langs = {dict(made.params).get(b"lang") for made in bench.panel.calls}
    assert langs == {b"ru"}
    assert [one.pairs for one in bench.sent if one.func != "server"] == [
        *([("name", "s-one"), OK], [("plid", "4711"), ("name", "one"), OK]),
        *([("mail", "4711"), ("name", "it's 4711")], [("name", "s-two"), OK]),
        *([("name", "s-three"), OK], [("plid", "4712"), ("name", "three"), OK]),
        [("mail", "4712"), ("name", "it's 4712")],
    ]
    ran = bench.run("--each", "rows.csv", "--existing=skip", "--from", "3")
    assert (ran.status, ran.err) == (
        1,
        [
            "server.edit: exists, skipped",
            "row 3: disk.edit: server.edit answered no id",
            "--from 3 goes on there",
        ],
    )
    ran = bench.run("--from", "3", "--name", "three")
    assert (ran.status, ran.err) == (
        1,
        ["server.edit: left out", "disk.edit: left out", "user.edit: server.edit answered no id"],
    )
    ran = bench.run("--dry-run", "--from=2", env={})
    assert ran.lines == [
        *("disk.edit", "  plid=<id of server.edit>", "  name=old-name", "  sok=ok", "user.edit"),
        "  mail=<id of server where name=s-old-name>",
        "  name=it's <id of server where id=<id of server.edit>>",
    ]


@pytest.mark.parametrize("auth", ["session", "key"])
def test_sessions_and_restarts_outlive_rows(
    auth: str, shell: str, tmp_path: Path, panel: FakePanel
) -> None:
    bench = Shell("curl", shell, tmp_path, panel)
    login = {"PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
    bench.script(
        call("domain.edit", argument("name"), OK),
        call("webdomain.edit", argument("name"), OK, panel="billmgr"),
        auth=auth,
        out="xml",
    )
    bench.rows("name\na.example\nexample.com\nb.example\n")
    ran = bench.run("--each", "rows.csv", "--keep-going", "--restart", env=login)
    assert ran.status == 1, ran
    assert ran.err[-1] == "1 of 3 rows failed; they are in rows.failed.csv"
    assert [r.get(b"func") for r in panel.requests].count(b"auth") == 2
    assert [c.panel for c in panel.calls if c.func == "restart"] == ["billmgr"]


def test_unset_variables_stop_the_script(bench: Shell) -> None:
    bench.script(call("iplist"), USER)
    bench.rows("name\nx\n")
    for args in ([], ["--each", "rows.csv"]):
        for env in ({"PANEL_AUTHINFO": "root:secret"}, {"PANEL_AUTHINFO": "x", "PASSWD": ""}):
            ran = bench.run(*args, env=env)
            assert ran.status != 0
            assert "PASSWD: must hold the value" in ran.err[-1]
            assert bench.silent


def test_an_interruption_ends_all_rows(bench: Shell) -> None:
    bench.script(SITE)
    bench.rows("name\none\ntwo\nthree\n")
    bench.killed("--each", "rows.csv", "--keep-going", by=signal.SIGINT, where=b"two")
    assert [one["name"] for one in bench.sent] == ["one"]


def test_an_interruption_that_a_program_keeps_to_itself(shell: str, tmp_path: Path) -> None:
    with FakePanel() as panel:
        bench = Shell("mgrctl", shell, tmp_path, panel)
        bench.script(SITE)
        bench.mgrctl.write_text("#!/bin/sh\ntrap '' INT\necho . >>calls\nkill -INT 0\nexit 1\n")
        bench.rows("name\none\ntwo\nthree\n")
        ran = bench.run("--each", "rows.csv", "--keep-going")
        assert ran.status != 0
        assert (bench.work / "calls").read_text() == ".\n"


def test_no_secret_in_arguments_or_files(bench: Shell, tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    bench.script(USER, call("user.edit", ("name", (Lookup("user", "name", (Env("IPMIPASS"),)),))))
    bench.rows("PASSWD,name\nhidden one,x\n")
    variables = {
        "PANEL_AUTHINFO": "root:secret",
        "IPMIPASS": "hidden two",
        "PATH": run.search_path(watched.path),
    }
    ran = bench.run("--each", "rows.csv", "--keep-going", env=variables)
    assert (ran.status, ran.err[1][:27]) == (1, "row 1: user.edit: no user w")
    arguments = watched.arguments
    assert b"hidden" not in arguments
    assert b"od\0-An\0-v\0-tx1\0--\0rows.csv\0" in arguments


@pytest.mark.parametrize("awk", AWKS)
def test_every_awk(awk: str, dash: Shell, tmp_path: Path) -> None:
    program = shutil.which(awk.partition(" ")[0])
    if program is None:
        pytest.skip(f"not on this machine: {awk}")
    path = tmp_path / "awk"
    path.write_text(f'#!/bin/sh\nexec {awk} "$@"\n')
    path.chmod(0o755)
    login = {"PANEL_AUTHINFO": "root:secret", "PATH": run.search_path(tmp_path)}
    every = bytes(range(1, 256))
    values = [b"plain", every, every[::-1], b"'\n'", b"%s%d\\n\\"]
    dash.script(call("user.edit", argument("name"), ("mail", ("x", Arg("mail")))))
    rows = [quoted(v) + b"," + quoted(v[::-1]) for v in values]
    dash.rows(b'\xef\xbb\xbf"name", mail\n\n' + b"\r\n".join(rows))
    assert dash.run("--each", "rows.csv", env=login).status == 0
    assert [[v.encode("utf-8", "surrogateescape") for _, v in s.pairs] for s in dash.sent] == [
        [v, b"x" + v[::-1]] for v in values
    ]
    for data, told in (
        (b"name,mail\na,b\nc,d\0\n", "rows.csv:3: a NUL byte"),
        (b'name,mail\n\n"a\n\nb",c\rd\r\nx\n', "rows.csv:6: 1 values for 2 columns"),
        (b"", "rows.csv: no rows"),
        (b'name,mail\na,b"c"\n', "rows.csv:2: misplaced quote"),
        (b'name,mail\na,"b"c\n', "rows.csv:2: misplaced quote"),
        (b'name,mail\na,"b"\rc\n', "rows.csv:2: misplaced quote"),
        (b'name,mail\na,"b\n', "rows.csv:2: misplaced quote: it has no end"),
    ):
        dash.rows(data)
        ran = dash.run("--each", "rows.csv", env=login)
        assert (ran.status, ran.err, dash.silent) == (2, [told], True)
    dash.rows(b'name,mail\nc\rd,"a\r\r\n"\r')
    assert dash.run("--each", "rows.csv", env=login).status == 0
    assert dash.sent[0].pairs == [("name", "c\rd"), ("mail", "xa\r\r\n")]
    documents = helper("ids").encode() + b"\nexport LC_ALL=C\nput() { printf '%s\\n' \"$1\"; }\n"
    for arguments, wanted in DOCUMENTS.items():
        ran_alone = run_sh(
            documents + b'answer=$(cat)\nread_answer "$@"\n', "dash",
            args=arguments, stdin=DOCUMENT.encode(), path_first=tmp_path,
        )  # fmt: skip
        assert (ran_alone.status, ran_alone.out.decode()) == (0, f"{wanted}\n"), arguments


DOCUMENT = """<?xml version="1.0"?>
<doc lang="en"><!-- <id>7</id> --><metadata name="x" type="y"><id>8</id></metadata>
<id>1
2</id><!-- a --><elem><id>1</id><name>a&amp;amp;&lt;&gt;&#x44F;&#228;&#x1f600;&#13;&quot;&apos;&no;
</name></elem>\r\n<elem>\n<id>2</id><name/></elem><elem><name>q</name><id>3</id></elem>
<elem><name>q</name><deep><id>4</id><name>deep</name></deep></elem>
<elem key='1'><name>r</name></elem>
<other><name>s</name><id>9</id></other><elem/></doc>"""
DOCUMENTS = {
    (): "1 2",
    ("name", "a&amp;<>\u044f\u00e4\U0001f600\r\"'&no;\n"): "1 1",
    ("name", ""): "1 2",
    ("name", "q"): "2 ",
    ("name", "r"): "1 ",
    ("name", "s"): "0 ",
    ("name", "deep"): "0 ",
    ("id", "1"): "1 1",
    ("id", "1.0"): "0 ",
}


def test_what_exists_excuses_no_other_failure(tmp_path: Path, panel: FakePanel) -> None:
    bench = Shell("curl", "dash", tmp_path, panel)
    panel.state.tables["sslcert"].append({"name": "example.com", "owner": "root"})
    real = panel.answer

    def answer(request: Recorded) -> Reply:
        fails = request.get(b"func") == b"iplist"
        return Reply(b"", status=500) if fails else real(request)

    panel.answer = answer
    bench.script(SITE, call("iplist"), out="xml")
    ran = bench.run("--name", "example.com", "--existing", "skip")
    assert (ran.status, ran.err) == (
        1,
        ["sslcert.edit: exists, skipped", "iplist: HTTP status 500"],
    )


def test_what_exists_excuses_no_login(tmp_path: Path, panel: FakePanel) -> None:
    bench = Shell("curl", "dash", tmp_path, panel)
    real = panel.answer
    taken = render(Failure("Taken", type="exists", object="key"), "xml")
    panel.answer = lambda request: taken if request.get(b"func") == b"auth" else real(request)
    bench.script(SITE, auth="session")
    login = {"PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
    ran = bench.run("--existing", "skip", env=login)
    assert (ran.status, ran.err, bench.sent) == (1, ["auth: Taken"], [])


def test_answers_that_cannot_be_written_end_all_rows(bench: Shell) -> None:
    bench.script(SITE)
    bench.rows("name\none\ntwo\n")
    args = [os.fsdecode(word) for word in bench.command("--each", "rows.csv", "--keep-going")]
    done = subprocess.run(
        f"{shlex.join(args)} >/dev/full", shell=True, env=bench.environment(), cwd=bench.work,
        stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.endswith(
        b"row 1: sslcert.edit: the answer could not be written\n--from 1 goes on there\n"
    )
    assert [one["name"] for one in bench.sent] == ["one"]


def test_a_reader_that_ends_ends_the_script(dash: Shell) -> None:
    dash.script(*[call("iplist")] * 4)
    command = shlex.join(map(os.fsdecode, dash.command("--pause", "0.3")))
    subprocess.run(
        ["sh", "-c", f"{command} | head -c 10"], env=dash.environment(), cwd=dash.work,
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    assert len(dash.sent) < 4


def test_faults_of_files(dash: Shell) -> None:
    dash.script(SITE)
    ran = dash.run("--each", "\x1b[2Jabsent")
    assert (ran.status, ran.err) == (2, ["[2Jabsent: No such file or directory"])
    ran = dash.run("--each", "-", stdin=b"name\n\x1b[2J,\n")
    assert (ran.status, ran.err) == (2, ["-:2: 2 values for 1 columns"])
    ran = dash.run("--each", "-", stdin=b"\x1b[2J\nx\n")
    told = "-: unknown column: [2J; this script takes name"
    assert (ran.status, ran.err) == (2, [told])
    ran = dash.run("--each", "-", stdin=b'name,"row\n1: ok"\nx,y\n')
    assert ran.err == ["-: unknown column: row\\n1: ok; this script takes name"]
    dash.script(call("f", ("a", (Lookup("server", "name", (Arg("name"),)),))))
    ran = dash.run("--name", "x\nrow 1: ok\x1b[2J")
    assert (ran.status, ran.err) == (1, ["f: no server where name=x\\nrow 1: ok[2J"])
    dash.script(SITE)
    # Another's link is not followed.
    dash.panel.fail["sslcert.edit"] = Failure("No")
    other = dash.home.parent / "other"
    other.write_text("kept")
    (dash.work / "rows.failed.csv").symlink_to(other)
    dash.rows("name\none\ntwo")
    assert dash.run("--each", "rows.csv", "--keep-going").status == 1
    assert (dash.failed(), other.read_text()) == (b"name\none\ntwo\n", "kept")
    # Where failed rows cannot be kept, none is lost.
    (dash.work / "rows.failed.csv").unlink()
    (dash.work / "rows.failed.csv").mkdir()
    dash.sent.clear()
    ran = dash.run("--each", "rows.csv", "--keep-going")
    assert (ran.status, len(dash.sent)) == (1, 1)
    assert not ran.err[-1].endswith("rows.failed.csv")


def test_what_cannot_be_told_is_refused() -> None:
    def made(to: str, *calls: Call) -> str:
        return "".join(load(to)(Connection()).script(calls, [], again=True))

    for to in TO:
        with pytest.raises(EmitError, match="NUL byte"):
            made(to, call("f", ("a", (Lookup("l", "name", ("\0",)),))))
    for func, told in (("-i", "function's name"), ("a\nb", "does not show"), ("\0", "NUL byte")):
        for one in (Id(func), Lookup(func, "name", ("x",))):
            with pytest.raises(EmitError, match=told):
                made("mgrctl", call("f", ("a", (one,))))
    # They are encoded; the question shows them.
    text = made("curl", call("a\n'b.delete", ("a", (Id("a\n'b.delete"),))))
    assert "step a%0A%27b.delete \\" in text
    assert "asks='a\\x0a'\\''b.delete'\n" in text
    # Each is learned once.
    text = made("curl", call("f", ("a", (Id("g"),)), ("b", ("x", Id("g")))))
    assert text.count("the_id arg_1 g\n") == 1
    assert 'b=x"$arg_1"' in text
    # What stands in the text of a script shows on a terminal; shells other than yash know bytes.
    text = made("curl", call("f", ("a", (Lookup("l", "name", ("\x1b",)),))))
    assert """look_up arg_1 l name "$(printf '\\033')"\n""" in text
    assert "this shell loses bytes" in text
    assert "this shell loses bytes" not in made("curl", call("f", ("a", "\x1b")))


@shellcheck
@pytest.mark.parametrize("to", TO)
@pytest.mark.parametrize("auth", ["authinfo", "session", "key", "none"])
def test_shellcheck_is_content(to: str, auth: str) -> None:
    made = load(to)(Connection(auth=auth, lang="ru"))
    gone = call("user.delete", ("elid", "x"), ("a\nb", "c\n"), ("p", ("x", Env("PASSWD"))))
    scripts = [
        ([gone, *LINKED, USER], [Argument("name", "x")]),
        ([gone], []),
        ([call("iplist")], []),
    ]
    for calls, arguments in scripts:
        text = "".join(made.script(calls, arguments, again=True))
        assert complaints(text.encode()) == ""


@requires("dash")
@pytest.mark.parametrize("to", TO)
def test_only_what_is_needed_is_there(to: str) -> None:
    made = load(to)(Connection())
    texts = [
        "".join(made.script(calls, arguments, again=again))
        for calls, arguments, again in (
            ([SITE], [Argument("name", "x")], False),
            ([call("iplist")], [], True),
            ([SITE], [Argument("name", "x")], True),
            (LINKED, [Argument("name", "x")], True),
        )
    ]
    parts = ("read_answer() {", "row() {", "step() {", "--each FILE")
    assert [[part in text for part in parts] for text in texts] == [
        [False, False, False, False],
        [False, False, True, False],
        [False, True, True, True],
        [True, True, True, True],
    ]
    ran = run_sh(texts[1].encode(), "dash", args=["--help"])
    assert (ran.status, ran.err) == (0, b"")
    for option in ("--from N", "--dry-run", "--existing skip", "--pause S", "--yes", "--restart"):
        assert f"\n  {option}  ".encode() in ran.out
