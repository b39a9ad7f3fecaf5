"""Colours: by role, readable, never in the way of the text."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq import emitters
from logreq.api import Rules
from logreq.cli.terminal import colour
from logreq.cli.terminal.output import Writer, _shown
from logreq.errors import EmitError
from logreq.log.line import parse_line
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.text.codec import decode
from tests.support.cli import logreq
from tests.support.recorder import Pairs
from tests.support.strategies import log_line, pairs, panel_encode

SAMPLE = Path(__file__).parents[2] / "samples" / "shapes" / "secrets.log"
CODE = re.compile(r"\x1b\[[0-9;]*m")
SYNTAXES = ("shell", "code", "json", "url", "another")


def roles(text: str, syntax: str) -> list[tuple[str, str]]:
    return [(role, piece) for role, piece in colour.tokens(text, colour.pattern(syntax)) if role]


def rgb(number: int) -> tuple[int, int, int]:
    """Give a colour of the 256: a cube of 6 x 6 x 6, then shades of grey."""
    if number >= 232:
        return (8 + 10 * (number - 232),) * 3
    steps = (0, 95, 135, 175, 215, 255)
    number -= 16
    return steps[number // 36], steps[number // 6 % 6], steps[number % 6]


def luminance(number: int) -> float:
    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, rgb(number))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("number", sorted({*colour.COLOURS.values(), *colour.LOGS}))
def test_readable_on_dark_and_on_light(number: str) -> None:
    """No colour does better than 4.58 on both (WCAG contrast)."""
    light = luminance(int(number))
    assert 1.05 / (light + 0.05) > 3.9
    assert (light + 0.05) / 0.05 > 3.9
    assert len(set(colour.STYLES.values())) == len(colour.STYLES) == 6


def test_roles_of_a_shells_words() -> None:
    text = (
        "# Feb  6  root's\n"
        ': "${PANEL_AUTHINFO:?must hold}" &&\n'
        'printf %s "$PANEL_AUTHINFO" |\n'
        "curl -fsS \\\n"
        "  --data-urlencode 'ns=a b' \\\n"
        "  --data-urlencode 'x=it'\"'\"'s' \\\n"
        "  --data-urlencode authinfo@- \\\n"
        "  'https://h'\n"
        "P=\"${P:?}\" /sbin/mgrctl -m ispmgr f a=1 'b=2\n# 3' -e 'p=$P'\n"
    )
    assert roles(text, "shell") == [
        ("comment", "# Feb  6  root's"),
        ("reference", '"${PANEL_AUTHINFO:?must hold}"'),
        ("command", "printf"),
        ("reference", '"$PANEL_AUTHINFO"'),
        ("command", "curl"),
        ("parameter", "'ns"),
        ("value", "a b'"),
        ("parameter", "'x"),
        ("value", "it'"),
        ("value", '"\'"'),
        ("value", "'s'"),
        ("reference", "@-"),
        ("value", "'https://h'"),
        ("parameter", "P"),
        ("reference", '"${P:?}"'),
        ("command", "/sbin/mgrctl"),
        ("parameter", "a"),
        ("value", "1"),
        ("parameter", "'b"),
        ("value", "2\n# 3'"),
        ("reference", "'p=$P'"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# it's\nx", [("comment", "# it's")]),
        ("<?php // it's\n", [("comment", "// it's")]),
        ("a;    // it's\n'b'", [("comment", "// it's"), ("value", "'b'")]),
        ("    ('func', 'a\\'b'),", [("parameter", "'func'"), ("value", "'a\\'b'")]),
        ('["a", "b\\"c"],', [("parameter", '"a"'), ("value", '"b\\"c"')]),
        ("x(os.environ['A_B'])", [("command", "x"), ("reference", "os.environ['A_B']")]),
        ('y = env("A")', [("reference", 'env("A")')]),
        ("$env->('A')", [("reference", "$env->('A')")]),
        ("process.env.A;", [("reference", "process.env.A")]),
        ("$ENV{A}", [("reference", "$ENV{A}")]),
        ("lookup('b.env', 'A') | x", [("reference", "lookup('b.env', 'A')")]),
        ("'never ends\nurl('a')", [("value", "'never ends"), ("command", "url"), ("value", "'a'")]),
        ('"https://h"', [("value", '"https://h"')]),
    ],
)
def test_roles_of_programs(text: str, expected: list[tuple[str, str]]) -> None:
    assert roles(text, "code") == expected


def test_roles_of_json_and_url() -> None:
    text = '{"params": [["a", "\\"b"], ["p", {"env": "P"}]], "line": 1}\n'
    assert roles(text, "json") == [
        ("command", '"params"'),
        ("parameter", '"a"'),
        ("value", '"\\"b"'),
        ("parameter", '"p"'),
        ("reference", '{"env": "P"}'),
        ("command", '"line"'),
    ]
    assert roles("https://h/ispmgr?func=a&p=${P}&e=\n", "url") == [
        ("command", "https://h/ispmgr"),
        ("parameter", "func"),
        ("value", "a"),
        ("parameter", "p"),
        ("reference", "${P}"),
        ("parameter", "e"),
    ]


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(
    st.one_of(st.text(), st.text("'\"\\=$#{}[](),&?/@<ae \n"), st.text("'\"\\\x1b[0m38;5\n"))
)  # fmt: skip
def test_colours_never_change_text(syntax: str, text: str) -> None:
    assert "".join(piece for _, piece in colour.tokens(text, colour.pattern(syntax))) == text
    painted = colour.painter(syntax)(_shown(text))
    assert CODE.sub("", painted) == _shown(text)
    for line in painted.split("\n"):  # each line ends as it began: without colour
        assert line.rfind(colour.RESET) >= line.rfind("\x1b[1") or "\x1b" not in line
        assert (line.count("\x1b")) == 2 * line.count(colour.RESET)


@pytest.mark.parametrize("name", emitters.names())
@given(pairs())
def test_colours_change_no_emitters_text(name: str, params: Pairs) -> None:
    emitter = emitters.load(name)(Connection())
    request = parse_line(log_line(panel_encode([(b"func", b"a.edit"), *params])))
    assert isinstance(request, Request)
    try:
        text = emitter.snippet(Decider(Rules())(request))
    except EmitError:
        return
    assert "".join(p for _, p in colour.tokens(text, colour.pattern(emitter.syntax))) == text
    assert CODE.sub("", colour.painter(emitter.syntax)(_shown(text))) == _shown(text)


@pytest.mark.parametrize("name", emitters.names())
def test_every_emitter_has_colours(name: str) -> None:
    plain = logreq("convert", "-q", "-t", name, SAMPLE)
    coloured = logreq("convert", "-q", "-t", name, "--color", "always", SAMPLE)
    assert b"\x1b" not in plain.out
    refused = b"note: no call here" in plain.out  # a target without references
    for role in ("parameter", "value", *(() if refused else ("reference",))):
        assert colour.STYLES[role] in coloured.text
    assert CODE.sub("", coloured.text) == plain.text
    never = logreq("convert", "-q", "-t", name, "--color", "never", SAMPLE)
    assert never == plain


@pytest.mark.parametrize("options", [(), ("--last", "9"), ("--script",), ("--unique",)])
def test_what_drives_a_terminal_is_escaped_where_colours_are(options: tuple[str, ...]) -> None:
    """Colours in a pipe are for a pager that shows them."""
    line = log_line(b"func=a%C2%9B2J&x=%1B%5B2J%00%E2%80%AE%FF%0D").decode()
    for name in ("mgrctl", "curl") if "--script" in options else ("url", "mgrctl", "curl"):
        line = line.replace("%00", "") if name == "mgrctl" else line
        line = line.replace("%C2%9B2J", "") if "--script" in options else line
        command = ("convert", "-q", "-t", name, *options)
        coloured = logreq(*command, "--color", "always", stdin=line + "\n")
        text = CODE.sub("", coloured.text)
        assert text.replace("\n", "").isprintable()
        assert text == _shown(decode(logreq(*command, stdin=line + "\n").out))
        assert text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "wanted"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
    ],
)
def test_when(choice: str, terminal: bool, environment: dict[str, str], wanted: bool) -> None:
    stream = Terminal() if terminal else io.StringIO()
    assert colour.wanted(choice, stream, environment) is wanted


def test_no_color_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Out(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    for variable, coloured in ((None, True), ("1", False)):
        raw = io.BytesIO()
        monkeypatch.setattr("sys.stdout", Out(raw))
        monkeypatch.setenv("TERM", "xterm")
        if variable:
            monkeypatch.setenv("NO_COLOR", variable)
        emitter = emitters.load("url")(Connection())
        writer = Writer(emitter, "auto")
        writer.write("https://h?func=a\x1b[2J\n")
        writer.close()
        assert (b"\x1b[38" in raw.getvalue()) is coloured
        assert b"\x1b[2J" not in raw.getvalue()
        assert b"\\x1b[2J" in raw.getvalue()
