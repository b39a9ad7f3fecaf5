"""The expression language: what holds, what is refused and how, what it costs at worst."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from logreq import expr
from logreq.errors import ExprError
from logreq.expr.language import FIELDS, OPERATORS
from logreq.model.request import Request
from tests.support.cases import load_yaml

CASES = Path(__file__).parents[1] / "cases" / "expr"
USUAL = Request(
    time="Feb  6 08:08:07",
    pid=2346,
    tid=23826,
    module="core_module",
    caller="188.120.252.33",
    user="root",
    query=(
        "&a%20b%26%3d%%2B=x&elid=123&empty=&&func=domain.edit&half=.5&half=0.5&list=1089%2C%201090"
        "&minus=-7&ns=a%20b&owner=www%2Droot&plus=a+b&sok=ok&twice=1&twice=2&zoom-ip=1"
        "&%C3%BCn\u00efcode=%E6%97%A5\u672c"
    ),
    func="domain.edit",
    panel="ispmgr",
    source="ispmgr.log",
    line=1,
)


def changed(fields: dict[str, Any]) -> Request:
    request = USUAL._replace(**fields)
    return request._replace(func=request.get("func") or "")


def kind_of(_: Request) -> str:
    return "action"


def load(name: str) -> list[dict[str, Any]]:
    # With lone surrogates, which libyaml refuses.
    cases: list[dict[str, Any]] = load_yaml(f"expr/{name}", yaml.SafeLoader)
    assert cases
    return cases


TRUTH = [
    pytest.param(changed(case["request"]), text, wanted, id=f"{number}-{text}")
    for number, case in enumerate(load("truth.yaml"))
    for wanted, key in ((True, "holds"), (False, "fails"))
    for text in case.get(key, ())
]


@pytest.mark.parametrize(("request_", "text", "wanted"), TRUTH)
def test_truth(request_: Request, text: str, wanted: bool) -> None:
    compiled = expr.compile(text)
    assert compiled(request_, kind_of) is wanted
    assert compiled.text == text


@pytest.mark.parametrize("case", load("errors.yaml"), ids=lambda case: case["expr"])
def test_error(case: dict[str, str]) -> None:
    with pytest.raises(ExprError) as caught:
        expr.compile(case["expr"])
    assert str(caught.value) == case["error"]


def test_tree_and_fields() -> None:
    compiled = expr.compile('func in (a, b) and not (param."a b" or time < 08:00 or user ~ x)')
    assert compiled.tree == (
        "and",
        (
            ("in", "func", ("a", "b")),
            ("not", ("or", (("has", "param.a b"), ("<", "time", "08:00"), ("~", "user", "x")))),
        ),
    )
    assert compiled.fields == {"func", "param.a b", "time", "user"}
    assert expr.unparse(compiled.tree) == compiled.text


def test_kind_is_asked_only_where_needed() -> None:
    asked = []

    def ask(request: Request) -> str:
        asked.append(request)
        return "view"

    compiled = expr.compile("user == root or kind == action")
    assert compiled(USUAL, ask)
    assert not asked
    assert not compiled(USUAL._replace(user="guest"), ask)
    assert len(asked) == 1


def test_kind_without_a_way_to_find_it() -> None:
    with pytest.raises(TypeError, match="kind_of"):
        expr.compile("kind == action")(USUAL)


def test_kind_where_it_is_decided() -> None:
    with pytest.raises(ExprError) as caught:
        expr.compile("param.sok or kind == view", allow_kind=False)
    assert str(caught.value) == (
        "bad expression: kind cannot be used where the kind is decided\n"
        "    param.sok or kind == view\n"
        "                 ^"
    )
    assert expr.compile("param.kind", allow_kind=False).fields == {"param.kind"}


@pytest.mark.parametrize("size", [10_001, 1_000_000])
@pytest.mark.parametrize("char", ["a", " ", "(", '"', "\x00"])
def test_too_long(char: str, size: int) -> None:
    with pytest.raises(ExprError, match="at most 10000 characters"):
        expr.compile(char * size)


def test_long_ones_compile() -> None:
    row = " or ".join(["pid == 1"] * 800)
    assert len(expr.compile(row).tree[1]) == 800
    assert len(expr.compile(f"{row} or not pid").tree[1]) == 801
    assert expr.compile("not " * 2400 + "func").tree == ("has", "func")
    assert expr.compile("not " * 2401 + "func").tree == ("not", ("has", "func"))


def test_nesting() -> None:
    def nested(depth: int) -> str:
        return "not (pid or user and " * depth + "pid" + ")" * depth

    assert expr.compile(nested(25))(USUAL) is False
    with pytest.raises(ExprError, match=r"(?s)at most 25 parentheses can be nested.*\n +\^"):
        expr.compile(nested(26))
    # Parentheses in quotes are none, and closed ones do not add up.
    assert expr.compile("func == '" + "(" * 60 + "'").fields == {"func"}
    assert expr.compile(" or ".join(["(pid)"] * 60)).fields == {"pid"}


def test_a_deep_caller() -> None:
    def deep(depth: int) -> None:
        if depth:
            deep(depth - 1)
        else:
            expr.compile("(" * 25 + "pid" + ")" * 25)

    with pytest.raises(ExprError, match="nested too deeply"):
        deep(sys.getrecursionlimit() - 250)


def test_caret_of_wide_and_odd_text() -> None:
    with pytest.raises(ExprError) as caught:
        expr.compile("user == '日本e\u0301\t\x1b\u202e\udcff' x")
    line, caret = str(caught.value).split("\n")[1:]
    assert line == "    user == '日本e\u0301\\t\\x1b\\u202e\\udcff' x"
    # Two characters take two cells each, one takes none.
    assert caret == " " * (line.index(" x") + 1 + 2 - 1) + "^"


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr
    return done.stdout.strip()


def test_pyparsing_is_imported_late() -> None:
    code = """
import sys
from logreq import expr
for text in (
    "func == iplist.edit", "func in (periodic, progress.get) or param.sv_field", "param.sok",
    'param.sok or func like "*.delete"', "time >= 08:00", "caller in 10.0.0.0/8",
):
    expr.compile(text)
expr.syntax_text(), expr.syntax_markdown()
print("pyparsing" in sys.modules, end=" ")
expr.compile("func and user")
print("pyparsing" in sys.modules)
"""
    assert run(code) == "False True"


def test_white_space_of_the_process() -> None:
    code = """
import pyparsing
pyparsing.ParserElement.set_default_whitespace_chars("x")
from logreq import expr
print(expr.compile("xfunc" + chr(9) + "== x and xuser" if 0 else "func == x and  user").tree)
print(pyparsing.ParserElement.DEFAULT_WHITE_CHARS)
"""
    assert run(code) == "('and', (('==', 'func', 'x'), ('has', 'user')))\nx"


def test_help_names_everything() -> None:
    text, markdown = expr.syntax_text(), expr.syntax_markdown()
    for name in [*FIELDS, *OPERATORS, "param.NAME"]:
        assert f"\n  {name} " in text
        assert f"| `{name}` |" in markdown
    for operator in OPERATORS.values():
        assert operator.example in text
        assert operator.symbol in expr.compile(operator.example).tree or operator.symbol in (
            "!=",
            "!~",
        )
    widths = {line.replace("\\|", "").count("|") for line in markdown.splitlines() if "|" in line}
    assert widths <= {0, 3, 4}
    for form in ("func == a and user", "func or user", "not func", "(func)", 'param."a b"'):
        expr.compile(form)
