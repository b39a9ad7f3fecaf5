"""Each quoting function over every hostile text, read back by the language that it quotes for.

`python -m tests.mutation.quoting` weakens each of them and sees one of these tests fail.
"""

from __future__ import annotations

import ast
import base64
import io
import itertools
import json
import re
import subprocess
import sys
from typing import Any
from unittest import mock
from urllib.parse import unquote_to_bytes

import pytest
import yaml

from logreq import emitters
from logreq.cli.terminal import clipboard, output
from logreq.emitters import _python_script, ansible, javascript, scripting, shell
from logreq.emitters import javascript_text as js
from logreq.emitters import json as json_emitter
from logreq.emitters.base import WholeCallError
from logreq.emitters.mgrctl_words import check_function, check_name
from logreq.errors import EmitError, Problem
from logreq.model.call import Call, Decision, Env
from logreq.model.connection import Connection
from logreq.model.request import Param, Request
from logreq.text.codec import decode, encode, is_utf8
from logreq.text.escape import visible
from logreq.text.percent import percent
from tests.support.hostile import TEXTS
from tests.support.run import find, other_shells, requires, run_sh

# Those of one character find what a rule about one character forgets.
SINGLE = [chr(code) for code in range(256)] + list(
    "\u2028\u2029\u202e\u2066\u200b\ufeff\u3164\u0301\U0001f600"
)
ALL = [
    *map(decode, TEXTS),
    *SINGLE,
    *(char * 2 + "x" + char for char in "'\"\\$`%\n@"),
    # Safe characters around each other one, too.
    *(f"a{char}PATH" for char in "$\n\r\t;&|<>*?~`!^#{}()[]\\ '\""),
    "\udcff",
    "\udcc3x",
    "\x01f\x0e0",
    "",
    *(
        text + "\x01"
        for text in ("@x", "@{[1]}", "$x", "${\\1}", '"', "\\", "`", "\\x41", "'", "%s")
    ),
]
WORDS = [text for text in ALL if "\0" not in text]
SHELLS = [pytest.param(name, marks=requires(name)) for name in ("dash", "bash")]


def shell_words(name: str, words: list[str]) -> list[bytes]:
    """Give the words that a shell makes of words."""
    text = "printf '%s\\0' " + " ".join(words) + "\n"
    done = run_sh(encode(text), name)
    assert (done.status, done.err, done.files) == (0, b"", [])
    return done.out.split(b"\0")[:-1]


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_sh_word(name: str) -> None:
    assert shell_words(name, [shell.word(text) for text in WORDS]) == [*map(encode, WORDS)]


@pytest.mark.interpreter
@pytest.mark.parametrize("name", [*SHELLS, *other_shells()])
def test_sh_pair(name: str) -> None:
    """Name and value each quoted by itself, in words that begin a shell's other expansions."""
    # yash knows characters only.
    texts = [text for text in WORDS if name != "yash" or plain_utf8(text)]
    pairs = [*zip(texts, reversed(texts)), *(("", text) for text in texts), ("~a", "=b:~c=~d")]
    assert shell_words(name, [shell.pair(n, v) for n, v in pairs]) == [
        encode(f"{n}={v}") for n, v in pairs
    ]
    # What needs no quotes has none.
    assert shell.pair("name", "https://a.example:1500/x,y@z+%20_-") == (
        "name=https://a.example:1500/x,y@z+%20_-"
    )


def plain_utf8(text: str) -> bool:
    return not any("\udc80" <= char <= "\udcff" for char in text)


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_sh_printable(name: str) -> None:
    printable = [shell.printable(text) for text in WORDS]
    assert all(visible(line) == line for text in printable for line in text.split("\n"))
    assert shell_words(name, printable) == [*map(encode, WORDS)]
    with pytest.raises(EmitError):
        shell.printable("a\0b")


