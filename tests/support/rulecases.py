"""Requests and rules for tests: written as a query and as YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional

import yaml

from logreq.convert import pipeline
from logreq.errors import Problem
from logreq.log import line as parser
from logreq.log.find import find
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import load_bundled, rule_set
from logreq.rules.model import Layer, RuleSet
from logreq.rules.parse import parse

TESTS = Path(__file__).resolve().parent.parent
SAMPLES = TESTS.parent / "samples"
CASES = TESTS / "cases" / "rules"


def load_cases(name: str) -> list[dict[str, Any]]:
    """Load the cases of a file; there are some."""
    cases: list[dict[str, Any]] = yaml.safe_load((CASES / name).read_text("utf-8"))
    assert cases
    return cases


def request(query: str, **fields: Any) -> Request:
    """Make a request of a query, as the parser makes it of a line."""
    line = f"Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.1][root] '{query}'"
    found = parser.parse_line(line, source="test.log")
    assert isinstance(found, Request), found
    return found._replace(**fields)


def decider(rules: RuleSet, **options: Any) -> Decider:
    """Make an decider with the advice that the command line gives it."""
    return Decider(rules, advice=RuleSet([load_bundled("careful")]), kinds=True, **options)


def rules_of(text: Optional[str], directory: Path, **options: Any) -> RuleSet:
    """Stack the rules of a text, in a file of their own, on the bundled ones."""
    if text is None:
        return rule_set(**options)
    path = directory / "rules.yaml"
    path.write_text(text, "utf-8")
    return rule_set([str(path)], **options)


def layer_of(text: str) -> Layer:
    """Read the text of a rules file."""
    return parse(text.encode(), "test.yaml")


def sample_requests() -> list[Request]:
    """Give all requests of all logs among the samples."""
    names = [
        str(path)
        for path in sorted(SAMPLES.rglob("*"))
        if path.is_file() and path.suffix not in (".py", ".pyc", ".md", ".yaml", ".har")
    ]
    found: list[Request] = []
    for file in find(names, None, fail):
        found += pipeline.read([file], lambda problem: None)
    return found


def case_queries() -> list[str]:
    """Give the queries of all cases."""
    secrets = yaml.safe_load((CASES / "secrets.yaml").read_text("utf-8"))
    found = [f"func=f&{name}=x" for name in secrets["secret"]]
    found += [case["query"] for case in secrets["queries"]]
    for case in load_cases("kinds.yaml"):
        found += kind_queries(case)
    return found + [case["query"] for case in load_cases("decisions.yaml")]


def kind_queries(case: dict[str, Any]) -> list[str]:
    """Give the queries of a case of kinds."""
    made = [f"elid=1&func={func}" for func in case.get("funcs", ())]
    queries: list[str] = case.get("queries", [])
    return made + queries


def fail(problem: Problem) -> None:
    """Refuse any problem."""
    raise AssertionError(str(problem))
