"""The code of Python scripts that are run again, by itself: emitters/code/python/again.py."""

from __future__ import annotations

import argparse
import ast
import csv
import io
import os
import random
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Optional
from unittest import mock

import pytest

from logreq.emitters import load as emitter
from logreq.model.call import Arg, Argument, Call, Env, Id, Lookup
from logreq.model.connection import Connection
from logreq.text.escape import plain
from tests.emitters.test_panel_py import load
from tests.support import run
from tests.support.again import Bench, argument, call
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.pysnippets import EMITTERS
from tests.support.terminal import Terminal


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module beside panel.py, as scripts have it, in an empty folder."""
    monkeypatch.setitem(sys.modules, "panel", load("panel"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PASSWD", raising=False)
    monkeypatch.setattr(signal, "signal", mock.Mock())
    return load("again")


class Runs:
    """Runs calls as a script does; `err` and `out` are what it wrote, in lines."""

    def __init__(self, code: ModuleType, panel: FakePanel, capsys: pytest.CaptureFixture[str]):
        self.code, self.panel, self.capsys = code, panel, capsys
        self.stdin: Any = io.TextIOWrapper(io.BytesIO(b""))
        self.out: list[str] = []
        self.err: list[str] = []

    def __call__(
        self,
        calls: Sequence[Callable[[Any], object]],
        *args: str,
        names: Sequence[str] = ("name", "its-mail"),
        variables: Sequence[str] = ("PANEL_AUTHINFO", "PASSWD"),
        asks: Sequence[str] = (),
        **common: Any,
    ) -> object:
        """Give the exit status, or the text that a script ends with."""
        defaults = {**{name: f"old {name}" for name in names}, "url": self.panel.url()}
        common = {"out": "json", "authinfo": "root:secret", **common}
        common = {name: text for name, text in common.items() if text}
        status: object = 0
        with (
            mock.patch.object(sys, "argv", ["script", *args]),
            mock.patch.object(sys, "stdin", self.stdin),
        ):
            try:
                again = self.code.Again([*variables], defaults, len(calls), asks, **common)
                again.run(lambda: [one(again) for one in calls])
            except SystemExit as ended:
                status = ended.code
        found = self.capsys.readouterr()
        self.out, self.err = found.out.splitlines(), found.err.splitlines()
        return status

    @property
    def sent(self) -> list[dict[str, str]]:
        """The pairs of the panel's calls since it was asked last, without the connection's."""
        found = [dict(one.params) for one in self.panel.calls]
        self.panel.calls.clear()
        return [
            {name.decode(): value.decode("utf-8", "surrogateescape") for name, value in one.items()
             if name not in (b"out", b"authinfo")} for one in found
        ]  # fmt: skip


@pytest.fixture
def runs(code: ModuleType, capsys: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    with FakePanel() as panel, mock.patch.dict(os.environ, {"PANEL_AUTHINFO": "root:secret"}):
        yield Runs(code, panel, capsys)


def mail(again: Any) -> None:
    again.once("user.edit", name=again.options["name"], mail=again.options["its_mail"])


def cert(again: Any) -> None:
    again.once("sslcert.edit", ("name", again.options["name"]), sok="ok")


def server(again: Any) -> None:
    again.once("server.edit", name=again.options["name"], sok="ok")


def rows(data: bytes, name: str = "rows.csv") -> tuple[str, str]:
    Path(name).write_bytes(data)
    return ("--each", name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n\r\n\n", []),
        ("a", [(1, ["a"])]),
        ('""', [(1, [""])]),
        ("a,\n,b\r\n", [(1, ["a", ""]), (2, ["", "b"])]),
        ('a\n"b\n\r\n""c"",", d \n\n"e"\n', [(1, ["a"]), (2, ['b\n\r\n"c",', " d "]), (6, ["e"])]),
        ("\u2028,\x85,\x0c\n", [(1, ["\u2028", "\x85", "\x0c"])]),
    ],
)
def test_table(code: ModuleType, text: str, found: list[Any]) -> None:
    assert [*code.table("x", text)] == found


@pytest.mark.parametrize(
    ("text", "line"), [('a\nb,c"\n', 2), ('a\n"b\n"c\n', 2), ('a\n\n"b\nc\n', 3), ("a\rb", 1)]
)
def test_tables_that_are_none(
    code: ModuleType, capsys: pytest.CaptureFixture[str], text: str, line: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        [*code.table("x\x1b", text)]
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"x\\u001b:{line}: misplaced quote or CR\n"


def test_tables_of_others_are_read(code: ModuleType) -> None:
    dice, texts = random.Random(1), ["a", "b", '"', ",", "\n", "\r\n", " ", "\u0438"]
    for end in ("\n", "\r\n"):
        wanted = [
            ["".join(dice.choices(texts, k=dice.randrange(6))) for _ in range(3)]
            for _ in range(200)
        ]
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator=end).writerows(wanted)
        assert [row for _, row in code.table("x", written.getvalue())] == wanted


def test_numbers(code: ModuleType) -> None:
    assert (code.count("1"), code.count("0020"), code.seconds("0.5")) == (1, 20, 0.5)
    for text in ("0", "-1", "", "1_0", " 1", "\u0661", "9" * 5000):
        with pytest.raises(ValueError):  # noqa: PT011 argparse wants no message
            code.count(text)
    for text in ("", "x", "-1", "nan", "inf", "1e6"):
        with pytest.raises(ValueError):  # noqa: PT011
            code.seconds(text)


def test_rows(runs: Runs) -> None:
    file = rows(b'\xef\xbb\xbf its-mail,name\r\n"a,\nb",one\n\xff,two')
    # What gives the password is the variable, where no column does.
    assert runs([mail], *file) == "not set: PASSWD"
    assert runs([mail], *file, variables=()) == 0
    assert runs.err == ["user.edit: ok", "row 1: ok", "user.edit: ok", "row 2: ok"]
    assert runs.sent == [
        {"func": "user.edit", "name": "one", "mail": "a,\nb"},
        {"func": "user.edit", "name": "two", "mail": "\udcff"},
    ]
    assert runs([mail], *file, "--from", "2", variables=()) == 0
    assert runs.err == ["user.edit: ok", "row 2: ok"]
    assert runs([mail], *rows(b"name\nx\n"), "--its-m", "", variables=()) == 0
    assert [one["mail"] for one in runs.sent] == ["\udcff", ""]
    # Without rows, an argument that is not given has its default.
    assert runs([mail], "--name", "x", variables=()) == 0
    assert runs.sent == [{"func": "user.edit", "name": "x", "mail": "old its-mail"}]


@pytest.mark.parametrize(
    ("data", "args", "told"),
    [
        (b"", (), "rows.csv: no rows"),
        (b"name,its-mail\n", (), "rows.csv: no rows"),
        (b"name,mail\nx,y\n", (),
         "rows.csv: unknown column: mail; this script takes name, its-mail, PASSWD"),
        (b"name,url\nx,y\n", (),
         "rows.csv: unknown column: url; this script takes name, its-mail, PASSWD"),
        (b"name, name\nx,y\n", (), "rows.csv: two columns: name"),
        (b"name\nx\n", (),
         "rows.csv: no column: its-mail; --its-mail VALUE gives it to all rows"),
        (b"name\nx\n", ("--name", "old name"),
         "rows.csv: name is a column and --name is given"),
        (b"name\nx\ny,z\n", ("--its-mail=",), "rows.csv:3: 2 values for 1 columns"),
        (b"name\nx\n", ("--its-mail=", "--from=2"),
         "script: error: --from 2: there are 1 rows"),
        (b"name\nx\n\"", ("--its-mail=",), "rows.csv:3: misplaced quote or CR"),
    ],
)  # fmt: skip
def test_files_that_are_refused(runs: Runs, data: bytes, args: tuple[str, ...], told: str) -> None:
    assert runs([mail], *rows(data), *args, asks=["user.edit"]) == 2
    assert runs.err[-1] == told
    assert not runs.panel.requests


def test_files_that_cannot_be_read(runs: Runs) -> None:
    assert runs([mail], "--each", "absent\x1b") == 2
    assert runs.err == [r"absent\u001b: No such file or directory"]


def test_rows_by_standard_input(runs: Runs) -> None:
    read, write = os.pipe()
    os.write(write, b"name,its-mail,PASSWD\nexample.com,y,secret\n")
    os.close(write)
    kept = os.dup(0)
    os.dup2(read, 0)
    try:
        assert runs([cert], "--each", "-", "--keep-going") == 0
        assert runs([cert], "--each", "-") == 2
        assert runs.err == ["-: no rows"]
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(read)


def test_failures(runs: Runs) -> None:
    runs.panel.state.tables["sslcert"] = [{"name": "example.com"}, {"name": "a"}]
    file = rows(b'name,its-mail,PASSWD\na,"x, ""y""",1\nb,,2\nexample.com,\xff,3\n')
    old = Path("rows.failed.csv")
    old.symlink_to("elsewhere")
    assert runs([cert], *file) == "--from 1 goes on there"
    assert runs.err == ["row 1: sslcert.edit: Already there"]
    assert old.is_symlink()
    assert runs([cert], *file, "--keep-going") == (
        "2 of 3 rows failed; they are in rows.failed.csv"
    )
    assert [line for line in runs.err if line.startswith("row")] == [
        "row 1: sslcert.edit: Already there",
        "row 2: ok",
        "row 3: sslcert.edit: Already there",
    ]
    assert not old.is_symlink()
    assert old.stat().st_mode & 0o777 == 0o600
    assert old.read_bytes() == (
        b'"name","its-mail","PASSWD"\n"a","x, ""y""","1"\n"example.com","\xff","3"\n'
    )
    old.unlink()
    old.mkdir()
    status = runs([cert], *file, "--keep-going")
    assert isinstance(status, str)
    assert status.startswith("rows.failed.csv: ")


