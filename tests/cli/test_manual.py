"""`logreq help`: topics, commands, the pager; Markdown as a terminal shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from logreq.cli import manual
from logreq.cli.main import _COMMANDS
from tests.support.cli import logreq
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]


def test_every_topic_has_its_file() -> None:
    files = {path.stem for path in (ROOT / "logreq" / "data" / "help").iterdir()}
    assert files == set(manual.TOPICS)


def test_without_a_name_topics_and_commands_are_listed() -> None:
    done = logreq("help")
    assert (done.status, done.err) == (0, "")
    lines = done.text.splitlines()
    for name, text in manual.TOPICS.items():
        assert any(line.split() == [name, *text.split()] for line in lines), name
    for name in _COMMANDS:
        assert any(line.startswith(f"  {name} ") for line in lines), name
    assert max(map(len, lines)) < 100


@pytest.mark.parametrize("name", manual.TOPICS)
def test_topics_are_shown_as_plain_text(name: str) -> None:
    done = logreq("help", name)
    assert (done.status, done.err) == (0, "")
    for sign in ("<!--", "-->", "```", "| --- |", "**", "\n#"):
        assert sign not in done.text
    assert done.text.isprintable() is False  # line ends
    assert all(line.isprintable() for line in done.text.splitlines())
    # What is code or a table can be longer.
    prose = [line for line in done.text.splitlines() if line[:1] != " "]
    assert max(map(len, prose)) <= manual.WIDTH


def test_a_name_that_is_both_shows_both() -> None:
    text = logreq("help", "tail").text
    assert text.startswith(logreq("tail", "--help").text)
    assert text.endswith(manual.plain(manual.markdown("tail")))


@pytest.mark.parametrize("names", [["convert"], ["rules", "explain"], ["CONVERT"], ["help"]])
def test_the_help_of_commands(names: list[str]) -> None:
    assert logreq("help", *names).text == logreq(*map(str.lower, names), "--help").text


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ruls"], "There is no help on 'ruls'; did you mean 'rules'?"),
        (["rules", "expla"], "'expla'; did you mean 'explain'?"),
        (["expresions"], "did you mean 'expressions'?"),
        (["xyzzy"], "There is no help on 'xyzzy'\n"),
        (["convert", "x"], "There is no help on 'x'"),
        (["rules", "cookbook"], "There is no help on 'cookbook'"),
        (["\x1b[2J"], "no help on '\\\\x1b[2J'"),
    ],
)
def test_unknown_names(names: list[str], message: str) -> None:
    done = logreq("help", *names)
    assert (done.status, done.out) == (2, b"")
    assert message in done.err
    assert "\x1b" not in done.err


def test_a_pager_shows_it_on_a_terminal(tmp_path: Path) -> None:
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho this is the pager\ncat\n")
    pager.chmod(0o700)
    env = {**os.environ, "PAGER": str(pager), "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    command = [sys.executable, "-m", "logreq", "help", "scripts"]
    with Terminal(command, env=env, cwd=str(tmp_path)) as terminal:
        terminal.expect("this is the pager.*SCRIPTS.*PANEL_AUTHINFO")


MARKDOWN = """\
# Title

A **strong** word and `code`,
in two lines. <!-- a marker -->

## Part
Text right below it.

* one \\< two
  goes on
* three

```sh
  keep   **this**
```

| name | of | meaning |
| --- | --- | --- |
| `a\\|b` | x | short |
| c | y | {long} |
| d | z | |
"""


def test_markdown_as_plain_text() -> None:
    assert manual.plain(MARKDOWN.format(long="word " * 20)) == (
        "TITLE\n\nA strong word and `code`, in two lines.\n\nPart\n\nText right below it.\n\n"
        "* one < two goes on\n* three\n\n      keep   **this**\n\n"
        "  name   of  meaning\n  `a|b`  x   short\n"
        f"  c      y   {' '.join(['word'] * 15)}\n{'':13}{' '.join(['word'] * 5)}\n  d      z\n"
    )
