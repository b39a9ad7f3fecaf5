"""Properties of expressions over generated ones, against a plain evaluator."""

from __future__ import annotations

import fnmatch
import ipaddress
import re
from fractions import Fraction
from typing import Any, Optional

from hypothesis import given, settings
from hypothesis import strategies as st

from logreq import expr
from logreq.errors import ExprError
from logreq.expr.grammar import BadSyntaxError, parse
from logreq.expr.language import RESERVED
from logreq.expr.query import raw_values
from logreq.model.request import Request
from logreq.text.percent import unquote
from tests.support.profile import examples
from tests.unit.test_expr import USUAL

steady = settings(derandomize=True, deadline=None, database=None, max_examples=examples(200))
Tree = tuple[Any, ...]

NAMES = ["sok", "elid", "zoom-ip", "a b", "and", "p%A", "a+b", "x=y", "x&y", "日", "\udcff", '"']
CLOCKS = ["08:08", "8:08:07", "00:00", "23:59:59"]
DATES = ["Feb 6", "Feb  6 08:08:07", "feb 06 08:00", "Dec 31", "Jan 01 00:00"]
ADDRESSES = ["10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::1", "mgrctl", "a b"]
TEXTS = [
    "",
    "a",
    "ok",
    "in",
    "a b",
    "100",
    "0100",
    "99.5",
    "-3",
    "a,(b)",
    "'\"",
    "日本",
    "é*",
    "\n",
]
PATTERNS = ["a", "^o", "k$", "[0-9]+", "", "a|b", "\\."]
GLOBS = ["*", "a*", "?", "[!a]", "*.edit", "o?", "ok"]
TEXT_FIELDS = ["func", "user", "panel", "module"]


def leaf(fields: list[str], values: st.SearchStrategy[str], order: bool) -> st.SearchStrategy[Tree]:
    field = st.sampled_from(fields)
    single = ["==", "!=", *(["<", "<=", ">", ">="] if order else [])]
    return st.one_of(
        st.tuples(st.sampled_from(single), field, values),
        st.tuples(st.just("in"), field, st.lists(values, min_size=1, max_size=3).map(tuple)),
        st.tuples(st.just("like"), field, st.sampled_from(GLOBS)),
        st.tuples(st.sampled_from(["~", "!~"]), field, st.sampled_from(PATTERNS)),
        st.tuples(st.just("has"), field),
    )


params = [f"param.{name}" for name in NAMES]
LEAVES = st.one_of(
    leaf(params, st.sampled_from(TEXTS) | st.text(min_size=1, max_size=5), True),
    leaf(TEXT_FIELDS, st.sampled_from(TEXTS), True),
    leaf(["pid", "tid"], st.sampled_from(["0", "100", "99.5", "-3", "2346"]), True),
    leaf(["time"], st.sampled_from(CLOCKS + DATES), True),
    leaf(["caller"], st.sampled_from(ADDRESSES), False),
    leaf(["kind"], st.sampled_from(["action", "view", "background"]), False),
)


def groups(children: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    several = st.lists(children, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), several), st.tuples(st.just("not"), children)
    )


TREES = st.recursive(LEAVES, groups, max_leaves=8)


def encoded(char: str, how: int) -> str:
    data = char.encode("utf-8", "surrogateescape")
    if how == 0 and char not in "&=%+":
        return char
    if how == 1 and char == " ":
        return "+"
    return "".join(f"%{byte:02x}" if how == 2 else f"%{byte:02X}" for byte in data)


@st.composite
def pieces(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(["func", *NAMES]))
    value = draw(st.sampled_from(TEXTS))

    def write(text: str) -> str:
        return "".join(encoded(char, draw(st.integers(0, 2))) for char in text)

    return write(name) + draw(st.sampled_from(["=", "=", "=", ""])) + write(value)


REQUESTS = st.builds(
    Request,
    time=st.sampled_from(
        ["Feb  6 08:08:07", "Feb 06 08:08:00", "Dec 31 23:59:59", "Jan 1 00:00:00"]
    ),
    pid=st.sampled_from([0, 100, 2346]),
    tid=st.sampled_from([None, 0, 99, 100]),
    module=st.sampled_from(["", "core_module"]),
    caller=st.sampled_from(["", "mgrctl", "10.1.2.3", "::ffff:10.9.9.9", "2001:db8::5", "::1"]),
    user=st.sampled_from(["", "root", "a", "100"]),
    query=st.lists(pieces(), max_size=6).map("&".join),
    func=st.just(""),
    panel=st.just("ispmgr"),
    source=st.just("x"),
    line=st.just(1),
).map(lambda request: request._replace(func=request.get("func") or ""))


def kind_of(request: Request) -> str:
    return "action" if request.pid else "view"


def number(text: str) -> Optional[Fraction]:
    return Fraction(text) if re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", text) else None


def moment(logged: str, literal: str) -> tuple[Any, Any]:
    """Both times, cut to what the literal speaks of, as sortable lists."""
    months = "JanFebMarAprMayJunJulAugSepOctNovDec"

    def parts(text: str) -> list[int]:
        words = text.split()
        day = (
            [months.index(words[0].capitalize()) // 3, int(words[1])] if words[0].isalpha() else []
        )
        clock = [int(n) for n in words[-1].split(":")] if ":" in words[-1] else []
        return [*day, *[*clock, 0, 0, 0][:3]]

    wanted = parts(literal)
    return parts(logged)[-len(wanted) :], wanted


def equal(field: str, value: Any, literal: str) -> bool:
    if field == "caller" and re.search("[0-9]", literal):
        try:
            address: Any = ipaddress.ip_address(value)
        except ValueError:
            return False
        nets = ipaddress.ip_network(literal)
        return address in nets or (getattr(address, "ipv4_mapped", None) or address) in nets
    return ordered("==", field, value, literal)


def ordered(op: str, field: str, value: Any, literal: str) -> bool:
    left: Any = value
    right: Any = literal
    if field == "time":
        left, right = moment(value, literal)
    elif field in ("pid", "tid") or field.startswith("param."):
        if value is None:
            return False
        numbers = number(str(value)), number(literal)
        if None not in numbers:
            left, right = numbers
    decisions = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}
    return bool({"==": left == right, **decisions}[op])


