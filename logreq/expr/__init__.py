"""Expressions of rules and of `--where`: text in, predicate over requests out.

`compile("func == user.edit and caller in 10.0.0.0/8")` gives an `Expr`. What the language
has stands in `language`; `syntax_text` and `syntax_markdown` describe it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

from logreq.errors import ExprError, suggest
from logreq.expr.diagnose import brief, fault, syntax_fault
from logreq.expr.evaluate import Predicate, all_of, any_of, comparison, negation
from logreq.expr.language import (
    BREAK,
    FIELD,
    FIELDS,
    OPERATORS,
    PARAM,
    STRING,
    VALUE,
    WHITE,
    KindOf,
    field_token,
    syntax_markdown,
    syntax_text,
    unparse,
    value_token,
)
from logreq.expr.values import BadValueError
from logreq.model.request import Request

__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Expr",
    "compile",
    "syntax_markdown",
    "syntax_text",
    "unparse",
]

MAX_LENGTH = 10_000
# A level costs pyparsing some 23 calls, of the 1000 that Python allows.
MAX_DEPTH = 25

_W = f"[{WHITE}]*"
_SIGNS = "|".join(sorted((op for op in OPERATORS if not op.isalpha()), key=len, reverse=True))
# One comparison, and what follows it in a row of `or`. The grammar gives the same for it;
# without it, every run would import pyparsing for the bundled rules.
_SIMPLE = re.compile(
    rf"{_W}(?P<field>{FIELD})"
    rf"(?:{_W}(?P<op>{_SIGNS}|(?:like|in){BREAK}){_W}(?P<value>{VALUE})"
    rf"|{_W}(?P<list>in{_W}\({_W}{VALUE}(?:{_W},{_W}{VALUE})*{_W}\)))?"
    rf"{_W}(?:(?P<more>or){BREAK}|\Z)"
)


class Expr(NamedTuple):
    """A compiled expression.

    `tree` is made of tuples: `("or", trees)`, `("and", trees)`, `("not", tree)`,
    `("has", field)`, `("in", field, values)` and `(operator, field, value)`. `fields` are
    the request's fields and parameters (`param.NAME`) that it looks at. `test` is what a call runs;
    it gives something true or false.
    """

    text: str
    tree: tuple[Any, ...]
    fields: frozenset[str]
    test: Predicate

    def __call__(self, request: Request, kind_of: Optional[KindOf] = None) -> bool:
        """Say whether the expression holds for a request.

        `kind_of` gives a request's kind, and is asked only where the expression needs it.
        """
        return bool(self.test(request, kind_of or _no_kind))


def compile(text: str, *, allow_kind: bool = True) -> Expr:  # noqa: A001 as in re.compile
    """Compile an expression.

    `allow_kind` is false for the expressions that decide the kind. Raises ExprError, whose
    message shows the text with a caret under the fault.
    """
    _check_size(text)
    fields: set[str] = set()
    try:
        node = _simple(text) or _parse(text)
        tree, test = _Builder(text, allow_kind, fields).build(node)
    except RecursionError:
        # The caller's own depth decides how much is left.
        raise ExprError("bad expression: it is nested too deeply") from None
    return Expr(text, tree, frozenset(fields), test)


def _no_kind(_: Request) -> str:
    raise TypeError("the expression looks at kind: call it with kind_of")


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise fault(text, MAX_LENGTH, f"an expression has at most {MAX_LENGTH} characters")
    depth = 0
    for found in re.finditer(rf"{STRING}|[()]", text):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth > MAX_DEPTH:
            raise fault(text, found.start(), f"at most {MAX_DEPTH} parentheses can be nested")


def _parse(text: str) -> tuple[Any, ...]:
    from logreq.expr.grammar import BadSyntaxError, parse

    try:
        return parse(text)
    except BadSyntaxError as error:
        raise syntax_fault(text, error.at) from None


def _simple(text: str) -> Optional[tuple[Any, ...]]:
    """Parse a row of comparisons joined by `or`, as the grammar does; None for others."""
    nodes, at = [], 0
    while True:
        found = _SIMPLE.match(text, at)
        if not found:
            return None
        nodes.append(_simple_comparison(found))
        at = found.end()
        if not found["more"]:
            return nodes[0] if len(nodes) == 1 else ("or", tuple(nodes))


def _simple_comparison(found: re.Match[str]) -> tuple[Any, ...]:
    field = field_token(found["field"], found.start("field"))
    if found["list"]:
        return "in", field, tuple(_items(found))
    if found["op"]:
        return found["op"], field, (value_token(found["value"], found.start("value")),)
    return "has", field, ()


def _items(found: re.Match[str]) -> Iterator[Any]:
    begin = found.string.index("(", found.start("list"))
    for item in re.compile(VALUE).finditer(found.string, begin, found.end("list")):
        yield value_token(item[0], item.start())


class _Builder(NamedTuple):
    """Makes the tree and the predicate of what was parsed, and finds wrong names and values."""

    text: str
    allow_kind: bool
    fields: set[str]

    def build(self, node: tuple[Any, ...]) -> tuple[tuple[Any, ...], Predicate]:
        head = node[0]
        if head in ("and", "or"):
            trees, tests = zip(*map(self.build, node[1]))
            return (head, trees), (all_of if head == "and" else any_of)(tests)
        if head == "not":
            tree, test = self.build(node[1])
            return ("not", tree), negation(test)
        return self.leaf(*node)

    def leaf(self, symbol: str, field: Any, values: Any) -> tuple[tuple[Any, ...], Predicate]:
        self.check(field.text, field.at)
        texts = tuple(value.text for value in values)
        try:
            test = comparison(symbol, field.text, texts)
        except BadValueError as error:
            at = field.at if error.index is None else values[error.index].at
            raise fault(self.text, at, str(error)) from None
        known = FIELDS.get(field.text)
        self.fields.add(known.source or field.text if known else field.text)
        return (symbol, field.text, *([texts] if symbol == "in" else texts)), test

    def check(self, name: str, at: int) -> None:
        if name == PARAM:
            raise fault(self.text, at + len(PARAM), "expected a parameter's name")
        if name == "kind" and not self.allow_kind:
            raise fault(self.text, at, "kind cannot be used where the kind is decided")
        if name in FIELDS or name.startswith(PARAM):
            return
        # `params.sok` means `param.sok`.
        known = [*FIELDS, PARAM + name.partition(".")[2]]
        hint = suggest(name[:40], known)
        if not hint and len(name) <= 40:
            hint = f"; a parameter is param.{name}, whatever value is any"
        raise fault(self.text, at, f"unknown field {brief(name)}{hint}")
