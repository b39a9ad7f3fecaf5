# ruff: noqa: E501 tables are read in long rows
"""The fast way gives what the plain definition gives, for any rules, requests and emitters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreq import emitters, fused
from logreq.apply import Applier
from logreq.call import Connection
from logreq.emitters._base import Emitter
from logreq.errors import EmitError, Problem
from logreq.fused import Fused
from logreq.parser import Scanner, parse_line
from logreq.renderer import Renderer
from logreq.request import Chunk, Request, Source, decode
from logreq.rulefile import load_bundled, parse, rule_set
from logreq.rules import RuleSet

NAMES = [
    "func", "f%75nc", "xfunc", "elid", "su", "name", "n%61me", "operafake", "clicked_button", "progressid",
    "passwd", "confirm", "password", "key", "auth", "ip", "out", "skipbasket", "sok", "", "-x", "odd%FF", "l%0Aine",
]  # fmt: skip
VALUES = [
    "", "*", "%2A", "ok", "install", "user.edit", "iplist.edit", "on", "%6Fn", "s%2Becret", "s+x", "%00",
    "%FF", "%0A", "caf%C3%A9", "false", "null", "a=b", "x" * 300, "-x", "'", "%27",
]  # fmt: skip
PIECES = st.one_of(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)).map("=".join),
    st.sampled_from(
        ["", "func", "name", "passwd", "func=user.edit", "func=iplist.edit", "func=auth"]
    ),
    st.integers(0, 10**6).map("operafake={}".format),
    st.integers(0, 10**6).map("name={}".format),
)
QUERIES = st.lists(PIECES, max_size=8).map("&".join).filter(lambda query: "\n" not in query)
USERS = st.sampled_from(["root", "www-root", "root#admin(1)", ""])
CALLERS = [name for name in emitters.names() if emitters.load(name).joins]


def request_of(query: str, user: str) -> bytes:
    return f"Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][{user}] '{query}'".encode()


def outcomes_of(applier: Applier, request: Request) -> list[tuple[object, ...]]:
    call = applier.whole(request)
    return [(o.param.pair, o.keep, o.rule, o.why, o.value, o.private) for o in call.outcomes]


def appliers(emitter: Emitter, careful: bool, secrets: str) -> tuple[Applier, Applier]:
    rules = rule_set(["careful"] if careful else [], user=None)
    advice = rule_set(["careful"], user=None)
    one, two = (
        Applier(
            rules,
            secrets=secrets,
            overridden=[name for name, _ in emitter.connection.extra],
            advice=advice,
            kinds=emitter.needs_kind,
            notes=emitter.tells_request,
        )
        for _ in range(2)
    )
    return one, two


def plain(applier: Applier, emitter: Emitter, request: Request, problems: list[Problem]) -> str:
    """Give the text by the plain definition, nothing remembered."""
    call = applier.whole(request)
    if applier.kinds:
        call = call._replace(kind=applier.rules.kind(request))
    try:
        return emitter.snippet(call)
    except EmitError as error:
        return emitter.refusal(call, str(error))


@pytest.mark.parametrize("name", CALLERS)
@settings(max_examples=150, deadline=None)
@given(
    data=st.lists(st.tuples(QUERIES, USERS), min_size=1, max_size=12),
    careful=st.booleans(),
    secrets=st.sampled_from(["env", "keep", "drop"]),
)
def test_fused_is_plain(
    name: str, data: list[tuple[str, str]], careful: bool, secrets: str
) -> None:
    emitter = emitters.load(name)(Connection())
    quick, slow = appliers(emitter, careful, secrets)
    lines = b"\n".join(request_of(query, user) for query, user in data)
    chunk = Chunk(lines, Source("x.log", "ispmgr"), 1)
    renderer = Renderer(quick, emitter, lambda problem: None)
    texts = renderer.page(Scanner().scan(chunk, renderer.brief(chunk.source)))
    expected = [
        plain(slow, emitters.load(name)(Connection()), found, [])
        for found in Scanner().scan(chunk)
        if isinstance(found, Request)
    ]
    assert list(map(decode, texts)) == expected


def test_unseen_values_are_not_remembered_but_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    emitter = emitters.load("url")(Connection())
    fast = Fused(appliers(emitter, False, "env")[0], emitter)
    for number in range(1_000):
        request = parse_line(request_of(f"func=user&operafake={number}", "root"))
        assert isinstance(request, Request)
        assert fast.snippet(request) == b"https://localhost:1500/ispmgr?func=user\n"
    assert len(fast) < 50


def test_memory_is_bounded_by_number_and_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "PAIRS", 100)
    emitter = emitters.load("url")(Connection())
    fast = Fused(appliers(emitter, False, "env")[0], emitter)
    for number in range(1_000):
        request = parse_line(request_of(f"func=user&name={number}&text={'x' * 300}{number}", "r"))
        assert isinstance(request, Request)
        assert f"name={number}&" in str(fast.snippet(request))
        assert len(fast) <= 100
        assert max(map(len, fast)) <= 300


def test_forgetting_does_not_let_a_secret_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "PAIRS", 3)
    emitter = emitters.load("url")(Connection())
    renderer = Renderer(appliers(emitter, False, "env")[0], emitter, lambda problem: None)
    query = "func=user.edit&passwd=hidden&a=1&b=2&c=3&d=4&confirm=hidden"
    for _ in range(3):
        request = parse_line(request_of(query, "root"))
        assert isinstance(request, Request)
        (text,) = map(decode, renderer.page([request]))
        assert "hidden" not in text
        assert text.count("${PASSWD}") == 2
    assert load_bundled("default")


def test_a_rule_about_the_value_that_is_tried_first() -> None:
    """Whether all other values of a name are treated alike is asked with none that a rule names."""
    rules = rule_set([], user=None)
    layer = parse(b"params:\n  - drop: a\n    value: [x, xx]\n", "r.yaml")
    applier = Applier(RuleSet([*rules.layers, layer]))
    fused = Fused(applier, emitters.load("url")(Connection("http://h")))
    made = parse_line("Feb  6 08:08:07 [1:2] m INFO Request [][root] 'func=f&a=x&a=xx&a=xxx&a=y'")
    assert isinstance(made, Request)
    assert fused.snippet(made) == b"http://h/ispmgr?func=f&a=xxx&a=y\n"
