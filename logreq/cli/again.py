"""The script of the calls of a log, of one run or of two that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, Optional, TypeVar

import click

from logreq.cli import numbering
from logreq.cli.help import grouped
from logreq.convert import pipeline
from logreq.convert.filter import Unique
from logreq.convert.summary import of_script, with_users
from logreq.errors import UsageError
from logreq.model.call import Call
from logreq.model.request import Request

if TYPE_CHECKING:
    from logreq.cli.job import Job
    from logreq.convert.align import Run

Function = TypeVar("Function", bound=Callable[..., Any])

_AGAIN = click.option(
    "--again", metavar="NUMBERS", type=numbering.NumbersType(), multiple=True,
    callback=numbering.joined,
    help="The requests of a second run of the clicks of --nth: what differs becomes arguments of"
         " the script. Repeatable.",
)  # fmt: skip


def comparing(function: Function) -> Function:
    """Add the option that names a second run."""
    return grouped("Script", [_AGAIN])(function)


def check(given: Mapping[str, Any]) -> None:
    """Raise UsageError where a second run is asked for and cannot be."""
    nth, again = given["nth"], given["again"]
    if again is None:
        return
    if not given["script"]:
        raise UsageError("--again makes arguments of a script: it needs --script")
    if nth is None:
        raise UsageError("--again is the second run: --nth NUMBERS has to name the first one")
    if given["last"] is not None:
        raise UsageError("--again compares what --nth names: --last cannot choose from it")
    number = nth.common(again)
    if number is not None:
        raise UsageError(f"--again {again}: {number} is in --nth {nth}, too; name two runs")


def script_of(job: Job, calls: Sequence[Call]) -> Iterator[str]:
    """Give the parts of a script of calls, and say what it does."""
    from logreq.convert.align import Run

    return _script(job, Run(range(1, len(calls) + 1), calls), None)


def compared(
    found: Iterable[Request], job: Job, nth: numbering.Numbers, again: numbering.Numbers
) -> tuple[Sequence[Call], Iterator[str]]:
    """Give the calls of the first of two runs, and the parts of the script of both."""
    numbers = numbering.numbered(found, nth, again)
    requests = list(numbering.wanted(numbers, job, nth, again))
    # Variables are named by the first run.
    first = _run([one for one in requests if nth.hold(one[0])], job)
    second = _run([one for one in requests if again.hold(one[0])], job)
    return first.calls, _script(job, first, second)


def _run(requests: Iterable[numbering.Numbered], job: Job) -> Run:
    from logreq.convert.align import Run

    # What is in both runs is no repetition.
    new = Unique() if job.new is not None else None
    numbers: list[int] = []
    calls: list[Call] = []
    for number, request in requests:
        for call in pipeline.calls([request], job.decider, None, new, by_user=job.emitter.by_user):
            numbers.append(number)
            calls.append(call)
    return Run(numbers, calls)


def _script(job: Job, first: Run, second: Optional[Run]) -> Iterator[str]:
    from logreq.convert.again import Asked, made

    done = made(first, job.asked or Asked(), second, job.decider.rules.kind)
    for line in (*of_script(done.plain, job.emitter, done.arguments), *done.lines):
        job.report.say(line)
    if second is not None and job.emitter.by_user:
        for text in _users(first, second):
            job.report.say(text)
    calls = with_users(done.calls, job.emitter)
    return pipeline.script(calls, job.emitter, done.arguments, job.report.say, again=done.again)


def _users(first: Run, second: Run) -> Iterator[str]:
    """Tell of users that are not the same in both runs, where calls run as who clicked."""
    clicked = {(a.request.user, b.request.user) for a, b in zip(first.calls, second.calls)}
    for here, there in sorted(clicked):
        if here != there:
            users = f"{here or 'nobody'} here, {there or 'nobody'} there"
            yield f"{users}: calls run as who clicked in the first run"