def test_sh_comment() -> None:
    """Not even where a comment is none: an interactive zsh takes `#` for a command."""
    for text in ALL:
        comment = shell.comment_text(text)
        rest = re.sub(r"\([a-z0-9_]*\)", "", comment)
        assert re.fullmatch(r"[^\W]*", re.sub(r"[ .,:@%+=/#\\-]", "", rest)), comment
        assert visible(comment) == comment
        # A backslash that stood there is told from one that escapes.
        assert re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", "", comment).count("\\") == 0


@pytest.mark.parametrize(
    ("text", "comment"),
    [
        ("refused this: exists(user)", "refused this: exists(user)"),
        ("value(owner_email)", "value(owner_email)"),
        ("missed()", "missed()"),
        # What stands between two z runs in an interactive zsh, where the file exists.
        ("exists(eztouchz)", "exists\\x28eztouchz\\x29"),
        ("exists(oezrebootz)", "exists\\x28oezrebootz\\x29"),
        ("exists(user", "exists\\x28user"),
        ("exists(u r)", "exists\\x28u r\\x29"),
        ("exists(eXdateX)", "exists\\x28eXdateX\\x29"),
        ("exists(a)(ezdatez)", "exists(a)\\x28ezdatez\\x29"),
        ("(user)", "\\x28user\\x29"),
    ],
)
def test_sh_comment_of_a_reason(text: str, comment: str) -> None:
    assert shell.comment_text(text) == comment


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("value", [None, ""])
def test_sh_required(name: str, value: str | None) -> None:
    """Names the variable and stops; a value stays one word."""
    environment = {} if value is None else {"A_SECRET": value, "PANEL_AUTHINFO": "x"}
    for variable in ("A_SECRET", "PANEL_AUTHINFO"):
        if environment.get(variable):
            continue
        text = f"printf %s {shell.required(variable)}\necho on\n"
        done = run_sh(text.encode(), name, env=environment)
        assert done.status != 0
        assert done.out == b""
        assert variable.encode() in done.err
        assert b"must hold" in done.err
    checks = shell.checks(["B", "A_SECRET", "B"])
    done = run_sh(f"{checks} && echo on\n".encode(), name, env={**environment, "B": "x"})
    assert (done.status != 0, done.out) == (True, b"")
    assert b"A_SECRET" in done.err
    odd = "a b  *\t$(touch pwned)"
    assert run_sh(f"printf '%s|' {shell.required('X')}\n".encode(), name, env={"X": odd}).out == (
        f"{odd}|".encode()
    )
    assert shell.checks([]) == ""


def test_percent() -> None:
    for text in ALL:
        encoded = percent(text)
        assert re.fullmatch("(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", encoded)
        assert unquote_to_bytes(encoded) == encode(text)


def test_python_literal() -> None:
    for text in ALL:
        shown = _python_script.quoted(text)
        assert visible(shown) == shown
        assert ast.literal_eval(shown) == text
        shown = _python_script.literal(text)
        assert visible(shown) == shown
        value = ast.literal_eval(shown)
        # What is no UTF-8 is bytes; `urlencode` makes the same of both.
        assert (value if isinstance(value, bytes) else value.encode()) == encode(text)


def test_python_func() -> None:
    """A function's name stands in an f-string."""
    for text in ALL:
        for name in ("python", "requests"):
            made = emitters.load(name)(Connection("http://h", auth="none"))
            tree = ast.parse(made.snippet(call(text, [])))
            (told,) = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
            assert len(told.values) == (5 if name == "requests" else 4)
            (word,) = ast.literal_eval(ast.Expression(told.values[0])).split(": ")[:1]
            assert unquote_to_bytes(word) == encode(text)


def test_python_comment() -> None:
    """One line, no code, and no encoding that a file's first lines would be read in."""
    made = emitters.load("python")(Connection(auth="none"))
    for text in [*ALL, "-*- coding: utf-7 -*-", "coding=utf-16 coding: x", "xcoding:y"]:
        comment = made.comment(text)
        assert comment.count("\n") == 1
        assert visible(comment[:-1]) == comment[:-1]
        assert not re.search(r"coding[:=]", comment)
        assert ast.dump(ast.parse(comment)) == ast.dump(ast.parse(""))
        assert comment.startswith("# ")


