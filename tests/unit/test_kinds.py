"""Which requests change something: the bundled kinds over functions that panels have."""

from __future__ import annotations

from typing import Any

import pytest

from logreq.rules.load import rule_set
from logreq.rules.model import RuleSet
from tests.support.rulecases import case_queries, kind_queries, layer_of, load_cases, request

CASES = load_cases("kinds.yaml")
RULES = rule_set()
GROUP_OPERATIONS = [func for case in CASES[:2] for func in case["funcs"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_kinds(case: dict[str, Any]) -> None:
    found = {query: RULES.kind(request(query)) for query in kind_queries(case)}
    assert {query: kind for query, kind in found.items() if kind != case["kind"]} == {}


@pytest.mark.parametrize("more", ["", "&sok=", "&snext=", "&p_num=1&out=xjson"])
def test_the_list_that_a_group_operation_is_for_is_only_looked_at(more: str) -> None:
    assert len(GROUP_OPERATIONS) > 100
    lists = {func.rpartition(".")[0] for func in GROUP_OPERATIONS}
    found = {name: RULES.kind(request(f"func={name}{more}")) for name in lists}
    assert [name for name, kind in found.items() if kind == "action"] == []


def test_kinds_depend_on_function_and_parameters_alone() -> None:
    assert RULES.kind_fields == {"func"}


@pytest.mark.parametrize("mine", ["", "kinds: [{view: func == user and user == web}]"])
def test_what_is_remembered_of_a_function_is_the_plain_definition(mine: str) -> None:
    layers = [*RULES.layers, layer_of(mine)]
    rules = RuleSet(layers)
    for query in case_queries():
        for user in ("root", "web"):
            asked = request(query, user=user)
            plain = (kind.name for kind in rules.kinds if kind.when(asked, rules.kind))
            assert rules.kind(asked) == next(plain, "view"), query
