"""Help and errors: one screen, everything, the nearest word."""

from __future__ import annotations

import shlex

import click
import pytest

from logreq.cli.help import GROUPS, by_purpose
from logreq.cli.main import group
from tests.support.cli import logreq

TOP = click.Context(group, info_name="logreq")
COMMANDS = {name: group.get_command(TOP, name) for name in group.list_commands(TOP)}
HELPFUL = sorted(name for name, command in COMMANDS.items() if hasattr(command, "examples"))


@pytest.mark.parametrize("command", ["", *HELPFUL])
def test_the_short_help_fits_on_one_screen(command: str) -> None:
    done = logreq(*command.split(), "-h")
    assert done.status == 0
    lines = done.text.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) < 80
    assert lines[0].startswith(f"Usage: logreq {command}".rstrip())
    last = f"  All options and more examples: logreq {command} --help"
    assert lines[-1] == last.replace("logreq  ", "logreq ")
    assert done.err == ""
    found = COMMANDS[command] if command else group
    assert [lines.index(f"    {example}") for _, example in found.examples[:3]]  # type: ignore[union-attr]


def test_the_short_help_of_convert() -> None:
    assert (
        logreq("convert", "-h").text
        == """\
Usage: logreq convert [OPTIONS] [LOG]...

  Turn the requests of saved logs into calls.

    logreq convert -a ispmgr.log
    logreq convert -a session.har
    logreq convert -a --last 2 isp

  -t, --to NAME       What to make of each request
  -p, --panel NAME    The panel, such as isp or bill
  -u, --url URL       The panel's address
  -a, --actions       Only requests that change something
  -w, --where EXPR    Only requests for which EXPR holds
  -g, --grep TEXT     Only requests with TEXT in a value, function or user
  --since TIME        Only requests from TIME on: 08:00, 'Feb 6' or 2h
  --nth NUMBERS       Only requests of these numbers of `logreq list`: 3,5-7
  --last N            Only the last N of the requests that are wanted
  --script            One runnable file instead of snippets
  --param NAME=VALUE  Make this value an argument of the script
  -q, --quiet         No summary and no progress

  All options and more examples: logreq convert --help
"""
    )


@pytest.mark.parametrize(
    ("command", "shown", "left_out"),
    [
        ("tail", ["-n, --lines", "--all", "--copy", "--me"], ["--since", "--su", "--worked"]),
        ("list", ["-t, --to", "--functions", "--nth"], ["--color", "--keep", "--worked"]),
        ("diff", ["--keep", "--keep-empty", "--color", "--panel"], []),
        ("rules explain", ["--rules", "--keep", "--where"], ["--script", "--url", "--to"]),
        ("", ["-V, --version"], []),
    ],
)
def test_what_the_short_help_shows(command: str, shown: list[str], left_out: list[str]) -> None:
    text = logreq(*command.split(), "-h").text
    assert all(f" {name}" in text for name in shown)
    assert not any(f" {name}" in text for name in left_out)
    long = logreq(*command.split(), "--help").text
    assert all(f" {name}" in long for name in [*shown, *left_out])


def test_the_commands_of_a_group_are_told_in_whole_sentences() -> None:
    text = " ".join(logreq("rules", "-h").text.split())
    assert "check Read rules files and tell what is wrong; exit status 2 if anything is." in text


@pytest.mark.parametrize("command", ["", *HELPFUL])
def test_the_long_help_tells_everything(command: str) -> None:
    done = logreq(*command.split(), "--help")
    assert done.status == 0
    found = COMMANDS[command] if command else group
    assert found
    for param in found.params:
        if isinstance(param, click.Option):
            assert all(name in done.text for name in param.opts)
    assert "Examples:\n" in done.text
    for _, example in found.examples:  # type: ignore[attr-defined]
        assert f"    {example}\n" in done.text


@pytest.mark.parametrize("command", HELPFUL)
def test_every_option_has_a_purpose_and_a_text(command: str) -> None:
    found = COMMANDS[command]
    assert found
    groups = dict(by_purpose(found, TOP))
    assert list(groups) == [name for name in (*GROUPS, "Options") if name in groups]
    assert [option.opts for option in groups["Options"]] == [["--help"], ["-h"]]
    for options in groups.values():
        assert all(option.help for option in options)


def examples() -> list[str]:
    commands = [group, *(COMMANDS[name] for name in HELPFUL)]
    return [line for found in commands for _, line in found.examples]  # type: ignore[union-attr]


@pytest.mark.parametrize("example", examples())
def test_examples_are_command_lines(example: str) -> None:
    """They parse: every option exists, every expression is one."""
    words = shlex.split(example.rpartition("| ")[2].partition(" >")[0])
    assert words[0] == "logreq"
    found = COMMANDS[words[1]]
    assert found
    with found.make_context(words[1], words[2:], parent=TOP) as ctx:
        where = ctx.params.get("where")
    if where:
        assert logreq("convert", "-w", where).status == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["convret"], "'convret'; did you mean 'convert'?"),
        (["xyzzy"], "'xyzzy'\n"),
        (["./isp.log"], "a log needs a command before it: convert, or tail while it grows"),
        (["convert", "--whre", "x"], "'--whre'; did you mean '--where'?"),
        (["convert", "--xyzzy"], "'--xyzzy'\n"),
        (["convert", "-y"], "'-y'\n"),
        (["--verson"], "'--verson'; did you mean '--version'?"),
        (["convert", "--auth", "sesion"], "'none'; did you mean 'session'?"),
        (["convert", "--auth", "xyzzy"], "'xyzzy'"),
        (["convert", "-p", "bil"], "did you mean 'bill'?"),
        (["tail", "ipsmgr.x", "bil"], "did you mean 'bill'?"),
        (["convert", "-t", "pyhton"], "did you mean 'python'?"),
        (["convert", "-r", "carefull"], "did you mean 'careful'?"),
        (["convert", "\x1b[2J", "--\x1b[2J"], "'--\\\\x1b[2J'"),
        (["\x1b[2J"], "'\\\\x1b[2J'"),
    ],
)
def test_errors_suggest_the_nearest_word(args: list[str], message: str) -> None:
    done = logreq(*args)
    assert done.status == 2
    assert message in done.err
    assert "\x1b" not in done.err
    assert done.out == b""


def test_usage_errors_tell_where_help_is() -> None:
    assert "Try 'logreq convert -h' for help." in logreq("convert", "--xyzzy").err


def test_no_command_at_all() -> None:
    assert logreq() == logreq("-h")


def test_commands_without_examples_have_help_too() -> None:
    assert "Examples" not in logreq("config", "path", "--help").text
    assert "logreq config path --help" in logreq("config", "path", "-h").text