def read_back(command: list[str], program: str) -> list[bytes]:
    done = subprocess.run(
        command, input=encode(program), capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [bytes.fromhex(line) for line in done.stdout.decode().split(",")[:-1]]


def shows(literals: list[str]) -> bool:
    return all(visible(text) == text for text in literals)


@pytest.mark.parametrize("name", [pytest.param("perl", marks=requires("perl"))])
def test_perl_literal(name: str) -> None:
    literals = [scripting.literal(text) for text in ALL]
    assert shows(literals)
    # With `use utf8`, as in no snippet, a literal of UTF-8 would be characters.
    text = "no utf8; print unpack('H*', $_), ',' for (\n" + ",\n".join(literals) + ");\n"
    assert read_back([find(name) or name, "-w", "-"], text) == [*map(encode, ALL)]


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("plain", "'plain'"),
        ("it's \\ $x {$y} @z ?>", "'it\\'s \\\\ $x {$y} @z ?>'"),
        ("\u043f\u0440\u0438", "'\u043f\u0440\u0438'"),
        ("$x\n@y\t\r", '"\\$x\\n\\x40y\\t\\r"'),
        ("{$x}\0\u043f", '"{\\$x}\\x00\u043f"'),
        ('\udcff"\\1', '"\\xff\\"\\\\1"'),
        ("\u202ea", '"\\xe2\\x80\\xaea"'),
    ],
)
def test_literals_of_both_read_well(text: str, literal: str) -> None:
    assert scripting.literal(text) == literal


@pytest.mark.parametrize("name", [pytest.param("php", marks=requires("php"))])
def test_php_literal(name: str) -> None:
    literals = [scripting.literal(text) for text in ALL]
    assert shows(literals)
    text = "<?php foreach ([\n" + ",\n".join(literals) + "] as $x) echo bin2hex($x), ',';\n"
    assert read_back([find(name) or name], text) == [*map(encode, ALL)]


def in_node(script: str) -> list[bytes]:
    """Give the strings of an array as UTF-8."""
    text = (
        f"for (const x of {script}) process.stdout.write(Buffer.from(x).toString('hex') + ',');\n"
    )
    return read_back([find("node") or "node", "-"], text)


@requires("node")
def test_javascript_literal() -> None:
    texts = [text for text in ALL if is_utf8(text)]
    assert len(texts) < len(ALL)
    literals = [js.literal(text) for text in texts]
    assert shows(literals)
    assert not any("<" in one for one in literals)
    assert in_node(f"[{','.join(literals)}]") == [*map(encode, texts)]


@requires("node")
def test_javascript_members() -> None:
    """As a member's name, all but a few that no object holds in its place."""
    names = [*dict.fromkeys(text for text in ALL if js.member(text) and is_utf8(text))]
    assert not js.member("7")
    assert not js.member("__proto__")
    assert {"", "$", "'"} <= {*names}
    members = "".join(f"{js.key(name)}: {js.literal('7')},\n" for name in names)
    assert in_node(f"Object.keys({{{members}}})") == [*map(encode, names)]


@requires("node")
def test_javascript_bytes() -> None:
    """What is no text for JavaScript is percent-encoded already."""
    made = [javascript._encoded(name, value) for name, value in zip(ALL, reversed(ALL))]
    raws = [js.text(text) for text in ALL]
    assert shows([text.rstrip("\n") for text in (*made, *raws)])
    found = [pair.partition(b"=") for pair in in_node(f"[{''.join(made)}]")]
    assert [(unquote_to_bytes(n), unquote_to_bytes(v)) for n, _, v in found] == [
        (encode(n), encode(v)) for n, v in zip(ALL, reversed(ALL))
    ]
    secret = [javascript._encoded(name, Env("UNSET")) for name in ALL]
    names = [unquote_to_bytes(pair.partition(b"=")[0]) for pair in in_node(f"[{''.join(secret)}]")]
    assert names == [*map(encode, ALL)]
    bare = [one[4:-1] if one.startswith("raw(") else f"encodeURIComponent({one})" for one in raws]
    assert [*map(unquote_to_bytes, in_node(f"[{','.join(bare)}]"))] == [*map(encode, ALL)]


