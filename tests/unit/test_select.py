"""Which requests are wanted: expressions, kinds, addresses, times; each call once."""

from __future__ import annotations

import datetime
from typing import Any, Optional

import pytest

from logreq.convert import pipeline
from logreq.convert.filter import Unique, chooser, ssh_address
from logreq.convert.period import Period
from logreq.errors import ExprError, UsageError
from logreq.rules.load import rule_set
from tests.support.rulecases import decider, request

RULES = rule_set()
NOW = datetime.datetime(2026, 2, 7, 12, 0)


def test_everything_is_wanted_where_nothing_is_asked() -> None:
    assert chooser(RULES) is None


@pytest.mark.parametrize(
    ("options", "query", "fields", "wanted"),
    [
        ({"where": "func == f"}, "func=f", {}, True),
        ({"where": "func == f"}, "func=g", {}, False),
        ({"where": "kind == action"}, "func=f&sok=ok", {}, True),
        ({"where": "kind == action"}, "func=f", {}, False),
        ({"actions": True}, "func=web.delete", {}, True),
        ({"actions": True}, "func=web", {}, False),
        ({"actions": True, "where": "user == web"}, "func=web.delete", {}, False),
        ({"actions": True, "where": "user == root"}, "func=web.delete", {}, True),
        ({"caller": "192.0.2.1"}, "func=f", {}, True),
        ({"caller": "192.0.2.1"}, "func=f", {"caller": "::ffff:192.0.2.1"}, True),
        ({"caller": "192.0.2.1"}, "func=f", {"caller": "192.0.2.10"}, False),
        ({"caller": "192.0.2.1"}, "func=f", {"caller": "mgrctl"}, False),
        ({"caller": "2001:db8::5"}, "func=f", {"caller": "2001:DB8:0::5"}, True),
        ({"period": Period("Feb 6", now=NOW)}, "func=f", {"source": "x.20260206"}, True),
        ({"period": Period("Feb 7", now=NOW)}, "func=f", {"source": "x.20260206"}, False),
        ({"period": Period("Feb 6", now=NOW), "actions": True}, "func=f", {}, False),
    ],
)
def test_wanted(options: dict[str, Any], query: str, fields: dict[str, Any], wanted: bool) -> None:
    test = chooser(RULES, **options)
    assert test is not None
    assert test(request(query, **fields)) is wanted


def test_a_bad_expression_is_an_error() -> None:
    with pytest.raises(ExprError, match="did you mean 'func'"):
        chooser(RULES, where="fun == x")


@pytest.mark.parametrize(
    ("client", "address"),
    [
        ("192.0.2.1 50022 22", "192.0.2.1"),
        ("::ffff:192.0.2.1 50022 22", "192.0.2.1"),
        ("2001:DB8::0:5 50022 22", "2001:db8::5"),
        ("fe80::1%eth0 50022 22", "fe80::1"),
    ],
)
def test_the_address_of_the_session(client: str, address: str) -> None:
    assert ssh_address({"SSH_CLIENT": client}) == address
    assert ssh_address({"SSH_CLIENT": "", "SSH_CONNECTION": f"{client} 192.0.2.9"}) == address


@pytest.mark.parametrize(
    ("client", "message"),
    [
        (None, "--me needs an SSH session: neither SSH_CLIENT nor SSH_CONNECTION is set (sudo and"
               " su clear them); --where 'caller == ADDRESS' does the same"),
        ("", "--me needs an SSH session: neither SSH_CLIENT nor SSH_CONNECTION is set (sudo and"
             " su clear them); --where 'caller == ADDRESS' does the same"),
        ("x or user", "--me: SSH_CLIENT holds no address"),
    ],
)  # fmt: skip
def test_no_address_of_a_session(client: Optional[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        ssh_address({} if client is None else {"SSH_CLIENT": client})
    assert str(caught.value) == message


def test_unique_compares_calls() -> None:
    make, new = decider(RULES), Unique()
    queries = [
        ("func=f&a=1&operafake=1", True),
        ("func=f&a=1&operafake=2", False),  # what the rules strip is no difference
        ("a=1&func=f", False),
        ("func=g&a=1", True),
        ("func=f&a=2", True),
        ("func=f&a=1&a=1", True),
        ("func=f&a=1&b=2", True),
        ("func=f&b=2&a=1", True),  # order is part of a call
        ("func=f&passwd=x", True),
        ("func=f&passwd=y", True),
        ("func=f&passwd=x", False),
    ]

    def is_new(text: str, by_user: bool = False, **fields: Any) -> bool:
        return bool(
            list(pipeline.calls([request(text, **fields)], make, None, new, by_user=by_user))
        )

    assert [is_new(query) for query, _ in queries] == [want for _, want in queries]
    assert is_new("func=f&a=1", panel="billmgr")
    assert not is_new("func=f&a=1", user="other", line=7)
    assert is_new("func=f&a=1", by_user=True, user="other")


def test_unique_remembers_enough_and_not_more() -> None:
    new = Unique()
    new.LIMIT = 10
    calls = [f"func=f&n={number}" for number in range(25)]
    for number, call in enumerate(calls):
        assert new(call)
        assert not any(new(known) for known in calls[max(0, number - 9) : number + 1])
        assert len(new._recent) <= 10
        assert len(new._older) <= 10
    assert new(calls[0])
