"""Regular expressions of users, made safe against texts of strangers.

Python's `re` cannot be interrupted, and a log's values are chosen by whoever can reach the
panel. So the work is bounded beforehand: from the pattern follows how many ways there are at
most to match n characters, C * n**D / D!, and from that how much of a value it may see.
A pattern that can have exponentially many ways, or too many for a useful n, is refused.
"""

from __future__ import annotations

import importlib
import math
import re
import sys
import warnings
from typing import Any, NamedTuple

MAX_TEXT = 100_000
MIN_TEXT = 64
MAX_PATTERN = 1_000
# About a tenth of a second for the worst pattern and value.
_WORK = 4_000_000
_TOO_LONG = "this regular expression can take too long"


class RegexError(ValueError):
    """A pattern that cannot be used; the message says why."""


class Regex(NamedTuple):
    """A compiled pattern and how many characters of a text it may look at."""

    pattern: re.Pattern[str]
    limit: int

    def found(self, text: str) -> bool:
        """Whether the pattern occurs in the text's first `limit` characters."""
        return self.pattern.search(text, 0, self.limit) is not None


class _Ways(NamedTuple):
    """At most `factor * n**degree` ways to match n characters."""

    factor: int
    degree: int

    def then(self, other: _Ways) -> _Ways:
        return _Ways(self.factor * other.factor, self.degree + other.degree)

    def either(self, other: _Ways) -> _Ways:
        return _Ways(self.factor + other.factor, max(self.degree, other.degree))


_ONE = _Ways(1, 0)
_SINGLE = frozenset(("LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "FAILURE"))
_GROUPS = frozenset(("SUBPATTERN", "ASSERT", "ASSERT_NOT", "ATOMIC_GROUP"))
_REPEATS = frozenset(("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"))


def compile_regex(text: str) -> Regex:
    """Compile a pattern; raise RegexError for a bad one or one without a bound.

    The more repeats without an upper end it has, the fewer characters of a text it sees:
    all or 100,000 with up to one (a search that is not anchored counts as one), then some
    2,800, 280 and 90.
    """
    if len(text) > MAX_PATTERN:
        raise RegexError(f"a regular expression has at most {MAX_PATTERN} characters")
    try:
        tree, pattern = _compile(text, "regular expression")
        ways = _sequence(tree)
        if not _anchored(tree):
            # Each start costs at least the characters that must be compared.
            ways = ways.then(_Ways(1 + tree.getwidth()[0] // 16, 1))
    except RecursionError:
        raise RegexError("this regular expression is nested too deeply") from None
    return Regex(pattern, _limit(ways))


def compile_glob(text: str) -> re.Pattern[str]:
    """Compile a glob whose `match` is on the whole text; raise RegexError for a bad one.

    Python's translation does not go back over a `*`, so that it needs no limit.
    """
    import fnmatch

    return _compile(fnmatch.translate(text), "glob")[1]


def _compile(text: str, what: str) -> tuple[Any, re.Pattern[str]]:
    new = sys.version_info >= (3, 11)
    parser: Any = importlib.import_module("re._parser" if new else "sre_parse")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets and flags that change in later Pythons
            return parser.parse(text), re.compile(text)
    except (re.error, OverflowError) as error:
        raise RegexError(f"bad {what}: {error}") from None


def _limit(ways: _Ways) -> int:
    if not ways.degree:
        limit = MAX_TEXT if ways.factor <= _WORK else 0
    else:
        room = _WORK * math.factorial(ways.degree) / ways.factor
        limit = min(MAX_TEXT, int(room ** (1 / ways.degree)))
    if limit < MIN_TEXT:
        raise RegexError(f"{_TOO_LONG}: it has too many repeats")
    return limit


def _anchored(tree: Any) -> bool:
    if not tree or tree.state.flags & re.MULTILINE:
        return False
    op, what = tree[0]
    return op.name == "AT" and what.name in ("AT_BEGINNING", "AT_BEGINNING_STRING")


def _sequence(items: Any) -> _Ways:
    ways = _ONE
    for op, argument in items:
        ways = ways.then(_element(op.name, argument))
        if ways.factor > _WORK:
            raise RegexError(f"{_TOO_LONG}: it has too many repeats or alternatives")
    return ways


def _element(name: str, argument: Any) -> _Ways:
    if name in _SINGLE:
        return _ONE
    if name in _REPEATS:
        return _repeat(*argument)
    if name == "BRANCH":
        return _branch(argument[1])
    if name == "GROUPREF":
        return _Ways(1, 1)  # it compares up to n characters
    if name in _GROUPS:
        return _sequence(argument if name == "ATOMIC_GROUP" else argument[-1])
    raise RegexError(f"a regular expression cannot use {name} here")


def _repeat(low: int, high: int, body: Any) -> _Ways:
    ways = _sequence(body)
    if high <= 1:
        return ways.either(_ONE) if low < high else ways
    # A body that can be empty is repeated without moving on.
    if ways == _ONE and body.getwidth()[0] > 0:
        spread = high - low + 1
        return _Ways(spread, 0) if spread <= MIN_TEXT else _Ways(1, 1)
    if high > MIN_TEXT:
        raise RegexError(f"{_TOO_LONG}: a repeat or choice inside a repeat")
    return _Ways(high * ways.factor**high, ways.degree * high)


def _branch(branches: Any) -> _Ways:
    total = _sequence(branches[0])
    for branch in branches[1:]:
        total = total.either(_sequence(branch))
    return _ONE if total == _Ways(len(branches), 0) and _disjoint(branches) else total


def _disjoint(branches: Any) -> bool:
    """Whether the next character alone decides between branches."""
    # ASCII only: what else equals what without case is a science of its own.
    firsts = [
        chr(branch[0][1]).lower()
        for branch in branches
        if len(branch) and branch[0][0].name == "LITERAL" and branch[0][1] < 128
    ]
    return len(set(firsts)) == len(branches)
