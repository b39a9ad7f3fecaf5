"""Two runs of the same clicks, call by call: they have to be the same functions and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from logreq.convert.linking import place
from logreq.errors import UsageError
from logreq.model.call import Call, Decision
from logreq.text.escape import visible

# A name that reads as one on a command line, and as no glob.
_PLAIN = re.compile(r"\w[\w.-]*", re.ASCII).fullmatch


class Run(NamedTuple):
    """The calls of one run, and the numbers of their requests as `logreq list` shows them."""

    numbers: Sequence[int]
    calls: Sequence[Call]


class Difference(NamedTuple):
    """A parameter that is not the same in both runs: its call and place in it, from 0."""

    call: int
    place: int
    here: Decision
    there: Decision


def check(first: Run, second: Run) -> None:
    """Raise UsageError for the first difference between two runs that is not one of values."""
    for at, (here, there) in enumerate(zip(first.calls, second.calls)):
        numbers = f"{_number(first, at)} and {_number(second, at)}"
        for field in ("panel", "func"):
            one, other = (visible(getattr(call.request, field)) for call in (here, there))
            if one != other:
                raise UsageError(
                    f"--again: the runs part at call {at + 1}: {one} ({_number(first, at)}) in"
                    f" the first, {other} ({_number(second, at)}) in the second"
                    f"{_hint(first, second)}"
                )
        wrong = _parameters(here, there)
        if wrong:
            raise UsageError(f"--again: {place(here, at)}, {numbers}: {wrong}")
    counts = len(first.calls), len(second.calls)
    if counts[0] != counts[1]:
        at, longer = min(counts), max(first, second, key=lambda run: len(run.calls))
        which, other = ("first", "second") if longer is first else ("second", "first")
        raise UsageError(
            f"--again: the first run has {_calls(counts[0])}, the second {counts[1]}:"
            f" {place(longer.calls[at], at)} of the {which}, {_number(longer, at)}, has no"
            f" like in the {other}{_hint(first, second)}"
        )


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def _hint(first: Run, second: Run) -> str:
    """Tell what chooses other calls: those that were refused were mostly clicked once more."""
    outcomes = [call.outcome for call in (*first.calls, *second.calls)]
    refused = any(outcome is not None and outcome.failed for outcome in outcomes)
    more = ", --worked leaves out what the panel refused" if refused else ""
    return f"; --nth, --again and -w choose others{more}"


def _number(run: Run, at: int) -> str:
    """Tell which request it is: its number, and where it stands."""
    request = run.calls[at].request
    return f"number {run.numbers[at]} in {visible(request.source)}:{request.line}"


def _parameters(here: Call, there: Call) -> str:
    """Tell the first parameter that only one call has; empty where they have the same."""
    names, others = _names(here), _names(there)
    for at in range(max(len(names), len(others))):
        name, other = names[at : at + 1], others[at : at + 1]
        if name == other:
            continue
        if name and name[0] not in others[at:]:
            return _only(name[0], "first", there)
        if other and other[0] not in names[at:]:
            return _only(other[0], "second", here)
        return (
            f"the parameters stand in another order: {visible(name[0])} in the first run where"
            f" the second has {visible(other[0])}"
        )
    return ""


def _names(call: Call) -> list[str]:
    return [name for name, _ in call.arguments]


def _only(name: str, which: str, other: Call) -> str:
    """Tell that only one run sends a parameter, why the other does not, and what helps."""
    told = f"only the {which} run sends {visible(name)}"
    dropped = _dropped(name, other)
    hints = []
    if dropped is not None:
        empty = not dropped.param.value
        told += ", it is empty in the other" if empty else ", it is dropped in the other"
        hints.append(f"--keep {name} sends it in both")
    hints.append(f"--drop {name} in none")
    return told + (f"; {', '.join(hints)}" if _PLAIN(name) else "")


def _dropped(name: str, call: Call) -> Optional[Decision]:
    found = (one for one in call.decisions if one.param.name == name and not one.keep)
    return next(found, None)


def differences(first: Run, second: Run) -> Iterator[Difference]:
    """Give the parameters that are not the same in two runs that `check` passes, in order."""
    for at, (here, there) in enumerate(zip(first.calls, second.calls)):
        kept = ([*_kept(call)] for call in (here, there))
        for (number, one), (_, other) in zip(*kept):
            if one.value != other.value:
                yield Difference(at, number, one, other)


def _kept(call: Call) -> Iterator[tuple[int, Decision]]:
    return ((at, one) for at, one in enumerate(call.decisions) if one.keep)
