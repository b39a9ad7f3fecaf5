"""What is remembered gives the same text as what is not, for any rules, requests and targets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logreq import emitters
from logreq.convert import dropped, pairs, plans
from logreq.convert.filter import Unique
from logreq.convert.render import Renderer
from logreq.emitters.base import Emitter, WholeCallError
from logreq.emitters.context import Context
from logreq.emitters.curl import Curl
from logreq.emitters.frame import PAIRS, Frame
from logreq.errors import EmitError, Problem
from logreq.log.line import parse_line
from logreq.model.call import Call, Value
from logreq.model.connection import Connection
from logreq.model.request import Param, Request
from logreq.rules.decide import Decider
from logreq.rules.load import load_bundled, rule_set
from logreq.rules.model import RuleSet
from logreq.text.codec import encode
from tests.support.profile import examples

NAMES = [
    "func", "f%75nc", "xfunc", "elid", "su", "lang", "name", "n%61me", "operafake", "progressid",
    "clicked_button", "passwd", "confirm", "API%5FKEY", "key", "value", "crypted", "auth", "ip",
    "aliases", "out", "skipbasket", "sok", "snext", "sv_field", "file_1", "", "-x", "odd%FF",
    "l%0Aine", "__proto__", "7",
]  # fmt: skip
VALUES = [
    "", "*", "%2A", "ok", "install", "user.edit", "iplist.edit", "on", "%6Fn", "s%2Becret", "s+x",
    "%00", "%FF", "%0A", "caf%C3%A9", "false", "null", "a=b", "x" * 300, "-x", "'", "%27", "csv",
    "xjson", "pdf_print", "{{x}}", "%s", "%(x)s", "\x01", "@f", "~", "1e5", "0123", "true", "café",
    "\udcff", "%5Fdeleteundefined", "passwd", "ForwardedSecret", "17",
]  # fmt: skip
FUNCS = [
    "user.edit", "iplist.edit", "auth", "payment.setpaid", "webdomain.delete", "currency.upload",
    "webdomain.edit", "session.newkey", "user.su", "check.password", "paramlist.edit", "user", "-x",
    "a=b", "caf%C3%A9", "%FF", "server.poweroff",
]  # fmt: skip
PIECES = st.one_of(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES)).map("=".join),
    st.sampled_from(["", "func", "name", "passwd"]),
    st.integers(0, 10**6).map("operafake={}".format),
    st.integers(0, 10**6).map("name={}".format),
)
QUERIES = st.tuples(st.sampled_from(FUNCS), st.lists(PIECES, max_size=7), st.integers(0, 7)).map(
    lambda made: "&".join([*made[1][: made[2]], f"func={made[0]}", *made[1][made[2] :]])
)
HEADS = st.sampled_from(
    [
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] ",
        "Feb  6 08:08:08 [1:2] core INFO Request [192.0.2.1][www-root] ",
        "Feb 06 08:08:07 [ 7555:8] INFO Request [][] ",
        "Feb 29 23:59:60 [007:02] core INFO Request [192.0.2.1][bob@example.com] ",
        "Feb  6 08:08:07 [15] core INFO Request [ispmgr][ispmaster] ",
        "Feb  6 08:08:07 [1:2] core \x1b[32mINFO Request\x1b[0m [192.0.2.1][root] ",
        "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][\udcff\u0438%s] ",
    ]
)
LINES = st.lists(st.tuples(HEADS, QUERIES), min_size=1, max_size=8)
CONNECTIONS = st.sampled_from(
    [
        Connection(),
        Connection(out="xml", su="bob"),
        Connection(out="", lang="ru", insecure=True),
        Connection(su="auto"),
        Connection(su=""),
    ]
)


def requests_of(lines: list[tuple[str, str]]) -> list[Request]:
    found = [
        parse_line(f"{head}'{query}'", "ispmgr", "x.log", number)
        for number, (head, query) in enumerate(lines, start=1)
    ]
    return [one for one in found if isinstance(one, Request)]


def decider_for(emitter: Emitter, rules: RuleSet, secrets: str) -> Decider:
    return Decider(
        rules,
        secrets=secrets,
        overridden=[name for name, _ in emitter.connection.extra],
        advice=RuleSet([load_bundled("careful")]),
        kinds=emitter.needs_kind,
        notes=emitter.tells_request,
        out=emitter.connection.out or "",
    )


def plainly(decider: Decider, emitter: Emitter, request: Request) -> str:
    """Give the text by the plain definition, nothing remembered."""
    call = decider.whole(request)
    try:
        return emitter.snippet(call)
    except EmitError as error:
        return emitter.refusal(call, str(error))


@contextmanager
def little_room() -> Iterator[None]:
    with ExitStack() as stack:
        for module, name, room in (
            (pairs, "PAIRS", 6), (pairs, "MARKS", 4), (plans, "NAMES", 4), (plans, "WORDS", 2),
            (dropped, "PAIRS", 3),
        ):  # fmt: skip
            stack.enter_context(patch.object(module, name, room))
        yield


@pytest.mark.parametrize("name", emitters.names())
@settings(max_examples=examples(150))
@given(lines=LINES, connection=CONNECTIONS, data=st.data())
def test_remembered_and_not(
    name: str, lines: list[tuple[str, str]], connection: Connection, data: st.DataObject
) -> None:
    sets = data.draw(st.sampled_from([[], ["careful"], ["minimal"]]))
    keep = data.draw(st.sampled_from([[], ["*"], ["passwd", "confirm"]]))
    secrets = data.draw(st.sampled_from(["env", "keep", "drop"]))
    rules = rule_set(sets, user=None, keep=keep)
    found = requests_of(lines)
    emitter, other = (emitters.load(name)(connection) for _ in range(2))
    slow = decider_for(other, rules, secrets)
    # Little room, so that things are forgotten, too.
    with little_room():
        renderer = Renderer(decider_for(emitter, rules, secrets), emitter, lambda problem: None)
        for _ in range(2):
            assert list(renderer.texts(found)) == [plainly(slow, other, one) for one in found]


# One of each kind: what a pair can mean to the frame, to the notes, and to other pairs.
KINDS = [
    "func=user.edit&name=bob&operafake=1&sfrom=ajax&sok=ok", "func=user.edit&name=bob&name=eve",
    "func=user.edit&&name=bob&", "name=a%20b&func=user.edit&n%61me=x",
    "func=user.edit&passwd=*&confirm=*", "func=user.edit&passwd=s3cret&x=1",
    "a=*&func=user.edit&passwd=s3cret&progressid=%5Fhandle&x=%73ecret&su=bob",
    "func=user.edit&passwd=s3cret&confirm=s3cret", "func=user.edit&passwd=s3cret&x=%73%33cret",
    "func=user.edit&passwd=s3cret&dropped=s3cret&sfrom=s3cret", "func=user.edit&passwd=&confirm=",
    "func=user.edit&passwd=user.edit", "func=user.edit&passwd=a&API%5FKEY=b&secret=c",
    "func=user.edit&progressid=%5Fhandle17&clicked_button=install&out=xjson",
    "func=user.edit&su=bob", "func=user.edit&lang=ru&out=csv", "func=user.edit&out=pdf_print",
    "func=user.edit&odd=%FF", "func=user.edit&odd=a%0Ab&od%0Ad=x",
    "func=user.edit&caf%C3%A9=caf%C3%A9", "func=user.edit&__proto__=1&7=2",
    "func=user.edit&=x&-x=1", "func=user.edit&x=%00", "func=iplist.edit&ip=",
    "func=iplist.edit&ip=*", "func=webdomain.edit&aliases=&sok=ok",
    "func=webdomain.delete&elid=1", "func=payment.setpaid&elid=1",
    "f%75nc=payment.setpaid&func=user", "a=*&func=payment.setpaid&sfrom=x",
    "func=order.param&skipbasket=on", "func=currency.upload&file_1=x",
    "func=x&file_1=name&file=x", "func=user.su&elid=bob",
    "func=auth&username=root&password=s3cret&key=k", "func=session.newkey&username=b&key=s3cret",
    "func=user&auth=abc&authinfo=a:b", "func=user&auth=abc&x=abc", "func=user&auth=&sesid=*",
    "f%75nc=user&x=1", "xfunc=1&func=user", "func=user&func=other",
    "func=paramlist.edit&elid=ForwardedSecret&value=s3",
    "func=service.saveparam&name=userpassword&value=s3&crypted=on",
    "func=service.saveparam&name=a&value=s3", "func=-x&-e=1",
    "func=user.edit&x={{x}}&y=%s&z=%(x)s", "func=user.edit&x=" + "y" * 300,
    "func=user.edit&passwd=s3cret&x=" + "y" * 300, "func=check.password&passwd=s3",
    "func=user.edit&passwd=%D0%BF1&x=%d0%bf1", "func=user.edit&passwd=%D0%BF1&x=\u043f1",
    "func=user.edit&passwd=jx&y=%6ax", "func=user.edit&passwd=jx&y=%6Ax",
    "func=user.edit&passwd=%20x&y=+x", "func=a&sfrom=%41+b",
    "func=user.edit&passwd=+x&y=%20x", "func=user.edit&passwd=%20x&y= x",
    "func=a&passwd=%zz&y=%25zz", "func=a&passwd=%25&y=%",
    "func=a&passwd=a%3Db&y=a=b", "func=a&passwd=a&b=xa&c=%61&ba=1",
    "func=a&operafake=" + "1" * 300, "func=a&operafake=1&progressid=_-._a&progressid=%5Fh",
    "func=user.edit&x='", "func=user.edit&s+x=s+x&passwd=s+x",
]  # fmt: skip


def without_default(tmp_path: Path, text: str) -> RuleSet:
    """Give rules that stand alone."""
    path = tmp_path / "rules.yaml"
    path.write_text(f"extends: none\n{text}")
    return rule_set([str(path)], user=None)


@pytest.mark.parametrize("connection", [Connection(), Connection(out="xml", lang="en", su="auto")])
@pytest.mark.parametrize("name", emitters.names())
@pytest.mark.parametrize("rules", ["", "all", "masked", "careful", "none"])
def test_every_kind_of_pair(name: str, connection: Connection, rules: str, tmp_path: Path) -> None:
    keep = {"all": ["*"], "masked": ["passwd", "confirm"]}.get(rules, [])
    in_effect = rule_set(["careful"] * (rules == "careful"), user=None, keep=keep)
    if rules == "none":
        text = "params:\n- drop: [sfrom, elid]\n- {drop: [ip, elid], value: [x, xx, '1']}\n"
        in_effect = without_default(tmp_path, text)
    heads = ["Feb  6 08:08:07 [1:2] c INFO Request [192.0.2.1][root] "]
    heads += ["Feb  6 08:08:08 [3] c INFO Request [192.0.2.2][bob] "]
    found = requests_of([(head, query) for head in heads for query in KINDS])
    emitter, other = (emitters.load(name)(connection) for _ in range(2))
    slow = decider_for(other, in_effect, "env")
    expected = [plainly(slow, other, one) for one in found]
    renderer = Renderer(decider_for(emitter, in_effect, "env"), emitter, lambda problem: None)
    assert [list(renderer.texts(found)) for _ in range(2)] == [expected] * 2


WORDS = st.one_of(
    st.from_regex(r"[A-Za-z0-9._-]{1,256}", fullmatch=True),
    st.sampled_from(
        [
            "true",
            "No",
            "null",
            "1e5",
            "0x1F",
            "0123",
            "1_000",
            "-",
            "--",
            "---",
            "...",
            "-.5",
            "_",
            ".inf",
            "2026-02-06",
            "__proto__",
            "x86_64",
            "ISO-8859-1",
            "aWord",
            "a.Word",
            "2-Words",
        ]
    ),
)


@pytest.mark.parametrize("name", emitters.names())
@settings(max_examples=examples(100))
@given(word=WORDS, raw_name=st.sampled_from([*NAMES, "a.Word", "2-Words", "word"]), data=st.data())
def test_a_word_stands_in_its_text_as_it_is(
    name: str, word: str, raw_name: str, data: st.DataObject
) -> None:
    emitter = emitters.load(name)(data.draw(CONNECTIONS))
    odd = (("odd", "\udcff"),)
    frames = [
        emitter.frame(Context("ispmgr", "x", "m", "c", "root", "f", repeats=repeats, **more))
        for repeats in (False, True)
        for more in ({}, {"odd": odd}, {"secrets": (("a", "A"), ("b", "B"))})
    ]
    decider = decider_for(emitter, rule_set([], user=None), "env")
    for pair in {emitter.pair, *(frame.pair for frame in frames if frame.pair is not None)}:
        plan = plans.Plans(decider, emitter, pair)[raw_name]
        if plan.around is not None:
            assert word.join(plan.around) == pair(plan.name, word) + emitter.joint
        if plan.gone is not None and plan.decision is not None:
            text = emitter.dropped(plan.decision.of(Param(f"{raw_name}={word}")))
            assert word.join(plan.gone) == text + emitter.joint


def test_most_names_have_a_text_around_words() -> None:
    for name in emitters.names():
        emitter = emitters.load(name)(Connection())
        decider = decider_for(emitter, rule_set([], user=None), "env")
        table = plans.Plans(decider, emitter, emitter.pair)
        assert table["elid"].around is not None, name
        assert (table["operafake"].gone is not None) == emitter.tells_dropped, name
        assert table["operafake"].drops
        assert table["passwd"].asks
        assert table["func"].around is None


class Picky(Curl):
    """Has frames whose pairs have texts of their own, but for some."""

    def frame(self, context: Context) -> Frame:
        return Frame(PAIRS, "\n", pair=self.other)

    @staticmethod
    def other(name: str, value: Value) -> str:
        if value == "o d":
            raise WholeCallError("the whole call only")
        return f" {name}:{value}"

    def whole(self, call: Call) -> str:
        return "whole\n"


def test_frames_may_refuse_pairs() -> None:
    queries = ["func=a&x=1", "func=a&x=o+d&y=2", "func=a&x=1"]
    found = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", q) for q in queries])
    emitter = Picky(Connection())
    renderer = Renderer(decider_for(emitter, rule_set([], user=None), "env"), emitter, print)
    assert list(renderer.texts(found)) == [" x:1\n", "whole\n", " x:1\n"]


def test_advice_for_some_values(tmp_path: Path) -> None:
    rules = rule_set([], user=None)
    advice = without_default(tmp_path, "params: [{keep: progressid, value: v}]")
    query = "func=a&progressid=x&progressid=v&progressid=w"
    request = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", query)])
    emitter = emitters.load("curl")(Connection())
    renderer = Renderer(Decider(rules, advice=advice), emitter, print)
    expected = plainly(Decider(rules, advice=advice), emitter, *request)
    assert expected.count("note: progressid=v is dropped but may matter") == 1
    assert list(renderer.texts(request)) == [expected]


def test_room_for_pairs_is_bounded() -> None:
    queries = [f"func=a&name=n+{number}&o{number}=&odd=%FF{number}" for number in range(99)]
    found = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", q) for q in queries])
    emitter = emitters.load("python")(Connection())
    with little_room():
        renderer = Renderer(decider_for(emitter, rule_set([], user=None), "env"), emitter, print)
        assert len(list(renderer.texts(found))) == 99
    table = renderer._texts
    assert 0 < len(table._names) <= len(table) <= 6
    assert 0 < len(table._marks) <= 4


def test_frames_are_remembered_where_a_path_is_long() -> None:
    line = (
        "Feb  6 08:08:07 [1:2] core_module INFO Request [2001:db8::17][www-root] 'func=user.edit'"
    )
    request = parse_line(line, "ispmgr", "/backup/" + "long/" * 50 + "ispmgr.log")
    assert isinstance(request, Request)
    emitter = emitters.load("curl")(Connection())
    with patch.object(emitter, "frame", wraps=emitter.frame) as frame:
        renderer = Renderer(decider_for(emitter, rule_set([], user=None), "env"), emitter, print)
        assert len(list(renderer.texts([request] * 9))) == 9
    assert frame.call_count == 1


def test_each_different_call_once() -> None:
    lines = ["func=a&x=1", "func=a&x=2", "func=-a", "func=a&x=1&operafake=7", "func=-a", "func=a"]
    lines += ["func=a&passwd=x", "func=a&passwd=x", "func=b&func=c", "func=b&func=c"]
    found = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", q) for q in lines])
    problems: list[Problem] = []
    emitter = emitters.load("mgrctl")(Connection())
    decider = decider_for(emitter, rule_set([], user=None), "env")
    renderer = Renderer(decider, emitter, problems.append, None, Unique())
    texts = [encode(text) for text in renderer.texts(found)]
    assert [text.rsplit(b"mgr ", 1)[-1] for text in texts[:2]] == [b"a x=1\n", b"a x=2\n"]
    assert len(texts) == 6
    assert [problem.line for problem in problems] == [3]
    assert renderer.left.refused == 1


def test_values_that_never_come_again_take_no_room() -> None:
    names = ("sfrom", "clicked_button", "operafake", "progressid")
    queries = [f"func=a&{name}={number}" for number in range(9) for name in names]
    found = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", q) for q in queries])
    emitter = emitters.load("url")(Connection())
    renderer = Renderer(decider_for(emitter, rule_set([], user=None), "env"), emitter, print)
    with patch.object(plans, "WORDS", 3):
        assert set(renderer.texts(found)) == {"https://localhost:1500/ispmgr?func=a\n"}
    assert len(renderer._texts) < 20


def test_dropped_values_for_which_there_is_no_room_are_told_decoded() -> None:
    queries = [f"func=a&sfrom={kind}{number}" for number in range(9) for kind in ("x", "%41+b")]
    found = requests_of([("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", q) for q in queries])
    emitter = emitters.load("json")(Connection())
    decider = decider_for(emitter, rule_set([], user=None), "env")
    with little_room():
        texts = list(Renderer(decider, emitter, print).texts(found))
    assert texts == [plainly(decider, emitter, one) for one in found]


def test_the_value_that_a_name_is_settled_by_is_none_of_the_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("params: [{drop: n, value: [x, xx]}]\n")
    found = requests_of(
        [("Feb  6 08:08:07 [1:2] c INFO Request [][root] ", f"func=a&n={v}") for v in ("x", "xxx")]
    )
    emitter = emitters.load("url")(Connection())
    decider = decider_for(emitter, rule_set([str(rules)], user=None), "env")
    texts = list(Renderer(decider, emitter, print).texts(found))
    assert [text.partition("?")[2] for text in texts] == ["func=a\n", "func=a&n=xxx\n"]
