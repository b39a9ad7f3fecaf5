"""Which values become arguments of a script."""

from __future__ import annotations

import pytest

from logreq.convert.arguments import (
    WholeArgument,
    changes,
    parameterize,
    parse_param,
    parse_params,
    repeated,
    suggestions,
)
from logreq.errors import UsageError
from logreq.log.line import parse_line
from logreq.model.call import Arg, Argument, Call
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set


def calls(*queries: str) -> list[Call]:
    decider = Decider(rule_set())
    lines = (f"Feb  6 08:08:07 [1:2] core_module INFO Request [][root] '{q}'" for q in queries)
    found = [parse_line(line) for line in lines]
    return [decider(request) for request in found if isinstance(request, Request)]


def test_whole_and_part() -> None:
    (call,) = parameterize(
        calls("func=f&a=example.com&b=www.example.com&c=x&d=example.com%20ns.example.com."),
        [Argument("domain", "example.com")],
    )
    domain = Arg("domain")
    assert call.arguments == [
        ("a", (domain,)),
        ("b", ("www.", domain)),
        ("c", "x"),
        ("d", (domain, " ns.", domain, ".")),
    ]


def test_the_longest_wins() -> None:
    (call,) = parameterize(
        calls("func=f&a=www.example.com&b=example.com&c=abcd"),
        [Argument("d", "example.com"), Argument("w", "www.example.com"), Argument("ab", "ab"),
         Argument("bcd", "bcd"), Argument("a", "a")][:2],
    )  # fmt: skip
    assert call.arguments[:2] == [("a", (Arg("w"),)), ("b", (Arg("d"),))]
    (call,) = parameterize(
        calls("func=f&c=abcd&d=ab"), [Argument("two", "ab"), Argument("three", "bcd")]
    )
    assert call.arguments == [("c", ("a", Arg("three"))), ("d", (Arg("two"),))]


def test_numbers_stay_whole() -> None:
    (call,) = parameterize(calls("func=f&elid=1&ip=192.0.2.11&x=a1b"), [Argument("elid", "1")])
    assert call.arguments == [
        ("elid", (Arg("elid"),)), ("ip", "192.0.2.11"), ("x", ("a", Arg("elid"), "b")),
    ]  # fmt: skip


def test_whole_values_only() -> None:
    assert parse_param("d==example.com") == WholeArgument("d", "example.com")
    changed = parameterize(
        calls("func=f&a=example.com&b=www.example.com&c=bob.example.com"),
        [parse_param("d==example.com"), parse_param("w=www"), parse_param("n==bob")][:2],
    )
    assert changed[0].arguments == [
        ("a", (Arg("d"),)), ("b", (Arg("w"), ".example.com")), ("c", "bob.example.com"),
    ]  # fmt: skip
    assert list(changes(changed, [Argument("d", ""), Argument("w", ""), Argument("x", "")])) == [
        "--param d changes 1 place in 1 call",
        "--param w changes 1 place in 1 call",
        "--param x changes 0 places in 0 calls",
    ]
    with pytest.raises(UsageError, match="no parameter of the calls holds 'exam'"):
        parameterize(changed, [parse_param("d==exam")])


def test_suggestions_can_be_typed() -> None:
    """Likely ones first; names that arguments can have, each once; quoted for the shell."""
    query = (
        "func=f&note=Web%20Master&Zoom_IP=it's&url=abc&%C3%A9=xyz&domain=example.com"
        "&list=example.com,ns.example.com&name=192.0.2.1&name=192.0.2.2&odd=%1b[2J&e=%3Dab"
    )
    found = list(suggestions(calls(*[query] * 3), [Argument("url", "abc")]))
    assert found == [
        "example.com stands in 9 places in 3 calls: --param domain=example.com makes an argument",
        "192.0.2.1 stands in 3 places in 3 calls: --param name=192.0.2.1 makes an argument",
        "192.0.2.2 stands in 3 places in 3 calls: --param name-2=192.0.2.2 makes an argument",
        "Web Master stands in 3 places in 3 calls: --param 'note=Web Master' makes an argument",
        "it's stands in 3 places in 3 calls: --param 'zoom-ip=it'\"'\"'s' makes an argument",
    ]
    few = "func=f&url=abc&%C3%A9=xyz&odd=%1b[2J&e=%3Dab"
    assert [text.partition(": ")[2] for text in suggestions(calls(*[few] * 3), [])] == [
        "--param the-url=abc makes an argument", "--param value=xyz makes an argument",
    ]  # fmt: skip


def test_secrets_are_left_alone() -> None:
    (call,) = parameterize(calls("func=f&passwd=abc&x=abcd"), [Argument("abc", "abc")])
    assert call.arguments[1] == ("x", (Arg("abc"), "d"))
    assert call.arguments[0][0] == "passwd"
    assert "abc" not in str(call.arguments[0][1])


def test_a_value_that_stands_nowhere() -> None:
    with pytest.raises(UsageError, match="--param d: no parameter of the calls holds 'zzz'"):
        parameterize(calls("func=f&a=b"), [Argument("d", "zzz")])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "expected NAME=VALUE"),
        ("x=", "expected NAME=VALUE"),
        ("=x", "expected NAME=VALUE"),
        ("1=x", "expected NAME=VALUE"),
        ("a b=x", "expected NAME=VALUE"),
        ("help=x", "every script has its own --help"),
    ],
)
def test_bad_params(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_param(text)


def test_params() -> None:
    assert parse_params(["Db_Name=a=b", "x=y"]) == [Argument("db-name", "a=b"), Argument("x", "y")]
    with pytest.raises(UsageError, match="same name: x"):
        parse_params(["x=1", "x=2"])
    with pytest.raises(UsageError, match="same default: 1"):
        parse_params(["x=1", "y=1"])


def test_repeated_values() -> None:
    found = repeated(
        calls(
            "func=a&name=example.com&x=on",
            "func=b&name=www.example.com&x=on&y=bob",
            "func=c&domain=example.com&x=on&y=bob",
            "func=d&y=bob&list=example.com%20b",
        )
    )
    assert found == [("name", "example.com", 4), ("y", "bob", 3)]
