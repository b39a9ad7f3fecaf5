"""Patterns of users against values of strangers: every answer comes soon."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from logreq.expr.safe_regex import MAX_PATTERN, MAX_TEXT, RegexError, compile_glob, compile_regex

ENDLESS = [
    "(a+)+$",
    "(a|a)*$",
    "(.*)*x",
    "(a|aa)+$",
    "^(a*)*?x",
    "(?:a|b|)*x",
    "(?:ab|aab|a)*x",
    "(?:ab|ä)*x",
    "((?i:foo|Foo))+x",
    "(?=a*b)*c",
    r"(?:(a)\1)*x",
    "(?:(?:(?:){65000}){65000}){65000}",
    "(?:^)*x",
    "(?:a?){65}x",
    "(a?){30}a{30}",
    "(?:ab?){20}x",
    "((a{0,60}){0,3})x",
    "^" + "a?" * 60 + "x",
    "a*a*a*a*x",
    "^a*a*a*a*a*x",
    "(?:a*){5}x",
    "(?:a|ab)" * 30,
]
ALLOWED = [
    ("foo", 100_000),
    ("^a*$", 100_000),
    (r"\Aa*$", 100_000),
    ("a*$", 2828),
    ("(?m)^a*$", 2828),
    ("a{0,63}x", 62_500),
    ("a{1,80}x", 2828),
    ("a*?a*?x", 288),
    ("a*a*a*x", 98),
    ("^a*a*a*x", 288),
    ("(?:a*){2}x", 228),
    (r"^(.*)\1x", 2828),
    ("a{3000}x", 21_276),
    ("(?:a{60}){60}x", 17_699),
    ("^" + "a?" * 21 + "x", 100_000),
    ("a?" * 14 + "x", 244),
    ("(foo|bar)+$", 2828),
    ("(?i)(foo|Bar)+$", 2828),
    ("(?:aab|bab)+x", 2828),
    ("(?:a{3})*x", 2828),
    ("(a|[ab])*x", 2828),
    ("a*b|a*c|a*d", 1632),
    ("(?!a*b)(?<!a)c", 2828),
    ("^(?:a?){3}$", 100_000),
    ("(?:ab){0}x", 100_000),
    ("(?!)", 100_000),
    ("", 100_000),
]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_refused(pattern: str) -> None:
    with pytest.raises(RegexError, match="can take too long"):
        compile_regex(pattern)


@pytest.mark.parametrize(("pattern", "limit"), ALLOWED)
def test_limit(pattern: str, limit: int) -> None:
    assert compile_regex(pattern).limit == limit


@pytest.mark.slow
def test_nothing_hangs() -> None:
    code = f"""
from logreq import expr
from logreq.errors import ExprError
from logreq.model.request import Request
for pattern in {ENDLESS + [pattern for pattern, _ in ALLOWED]!r}:
    try:
        holds = expr.compile("user ~ '" + pattern + "'")
    except ExprError:
        continue
    for value in ("a", "ab", "aab", "foo", "ba"):
        for size in (98, 228, 288, 2828, 100_000):
            user = (value * size)[:size - 1] + "!"
            holds(Request("", 1, 1, "", "", user, "", "", "", "", 1))
print("done")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")


@pytest.mark.parametrize("pattern", [pattern for pattern, _ in ALLOWED])
def test_same_as_re_within_the_limit(pattern: str) -> None:
    regex = compile_regex(pattern)
    for text in ("", "a", "aaa", "foobar", "b" * 30, "xax", "ab\nab", "aaax", "c" * 90):
        assert regex.found(text) is (re.search(pattern, text) is not None)


def test_text_after_the_limit_is_not_seen() -> None:
    assert compile_regex("x").found("a" * (MAX_TEXT - 1) + "x")
    assert not compile_regex("x").found("a" * MAX_TEXT + "x")
    assert compile_regex("a*b").found("a" * 2827 + "b")
    assert not compile_regex("a*b$").found("a" * 2828 + "b")


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "bad regular expression: missing ), unterminated subpattern at position 0"),
        ("a{99999999999}", "bad regular expression: the repetition number is too large"),
        ("(a)?(?(1)b|c)", "a regular expression cannot use GROUPREF_EXISTS here"),
        ("(" * 499 + ")" * 499, "this regular expression is nested too deeply"),
        ("a" * (MAX_PATTERN + 1), "a regular expression has at most 1000 characters"),
    ],
)
def test_bad(pattern: str, message: str) -> None:
    with pytest.raises(RegexError) as caught:
        compile_regex(pattern)
    assert str(caught.value) == message


def test_what_later_pythons_change_is_no_warning() -> None:
    assert compile_regex("[[a]").found("[")


def test_atomic() -> None:
    # Before Python 3.11 this syntax is an error; since then it is judged like the rest.
    with pytest.raises(RegexError):
        compile_regex("(?>a+)+b")
    if sys.version_info >= (3, 11):
        assert compile_regex("(?>a*)b").limit == compile_regex("a*+b").limit == 2828


def test_glob() -> None:
    glob = compile_glob("*a*a*a*a*a*a*a*[!b]?x")
    assert not glob.match("a" * 100_000)
    assert glob.match("a" * 1000 + "\n-x")
    assert not compile_glob("a.c").match("abc")
    assert not compile_glob("ab").match("ab\n")
    assert compile_glob("[").match("[")
