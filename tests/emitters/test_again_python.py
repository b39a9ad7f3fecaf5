"""The text of Python scripts that are run again; the oldest Pythons, interruptions."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from logreq.emitters import load as emitter
from logreq.model.call import Arg, Argument, Call, Env, Id, Lookup
from logreq.model.connection import Connection
from logreq.text.escape import plain
from tests.support import run
from tests.support.again import Bench, argument, call
from tests.support.panel import FakePanel
from tests.support.pysnippets import EMITTERS
from tests.support.terminal import Terminal


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
    assert '    calls=4,\n    asks=["f.delete"],\n' in text
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


@pytest.mark.interpreter
def test_a_reader_that_leaves_causes_no_trace(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(script("python", call("iplist", ("name", (Arg("name"),)))))
    (tmp_path / "rows.csv").write_text("name\n" + "x" * 99 + "\n" + "y\n" * 9999)
    command = f"{sys.executable} script.py --each rows.csv --dry-run | head -n 1"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "iplist\n"
    assert [text for text in done.stderr.splitlines() if not text.startswith("row ")] == []


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
