"""Which requests change something: the bundled kinds over functions that panels have."""

from __future__ import annotations

from typing import Any

import pytest

from logreq.rules.load import rule_set
from tests.support.rulecases import kind_queries, load_cases, request

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