@pytest.mark.parametrize(
    ("name", "other"),
    [("a.csv", "a.failed.csv"), ("a.csv.x\n", "a.csv.x\n.failed.csv"), (".csv", ".failed.csv")],
)
def test_names_of_files_of_failed_rows(runs: Runs, name: str, other: str) -> None:
    file = rows(b"name\nx\n", name)
    runs.panel.fail["sslcert.edit"] = Failure("No")
    told = f"1 of 1 rows failed; they are in {other}".replace("\n", "\\n")
    assert runs([cert], *file, "--keep-going", names=["name"], variables=[]) == told
    assert Path(other).exists()


@pytest.mark.parametrize(
    "args", [["--keep-going"], ["--from", "3"], ["--from=0"], ["--existing=x"], ["--pause=-1"]]
)
def test_options_that_are_refused(runs: Runs, args: list[str]) -> None:
    assert runs([mail, mail], *args) == 2
    assert runs.err[-1].startswith("script: error: ")


def test_scripts_without_calls_and_arguments(runs: Runs) -> None:
    assert runs([], "--from", "1", names=(), variables=()) == 0
    assert runs([], "--from", "2", names=(), variables=()) == 2


def test_calls_that_are_left_out(runs: Runs) -> None:
    assert runs([mail, cert, mail], "--from", "3", variables=()) == 0
    assert runs.err == ["user.edit: left out", "sslcert.edit: left out", "user.edit: ok"]


