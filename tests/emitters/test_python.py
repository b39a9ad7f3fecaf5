"""Python snippets, with and without `requests`: what they send, byte for byte."""

from __future__ import annotations

import ast
import io
import itertools
import json
import sys
import tokenize
from collections.abc import Iterator
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreq.emitters import load
from logreq.model.connection import Connection
from logreq.text.escape import plain
from tests.support import run, strategies
from tests.support.cli import logreq
from tests.support.panel import FakePanel
from tests.support.profile import examples
from tests.support.pysnippets import (
    EMITTERS,
    ENV,
    execute,
    listed,
    make_call,
    shown,
    snippet,
)
from tests.support.recorder import Pairs, RecordingServer


@pytest.fixture(scope="module")
def server() -> Iterator[RecordingServer]:
    with RecordingServer() as opened:
        yield opened


LOGIN_NAMES = {b"func", b"auth", b"authinfo", b"sesid", b"out", b"lang", b"su"}


@pytest.mark.parametrize("name", EMITTERS)
def test_order_of_what_is_sent(name: str, server: RecordingServer) -> None:
    call = make_call([(b"z", b"1"), (b"a", b""), (b"z", b"2"), (b"a b", b"c d+")], b"x.y")
    text = snippet(name, call, server.base, auth="authinfo", out="json", lang="en", su="bob")
    server.requests.clear()
    execute(text, {"PANEL_AUTHINFO": "root:a&b=c+d%/\u00e9"})
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/ispmgr", b"")
    assert request.body == (
        b"func=x.y&z=1&a=&z=2&a+b=c+d%2B&out=json&lang=en&su=bob"
        b"&authinfo=root%3Aa%26b%3Dc%2Bd%25%2F%C3%A9"
    )
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("name", EMITTERS)
@settings(max_examples=examples(100))
@given(pairs=strategies.pairs(), func=strategies.values(min_size=1))
def test_any_bytes_arrive(name: str, server: RecordingServer, pairs: Pairs, func: bytes) -> None:
    pairs = [pair for pair in pairs if pair[0] not in LOGIN_NAMES]
    call = make_call(pairs, func, secrets="keep")
    server.requests.clear()
    assert shown(execute(snippet(name, call, server.base, out="json"))) == {"ok": {}}
    assert server.pairs == [[(b"func", func), *pairs, (b"out", b"json")]]


@settings(max_examples=examples(100))
@given(
    pairs=strategies.pairs(),
    user=strategies.values(nul=False),
    name=st.sampled_from(EMITTERS),
)
def test_a_snippet_has_the_shape_of_any_other(pairs: Pairs, user: bytes, name: str) -> None:
    pairs = [pair for pair in pairs if pair[0] not in LOGIN_NAMES]
    user = user.replace(b"\n", b"").replace(b"]", b"")
    call = make_call(pairs, secrets="keep", user=user)
    benign = make_call([(b"a", b"b")] * len(pairs))
    url = "https://panel.example"
    text = snippet(name, call, url)
    # One mapping or list of literals; without their contents nothing differs.
    shapes, sent = [], []
    for source in (text, snippet(name, benign, url)):
        tree = ast.parse(source.encode())
        (call_,) = [
            node
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "call"
        ]
        value = ast.literal_eval(call_.value)
        sent.append(list(value.items()) if isinstance(value, dict) else value)
        call_.value = ast.Constant("")
        shapes.append(ast.dump(tree))
    assert shapes[0] == shapes[1]
    encoded = [tuple(p if isinstance(p, bytes) else p.encode() for p in pair) for pair in sent[0]]
    assert encoded == [(b"func", b"domain"), *pairs, (b"out", b"json")]
    assert all(plain(line) for line in text.split("\n"))


HOSTILE: Pairs = [(b"n%d" % n, value) for n, value in enumerate(strategies.HOSTILE)]


@pytest.mark.interpreter
@pytest.mark.parametrize("python", run.each(*run.PYTHONS))
def test_hostile_values_arrive_from_every_python(python: str, server: RecordingServer) -> None:
    secret = (b"passwd", b"never written")
    text = snippet("python", make_call([*HOSTILE, secret]), server.base, auth="authinfo", out="xml")
    assert "never written" not in text
    server.requests.clear()
    env = {"PANEL_AUTHINFO": b"u:\xc3\xa9'", "PASSWD": b" \xc3\xa9$x'"}
    # Two snippets in one file, and a locale that is not UTF-8's.
    done = run.run(python, f"{text}\n{text}".encode(), env={**env, "LC_ALL": "C"})
    assert (done.status, done.err, done.files) == (0, b"", [])
    assert done.out.count(b"<doc><ok/></doc>") == 2
    sent = [(b"func", b"domain"), *HOSTILE, (b"passwd", env["PASSWD"]), (b"out", b"xml")]
    assert server.pairs == [[*sent, (b"authinfo", env["PANEL_AUTHINFO"])]] * 2


