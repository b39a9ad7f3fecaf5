"""`logreq diff`: what differs between two requests, parameter by parameter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, Optional

import click

from logreq.cli import options
from logreq.cli.help import Helpful
from logreq.cli.job import Job
from logreq.cli.terminal.output import counted
from logreq.convert import pipeline
from logreq.emitters.base import title
from logreq.errors import UsageError
from logreq.model.call import Call, Decision
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.text.escape import visible

EXAMPLES = (
    ("Two lines of logs", "logreq diff ispmgr.log:33 old/ispmgr.log:1603"),
    ("Two requests by their numbers in logreq list", "logreq diff 3 7 ispmgr.log"),
)
# How one differs; what a secret's value is shown as.
ONLY_A, ONLY_B = "only A", "only B"
HIDDEN = "(secret, not shown)"
_PLACE = re.compile(r"(.+):([1-9][0-9]{0,17})", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_GIVEN = {
    **Connection()._asdict(),
    **dict.fromkeys(("where", "grep", "since", "until")),
    **dict.fromkeys(("actions", "worked", "me", "unique", "script", "safe"), False),
    **dict.fromkeys(("param", "link", "lookup"), ()),
    "secrets": "env",
}

# How it differs, a name, values.
Row = tuple[str, str, str]


@click.command("diff", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("first", metavar="A", type=click.Path(readable=False))
@click.argument("second", metavar="B", type=click.Path(readable=False))
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False))
@options.comparing
def command(first: str, second: str, logs: tuple[str, ...], quiet: bool, **given: Any) -> int:
    """Show what differs between two requests, parameter by parameter.

    A and B are places (ispmgr.log:1603, a log and a line), or numbers of requests of the LOGs, as
    logreq list shows them. Compared is what the rules keep. Values of secrets are not shown.

    Exit status: 0 the same, 1 they differ, 2 an error.
    """
    job = Job("json", quiet, {**_GIVEN, **given})
    numbers = [int(text) for text in (first, second) if _NUMBER.fullmatch(text)]
    numbered = _numbered(numbers, logs, job) if numbers else {}
    a, b = (
        job.decider(numbered[int(text)] if _NUMBER.fullmatch(text) else _placed(text, job))
        for text in (first, second)
    )
    click.echo(f"A  {visible(title(a))}\nB  {visible(title(b))}")
    found = list(parameters(a, b))
    rows = [*about(a, b), *found]
    widths = [max(map(len, column)) for column in zip(*(row[:2] for row in rows))]
    for row in rows:
        click.echo("  ".join((*map(str.ljust, row[:2], widths), row[2])).rstrip())
    same = len(a.arguments) - sum(row[0] != ONLY_B for row in found)
    verb = "is" if same == 1 else "are"
    job.report.say(f"{counted(same, 'parameter')} of A {verb} the same in B")
    left = _left_out(a, b)
    if left:
        names = ", ".join(map(visible, left))
        job.report.say(f"dropped by the rules, and different: {names}; --keep NAME compares them")
    return 1 if rows else 0


def _numbered(numbers: Sequence[int], logs: Sequence[str], job: Job) -> dict[int, Request]:
    """Find requests by their numbers, which count those of all logs from 1; UsageError."""
    if not logs:
        raise UsageError(f"{numbers[0]} is a number of a log's request: which log? diff 3 7 LOG")
    found = {}
    count = 0
    files = job.files(logs)
    for count, request in enumerate(pipeline.read(files, job.report, outcomes=True), start=1):
        if count in numbers:
            found[count] = request
        if len(found) == len(set(numbers)):
            return found
    missing = next(number for number in numbers if number not in found)
    there = f"{count} request{'' if count == 1 else 's'}"
    raise UsageError(f"{missing}: there are only {there}; logreq list shows them")


def _placed(text: str, job: Job) -> Request:
    """Find the request of a place; UsageError if it is none, or no request stands there."""
    place = _PLACE.fullmatch(text)
    if place is None:
        raise UsageError(
            f"{visible(text)!r} is neither a place such as ispmgr.log:1603 nor a number"
        )
    line = int(place[2])
    near: list[Optional[int]] = [None, None]
    files = job.files([text])
    for request in pipeline.read(files, job.report, outcomes=True):
        if request.line == line:
            return request
        near[request.line > line] = request.line
        if request.line > line:
            break
    lines = " and ".join(str(number) for number in near if number is not None)
    raise UsageError(
        f"{visible(text)}: no request begins in this line"
        + (f"; the nearest ones begin in {lines}" if lines else "")
    )


def about(a: Call, b: Call) -> Iterator[Row]:
    """Give what differs between two calls apart from parameters: a row each, text escaped."""
    for field in ("func", "user", "panel"):
        one, other = getattr(a.request, field), getattr(b.request, field)
        if one != other:
            yield "differs", f"({field})", f"{visible(one)} -> {visible(other)}"
    one, other = _outcome(a), _outcome(b)
    if one != other:
        yield "differs", "(outcome)", f"{one} -> {other}"
    names, others = list(_by_name(a, True)), list(_by_name(b, True))
    if [name for name in names if name in others] != [name for name in others if name in names]:
        yield "differs", "(order)", "the parameters stand in another order"


def parameters(a: Call, b: Call) -> Iterator[Row]:
    """Give which parameters differ between two calls: a row each, text escaped.

    A name that repeats is compared in its order.
    """
    secrets = {
        decision.param.value
        for decision in (*a.decisions, *b.decisions)
        if decision.private and not decision.param.masked and decision.param.value
    }

    def told(decision: Decision) -> str:
        hidden = decision.private or decision.param.value in secrets
        return HIDDEN if hidden else visible(decision.param.value)

    left, right = _by_name(a, True), _by_name(b, True)
    for name in dict.fromkeys((*left, *right)):
        for mine, theirs in zip_longest(left.get(name, ()), right.get(name, ())):
            if theirs is None:
                yield ONLY_A, visible(name), told(mine)
            elif mine is None:
                yield ONLY_B, visible(name), told(theirs)
            elif mine.param.value != theirs.param.value:
                yield "differs", visible(name), f"{told(mine)} -> {told(theirs)}"


def _by_name(call: Call, keep: bool) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for decision in call.decisions:
        if decision.keep == keep and decision.rule != "function":
            found.setdefault(decision.param.name, []).append(decision)
    return found


def _outcome(call: Call) -> str:
    if call.outcome is None:
        return "not known"
    return f"failed: {visible(call.outcome.short)}" if call.outcome.failed else "ok"


def _left_out(a: Call, b: Call) -> list[str]:
    """Name what the rules drop of both, and what is not the same there."""
    left, right = _by_name(a, False), _by_name(b, False)
    return [
        name
        for name in sorted({*left, *right})
        if [d.param.value for d in left.get(name, ())]
        != [d.param.value for d in right.get(name, ())]
    ]