def test_pauses(runs: Runs) -> None:
    waits = mock.Mock()
    with mock.patch("time.sleep", waits):
        assert runs([mail, cert], "--pause", "1.5", "--from", "2", variables=()) == 0
        assert waits.mock_calls == []
        assert runs([mail, cert], *rows(b"name,its-mail\nx,y\nz,y\n"), "--pause=2",
                    variables=()) == 0  # fmt: skip
        assert waits.mock_calls == [mock.call(2.0)] * 3


@pytest.mark.parametrize("out", ["json", "xml", "text"])
def test_what_exists(runs: Runs, out: str) -> None:
    runs.panel.state.tables["sslcert"] = [{"name": "a"}]
    told = "sslcert.edit: Already there"
    assert runs([cert, mail], "--name", "a", variables=(), out=out) == told
    args = ["--name=a", "--existing", "skip"]
    assert runs([cert, mail], *args, variables=(), out=out) == 0
    assert runs.err == ["sslcert.edit: exists, skipped", "user.edit: ok"]
    runs.panel.fail["sslcert.edit"] = Failure("exists(x)", type="value")
    assert runs([cert, mail], *args, variables=(), out=out) == "sslcert.edit: exists(x)"


def disk(again: Any) -> None:
    def its_server() -> Any:
        return again.the_id("server.edit")

    again.once("disk.edit", ("plid", its_server), name=lambda: "d-" + its_server(), sok="ok")