def call(func: str, pairs: list[tuple[str, Any]], user: str = "root") -> Call:
    request = Request(
        "Feb  6 08:08:07", 1, 2, "core", "192.0.2.1", user, "", func, "ispmgr", "x.log", 1
    )
    decisions = []
    for name, value in pairs:
        param = Param("x=y")
        param.name = name
        decisions.append(Decision(param, True, value=value))
    return Call(request, decisions)


class _Loader(yaml.SafeLoader):
    """Keeps Ansible's own tag in sight."""


_Loader.add_constructor("!unsafe", lambda loader, node: ("unsafe", node.value))


def test_ansible_scalar() -> None:
    """YAML reads each text back; one that could be a template has the tag that forbids it."""
    texts = [*(text for text in ALL if is_utf8(text)), "http://h/{{ 1 }}", "{% x %}", "{#"]
    scalars = [ansible.scalar(text) for text in texts]
    assert shows(scalars)
    for pattern in ("- {}\n", "- [a, {}]\n", "- x: {}\n"):
        lines = "".join(pattern.format(one) for one in scalars)
        found = yaml.load(lines, _Loader)
        found = [one[1] if isinstance(one, list) else one for one in found]
        found = [one["x"] if isinstance(one, dict) else one for one in found]
        assert found == [("unsafe", text) if "{" in text else text for text in texts]


def test_ansible_keys() -> None:
    made = ansible.Ansible(Connection("http://h", auth="none", out=""))
    words = ["on", "YES", "n", "null", "True", "1", "1e3", "0x1", "<<", "=", "~", "a_b", "_", "A1"]
    for text in [*ALL, *words, "x" * 101, "\u0301" * 100]:
        if not is_utf8(text):
            continue
        if "{" in text or len(text) > 100:
            with pytest.raises(WholeCallError):
                made.pair(text, "")
            continue
        assert yaml.load(made.pair(text, text), _Loader) == {text: text}


def test_ansible_bytes() -> None:
    """Bytes that are no text are percent-encoded, and so is the function in a task's name."""
    made = ansible.Ansible(Connection("http://h", auth="key", out=""))
    texts = [text for text in ALL if text not in ("", "su")]
    users = [text for text in texts if is_utf8(text)]
    for func, name, value, user in zip(texts, reversed(texts), ALL, itertools.cycle(users)):
        text = made.snippet(call(func, [(name, value), ("odd", "\udcff")], user))
        (block,) = yaml.load(text, _Loader)
        uri = "ansible.builtin.uri"
        key, _, last = [task[uri]["body"] for task in block["block"] if uri in task]
        assert unquote_to_bytes(block["name"]) == encode(func)
        assert key["username"] == (("unsafe", user) if "{" in user else user)
        assert last.endswith("&odd=%FF&auth={{ panel_session | urlencode }}")
        logged = last.partition("&odd=")[0]
        assert [[*map(unquote_to_bytes, part.split("="))] for part in logged.split("&")] == [
            [b"func", encode(func)], [encode(name), encode(value)]
        ]  # fmt: skip
        assert re.fullmatch("[A-Za-z0-9._~%=&-]*", logged)


def test_json_text() -> None:
    for text in ALL:
        shown = json_emitter._text(text)
        assert shown.isascii()
        assert shown.isprintable()
        found = json.loads(shown)
        try:
            assert found == encode(text).decode()
        except UnicodeDecodeError:
            assert found == percent(text)
            assert unquote_to_bytes(found) == encode(text)
    made = json_emitter.Json(Connection()).pair("a", Env("A"))
    assert json.loads(made) == ["a", {"env": "A"}]


