"""How values of each type compare: tests of one value, made once per comparison."""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Sequence
from typing import Any, Callable, Optional, Union

from logreq.errors import suggest
from logreq.expr.diagnose import brief
from logreq.expr.language import KINDS, OUTCOMES, PARAM
from logreq.expr.safe_regex import RegexError, compile_glob, compile_regex
from logreq.text.clock import MONTHS

Test = Callable[[Any], Any]
Number = Union[int, float]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(\.[0-9]{1,30})?")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TIME = re.compile(
    r"(?=.)(?:(?P<month>[A-Za-z]{3}) {1,2}(?P<day>[0-9]{1,2})(?: |\Z))?"
    r"(?:(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
)
# No address is longer; a log's longer callers need not be remembered.
_ADDRESS_LENGTH = 64
# Fields that have one of a few words.
_WORDS = {"kind": KINDS, "outcome": OUTCOMES}


class BadValueError(Exception):
    """A value that the field or operator cannot have; `index` is its place, None the field's."""

    def __init__(self, index: Optional[int], message: str) -> None:
        super().__init__(message)
        self.index = index


def value_test(symbol: str, field: str, kind: str, values: Sequence[str]) -> Test:
    """Make the test of a field's value, which has a type (`kind`); BadValueError.

    It gives something true or false.
    """
    if symbol in ("like", "~"):
        test = _pattern(symbol, values[0])
        if kind == "number":
            return lambda value: value is not None and test(str(value))
        return test
    if symbol in _ORDER:
        if kind in ("address", "kind", "outcome"):
            raise BadValueError(None, f"{field} has no order")
        return _ordered(_ORDER[symbol], kind, values[0])
    if kind == "address":
        return _address(values)
    if kind == "time":
        tests = [_ordered(operator.eq, kind, value, i) for i, value in enumerate(values)]
        return lambda value: any(test(value) for test in tests)
    return _equal(kind, values)


def _pattern(symbol: str, text: str) -> Test:
    try:
        return compile_glob(text).match if symbol == "like" else compile_regex(text).found
    except RegexError as error:
        raise BadValueError(0, str(error)) from None


def _equal(kind: str, values: Sequence[str]) -> Test:
    if kind in _WORDS:
        words = _WORDS[kind]
        for i, value in enumerate(values):
            if value not in words:
                known = suggest(value[:40], words) or f"; there are {', '.join(words)}"
                raise BadValueError(i, f"unknown {kind} {brief(value)}{known}")
    if kind == "number":
        return frozenset(_needed(value, i) for i, value in enumerate(values)).__contains__
    texts = frozenset(values)
    numbers = frozenset(map(_number, values)) - {None} if kind == PARAM else frozenset()
    if numbers:
        return lambda value: value in texts or _number(value) in numbers
    return texts.__contains__


def _ordered(compare: Callable[[Any, Any], bool], kind: str, text: str, index: int = 0) -> Test:
    if kind == "time":
        key, instant = _instant(text, index)
        return lambda value: compare(key(value), instant)
    if kind == "number":
        needed = _needed(text, index)
        return lambda value: value is not None and compare(value, needed)
    wanted = _number(text) if kind == PARAM else None
    if wanted is None:
        return lambda value: compare(value, text)

    def test(value: str) -> bool:
        number = _number(value)
        return compare(value, text) if number is None else compare(number, wanted)

    return test


def _number(text: str) -> Optional[Number]:
    found = _NUMBER.fullmatch(text)
    if not found:
        return None
    return float(text) if found[1] else int(text)


def _needed(text: str, index: int) -> Number:
    number = _number(text)
    if number is None:
        raise BadValueError(index, f"expected a number, not {brief(text)}")
    return number


def _instant(text: str, index: int) -> tuple[Callable[[str], str], str]:
    """Give the part of a logged time that a value compares with, and the value in its form."""
    found = _TIME.fullmatch(text)
    part = found.groupdict(default="0") if found else {}
    month = part.get("month", "").capitalize()
    number = MONTHS.get(month, 0)
    clock = [int(part.get(name, 0)) for name in ("hour", "minute", "second")]
    dated = bool(found and found["month"])
    if (
        not found
        or clock[0] > 23
        or max(clock) > 59
        or (dated and not (number and 0 < int(part["day"]) <= _DAYS[number - 1]))
    ):
        raise BadValueError(
            index, f"expected a time such as 08:00, 08:00:30 or 'Feb 6 08:00', not {brief(text)}"
        )
    written = ":".join(f"{number:02}" for number in clock)
    if dated:
        return _date, _date(f"{month} {part['day']} {written}")
    return operator.itemgetter(slice(-8, None)), written


def _date(time: str) -> str:
    """Bring a logged time to a form that sorts: days are padded with blank, zero or nothing."""
    return f"{MONTHS.get(time[:3], 0):02}{time[3:-8].strip().zfill(2)}{time[-8:]}"


def _address(values: Sequence[str]) -> Test:
    import ipaddress

    texts, networks = set(), []
    for i, value in enumerate(values):
        if not re.search(r"[/:]", value) and not re.fullmatch(r"[0-9.]+", value):
            texts.add(value)
            continue
        try:
            networks.append(ipaddress.ip_network(value, strict=False))
        except ValueError:
            raise BadValueError(i, f"{brief(value)} is not an address or a network") from None

    @functools.lru_cache(maxsize=4096)
    def within(caller: str) -> bool:
        try:
            address = ipaddress.ip_address(caller)
        except ValueError:
            return False
        # A v6 socket shows v4 callers as ::ffff:192.0.2.1.
        mapped = getattr(address, "ipv4_mapped", None)
        return any(address in net or (mapped and mapped in net) for net in networks)

    return lambda caller: caller in texts or (len(caller) <= _ADDRESS_LENGTH and within(caller))