@pytest.mark.parametrize("out", ["json", "xml"])
def test_ids(runs: Runs, out: str) -> None:
    assert runs([server, disk], variables=(), out=out) == 0
    assert runs.sent[1] == {
        "func": "disk.edit", "plid": "4711", "name": "d-4711", "sok": "ok",
    }  # fmt: skip
    told = "disk.edit: server.edit answered no id"
    assert runs([server, disk], "--from", "2", variables=(), out=out) == told
    assert runs([server, disk], "--existing=skip", variables=(), out=out) == told
    assert [one["func"] for one in runs.sent] == ["server.edit"]
    # It is the last answer's, whatever the one before said.
    assert runs([server, lambda a: a.once("server.edit", name="x"), disk], "--name=z",
                variables=(), out=out) == told  # fmt: skip
    # Rows do not know of one another.
    file = rows(b"name,its-mail\ny,\nold name,\n")
    assert runs([server, disk], *file, "--existing=skip", variables=(), out=out) == (
        "--from 2 goes on there"
    )
    assert runs.err[-1] == f"row 2: {told}"
    # Nothing that is no document has one.
    assert runs([lambda a: a.once("server"), disk], variables=(), out="csv") == (
        "disk.edit: server answered no id".replace("server ", "server.edit ")
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [({"$": "1"}, "1"), ("1", "1"), (1, "1"), (0, "0"), ({}, ""), (None, ""), ([1], ""),
     ({"$": None}, "")],
)  # fmt: skip
def test_texts_of_fields(code: ModuleType, value: object, text: str) -> None:
    assert code.plain(value) == text


def test_lookups(runs: Runs) -> None:
    field, value = "name", "a"

    def user(again: Any) -> None:
        again.once("user.edit", ("mail", lambda: again.look_up("server", field, value) + "!"))

    servers = runs.panel.state.tables["server"]
    assert runs([user], variables=()) == "user.edit: no server where name=a"
    servers.append({"id": "3", "name": "a"})
    for out in ("json", "xml", "csv"):
        assert runs([user], variables=(), out=out) == 0
        assert runs.sent[-1]["mail"] == "3!"
        assert runs.err == ["user.edit: ok"]
    servers += [{"id": "5", "name": "4"}, {"id": "6", "name": "4"}]
    value = "4"
    assert runs([user], variables=()) == "user.edit: 2 server where name=4"
    field, value = "id", "6"
    assert runs([user], variables=()) == 0
    assert runs.sent[-1]["mail"] == "6!"
    field = "name"
    value = "x\x1b"
    servers.append({"name": "x\x1b"})
    assert runs([user], variables=()) == r"user.edit: server where name=x\u001b has no id"
    # Rows of other shapes.
    with mock.patch.object(runs.code.Again, "send", return_value=["x", {}, {"name": "x\x1b"}]):
        assert runs([user], variables=()) == r"user.edit: server where name=x\u001b has no id"


def test_dry_run(runs: Runs) -> None:
    def user(again: Any) -> None:
        def found() -> Any:
            return again.look_up("f", "name", "x" + again.the_id("a.edit")) + "y"

        again.once("user.edit", ("a b", again.options["PASSWD"]), mail=found, n="\x1b\n")

    wanted = ["user.edit", "  a b=$PASSWD", "  mail=<id of f where name=x<id of a.edit>>y",
              r"  n=\u001b\n"]  # fmt: skip
    assert runs([user], "--dry-run", asks=["user.edit"]) == 0
    assert (runs.out, runs.err) == (wanted, [])
    file = rows(b"name,PASSWD\na,secret\nb,secret\n")
    assert runs([user, mail], *file, "--dry-run", "--its-mail=z") == 0
    assert runs.out == [
        *wanted, "user.edit", "  name=a", "  mail=z", *wanted, "user.edit", "  name=b", "  mail=z",
    ]  # fmt: skip
    assert runs.err == ["row 1: not sent", "row 2: not sent"]
    assert not runs.panel.requests


