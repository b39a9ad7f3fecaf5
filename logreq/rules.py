"""Rules: which parameters a call keeps, what is secret, of what kind a request is.

This is the plain definition: layers of rules, read top to bottom, the last one that
matches decides. `rulefile` reads them from YAML; `apply` makes calls with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate
from typing import Callable, NamedTuple, Optional

from logreq.request import Param, Request

KINDS = ("action", "view", "background")

Predicate = Callable[[Request], bool]


def globs(patterns: Iterable[str]) -> Callable[[str], Optional[re.Match[str]]]:
    """Compile name globs (`*`, `?`, `[...]`, case-sensitive) into one matcher of whole names."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)").match


def check_glob(glob: str) -> None:
    """Raise ValueError for a glob that is none: Python before 3.11 minds `[b-a]`."""
    try:
        re.compile(translate(glob))
    except re.error as error:
        raise ValueError(f"{glob!r} is no glob: {error}") from None


class Condition:
    """A rule's expression, compiled when it is first asked.

    Compiling needs a grammar that costs more to import than a short log to convert.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._test: Optional[Predicate] = None

    def check(self) -> Predicate:
        """Compile the expression, once; ExprError if it is none."""
        if self._test is None:
            from logreq import expr

            self._test = expr.compile(self.text, allow_kind=False)
        return self._test

    def __call__(self, request: Request) -> bool:
        return self.check()(request)


class Rule(NamedTuple):
    """Keep or drop parameters: by name (globs), by raw value, under a condition.

    `values` None: any value. `origin` is where the rule stands, `FILE:LINE`.
    """

    keep: bool
    names: tuple[str, ...]
    values: Optional[frozenset[str]]
    when: Optional[Condition]
    why: str
    origin: str


class Kind(NamedTuple):
    """A class of requests (`action`, `view`, `background`) and the expression that tells it."""

    name: str
    when: Condition
    origin: str


class Layer(NamedTuple):
    """What one rules file, or the command line, adds.

    `extends` None goes on from the layers below; a name of a bundled set, or `none`,
    starts anew from it.
    """

    origin: str
    rules: tuple[Rule, ...] = ()
    secrets: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    extends: Optional[str] = None


class RuleSet:
    """All layers in effect, the later ones stronger."""

    def __init__(self, layers: Sequence[Layer], *, keep_empty: bool = False) -> None:
        """Join layers, weakest first.

        `keep_empty`: no rule drops a parameter for being empty.
        """
        self.layers = tuple(layers)
        rules = [rule for layer in layers for rule in layer.rules]
        self.rules = tuple(_for_others(rule) for rule in rules) if keep_empty else tuple(rules)
        self.secrets = tuple(dict.fromkeys(glob for layer in layers for glob in layer.secrets))
        self.kinds = tuple(kind for layer in reversed(layers) for kind in layer.kinds)
        self.is_secret = globs(self.secrets)
        self._matchers = tuple((rule, globs(rule.names)) for rule in reversed(self.rules))

    def candidates(self, param: Param) -> list[Rule]:
        """Give the rules that match a parameter, were their conditions true; strongest first.

        None after the first one without a condition could ever decide, so none is given.
        """
        found = []
        for rule, matches in self._matchers:
            if matches(param.name) and (rule.values is None or param.raw_value in rule.values):
                found.append(rule)
                if rule.when is None:
                    break
        return found

    def decide(self, param: Param, request: Request) -> Optional[Rule]:
        """Give the rule that decides about a parameter of a request; None: kept, no rule matches."""
        candidates = self.candidates(param)
        return next((r for r in candidates if r.when is None or r.when(request)), None)

    def kind(self, request: Request) -> str:
        """Tell a request's kind: the first entry whose expression holds, else `view`."""
        return next((kind.name for kind in self.kinds if kind.when(request)), "view")


def _for_others(rule: Rule) -> Rule:
    """Make of a rule that drops empty values one that drops its other values only."""
    if rule.keep or rule.values is None:
        return rule
    return rule._replace(values=rule.values - {""})
