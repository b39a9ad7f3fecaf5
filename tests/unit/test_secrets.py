"""Which values are secret, and the variables that stand for those that the panel masked."""

from __future__ import annotations

from typing import Any

import pytest

from logreq.model.call import Call, Env
from logreq.model.request import Param
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.rules.variables import Variables
from tests.support.cases import load_yaml
from tests.support.rulecases import decider, layer_of, request, rules_of

NAMES: dict[str, Any] = load_yaml("rules/secrets.yaml")
SECRET = "s3cr3t%20w0rd"
RULES = rule_set()


def query(name: str, value: str) -> str:
    """Write a pair as a panel logs it."""
    return f"{name.replace('_', '%5F')}={value}"


def variables(call: Call) -> dict[str, str]:
    """Give the variables of a call's parameters."""
    return {name: value.name for name, value in call.arguments if isinstance(value, Env)}


@pytest.mark.parametrize("name", NAMES["secret"])
def test_names_of_secrets(name: str) -> None:
    call = decider(RULES)(request(f"a=1&func=a.edit&{query(name, SECRET)}&sok=ok"))
    assert list(variables(call)) == [name]


@pytest.mark.parametrize("name", NAMES["plain"])
def test_names_that_are_none(name: str) -> None:
    call = decider(RULES)(request(f"a=1&func=a.edit&{query(name, SECRET)}&sok=ok"))
    assert (name, "s3cr3t w0rd") in call.arguments
    assert variables(call) == {}


@pytest.mark.parametrize("kind", ["secret", "plain"])
def test_a_value_is_a_secret_where_its_name_is(kind: str) -> None:
    for name in {*NAMES[kind]} - {"value", "crypted"}:
        for saved in (f"func=a.save&name={name}", f"elid={name}&func=paramlist.edit&sok=ok"):
            call = decider(RULES)(request(f"{saved}&value={SECRET}"))
            assert list(variables(call)) == (["value"] if kind == "secret" else []), saved


@pytest.mark.parametrize("case", NAMES["queries"], ids=lambda case: case["query"])
def test_secrets_whose_name_stands_in_another_parameter(case: dict[str, Any]) -> None:
    asked = request(case["query"].replace("=S", f"={SECRET}").replace("%0AS", f"%0A{SECRET}"))
    call = decider(RULES)(asked)
    assert list(variables(call)) == case["secret"]
    shown = [str(value) for _, value in call.arguments] + list(call.notes)
    assert any("s3cr3t" in text for text in shown) == (not case["secret"])
    left = decider(RULES, secrets="drop")(asked)
    assert [d.param.name for d in left.decisions if d.rule == "secret"] == case["secret"]


def test_a_condition_of_ones_own(tmp_path: Any) -> None:
    rules = rules_of(
        "secrets:\n- [pin]\n".replace("[pin]", "pin")
        + "- name: [code, Note]\n  when: func == x.edit and kind == action\n"
        + "- name: always\n",
        tmp_path,
    )
    found = decider(rules)(request("func=x.edit&CODE=C&note=N&PIN=P&always=A&sok=ok"))
    assert variables(found) == {"CODE": "CODE", "note": "NOTE", "PIN": "PIN", "always": "ALWAYS"}
    found = decider(rules)(request("func=x.edit&code=C&note=N&pin=P"))
    assert variables(found) == {"pin": "PIN"}


def test_a_plain_list_still_does() -> None:
    assert layer_of("secrets: [a, 'b*']\n").secrets == ("a", "b*")
    assert layer_of("secrets: a\n").secrets == ("a",)
    assert layer_of("secrets: [a, {name: [b, c]}, {name: d}]\n").secrets == ("a", "b", "c", "d")


@pytest.fixture
def keeping() -> Decider:
    """Give what keeps masked secrets."""
    return decider(rule_set(keep=["*pass*", "confirm", "token"]))


def test_each_call_has_a_masked_secret_of_its_own(keeping: Decider) -> None:
    queries = [
        "confirm=*&func=user.edit&name=web&passwd=*&sok=ok",
        "func=email.edit&name=a&passwd=*&sok=ok",
        "func=email.edit&name=b&passwd=*&sok=ok",
    ]
    calls = [keeping(request(text)) for text in queries]
    assert [variables(call) for call in calls] == [
        {"confirm": "PASSWD", "passwd": "PASSWD"},
        {"passwd": "PASSWD_2"},
        {"passwd": "PASSWD_3"},
    ]
    assert [call.notes for call in calls] == [
        ["confirm, passwd of user.edit web were masked in the log: set PASSWD"],
        ["passwd of email.edit a was masked in the log: set PASSWD_2"],
        ["passwd of email.edit b was masked in the log: set PASSWD_3"],
    ]
    # The same call again, whatever the interface adds to it.
    again = keeping(request(f"{queries[1]}&operafake=2"))
    assert variables(again) == {"passwd": "PASSWD_2"}
    elsewhere = keeping(request(queries[1], panel="billmgr"))
    assert variables(elsewhere) == {"passwd": "PASSWD_4"}


def test_two_masked_secrets_of_a_call(keeping: Decider) -> None:
    call = keeping(request("confirm=*&func=a.edit&ipmipass=*&passwd=*&token=*&elid=%1b"))
    assert variables(call) == {
        "confirm": "IPMIPASS", "ipmipass": "IPMIPASS", "passwd": "PASSWD", "token": "TOKEN",
    }  # fmt: skip
    assert call.notes == [
        "confirm, ipmipass of a.edit \\x1b were masked in the log: set IPMIPASS",
        "passwd of a.edit \\x1b was masked in the log: set PASSWD",
        "token of a.edit \\x1b was masked in the log: set TOKEN",
    ]


def test_the_object_of_a_note_is_no_secret(keeping: Decider) -> None:
    call = keeping(request("auth=ID&elid=ID&func=a.edit&name=&email=*&passwd=*&username=u"))
    assert call.notes[-1] == "passwd of a.edit u was masked in the log: set PASSWD"
    call = keeping(request("auth=ID&elid=ID&func=a.edit&passwd=*"))
    assert call.notes == ["passwd of a.edit was masked in the log: set PASSWD_2"]
    long = keeping(request(f"func=a.edit&passwd=*&name={'x' * 100}"))
    assert long.notes == [f"passwd of a.edit {'x' * 60}... was masked in the log: set PASSWD_3"]


def test_a_masked_secret_beside_the_same_one_in_clear(keeping: Decider) -> None:
    found = [keeping(request(f"func=a.edit&name=x&passwd={value}")) for value in ("*", "%2A", "*")]
    assert [variables(call)["passwd"] for call in found] == ["PASSWD", "PASSWD_2", "PASSWD"]


def test_variables() -> None:
    names = Variables()
    masked, clear = Param("p=*"), Param("p=x")
    found = [names.name(masked, 1), names.name(masked, 2), names.name(masked, 1)]
    assert found == ["P", "P_2", "P"]
    assert [names.name(clear), names.name(Param("p=y")), names.name(clear)] == ["P_3", "P_4", "P_3"]
    assert names.name(masked, "x") == "P_5"  # no value is mistaken for a call
