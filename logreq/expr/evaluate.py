"""Makes predicates of comparisons: one closure per comparison, chosen once, not per request."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from typing import Any, Callable

from logreq.expr.language import FIELDS, PARAM, KindOf
from logreq.expr.query import raw_values
from logreq.expr.values import Test, value_test
from logreq.model.panels import panel_named
from logreq.model.request import Request
from logreq.text.cache import BoundedCache
from logreq.text.percent import unquote

# What they give is true or false, not always a bool.
Predicate = Callable[[Request, KindOf], Any]

_OPPOSITE = {"!=": "==", "!~": "~"}
# So many answers about a field's texts are remembered.
_TEXTS = 1_000


def comparison(symbol: str, field: str, values: Sequence[str]) -> Predicate:
    """Make the predicate of one comparison; `has` is the field by itself.

    Raises BadValueError.
    """
    if symbol in _OPPOSITE:
        return negation(comparison(_OPPOSITE[symbol], field, values))
    if field.startswith(PARAM):
        return _param(symbol, field[len(PARAM) :], values)
    get, kind = FIELDS[field].get, FIELDS[field].type
    if symbol == "has":
        # A process number 0 is one.
        return (lambda r, k: get(r, k) is not None) if kind == "number" else get
    if field == "any":
        fulfils = value_test(symbol, PARAM, PARAM, values)
        return lambda request, kind_of: any(map(fulfils, get(request, kind_of)))
    if field == "panel" and symbol in ("==", "in"):
        values = [panel_named(value) or value for value in values]
    test = value_test(symbol, field, kind, values)
    if kind == "kind":
        return lambda request, kind_of: test(get(request, kind_of))
    if field == "verb":
        test = _of_verb(test)
    if kind == "outcome":
        return _outcome(symbol, test)
    if kind == "text":
        # Functions, users and modules repeat themselves.
        test = BoundedCache(test, _TEXTS).__getitem__
    value = operator.attrgetter(FIELDS[field].source or field)
    return lambda request, _: test(value(request))


def _outcome(symbol: str, test: Test) -> Predicate:
    """Make the predicate of an outcome's state, or of its reason; none fulfils nothing."""

    def holds(request: Request, _: KindOf) -> Any:
        outcome = request.outcome
        if outcome is None:
            return False
        if symbol in ("like", "~"):
            return test(f"{outcome.words}\n{outcome.text}" if symbol == "~" else outcome.words)
        return test("failed" if outcome.failed else "ok")

    return holds


def negation(test: Predicate) -> Predicate:
    """Make the predicate that holds where another does not."""
    return lambda request, kind_of: not test(request, kind_of)


def all_of(tests: Sequence[Predicate]) -> Predicate:
    """Make the predicate that holds where all do; later ones are not asked in vain."""
    if len(tests) == 2:
        first, second = tests
        return lambda request, kind_of: first(request, kind_of) and second(request, kind_of)
    if len(tests) == 3:
        a, b, c = tests
        return lambda r, k: a(r, k) and b(r, k) and c(r, k)

    def every(request: Request, kind_of: KindOf) -> bool:
        for test in tests:  # noqa: SIM110 a generator costs more than the tests
            if not test(request, kind_of):
                return False
        return True

    return every


def any_of(tests: Sequence[Predicate]) -> Predicate:
    """Make the predicate that holds where one does; later ones are not asked in vain."""
    if len(tests) == 2:
        first, second = tests
        return lambda request, kind_of: first(request, kind_of) or second(request, kind_of)

    def some(request: Request, kind_of: KindOf) -> bool:
        for test in tests:  # noqa: SIM110 a generator costs more than the tests
            if test(request, kind_of):
                return True
        return False

    return some


def _param(symbol: str, name: str, values: Sequence[str]) -> Predicate:
    search = raw_values(name).search
    # As it is nearly always written; found in a fourth of the time.
    plain = f"&{name}=" if re.fullmatch(r"[\w.-]+", name, re.ASCII) else "\n"
    if symbol == "has":
        return lambda request, _: plain in request.query or search("&" + request.query)
    test = value_test(symbol, PARAM, PARAM, values)

    def holds(request: Request, _: KindOf) -> bool:
        query, tested = request.query, None
        begin = query.find(plain) + len(plain)
        if begin >= len(plain):
            end = query.find("&", begin)
            tested = query[begin:] if end < 0 else query[begin:end]
            if test(unquote(tested)):
                return True
        query = "&" + query
        found = search(query)
        while found:
            if found[1] != tested and test(unquote(found[1])):
                return True
            found = search(query, found.end())
        return False

    return holds


def _of_verb(test: Test) -> Test:
    """Make a test of functions' names from one of verbs."""
    return lambda func: test(func.rpartition(".")[2])