def plain(tree: Tree, request: Request) -> bool:
    """Evaluate a tree in the most obvious way."""
    head = tree[0]
    if head == "and":
        return all(plain(node, request) for node in tree[1])
    if head == "or":
        return any(plain(node, request) for node in tree[1])
    if head == "not":
        return not plain(tree[1], request)
    if head in ("!=", "!~"):
        return not plain(({"!=": "==", "!~": "~"}[head], *tree[1:]), request)
    field = tree[1]
    if field.startswith("param."):
        values: list[Any] = [p.value for p in request.params if p.name == field[6:]]
    else:
        values = [kind_of(request) if field == "kind" else getattr(request, field)]
    if head == "has":
        if field.startswith("param."):
            return bool(values)
        return values[0] is not None if field in ("pid", "tid") else bool(values[0])
    values = [value for value in values if value is not None]
    if head == "in":
        return any(equal(field, value, literal) for value in values for literal in tree[2])
    if head == "==":
        return any(equal(field, value, tree[2]) for value in values)
    if head == "like":
        return any(fnmatch.fnmatchcase(str(value), tree[2]) for value in values)
    if head == "~":
        return any(re.search(tree[2], str(value)) for value in values)
    return any(ordered(head, field, value, tree[2]) for value in values)


@steady
@given(TREES, REQUESTS)
def test_agrees_with_a_plain_evaluator(tree: Tree, request: Request) -> None:
    assert expr.compile(expr.unparse(tree))(request, kind_of) is plain(tree, request)


@steady
@given(TREES)
def test_printed_form_gives_the_same_tree(tree: Tree) -> None:
    text = expr.unparse(tree)
    compiled = expr.compile(text)
    assert compiled.tree == tree
    assert expr.unparse(compiled.tree) == text


@steady
@given(LEAVES)
def test_fields_are_those_in_the_tree(tree: Tree) -> None:
    assert expr.compile(expr.unparse(tree)).fields == {tree[1]}


WORDS = """func param.a param."a_b" param.or usr x 'a''b' "" " ' param. == != like in not and
or or or ( ) , ~ <= < ä = && *.edit ^a inx orx 08:00"""
words = st.sampled_from([*WORDS.split(), "'a b'", 'param."a b"', "\udcff", "\x00"])
blanks = st.sampled_from(["", "", " ", " ", "\t", " \n", "\r", "\xa0"])
SOUP = st.lists(st.tuples(words, blanks), max_size=9).map(
    lambda pairs: "".join(word + blank for word, blank in pairs)
)


@settings(steady, max_examples=examples(800))
@given(SOUP)
def test_the_simple_form_is_the_grammar_s(text: str) -> None:
    simple = expr._simple(text)
    try:
        full = parse(text)
    except BadSyntaxError:
        assert simple is None
    else:
        assert simple in (None, full)


@st.composite
def simple_texts(draw: st.DrawFn) -> str:
    value = draw(st.sampled_from(["a", "*.edit", "'a b'", '"or"', "10.0.0.0/8", "'x''(,)y'"]))
    field = draw(st.sampled_from(["func", "param.a", 'param."a b"', "param.or", "time"]))
    rest = draw(
        st.sampled_from(
            ["", "==V", " == V", "!= V", " like V", " in V", " in(V)", " in ( V,\tV , V ) ", "<=V"]
        )
    )
    return draw(st.sampled_from(["", " "])) + field + rest.replace("V", value)


@steady
@given(st.lists(simple_texts(), min_size=1, max_size=3).map(" or ".join))
def test_the_simple_form_is_known(text: str) -> None:
    assert expr._simple(text) == parse(text)


def check_any(text: str) -> None:
    try:
        compiled = expr.compile(text)
    except ExprError as error:
        message, line, caret = str(error).split("\n")
        assert message.startswith("bad expression: ")
        assert (message + line).isprintable()
        assert re.fullmatch(" {4,}\\^", caret)
        assert line.startswith("    ")
    else:
        compiled(USUAL, kind_of)
        assert expr.compile(expr.unparse(compiled.tree)).tree == compiled.tree


@settings(steady, max_examples=examples(500))
@given(SOUP | st.text(max_size=30) | st.text("()'\" anotrifuc=!~<>*\t", max_size=30))
def test_any_text_gives_a_predicate_or_an_error(text: str) -> None:
    check_any(text)


@steady
@given(st.sampled_from(["~", "like"]), st.text("ab()[]{}*+?|\\.^$-,0123:!=<>P&", max_size=12))
def test_any_pattern_gives_a_predicate_or_an_error(operator: str, pattern: str) -> None:
    check_any(f"func {operator} '{pattern}'")


@steady
@given(REQUESTS, st.sampled_from([*NAMES, "func", "s", "missing"]))
def test_raw_values_are_those_of_the_name(request: Request, name: str) -> None:
    found = raw_values(name).findall("&" + request.query)
    assert [unquote(raw) for raw in found] == [p.value for p in request.params if p.name == name]


def test_reserved_words_are_quoted() -> None:
    for word in RESERVED:
        assert expr.unparse(("==", "func", word)) == f'func == "{word}"'
