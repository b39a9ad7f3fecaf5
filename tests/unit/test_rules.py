"""The plain definition: globs, candidates, conditions, kinds; the properties it must have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.errors import ExprError
from logreq.model.request import Param
from logreq.rules.load import BUNDLED, load_bundled, rule_set
from logreq.rules.model import Condition, Layer, Rule, RuleSet, bad_glob, globs
from tests.support.cases import load_yaml
from tests.support.rulecases import (
    SAMPLES,
    case_queries,
    layer_of,
    request,
    sample_requests,
)


@pytest.mark.parametrize(
    ("patterns", "yes", "no"),
    [
        (["a*"], ["a", "ab", "a\nb"], ["ba", "A"]),
        (["a?c", "x"], ["abc", "x"], ["ac", "xx"]),
        (["[ab]1", "[!c]2"], ["a1", "a2"], ["c1", "c2"]),
        (["[[]x", "[]]", "[!]]!"], ["[x", "]", "a!"], ["x", "]!"]),
        (["(a|b)", "a.b", "^x$"], ["(a|b)", "a.b", "^x$"], ["a", "axb", "x"]),
        ([], [], ["", "a"]),
        (["a*b*c*d*e*f*g*h*i*j*k"], ["abcdefghijk"], ["a" * 5000, "abcdefghij" * 500]),
        (["é\udcff*"], ["é\udcffx"], ["e"]),
    ],
)
def test_globs(patterns: list[str], yes: list[str], no: list[str]) -> None:
    match = globs(patterns)
    assert all(bad_glob(pattern) is None for pattern in patterns)
    assert [name for name in yes if not match(name)] == []
    assert [name for name in no if match(name)] == []


@pytest.mark.parametrize("pattern", ["", "[", "a[b", "[]", "[!]", "[!", "[a][b"])
def test_bad_globs(pattern: str) -> None:
    assert bad_glob(pattern)


def test_a_range_that_ends_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    # Older Pythons make a bad regular expression of it, newer ones one that matches nothing.
    import re

    def fail(patterns: Any) -> Any:
        raise re.error("bad character range")

    monkeypatch.setattr("logreq.rules.model.globs", fail)
    assert bad_glob("[z-a]") == "a range in [...] ends before it begins"


@given(st.text(st.sampled_from("[]!^-a*?b\\&~|"), max_size=8))
def test_a_glob_without_fault_compiles(pattern: str) -> None:
    if bad_glob(pattern) is None:
        globs([pattern])("a")


def test_a_condition_is_compiled_when_it_is_asked() -> None:
    condition = Condition("func == (")
    with pytest.raises(ExprError):
        condition(request("func=f"), lambda _: "view")
    with pytest.raises(ExprError, match="kind cannot be used"):
        Condition("kind == view", allow_kind=False).check()
    good = Condition("kind == action")
    assert good.check() is good.check()
    assert good(request("func=f"), lambda _: "action")
    assert not good(request("func=f"), lambda _: "view")


def test_candidates_end_with_the_first_that_decides_alone() -> None:
    rules = RuleSet(
        [
            layer_of(
                "params:\n- drop: a\n- keep: a\n- drop: '*'\n  when: user == root\n- keep: b\n"
                "- drop: a\n  value: x\n  when: user == web\n"
            )
        ]
    )
    param = Param("a=x")
    assert [r.origin[-1] for r in rules.candidates(param)] == ["7", "4", "3"]
    assert [r.origin[-1] for r in rules.candidates(Param("a=y"))] == ["4", "3"]
    assert rules.candidates(Param("b="))[0].keep
    decided = rules.decide(param, request("func=f"))
    assert decided is not None
    assert decided.origin == "test.yaml:4"
    decided = rules.decide(param, request("func=f", user="other"))
    assert decided is not None
    assert decided.keep
    assert rules.decide(Param("c=1"), request("func=f", user="other")) is None


def test_secrets_of_all_layers_count() -> None:
    rules = RuleSet([Layer("a", secrets=("x", "y*")), Layer("b", secrets=("x", "z"))])
    assert rules.secrets == ("x", "y*", "z")
    assert all(map(rules.is_secret, ["x", "y1", "z"]))
    assert not rules.is_secret("zz")


def test_kind_without_entries_is_view() -> None:
    assert RuleSet([]).kind(request("func=f&sok=ok")) == "view"


NAMES = st.sampled_from(["a", "b", "ab", "sok", "passwd"])
VALUES = st.sampled_from(["", "1", "*", "x%20y", "%2A"])
CONDITIONS = st.sampled_from([None, "func == f", "param.sok", "kind == action", "user == web"])
RULE_LISTS = st.lists(
    st.builds(
        Rule,
        st.booleans(),
        st.lists(
            st.sampled_from(["a", "a*", "*", "?", "[!a]", "sok"]), min_size=1, max_size=2
        ).map(tuple),
        st.none() | st.frozensets(VALUES, min_size=1),
        CONDITIONS.map(lambda text: text and Condition(text)),
        st.just(""),
        st.integers(1, 99).map(lambda line: f"some.yaml:{line}"),
    ),
    max_size=6,
)  # fmt: skip


@given(RULE_LISTS, st.integers(0, 6), st.booleans(), NAMES, VALUES, st.booleans())
def test_a_rule_that_matches_nothing_changes_nothing(
    rules: list[Rule], place: int, keep: bool, name: str, value: str, empty: bool
) -> None:
    idle = Rule(keep, ("nobody-*",), None, None, "", "idle:1")
    never = Rule(keep, ("*",), None, Condition("func == never"), "", "idle:2")
    asked = request(f"func=f&{name}={value}&sok=ok")
    param = Param(f"{name}={value}")
    more = [*rules[:place], idle, never, *rules[place:]]
    before, after = (
        RuleSet([load_bundled("default"), Layer("x", tuple(found))], keep_empty=empty)
        for found in (rules, more)
    )
    assert before.decide(param, asked) == after.decide(param, asked)


@given(RULE_LISTS, NAMES, VALUES)
def test_the_last_rule_that_matches_decides(rules: list[Rule], name: str, value: str) -> None:
    found = RuleSet([Layer("x", tuple(rules))])
    asked = request(f"func=f&{name}={value}")
    param = Param(f"{name}={value}")
    expected = None
    for rule in rules:
        if (
            any(globs([pattern])(param.name) for pattern in rule.names)
            and (rule.values is None or value in rule.values)
            and (rule.when is None or rule.when(asked, found.kind))
        ):
            expected = rule
    assert found.decide(param, asked) is expected


@given(RULE_LISTS, NAMES)
def test_keep_empty_spares_what_only_its_emptiness_would_drop(rules: list[Rule], name: str) -> None:
    asked = request(f"func=f&{name}=")
    sparing = RuleSet([Layer("x", tuple(rules))], keep_empty=True)
    decided = sparing.decide(Param(f"{name}="), asked)
    assert decided is None or decided.keep or decided.values is None
    for value in ("1", "*"):
        plain = RuleSet([Layer("x", tuple(rules))]).decide(Param(f"{name}={value}"), asked)
        spared = sparing.decide(Param(f"{name}={value}"), asked)
        assert (plain and plain.origin) == (spared and spared.origin)


def test_samples_have_the_kinds_that_are_expected() -> None:
    cases = load_yaml("samples.yaml")["files"]
    rules = rule_set()
    expected = {name: [tuple(call) for call in case["calls"]] for name, case in cases.items()}
    found: dict[str, list[tuple[str, Any]]] = {name: [] for name in expected}
    for asked in sample_requests():
        name = str(Path(asked.source).relative_to(SAMPLES))
        wanted = expected[name][len(found[name])][1]
        found[name].append((asked.func, wanted and rules.kind(asked)))
    assert found == expected


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_rule_is_exercised_by_a_sample_or_a_case(name: str) -> None:
    layer = load_bundled(name)
    rules = RuleSet([layer])
    decided = set()
    kinds = set()
    secrets: set[str] = set()
    for asked in [*sample_requests(), *map(request, case_queries())]:
        for param in asked.params:
            rule = rules.decide(param, asked)
            if rule:
                decided |= {(rule.origin, g) for g in rule.names if globs([g])(param.name)}
                decided |= {(rule.origin, v) for v in rule.values or () if v == param.raw_value}
            found = (glob for glob in layer.secrets if globs([glob], any_case=True)(param.name))
            secrets.update(found)
            secrets |= {
                entry.origin
                for entry in layer.sometimes
                if param.name in entry.names and entry.when(asked, rules.kind)
            }
        kind = next((k for k in rules.kinds if k.when(asked, rules.kind)), None)
        kinds.add(kind and kind.origin)
    expected = {(rule.origin, g) for rule in layer.rules for g in rule.names}
    expected |= {(rule.origin, value) for rule in layer.rules for value in rule.values or ()}
    assert expected - decided == set()
    assert {kind.origin for kind in layer.kinds} - kinds == set()
    assert {*layer.secrets, *(entry.origin for entry in layer.sometimes)} - secrets == set()