def test_visible() -> None:
    """As many characters as there are, each one itself or escaped at a known length."""
    for text in ALL:
        shown = visible(text)
        assert shown.isprintable()
        assert not re.search("[\u0300-\u036f\u3164\u202a-\u202e\u2066-\u2069\u200b\ufeff]", shown)
        pieces = [visible(char) for char in text]
        assert "".join(pieces) == shown
        assert all(
            len(piece) == 1 or re.fullmatch(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", piece)
            for piece in pieces
        )
    assert visible("\x01f") == "\\x01f"
    assert visible("\udc9b\x9b") == "\\x9b\\x9b"


@pytest.mark.parametrize("check", [check_name, check_function])
@pytest.mark.parametrize("text", ["-e", "-", "--", "a=b", "=", "a\0", "\0"])
def test_mgrctl_words(check: Any, text: str) -> None:
    check("a-b")
    check("a$b")
    with pytest.raises(EmitError):
        check(text)


def test_mgrctl_empty_name() -> None:
    with pytest.raises(EmitError):
        check_name("")


def copied(text: str, what: str = "the snippet") -> tuple[bytes, str]:
    """Give what a copier writes to the terminal, and what it says."""
    terminal, said = io.BytesIO(), io.StringIO()
    terminal.close = lambda: None  # type: ignore[method-assign] # read afterwards
    with mock.patch("builtins.open", return_value=terminal), mock.patch.object(sys, "stderr", said):
        clipboard.Copier()(text, what)
    return terminal.getvalue(), said.getvalue()


def test_copy_is_one_sequence() -> None:
    """Base64 between the beginning and the end: nothing in it can end it early."""
    for text in ["a", "a\nb\n", "c" * 70_000, "\u0438\u043c\u044f"]:
        data, said = copied(text, "x\x1b]52;c;eA==\x07")
        match = re.fullmatch(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)\x07", data)
        assert match
        assert base64.b64decode(match.group(1), validate=True) == encode(text)
        assert said.startswith("logreq: x\\x1b]52;c;eA==\\x07: sent to the terminal to copy\n")


def test_copy_leaves_out_what_pasting_would_obey() -> None:
    for text in ["a\x1b[201~", "a\x03b", "a\tb", "a\rb", "\x9b", "\udcff", "\u202e", "x\n\x04\n"]:
        data, said = copied(f"mgrctl 'x={text}'\n", "f\x1b")
        assert data == b""
        assert said == (
            "logreq: f\\x1b is not copied:"
            " it holds unprintable characters and has to run as a file\n"
        )


def test_copy_has_a_limit() -> None:
    assert copied("c" * 80_000)[0] == b""


class _Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("tty", [True, False])
def test_a_terminal_is_shown_what_is_there(tty: bool) -> None:
    """Line ends of a snippet stay, and only these; a file gets the bytes."""
    raw = io.BytesIO()
    stream = (_Terminal if tty else io.TextIOWrapper)(raw, write_through=True)
    text = "a 'x=\x1b]52;c;eA==\x07'\nb\u2028c\x85d\re\x0bf\n\x9b2J\n"
    with mock.patch.object(sys, "stdout", stream):
        writer = output.Writer(emitters.load("mgrctl")(Connection()))
        writer.write(text)
        writer.close()
    stream.detach()
    if not tty:
        assert raw.getvalue() == encode(text)
        return
    lines = raw.getvalue().decode().split("\n")
    assert lines == [
        "a 'x=\\x1b]52;c;eA==\\x07'", "b\\u2028c\\x85d\\x0de\\x0bf", "\\x9b2J", "",
    ]  # fmt: skip


def test_messages_show_what_is_there() -> None:
    said = io.StringIO()
    with mock.patch.object(sys, "stderr", said):
        report = output.Reporter()
        report(Problem("a\x1b[2J\n.log", 1, 2, "x\u202e"))
        report.say("func\x07")
    assert said.getvalue() == "logreq: a\\x1b[2J\\x0a.log:1:2: x\\u202e\nlogreq: func\\x07\n"
