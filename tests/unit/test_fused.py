# ruff: noqa: E501 tables are read in long rows
"""The fast way gives what the plain definition gives, for any rules, requests and emitters."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreq import emitters, frames, fused, scanner
from logreq.apply import Applier
from logreq.call import Connection
from logreq.emitters._base import Emitter
from logreq.errors import EmitError, Problem
from logreq.fused import Fused
from logreq.parser import parse_line
from logreq.renderer import Renderer, refusal
from logreq.request import Chunk, Request, Source, decode, encode
from logreq.rulefile import load_bundled, parse, rule_set
from logreq.rules import RuleSet
from logreq.scanner import LONG_LINE, Scanner
from logreq.select import chooser
from tests.support.profile import examples

NAMES = [
    "func", "f%75nc", "xfunc", "elid", "su", "name", "n%61me", "operafake", "clicked_button", "progressid",
    "passwd", "confirm", "password", "key", "auth", "ip", "out", "skipbasket", "sok", "", "-x", "odd%FF", "l%0Aine",
]  # fmt: skip
VALUES = [
    "", "*", "%2A", "ok", "install", "user.edit", "iplist.edit", "on", "%6Fn", "s%2Becret", "s+x", "%00",
    "%FF", "%0A", "caf%C3%A9", "false", "null", "a=b", "x" * 300, "-x", "'", "%27", "y" * LONG_LINE,
    "\x01", "%01", "\x02", "%02", "a\x02b", "\0", "@texts-of-the-parameters@",
    "7aValue0fAParameter", "~", "1e5", "0123", "true", "café", "\udcff",
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
HEADS = st.sampled_from(
    [
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] ",
        "Feb  6 08:08:08 [1:2] core INFO Request [192.0.2.1][www-root] ",
        "Feb  6 08:08:08 [77:0] core INFO Request [2001:db8::1][root#admin(1)] ",
        "Feb 06 08:08:07 [ 7555:8] INFO Request [][] ",
        "Feb 29 23:59:60 [007:02] core INFO Request [192.0.2.1][root] ",
        "Feb  6 08:08:07 [15] core INFO Request [192.0.2.1][root] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [@texts-of-the-parameters@][root] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][Feb 29 23:59:60] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][a\0b\x02c] ",
        "Feb  6 08:08:07 [1:2] core \x1b[32mINFO Request\x1b[0m [192.0.2.1][root] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][\udcff\u0438] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][%b%%d%] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1] ",
        "xFeb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] ",
        "Feb  6 08:08:07 [1:2] core EXTINFO Internal [192.0.2.1][root] ",
    ]
)
CALLERS = [name for name in emitters.names() if emitters.load(name).joins]


def request_of(query: str, user: str) -> bytes:
    return f"Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][{user}] '{query}'".encode()


def rendered(name: str, lines: list[str], *, rules: RuleSet | None = None) -> list[str]:
    """Give the texts of lines by the fast way, after they were held against the plain one."""
    chunk = Chunk(encode("\n".join(lines)), Source("x.log", "ispmgr"), 1)
    emitter = emitters.load(name)(Connection())
    quick, slow = (
        Applier(rules or rule_set([], user=None), kinds=emitter.needs_kind) for _ in range(2)
    )
    renderer = Renderer(quick, emitter, lambda problem: None)
    texts = list(map(decode, renderer.page(Scanner().scan(chunk, renderer.brief(chunk.source)))))
    found = [one for one in Scanner().scan(chunk) if isinstance(one, Request)]
    assert texts == [plain(slow, emitters.load(name)(Connection()), one, []) for one in found]
    assert texts == list(map(decode, renderer.page(found)))
    return texts


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
        return refusal(call, emitter, problems.append, error)


WHERES = [
    None, "func == user.edit", "not func like '*.edit'", "user == root and param.sok", "pid > 10 or param.name == ok",
    "caller in (192.0.2.0/24, x)", "module != core", "time >= 08:00:08", "kind == action", "tid == 0", "tid",
    "panel == ispmgr", "panel ~ bill", "user == nobody", "param.operafake > 500000",
]  # fmt: skip


@pytest.mark.parametrize("name", CALLERS)
@settings(max_examples=examples(250))
@given(
    data=st.lists(st.tuples(HEADS, QUERIES), min_size=1, max_size=12),
    careful=st.booleans(),
    secrets=st.sampled_from(["env", "keep", "drop"]),
    where=st.sampled_from(WHERES),
    sample=st.sampled_from([0, scanner._DENSE]),
    room=st.sampled_from([0, fused.ROOM]),
)
def test_fused_is_plain(
    name: str,
    data: list[tuple[str, str]],
    careful: bool,
    secrets: str,
    where: str | None,
    sample: int,
    room: int,
) -> None:
    emitter = emitters.load(name)(Connection())
    quick, slow = appliers(emitter, careful, secrets)
    lines = "\n".join(f"{head}'{query}'" for head, query in data)
    chunk = Chunk(encode(lines), Source("x.log", "ispmgr"), 1)
    wanted = chooser(quick.rules, where=where)
    fast_problems: list[Problem] = []
    renderer = Renderer(quick, emitter, fast_problems.append, wanted)
    with patch.object(scanner, "_DENSE", sample), patch.object(fused, "ROOM", room):
        texts = renderer.page(Scanner().scan(chunk, renderer.brief(chunk.source)))
    problems = [one for one in Scanner().scan(chunk) if isinstance(one, Problem)]
    expected = [
        plain(slow, emitters.load(name)(Connection()), found, problems)
        for found in Scanner().scan(chunk)
        if isinstance(found, Request) and (wanted is None or wanted(found))
    ]
    assert list(map(decode, texts)) == expected
    assert sorted(fast_problems, key=str) == sorted(problems, key=str)


@pytest.mark.parametrize("name", CALLERS)
def test_a_function_that_looks_like_a_mark(name: str) -> None:
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
    for func in ("%00", "%01", "%02", "%00%02", "%02%00", "%00%02%00"):
        queries = ("func=a&x=1", f"y=2&func={func}&z=3", "func=b&func=c", "func=d&v=4", "func=e")
        rendered(name, [f"{head}'{query}'" for query in queries])


def test_notes_do_not_change_the_kind() -> None:
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
    (text,) = rendered("json", [f"{head}'func=restart&passwd=*'"])
    assert '"kind": "action"' in text
    assert "was masked" in text


def test_kinds_that_look_at_more_than_the_query() -> None:
    rules = RuleSet([parse(b"kinds:\n  - background: user == cron\n", "x.yaml")])
    lines = "\n".join(decode(request_of("func=f", user)) for user in ("root", "cron", "web"))
    chunk = Chunk(encode(lines), Source("x.log", "ispmgr"), 1)
    wanted = chooser(rules, where="kind == background")
    emitter = emitters.load("curl")(Connection())
    renderer = Renderer(Applier(rules), emitter, lambda problem: None, wanted)
    (text,) = renderer.page(Scanner().scan(chunk, renderer.brief(chunk.source)))
    assert b"x.log:2\n" in text


def test_unseen_values_are_not_remembered_but_a_few(monkeypatch: pytest.MonkeyPatch) -> None:
    emitter = emitters.load("url")(Connection())
    fast = Fused(appliers(emitter, False, "env")[0], emitter)
    for number in range(1_000):
        request = parse_line(request_of(f"func=user&operafake={number}", "root"))
        assert isinstance(request, Request)
        assert fast.snippets([request])[0] == b"https://localhost:1500/ispmgr?func=user\n"
    assert len(fast) < 50


def test_a_name_that_is_dropped_with_ever_new_values_keeps_its_exceptions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fused, "PAIRS", 60)
    rules = RuleSet([parse(b"params:\n  - drop: n\n  - keep: n\n    value: on\n", "x.yaml")])
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
    rare = ["on", "", "*", "o'n", "%6Fn", "x&n=on", "x&nn=x", "x" * 300]
    values = [str(n) if n % 5 else rare[n // 5 % len(rare)] for n in range(41, 400)]
    lines = [f"{head}'func=f&m={n}&n={value}'" for n, value in enumerate(values)]
    for name in ("url", "curl"):
        texts = rendered(name, lines, rules=rules)
        assert sum("n=on" in text for text in texts) == values.count("on") + values.count("x&n=on")


def test_names_that_are_dropped_are_bounded() -> None:
    rules = RuleSet([parse(b"params:\n  - drop: '*'\n", "x.yaml")])
    emitter = emitters.load("url")(Connection())
    fast = Fused(Applier(rules), emitter)
    for number in range(100):
        for value in range(30):
            request = parse_line(request_of(f"func=f&n{number}={value}", "root"))
            assert isinstance(request, Request)
            assert fast.snippets([request]) == [b"https://localhost:1500/ispmgr?func=f\n"]
    assert len(fast._gone) == fused.GONE


@pytest.mark.parametrize("sample", [0, scanner._DENSE])
@pytest.mark.parametrize("name", ["url", "curl"])
def test_a_head_does_not_go_on_in_the_next_line(
    name: str, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanner, "_DENSE", sample)
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1"
    sound = f"{head}][root] 'func=a'"
    assert len(rendered(name, [sound, head, "x][root] 'func=b'", sound])) == 2
    assert len(rendered(name, [sound, f"{head}][root", "] 'func=b'", sound])) == 2
    assert rendered(name, [head, "x][root] 'func=b'"]) == []
    for length in (254, 255, 256, 5_000):
        long = f"{head[: -len('192.0.2.1')]}{'x' * length}][{'y' * length}] 'func=a'"
        assert len(rendered(name, [sound, long, sound])) == 3


def test_memory_is_bounded_by_number_and_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused, "PAIRS", 100)
    emitter = emitters.load("url")(Connection())
    fast = Fused(appliers(emitter, False, "env")[0], emitter)
    for number in range(1_000):
        request = parse_line(request_of(f"func=user&name={number}&text={'x' * 300}{number}", "r"))
        assert isinstance(request, Request)
        assert f"name={number}&" in str(fast.snippets([request])[0])
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
    tried = [fused._VALUE, fused._VALUE + b"x"]
    layer = parse(b"params:\n  - drop: a\n    value: [%b, %b]\n" % (*tried,), "r.yaml")
    applier = Applier(RuleSet([*rules.layers, layer]))
    fast = Fused(applier, emitters.load("url")(Connection("http://h")))
    values = [*tried, tried[1] + b"x", b"y"]
    query = decode(b"".join(b"&a=" + value for value in values))
    made = parse_line(f"Feb  6 08:08:07 [1:2] m INFO Request [][root] 'func=f{query}'")
    assert isinstance(made, Request)
    assert fast.snippets([made])[0] == b"http://h/ispmgr?func=f&a=%b&a=y\n" % values[2]


@pytest.mark.parametrize("name", CALLERS)
def test_nearly_all_requests_go_the_fast_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] 'func=user.edit&elid=1&sok=ok'",
        "Feb  6 08:08:07 [ 7:8] INFO Request [][] 'func=user.edit&passwd=*&confirm=*&sok=ok'",
        "Feb  6 08:08:07 [1:2] m INFO Request [][r] 'clicked_button=install&func=x&operafake=12'",
    ]
    expected = rendered(name, lines)
    monkeypatch.setattr(Applier, "__call__", None)
    monkeypatch.setattr(Applier, "whole", None)
    emitter = emitters.load(name)(Connection())
    renderer = Renderer(
        Applier(rule_set([], user=None), kinds=emitter.needs_kind), emitter, lambda problem: None
    )
    chunk = Chunk(encode("\n".join(lines)), Source("x.log", "ispmgr"), 1)
    texts = renderer.page(Scanner().scan(chunk, renderer.brief(chunk.source)))
    assert list(map(decode, texts)) == expected


def test_a_kind_that_depends_on_who_clicked() -> None:
    layer = parse(b"kinds:\n  - background: user == cron\n", "r.yaml")
    rules = RuleSet([*rule_set([], user=None).layers, layer])
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1]"
    texts = rendered("json", [f"{head}[cron] 'func=a'", f"{head}[root] 'func=a'"], rules=rules)
    assert ["background" in text for text in texts] == [True, False]


@pytest.mark.parametrize("name", ["skipbasket", "paynow"])
def test_what_spends_money_is_noted_however_it_is_written(name: str) -> None:
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
    values = ("off", "on", "%6Fn", "x", "o%6e")
    texts = rendered("curl", [f"{head}'func=a&{name}={value}'" for value in values])
    assert ["spends money" in text for text in texts] == [False, True, True, False, True]


def test_frames_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "FRAMES", 5)
    emitter = emitters.load("curl")(Connection())
    source = Source("x.log", "ispmgr")
    known = frames.Frames(emitter, source)
    for number in range(100):
        frame = known[known.key(b"", b"", b"user%d" % number, b"", b"f")]
        assert frame is not None
        assert b"user%d" % number in frame[1]
        assert max(len(known), len(known._same)) <= 5 + len(frame)


def test_an_emitter_with_other_fields_goes_the_plain_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitters.load("json"), "fields", ("line", "texts"))
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
    assert len(rendered("json", [f"{head}'func=a'", f"{head}'func=b&c=d'"])) == 2


def test_logs_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    emitter = emitters.load("curl")(Connection())
    fast = Fused(appliers(emitter, False, "env")[0], emitter)
    for number in range(100):
        line = request_of("func=user", "root")
        request = parse_line(line, source=f"{number}.log", number=number)
        assert isinstance(request, Request)
        assert f" {number}.log:{number}\n" in decode(fast.snippets([request])[0] or b"")
        assert len(fast._briefs) <= fused.SOURCES


@pytest.mark.parametrize("name", CALLERS)
def test_a_log_that_holds_what_the_emitter_is_asked_with(name: str) -> None:
    head = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1]"
    value = decode(fused._VALUE)
    rendered(name, [f"{head}[root] 'func=a&{value}=b&{value}={value}'"])
    for text in frames._MADE_UP.values():
        rendered(name, [f"{head}[{text}] 'func={text}&a={text}'", f"{head}[r] 'func=a&{text}=b'"])
