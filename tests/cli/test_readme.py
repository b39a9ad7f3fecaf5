"""The README's commands and outputs are what happens; `pytest --regen` writes its tables anew."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq import emitters
from logreq.cli.main import _COMMANDS
from logreq.expr import syntax_markdown
from tests.support.cli import logreq

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(README.read_text()) if name == language]


def sessions() -> Iterator[tuple[str, str]]:
    """Give each `$ command` of the console blocks with the output that follows it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.fixture
def shim(tmp_path: Path) -> dict[str, str]:
    """Make an environment in which `logreq` is this checkout's."""
    program = tmp_path / "logreq"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m logreq "$@"\n')
    program.chmod(0o700)
    path = f"{tmp_path}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


@pytest.mark.parametrize(("command", "output"), list(sessions()))
def test_sessions(command: str, output: str, shim: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env=shim, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    # Three dots stand for the rest of a line, or alone for any number of lines.
    pattern = (
        re.escape(output)
        .replace("\\ \\.\\.\\.\\\n", " .*\\n")
        .replace("\\.\\.\\.\\\n", "(?:.*\\n)*")
    )
    assert re.fullmatch(pattern, done.stdout), done.stdout


def test_python_examples(shim: dict[str, str]) -> None:
    examples = blocks("python")
    for example in examples:
        command = [sys.executable, "-W", "error", "-c", example]
        done = subprocess.run(command, cwd=ROOT, env=shim, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def emitters_table() -> str:
    rows = [f"| `{name}` | {emitters.load(name).summary} |" for name in emitters.names()]
    return "\n".join(["| name | makes |", "| --- | --- |", *rows])


def options_help() -> str:
    text = logreq("convert", "--help").text
    body = text[text.index("Output:") : text.index("Examples:")].rstrip()
    return f"```text\n{body}\n```\n\nAnd of tail alone:\n\n```text\n{tail_options()}\n```"


def tail_options() -> str:
    text = logreq("tail", "--help").text
    lines = [line for line in text.splitlines() if re.match(r"  (-n|--copy)", line)]
    return "\n".join(lines)


TABLES = {"emitters": emitters_table, "options": options_help, "syntax": syntax_markdown}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    text = README.read_text()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    expected = f"{before}{begin}{TABLES[name]().strip()}\n{end}{after}"
    if pytestconfig.getoption("regen"):
        README.write_text(expected)
    assert README.read_text() == expected


def test_the_picture(pytestconfig: pytest.Config) -> None:
    path = ROOT / ".ci" / "make_picture.py"
    spec = importlib.util.spec_from_file_location("make_picture", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    drawn = module.draw()
    if pytestconfig.getoption("regen"):
        module.PICTURE.write_text(drawn)
    assert module.PICTURE.read_text() == drawn
    assert "samples/session.svg" in README.read_text()


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_is_shown(name: str) -> None:
    assert f"logreq {name}" in README.read_text()


def test_there_is_something_to_test() -> None:
    assert len(list(sessions())) >= 6
    assert len(blocks("sh")) >= 2


def test_ci_calls_the_test_command() -> None:
    assert "sh .ci/test" in blocks("sh")[1]
    assert "exec sh .ci/test" in (ROOT / ".ci" / "run").read_text()