@pytest.mark.parametrize(
    "user",
    [
        b"coding: utf-7",
        b"x -*- coding=latin-1 -*-",
        b"vim:fileencoding:utf-16 \xe2\x80\xa8import os",
        b"a\x0cb\rprint(1)\x85",
    ],
)
def test_a_comment_stays_one(user: bytes) -> None:
    text = snippet("python", make_call([], user=user), "https://panel.example")
    assert tokenize.detect_encoding(io.BytesIO(text.encode()).readline) == ("utf-8", mock.ANY)
    assert text.splitlines()[1].startswith("import ")
    assert "c\\x6fding" not in text  # only the first letter is shown otherwise
    assert plain(text.splitlines()[0])


def test_an_encoding_in_words_is_left_alone() -> None:
    text = snippet("python", make_call([], user=b"coding"), "https://panel.example")
    assert "  coding from 192.0.2.33  domain  -:1\n" in text


def test_names_that_are_not_plain_are_escaped_alike() -> None:
    call = make_call([("e\u0301".encode(), "\u3164\u0439".encode())])
    assert r'"e\u0301": "\u3164\u0439"' in snippet("python", call, "https://panel.example")


@pytest.mark.parametrize("name", EMITTERS)
def test_pairs_where_a_name_comes_twice(name: str) -> None:
    log = b"".join(
        strategies.log_line(query)
        for query in (b"func=f&a=1&b=2", b"func=f&a=1&a=2", b"func=f&a=1&%61=2", b"func=f&%66unc=1")
    )
    with RecordingServer() as server:
        done = logreq("convert", "-q", "-t", name, "--auth", "none", "-u", server.base, stdin=log)
        assert done.text.count("call = {\n") == 1
        execute(done.text)
    assert server.pairs == [
        [(b"func", b"f"), *pairs, (b"out", b"json")]
        for pairs in (
            [(b"a", b"1"), (b"b", b"2")],
            [(b"a", b"1"), (b"a", b"2")],
            [(b"a", b"1"), (b"a", b"2")],
            [(b"func", b"1")],
        )
    ]


def frame_lines(text: str, pairs: int) -> int:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return len(lines) - pairs


def test_frames_are_short() -> None:
    call = make_call([(b"a", b"b"), (b"passwd", b"x")])
    texts = [snippet(name, call, "https://h", auth="authinfo") for name in EMITTERS]
    assert [frame_lines(text, pairs=5) for text in texts] == [11, 10]
    assert len(texts[1]) < len(texts[0])


@pytest.mark.parametrize("name", EMITTERS)
def test_no_option_makes_a_frame_long(name: str) -> None:
    texts = []
    parts = [b"passwd", b"a", b"a", b"\xff", b"a\xff"]
    for bits in itertools.product([False, True], repeat=len(parts)):
        pairs = [(part, b"b\xff" * bit) for part, bit in zip(parts, bits) if bit]
        for func, insecure, lang in itertools.product(
            (b"user.edit", b"\xff"), (False, True), (None, "ru")
        ):
            call = make_call(pairs, func)
            connection = {"auth": "authinfo", "out": "json", "lang": lang, "insecure": insecure}
            texts.append(snippet(name, call, "https://h", **connection))
            assert frame_lines(texts[-1], len(pairs) + 3 + bool(lang)) <= 12, texts[-1]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 120


def test_quotes_are_those_of_formatters() -> None:
    call = make_call(
        [(b"a", b"it's"), (b"b", b'"x"'), (b"c", b"'\""), (b"d", b"\xff'"), (b"e", b"\xff")]
    )
    text = snippet("python", call, "https://h")
    assert """    "a": "it's",\n    "b": '"x"',\n    "c": '\\'"',\n""" in text
    assert """    "d": b"\\xff'",\n    "e": b"\\xff",\n""" in text


@pytest.mark.parametrize("name", EMITTERS)
def test_several_panels_each_have_their_address(name: str) -> None:
    with RecordingServer() as server:
        emitter = load(name)(Connection(server.base, auth="none"))
        for panel in ("ispmgr", "billmgr", "ispmgr"):
            execute(emitter.snippet(make_call([], panel=panel)))
        assert [r.path for r in server.requests] == ["/ispmgr", "/billmgr", "/ispmgr"]


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("python", run.each("python3.9", f"python3.{sys.version_info[1]}"))
def test_snippets_pasted_into_an_interpreter_run(python: str, auth: str) -> None:
    with FakePanel() as panel:
        text = snippet("python", make_call([]), panel.base, auth=auth)
        pasted = f"{text}\n"
        # An interactive interpreter ends a block at a blank line, and only there.
        code = (
            "import code\n"
            "console, more = code.InteractiveConsole(), False\n"
            f"for line in {pasted.splitlines()!r}:\n"
            "    more = console.push(line)\n"
            "assert not more\n"
        )
        done = run.run(python, code.encode(), env=ENV)
        assert done.err == b""
        assert json.loads(done.out)["elem"] == listed(panel)
