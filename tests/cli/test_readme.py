"""Commands and outputs of the README and the topics happen; `pytest --regen` writes tables anew.

`console` blocks are run in the checkout and their outputs compared. `sh` blocks are run in a copy
of the samples, where `logreq` is this checkout's and what lies elsewhere is a stand-in. `text` and
unmarked blocks are shown only: their logreq command lines must parse.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from logreq import emitters
from logreq.cli import manual
from logreq.cli.main import _COMMANDS, group
from logreq.expr import syntax_markdown
from logreq.rules import schema
from tests.fuzz import NAMES
from tests.support.cli import logreq
from tests.support.panel import FakePanel

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TOPICS = ROOT / "logreq" / "data" / "help"
PAGES = [README, *sorted(TOPICS.glob("*.md"))]
GUIDES = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str, pages: list[Path] = PAGES) -> list[str]:
    return [
        text for page in pages for name, text in BLOCK.findall(page.read_text()) if name == language
    ]


def sessions() -> Iterator[tuple[str, str]]:
    """Give each `$ command` of the console blocks with the output that follows it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def tool(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)


@pytest.fixture
def shim(tmp_path: Path) -> dict[str, str]:
    """Make an environment in which `logreq` is this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    tool(folder / "logreq", f'exec {sys.executable} -m logreq "$@"')
    path = f"{folder}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make a folder that looks like this checkout, to write files in."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for entry in ROOT.iterdir():
        (folder / entry.name).symlink_to(entry)
    return folder


@pytest.mark.parametrize(("command", "output"), list(sessions()))
def test_sessions(command: str, output: str, shim: dict[str, str], checkout: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout, env=shim, capture_output=True, text=True, timeout=60
    )
    # As `diff` itself: 1 says that they differ.
    assert done.returncode == int(command.startswith("logreq diff")), done.stderr
    # Three dots stand for the rest of a line, or alone for any number of lines.
    pattern = (
        re.escape(output)
        .replace("\\ \\.\\.\\.\\\n", " .*\\n")
        .replace("\\.\\.\\.\\\n", "(?:.*\\n)*")
    )
    assert re.fullmatch(pattern, done.stdout), done.stdout


@pytest.fixture
def place(tmp_path: Path, shim: dict[str, str]) -> Path:
    """Make a folder with the samples, and stand-ins for what a test has not."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    folder = tmp_path / "bin"
    run = f"{sys.executable} -m logreq"
    # The end of a session: Ctrl-C.
    led = f"{sys.executable} -m tests.support.tails"
    tail = f'{led} "$@" -n 9; status=$?; [ $status = 130 ] || exit $status'
    tool(folder / "logreq", f'case $1,$* in tail,*-) ;; tail,*) {tail}; exit ;; esac\n{run} "$@"')
    tool(folder / "ssh", "cat samples/ispmgr.log")
    tool(folder / "mgrctl", "case $* in *-i*) cat functions ;; *) echo '<doc><ok/></doc>' ;; esac")
    tool(folder / "fluent-bit", "cat >/dev/null")
    functions = "user.delete  Delete users. Function type: group operation\n"
    (tmp_path / "functions").write_text(functions)
    shim.update(LOGREQ_LOG_DIR=str(tmp_path / "samples"), MGRCTL=str(folder / "mgrctl"))
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("block", blocks("sh", PAGES[1:]) + blocks("sh")[1:2])
def test_shell_blocks(block: str, place: Path, shim: dict[str, str]) -> None:
    if "dask" in block:
        pytest.importorskip("dask")
    if "php -l" in block and not shutil.which("php"):
        pytest.skip("php is not on this machine")
    config = place / "config" / "logreq" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(next(text for text in blocks("yaml") if "connections:" in text))
    text = block.replace("/usr/local/mgr5/var/", "samples/").replace(
        "/usr/local/mgr5/var", "samples"
    )
    text = text.replace("python3 ", f"{sys.executable} ")
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text],
        cwd=place, env={**shim, "XDG_CONFIG_HOME": str(place / "config")}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr
    for file in re.findall(r"> ?([\w.-]+)$", text, re.MULTILINE):
        assert (place / file).stat().st_size, file


@pytest.mark.parametrize("line", "".join(blocks("cron")).splitlines())
def test_cron_lines(line: str, tmp_path: Path) -> None:
    *when, user, command = line.split(None, 6)
    assert len(when) == 5
    assert user == "root"
    assert "%" not in command  # a line end, to cron
    log = tmp_path / "ispmgr.log"
    shutil.copy(ROOT / "samples" / "ispmgr.log", log)
    words = command.replace("/usr/local/mgr5/var/ispmgr.log", str(log)).split()[1:]
    quiet = logreq(*words, "--drop", "x", "-w", "func == nothing")
    assert (quiet.status, quiet.out, quiet.err) == (1, b"", "")
    assert logreq(*words, "--since", "Jan 1").text.count("\n") == 6


def command_lines() -> Iterator[str]:
    """Give the logreq command lines of all pages, whatever block or line they stand in."""
    for page in PAGES:
        for line in re.sub(r"^> ", "", page.read_text(), flags=re.MULTILINE).splitlines():
            bare = re.sub(r"^(\$ | +|[\d *]+root )", "", line)
            for part in re.split(r" \| ", bare):
                # Others are sentences that a line of text begins with.
                if re.match("logreq [a-z]", part) and not re.search(r"`|\.\.\.|\.$", part):
                    yield part


