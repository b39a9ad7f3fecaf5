"""Picking requests by their numbers, or the last ones."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Optional, TypeVar

import click

from logreq.cli.help import grouped
from logreq.convert import pipeline
from logreq.errors import UsageError
from logreq.model.call import Call
from logreq.model.request import Request
from logreq.text.escape import visible

if TYPE_CHECKING:
    from logreq.cli.job import Job

Function = TypeVar("Function", bound=Callable[..., Any])


class Numbers(NamedTuple):
    """Numbers of requests, from 1: ranges, the ends included; `text` is what was asked for."""

    ranges: tuple[tuple[int, float], ...]
    text: str

    def hold(self, number: int) -> bool:
        """Tell whether a number is among them."""
        return any(first <= number <= last for first, last in self.ranges)

    def name(self, number: int) -> bool:
        """Tell whether a number is among them, not only in a range without an end."""
        return any(first <= number <= last < inf for first, last in self.ranges)

    def common(self, other: Numbers) -> Optional[int]:
        """Give the first number that others have as well."""
        found = [
            max(first, begin)
            for first, last in self.ranges
            for begin, end in other.ranges
            if max(first, begin) <= min(last, end)
        ]
        return min(found, default=None)

    def __str__(self) -> str:
        return self.text


class NumbersType(click.ParamType):  # type: ignore[type-arg, unused-ignore] # see help.Choice
    """`3,5-7` or `9-`."""

    name = "numbers"

    def convert(self, value: Any, param: Optional[click.Parameter], ctx: Any) -> Numbers:
        if isinstance(value, Numbers):
            return value
        ranges = []
        for part in str(value).split(","):
            match = re.fullmatch(r"([0-9]{1,18})(-([0-9]{1,18})?)?", part.strip())
            if match is None:
                self.fail(f"{visible(part)!r} is no number and no range such as 3,5-7", param, ctx)
            first = int(match[1])
            last = inf if match[2] and not match[3] else int(match[3] or match[1])
            if not 1 <= first <= last:
                self.fail(f"{part.strip()!r}: numbers begin with 1, ranges rise", param, ctx)
            ranges.append((first, last))
        return Numbers(tuple(ranges), str(value))


def joined(ctx: Any, param: Any, given: Sequence[Numbers]) -> Optional[Numbers]:
    """Make one of the numbers of several options."""
    ranges = tuple(one for numbers in given for one in numbers.ranges)
    return Numbers(ranges, ",".join(map(str, given))) if given else None


def options(function: Function) -> Function:
    """Add the options that pick requests."""
    return grouped("Selection", [
        click.option("--last", metavar="N", type=click.IntRange(min=1),
                     help="Only the last N of the requests that are wanted."),
        click.option("--nth", metavar="NUMBERS", type=NumbersType(), multiple=True,
                     callback=joined, help="Only requests of these numbers of `logreq list`:"
                     " 3,5-7. Repeatable."),
    ])(function)  # fmt: skip


Numbered = tuple[int, Request]


def numbered(
    found: Iterable[Request], nth: Optional[Numbers], again: Optional[Numbers] = None
) -> Iterator[Numbered]:
    """Give the requests that are picked, with their numbers, from 1; `again`: others, too.

    Reading ends with the last one that is picked. UsageError for one that is not there.
    """
    if nth is None:
        yield from enumerate(found, start=1)
        return
    asked = {"--nth": nth} if again is None else {"--nth": nth, "--again": again}
    end = max(last for numbers in asked.values() for _, last in numbers.ranges)
    count = 0
    for count, request in enumerate(found, start=1):
        if any(numbers.hold(count) for numbers in asked.values()):
            yield count, request
        if count >= end:
            return
    for option, numbers in asked.items():
        beyond = [first for first, _ in numbers.ranges if first > count]
        if beyond:
            there = {0: "is no request", 1: "is 1 request"}.get(count, f"are {count} requests")
            raise UsageError(f"{option} {beyond[0]}: there {there}; logreq list shows them")


def wanted(
    found: Iterable[Numbered], job: Job, nth: Optional[Numbers], again: Optional[Numbers] = None
) -> Iterator[Numbered]:
    """Pass the requests that are wanted; remember the others that were asked for by number."""
    for number, request in found:
        if job.wanted is None or job.wanted(request):
            yield number, request
        elif nth is not None and nth.name(number):
            job.left.hide(number)
        elif again is not None and again.name(number):
            job.left.hide(number, "--again")


def picked(
    found: Iterable[Request], job: Job, nth: Optional[Numbers], last: Optional[int]
) -> Iterable[Request]:
    """Give the requests that are picked and wanted; of all others nothing is held.

    The last ones of different calls are told by comparing calls.
    """
    chosen = (request for _, request in wanted(numbered(found, nth), job, nth))
    # Variables are named by what is shown.
    return chosen if last is None or job.new is not None else deque(chosen, last)


def calls(
    found: Iterable[Request], job: Job, nth: Optional[Numbers], last: Optional[int]
) -> Iterable[Call]:
    """Make calls of the requests that are picked."""
    by_user = job.emitter.by_user
    requests = picked(found, job, nth, last)
    made = pipeline.calls(requests, job.decider, None, job.new, by_user=by_user)
    return deque(made, last) if last is not None and job.new is not None else made
