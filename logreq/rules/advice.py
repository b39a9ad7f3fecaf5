"""What the reader of a call should know of one parameter of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from logreq.model.call import Decision
from logreq.model.connection import INTERFACE_FORMATS
from logreq.model.request import Param, Request
from logreq.rules.model import RuleSet
from logreq.rules.notes import SPENDS
from logreq.rules.secret import shown
from logreq.text.escape import visible

# Where the advice is for: rules that the user wrote are what he wants.
_GUIDE = "default.yaml:"
# Formats that read as another one: the note on them is worth its line.
_OTHER_ANSWERS = INTERFACE_FORMATS - {"json", "xjson", "bjson"}


class Advice:
    """Notes on decisions: dropped though it may matter, another format, money."""

    def __init__(self, rules: Optional[RuleSet], out: str) -> None:
        """Prepare.

        `rules` keep what can matter: where they keep what the guide's rules drop, there is a
        note. `out`: the format that the connection asks for; empty if it asks for none.
        """
        self._rules = rules
        self._out = out

    def exceptions(self, name: str) -> Optional[Iterable[str]]:
        """Give the raw values of a name that may be told of otherwise than others; None: any."""
        if name in SPENDS or (name == "out" and self._out):
            return None
        rules = self._rules.named(name) if self._rules else ()
        return [value for rule in rules for value in rule.values or ()]

    def depends(self, param: Param) -> bool:
        """Tell whether the request decides what there is to say of a dropped parameter."""
        rules = self._rules
        return rules is not None and any(rule.when for rule in rules.candidates(param))

    def on(self, decision: Decision, request: Optional[Request] = None) -> Decision:
        """Give a decision with the note that is to be made on it, if any is."""
        param = decision.param
        if param.name == "out" and self._out and not decision.private:
            return decision.noting(self._on_format(decision))
        if decision.keep:
            if SPENDS.get(param.name) != param.value:
                return decision
            return decision.noting(f"{param.name}={param.value} spends money each time this runs")
        by_guide = decision.rule is not None and decision.rule.startswith(_GUIDE)
        if self._rules is None or decision.private or not by_guide:
            return decision
        rule = self._rules.decide(param, request)
        if rule is None or not rule.keep:
            return decision
        name = visible(param.name)
        return decision.noting(
            f"{name}={shown(param.value)} is dropped but may matter: {rule.why}"
            f", --keep {name} or --rules careful sends it"
        )

    def _on_format(self, decision: Decision) -> str:
        """Tell where a logged format makes the answer another than that of other calls."""
        logged = shown(decision.param.value)
        if decision.param.value == self._out:
            return ""
        if decision.keep and is_purpose(decision.param):
            return f"out={logged} is kept: the answer comes in that format, not as {self._out}"
        if decision.rule == "connection" and decision.param.value in _OTHER_ANSWERS:
            return f"out={logged} gives way to out={self._out}"
        return ""


def is_purpose(param: Param) -> bool:
    """Tell whether a parameter is a format that was asked for, not the interface's habit."""
    asked = bool(param.value) and not param.masked and param.value not in INTERFACE_FORMATS
    return asked and param.name == "out"