@pytest.mark.parametrize("line", sorted(set(command_lines())))
def test_command_lines_parse(line: str) -> None:
    words = shlex.split(re.split(r" > |<| # ", line)[0])[1:]
    parses(words)


def parses(words: list[str]) -> None:
    command: click.Command = group
    ctx = click.Context(group, info_name="logreq")
    while isinstance(command, click.Group) and words:
        name, *words = words
        found = command.get_command(ctx, name)
        assert found, name
        command = found
    with command.make_context(command.name, words, parent=ctx):
        pass


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_blocks(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = yaml.safe_load(text)
    if "params" in document:
        file = tmp_path / "own.yaml"
        file.write_text(text)
        assert logreq("rules", "check", file).err == ""
    elif "connections" in document:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        file = tmp_path / "logreq" / "config.yaml"
        file.parent.mkdir()
        file.write_text(text)
        for name in document["connections"]:
            done = logreq("config", "show", "--connection", name)
            assert (done.status, done.err) == (0, "")
    elif "sources" in document:
        name, *words = document["sources"]["clicks"]["command"]
        assert name == "logreq"
        parses(words)
    else:
        (play,) = document
        assert play["tasks"]


def test_python_examples(shim: dict[str, str]) -> None:
    examples = blocks("python")
    assert examples
    for example in examples:
        command = [sys.executable, "-W", "error", "-c", example]
        done = subprocess.run(command, cwd=ROOT, env=shim, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def emitters_table() -> str:
    rows = [f"| `{name}` | {emitters.load(name).summary} |" for name in emitters.names()]
    return "\n".join(["| name | makes |", "| --- | --- |", *rows])


def keys_table() -> str:
    parts = (
        ("the file", schema.FILE), ("an entry of params", schema.RULE),
        ("an entry of secrets", schema.SECRET), ("an entry of kinds", schema.KIND),
    )  # fmt: skip
    rows = [
        f"| `{key.name}` | {part} | {key.meaning.replace('|', chr(92) + '|')} |"
        for part, keys in parts
        for key in keys
    ]
    return "\n".join(["| key | in | meaning |", "| --- | --- | --- |", *rows])


TABLES = {
    "emitters": (README, emitters_table),
    "syntax": (TOPICS / "expressions.md", syntax_markdown),
    "keys": (TOPICS / "rules.md", keys_table),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, pytestconfig: pytest.Config) -> None:
    page, make = TABLES[name]
    text = page.read_text()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    expected = f"{before}{begin}{make().strip()}\n{end}{after}"
    if pytestconfig.getoption("regen"):
        page.write_text(expected)
    assert page.read_text() == expected


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


def test_the_readme_is_a_door() -> None:
    assert len(README.read_bytes()) <= 9_000


@pytest.mark.parametrize("name", [*_COMMANDS, *(f"help {topic}" for topic in manual.TOPICS)])
def test_every_command_and_topic_is_shown(name: str) -> None:
    assert any(f"logreq {name}" in page.read_text() for page in PAGES)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text()
    anchors = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        elif not target.startswith("https://"):
            assert (page.parent / target).exists(), target
    for path in re.findall(r"`((?:logreq|tests|\.ci|rules|samples)/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path


def test_there_is_something_to_test() -> None:
    assert len(list(sessions())) >= 6
    assert len(blocks("sh")) >= 10
    assert len(blocks("yaml")) >= 4
    assert len(set(command_lines())) >= 20


def test_ci_calls_the_test_command() -> None:
    assert "sh .ci/test" in (ROOT / "CONTRIBUTING.md").read_text()
    assert "sh .ci/test" in (ROOT / "Makefile").read_text()
    assert "exec sh .ci/test" in (ROOT / ".ci" / "run").read_text()


def test_hosted_ci_and_hooks_call_what_contributors_call() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = [line.split()[1] for line in lines if line.startswith("make ")]
    assert made
    assert set(made) <= set(targets)
    assert "bash .ci/run" in lines
    assert tuple(jobs["fuzz"]["strategy"]["matrix"]["name"]) == NAMES
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    for hook in hooks[0]["hooks"]:
        assert hook["entry"].startswith(".ci-venv/env/bin/")
        for path in re.findall(r"tests/\S+", hook["entry"]):
            assert (ROOT / path).exists()


@pytest.mark.interpreter
def test_forty_clients_from_a_csv(shim: dict[str, str], checkout: Path) -> None:
    (block,) = (text for text in blocks("sh", [README]) if "--each" in text)
    command = block.replace(" --dry-run", " -k")
    text = (ROOT / "samples/twice/clients.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 40
    with FakePanel() as panel:
        env = {**shim, "LOGREQ_URL": panel.base, "PANEL_AUTHINFO": "root:secret"}
        done = subprocess.run(
            ["sh", "-c", command], cwd=checkout, env=env, capture_output=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
    sent = [
        {"func": call.func, **{n.decode(): v.decode() for n, v in call.params}}
        for call in panel.calls
    ]
    assert len(sent) == 80
    for number, row in enumerate(rows):
        account, user = sent[2 * number : 2 * number + 2]
        assert (account["func"], user["func"]) == ("account.edit", "user.edit")
        assert account["email"] == f"{row['name']}@example.com"
        assert account["realname"] == user["realname"] == row["realname"]
        # The log's was another.
        assert user["plid"] == str(2001 + number)
    assert [line for line in done.stderr.splitlines() if line.startswith(b"row ")] == [
        f"row {number}: ok".encode() for number in range(1, 41)
    ]
