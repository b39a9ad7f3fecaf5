"""Globs that Python's own translation cannot compile are errors of who wrote them."""

from __future__ import annotations

import re

import pytest

from logreq import rules
from logreq.errors import RulesError, UsageError
from logreq.rulefile import command_line, parse

TEXTS = [b"secrets: ['[b-a]']\n", b"params:\n  - drop: '[b-a]'\n"]


@pytest.mark.parametrize("data", TEXTS)
def test_in_a_file(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Python 3.9 and 3.10 have it; later ones make a pattern that matches nothing of it.
    monkeypatch.setattr(rules, "translate", lambda glob: glob)
    with pytest.raises(RulesError, match=r"r.yaml:\d:\d+: '\[b-a\]' is no glob: bad character"):
        parse(data, "r.yaml")


def test_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "translate", lambda glob: glob)
    with pytest.raises(UsageError, match=r"--keep: '\[b-a\]' is no glob"):
        command_line(["[b-a]"], [])


@pytest.mark.parametrize("data", TEXTS)
def test_no_version_fails_otherwise(data: bytes) -> None:
    try:
        layer = parse(data, "r.yaml")
    except RulesError:
        return
    assert rules.RuleSet([layer]).is_secret("b") is None
