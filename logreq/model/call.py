"""A call: a request after the rules, in no language; and how it reaches a panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

from logreq.model.outcome import Outcome
from logreq.model.request import Param, Request


class Env(NamedTuple):
    """A reference to an environment variable, in place of a secret."""

    name: str


class Arg(NamedTuple):
    """A reference to an argument of the script, in place of a logged value."""

    name: str


class Id(NamedTuple):
    """The `id` that the last call of a function in the same script answered."""

    func: str


class Lookup(NamedTuple):
    """The `id` of the row in a list whose field has a value, asked for when the script runs."""

    func: str
    field: str
    value: tuple[Union[str, Env, Arg, Id], ...]


# Literal text; or a reference; or, in scripts, several of them in a row.
Part = Union[str, Env, Arg, Id, Lookup]
Value = Union[str, Env, tuple[Part, ...]]


class Decision:
    """What became of one parameter: its value in the call, or the rule that dropped it.

    `rule` is where the deciding rule stands (`default.yaml:5`) or another reason in a
    word (`credential`, `connection`, `masked`); None where no rule matched. Compared by
    identity, so that emitters can remember the text of each.
    """

    __slots__ = ("keep", "note", "param", "private", "rule", "value", "why")

    def __init__(
        self,
        param: Param,
        keep: bool,
        rule: Optional[str] = None,
        why: str = "",
        value: Optional[Value] = None,
        private: bool = False,
        note: str = "",
    ) -> None:
        self.param = param
        self.keep = keep
        self.rule = rule
        self.why = why
        self.value: Value = param.value if value is None else value
        # The logged value is a secret or a credential: no report may show it.
        self.private = private
        # What the reader of the call should know about it.
        self.note = note

    def having(self, value: Value) -> Decision:
        """Give the same decision with another value."""
        return Decision(self.param, self.keep, self.rule, self.why, value, self.private, self.note)

    def noting(self, note: str) -> Decision:
        """Give the same decision with a note."""
        return Decision(self.param, self.keep, self.rule, self.why, self.value, self.private, note)

    def of(self, param: Param) -> Decision:
        """Give the same decision of another parameter."""
        return Decision(param, self.keep, self.rule, self.why, None, self.private)

    def __repr__(self) -> str:
        return f"Decision({self.param.name!r}, keep={self.keep}, rule={self.rule!r})"


class Call(NamedTuple):
    """A function, what became of each other parameter in the log's order, notes for the reader."""

    request: Request
    decisions: Sequence[Decision]
    notes: Sequence[str] = ()
    # `action`, `view` or `background`; empty where nobody asked for it.
    kind: str = ""
    # The request's, with secrets hidden.
    outcome: Optional[Outcome] = None

    @property
    def func(self) -> str:
        """The function's name."""
        return self.request.func

    @property
    def arguments(self) -> list[tuple[str, Value]]:
        """Names and values that the call sends, in order, without the function."""
        return [(o.param.name, o.value) for o in self.decisions if o.keep]


class Argument(NamedTuple):
    """An argument of a script: `--NAME VALUE`, the logged value as its default."""

    name: str
    default: str
