"""Rules: which parameters a call keeps, what is secret, of what kind a request is.

This is the plain definition: layers of rules, read top to bottom, the last one that
matches decides. `parse` reads them from YAML; `decide` makes calls with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate
from functools import cached_property
from typing import TYPE_CHECKING, Callable, NamedTuple, Optional

from logreq.model.request import Param, Request
from logreq.text.cache import BoundedCache

if TYPE_CHECKING:
    from logreq.expr import Expr

# What a compiled expression runs.
_Test = Callable[[Request, Callable[[Request], str]], object]

KINDS = ("action", "view", "background")

# `paramlist.edit elid=ForwardedSecret value=..`, `service.saveparam name=userpassword value=..`
# (seen): what `value` is stands in another parameter.
_VALUE, _NAMING = "value", ("name", "elid")
# So many names' rules are remembered.
NAMES = 2_000


def globs(
    patterns: Iterable[str], *, any_case: bool = False
) -> Callable[[str], Optional[re.Match[str]]]:
    """Compile name globs (`*`, `?`, `[...]`) into one matcher of whole names.

    Case matters unless `any_case`.
    """
    flags = re.IGNORECASE if any_case else 0
    return re.compile("|".join(map(translate, patterns)) or r"(?!)", flags).match


def bad_glob(glob: str) -> Optional[str]:
    """Tell what is wrong with a glob; None if nothing is."""
    if not glob:
        return "an empty name matches no parameter"
    at = glob.find("[")
    while at >= 0:
        # The first character inside, or the one after !, may be a bracket itself.
        end = glob.find("]", at + 2 + (glob[at + 1 : at + 2] == "!"))
        if end < 0:
            return "this [ is not closed; for the character itself write [[]"
        at = glob.find("[", end)
    if "[" not in glob:
        return None
    try:
        globs([glob])
    except re.error:
        return "a range in [...] ends before it begins"
    return None


class Condition:
    """A rule's expression, compiled when it is first asked.

    Compiling needs a grammar that costs more to import than a short log to convert.
    """

    def __init__(self, text: str, *, allow_kind: bool = True) -> None:
        """Prepare; `allow_kind` is false for the expressions that decide the kind."""
        self.text = text
        self._allow_kind = allow_kind
        self._test: Optional[Expr] = None

    def check(self) -> Expr:
        """Compile the expression, once; ExprError if it is none."""
        if self._test is None:
            from logreq import expr

            self._test = expr.compile(self.text, allow_kind=self._allow_kind)
        return self._test

    def __call__(self, request: Request, kind_of: Callable[[Request], str]) -> bool:
        """Say whether the expression holds; `kind_of` is asked only where it needs the kind."""
        return self.check()(request, kind_of)


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


class Secret(NamedTuple):
    """Names (globs, whatever their case) of parameters that are secret under a condition."""

    names: tuple[str, ...]
    when: Condition
    origin: str


class Layer(NamedTuple):
    """What one rules file, or the command line, adds.

    `secrets`: globs of names that are always secret, whatever their case. `extends` None
    goes on from the layers below; a name of a bundled set, or `none`, starts anew from it.
    """

    origin: str
    rules: tuple[Rule, ...] = ()
    secrets: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    extends: Optional[str] = None
    sometimes: tuple[Secret, ...] = ()


class RuleSet:
    """All layers in effect, the later ones stronger."""

    def __init__(self, layers: Sequence[Layer], *, keep_empty: bool = False) -> None:
        """Join layers, weakest first.

        `keep_empty`: no rule drops a parameter for being empty.
        """
        self.layers = tuple(layers)
        rules = (rule for layer in layers for rule in layer.rules)
        self.rules = tuple(_sparing(rules) if keep_empty else rules)
        self.secrets = tuple(dict.fromkeys(glob for layer in layers for glob in layer.secrets))
        self.sometimes = tuple(secret for layer in layers for secret in layer.sometimes)
        self.kinds = tuple(kind for layer in reversed(layers) for kind in layer.kinds)
        # Logs repeat a few hundred names; a bound, since anybody can invent some.
        self._secret_names = BoundedCache(globs(self.secrets, any_case=True), NAMES)
        self._sometimes = [(globs(s.names, any_case=True), s.when) for s in self.sometimes]
        self._conditions = BoundedCache(self._secret_conditions, NAMES)
        self._named = BoundedCache(self._matching, NAMES)
        self._open = BoundedCache(self._kinds_of, NAMES)
        # Called with names of parameters, with each at least once.
        self.on_name: Callable[[str], object] = bool
        self._matchers = tuple((rule, globs(rule.names)) for rule in reversed(self.rules))

    def is_secret(self, name: str) -> bool:
        """Tell whether a parameter of that name is secret in every request."""
        return self._secret_names[name] is not None

    def can_be_secret(self, name: str) -> bool:
        """Tell whether a parameter of that name is secret in some request."""
        return self.is_secret(name) or name.lower() == _VALUE or bool(self._conditions[name])

    def is_secret_in(self, request: Request, name: str) -> bool:
        """Tell whether a parameter of that name is secret in a request."""
        return (
            self.is_secret(name)
            or (name.lower() == _VALUE and self._names_a_secret(request))
            or any(condition(request, self.kind) for condition in self._conditions[name])
        )

    def _names_a_secret(self, request: Request) -> bool:
        params = request.params
        return any(param.name in _NAMING and self.is_secret(param.value) for param in params)

    def _secret_conditions(self, name: str) -> tuple[Condition, ...]:
        return tuple(when for matches, when in self._sometimes if matches(name))

    def named(self, name: str) -> tuple[Rule, ...]:
        """Give the rules for a parameter's name, whatever its value; strongest first."""
        return self._named[name]

    def _matching(self, name: str) -> tuple[Rule, ...]:
        self.on_name(name)
        return tuple(rule for rule, matches in self._matchers if matches(name))

    def candidates(self, param: Param) -> list[Rule]:
        """Give the rules that match a parameter, were their conditions true; strongest first.

        None after the first one without a condition could ever decide, so none is given.
        """
        found = []
        for rule in self.named(param.name):
            if rule.values is None or param.raw_value in rule.values:
                found.append(rule)
                if rule.when is None:
                    break
        return found

    def decide(self, param: Param, request: Optional[Request] = None) -> Optional[Rule]:
        """Give the rule that decides about a parameter; None: no rule matches, it is kept.

        Without a request, no condition holds.
        """
        for rule in self.candidates(param):
            if rule.when is None or (request is not None and rule.when(request, self.kind)):
                return rule
        return None

    def kind(self, request: Request) -> str:
        """Tell a request's kind: the first entry whose expression holds, else `view`."""
        for name, test in self._open[request.func]:
            if test is None or test(request, self.kind):
                return name
        return "view"

    @cached_property
    def kind_fields(self) -> frozenset[str]:
        """What tells a request's kind, apart from its parameters."""
        fields = (field for kind in self.kinds for field in kind.when.check().fields)
        return frozenset(field for field in fields if not field.startswith("param."))

    def _kinds_of(self, func: str) -> tuple[tuple[str, Optional[_Test]], ...]:
        """Give the kinds that a function's requests can have, with tests of what else decides.

        The last one has no test where the function alone decides.
        """
        asked = Request("", 0, None, "", "", "", f"func={func}", func, "", "", 0)
        found: list[tuple[str, Optional[_Test]]] = []
        for kind in self.kinds:
            when = kind.when.check()
            if when.fields != {"func"}:
                found.append((kind.name, when.test))
            elif when.test(asked, self.kind):
                found.append((kind.name, None))
                break
        return tuple(found)

    def looks_at(self, field: str) -> bool:
        """Tell whether a condition of any rule or kind in effect looks at a field."""
        conditions = [rule.when for rule in self.rules] + [kind.when for kind in self.kinds]
        return any(
            field in when.text and field in when.check().fields for when in conditions if when
        )


def _sparing(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Give rules that drop nothing for being empty: of those for values, the other values."""
    for rule in rules:
        values = rule.values
        if not rule.keep and values is not None:
            values = values - {""}
        if values is None or values:
            yield rule._replace(values=values)