def test_secrets(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def user(again: Any) -> None:
        again.once("user.edit", passwd=again.options["PASSWD"])

    monkeypatch.setenv("PASSWD", "variable")
    assert runs([user]) == 0
    assert runs([user], *rows(b"name,its-mail,PASSWD\n,,one\n,,\n")) == 0
    assert [one["passwd"] for one in runs.sent] == ["variable", "one", ""]


class Typed:
    """Standard input, a terminal or not, with what is typed."""

    def __init__(self, typed: bytes, terminal: bool = True) -> None:
        self.buffer, self.isatty = io.BytesIO(typed), lambda: terminal


@pytest.mark.parametrize("typed", [b"", b"\n", b"n\n", b"\xff\n", b" y\n"])
def test_a_question_that_is_not_answered(runs: Runs, typed: bytes) -> None:
    runs.stdin = Typed(typed)
    assert runs([mail], variables=(), asks=["a.delete", "b\x1b"]) == "nothing was sent"
    assert runs.err == [r"This deletes or spends: a.delete, b\u001b. Go on? [y/N] "]
    assert not runs.panel.requests


def test_a_question_that_is_answered(runs: Runs) -> None:
    for typed in (b"y\n", b"Yes"):
        runs.stdin = Typed(typed)
        assert runs([mail], variables=(), asks=["a.delete"]) == 0
    runs.stdin = Typed(b"y\n")
    file = rows(b"name,its-mail\n1,\n2,\n3,\n")
    assert runs([mail], *file, "--from=2", variables=(), asks=["a.delete"]) == 0
    told = "This deletes or spends: a.delete in each of 2 rows. Go on? [y/N] "
    assert runs.err[0].startswith(told)


@pytest.mark.parametrize("stdin", [None, Typed(b"y\n", terminal=False)])
def test_a_question_that_nobody_can_answer(runs: Runs, stdin: Optional[Typed]) -> None:
    runs.stdin = stdin
    assert runs([mail], variables=(), asks=["a.delete"]) == 2
    assert runs.err == ["a.delete deletes or spends: --yes runs it unasked"]
    assert not runs.panel.requests
    assert runs([mail], "--yes", variables=(), asks=["a.delete"]) == 0


def test_logins(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANEL_USER", "root")
    monkeypatch.setenv("PANEL_PASSWORD", "secret")
    calls = [lambda again: again.log_in(), mail]
    file = rows(b"name,its-mail\n1,\n2,\n")
    assert runs(calls, *file, "--dry-run", variables=(), authinfo=None) == 0
    assert not runs.panel.requests
    assert runs(calls, *file, variables=(), authinfo=None) == 0
    assert [r.get(b"func") for r in runs.panel.requests] == [b"auth", b"user.edit", b"user.edit"]


def script(name: str, *calls: Call, again: bool = True, url: str = "http://127.0.0.1:1") -> str:
    made = emitter(name)(Connection(url))
    arguments = [Argument("name", "old")] if "name" in str([c.arguments for c in calls]) else []
    return "".join(made.script(calls, arguments, again=again))


@pytest.mark.parametrize("name", EMITTERS)
def test_a_script_has_the_parts_that_it_needs(name: str) -> None:
    parts = {"def table(": "rows", "self.caller": "later", "def the_id(": "id",
             "def look_up(": "lookup", "def ask(": "asks"}  # fmt: skip

    def found(*calls: Call) -> set[str]:
        text = script(name, *calls)
        assert compile(text, "script", "exec")
        assert "from panel" not in text
        assert "# only" not in text
        return {part for word, part in parts.items() if word in text}

    one = call("f", ("a", "1"))
    assert found() == found(one) == set()
    assert found(call("f", argument("name"))) == {"rows"}
    assert found(one, call("f.delete")) == {"asks"}
    assert found(call("f", ("a", (Id("f"),)))) == {"later", "id"}
    assert found(call("f", ("a", ("x", Lookup("f", "a", ("b",)))))) == {"later", "lookup"}
    # Nothing of it is in others.
    text = script(name, call("f.delete", argument("name")), again=False)
    assert not [word for word in ("Again", "Exists", "extend", "once", *parts) if word in text]


@pytest.mark.parametrize("name", EMITTERS)
def test_calls_stand_in_a_function(name: str) -> None:
    where = Lookup("server", "name", (Arg("its-name"), ".x", Env("A"), Id("f.delete")))
    long = call("f", ("a", "x" * 60), ("b", "y" * 15))
    text = script(
        name, call("f.delete", ("passwd", Env("PASSWD")), ("b", "")),
        call("g", ("a", (where, "/", Id("f.delete"))))._replace(notes=["n"]), long,
        call("f", ("a", "x" * 60), ("b", "y" * 16)),
    )  # fmt: skip
    assert '    4,\n    asks=["f.delete"],\n' in text
    assert text.partition("\n\n\n")[2] == (
        "def run():\n"
        "    # Feb  6 08:08:07  root from 192.0.2.33  f.delete  -:1\n"
        '    call("f.delete", passwd=options["PASSWD"], b="")\n'
        "\n"
        "    # Feb  6 08:08:07  root from 192.0.2.33  g  -:1\n"
        "    # note: n\n"
        "    call(\n"
        '        "g",\n'
        '        a=lambda: look_up("server", "name", options["its_name"] + ".x" + options["A"]'
        ' + the_id("f.delete")) + "/" + the_id("f.delete"),\n'
        "    )\n"
        "\n"
        "    # Feb  6 08:08:07  root from 192.0.2.33  f  -:1\n"
        f'    call("f", a="{"x" * 60}", b="{"y" * 15}")\n'
        "\n"
        "    # Feb  6 08:08:07  root from 192.0.2.33  f  -:1\n"
        "    call(\n"
        '        "f",\n'
        f'        a="{"x" * 60}",\n'
        f'        b="{"y" * 16}",\n'
        "    )\n"
        "\n\npanel.run(run)\n"
    )


def test_the_log_stays_in_literals_and_comments() -> None:
    shapes = []
    for text in ("x'\"\\ \u2028import os\n \udcff coding: utf-7 {x}", "x y"):
        where = Lookup(text, text, (text, Arg("name"), Id(text)))
        made = call(f"{text}.delete", (text, (text, Id(text), where)))
        shown = script("python", made._replace(notes=[text]))
        assert all(plain(line) for line in shown.split("\n"))
        tree = ast.parse(shown.encode())
        function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "run")
        words = [n for n in ast.walk(function) if isinstance(n, ast.Constant)]
        assert {n.value for n in words} == {"name", text, f"{text}.delete"}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                node.value = ""
        shapes.append(ast.dump(tree))
    assert shapes[0] == shapes[1]


@pytest.mark.interpreter
def test_an_interruption_leaves_no_trace(tmp_path: Path) -> None:
    with FakePanel() as panel:
        text = script("python", call("iplist"), call("iplist"), url=panel.base)
        (tmp_path / "script.py").write_text(text)
        command = [sys.executable, str(tmp_path / "script.py"), "--pause", "60"]
        env = {"PANEL_AUTHINFO": "root:secret"}
        with Terminal(command, env=env, cwd=str(tmp_path)) as terminal:
            terminal.expect("iplist: ok\r\n")
            terminal.type("\x03")
            assert terminal.end() == -signal.SIGINT
            assert "Traceback" not in terminal.text


@pytest.mark.parametrize("python", run.each(*run.PYTHONS))
def test_every_python(python: str, tmp_path: Path) -> None:
    with FakePanel() as panel:
        bench = Bench("python", tmp_path, panel)
        bench.target = bench.target._replace(program=python)
        found = Lookup("server", "name", (Arg("name"), Env("PASSWD")))
        ids = ("plid", (found,)), ("name", ("d", Id("server.edit"))), ("sok", "ok")
        first = call("server.edit", ("name", (Arg("name"), Env("PASSWD"))), ("sok", "ok"))
        bench.script(first, call("disk.edit", *ids))
        bench.rows(b"name,PASSWD\na,b\n\xff\xc3,\xa9\na,b\n")
        ran = bench.run("--each", "rows.csv", "--keep-going", "--pause=0.01", "--yes")
        assert [line for line in ran.err if not line.endswith("edit: ok")] == [
            "row 1: ok",
            r"row 2: disk.edit: no server where name=\udcff\udcc3\udca9",
            "row 3: server.edit: Already there",
            "2 of 3 rows failed; they are in rows.failed.csv",
        ]
        assert bench.failed() == b'"name","PASSWD"\n"\xff\xc3","\xa9"\n"a","b"\n'
        ran = bench.run("--help")
        assert (ran.status, ran.err) == (0, [])


def test_the_parser_is_asked_as_it_is(code: ModuleType) -> None:
    """What is set before is not overwritten by defaults: argparse's word, which `extend` uses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--a", default="x")
    assert parser.parse_args([], argparse.Namespace(a=None)).a is None
