"""Two runs of the same clicks: what differs becomes arguments, but for ids that panels gave."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Callable, NamedTuple

from logreq.convert.align import Difference, Run, differences
from logreq.convert.arguments import changes, parameterize, places
from logreq.convert.infer import Core, Pair, needed
from logreq.convert.linking import place
from logreq.convert.naming import Standing, given_cores, named
from logreq.convert.values import lookup_in, parts_of, text_of, with_parts
from logreq.model.call import Arg, Argument, Call, Env, Part, Value
from logreq.model.request import Request
from logreq.rules.secret import shown
from logreq.text.escape import plain, visible

HIDDEN = "(secret, not shown)"
_NUMBERS = re.compile(r"\d+(?:, ?\d+)*", re.ASCII).fullmatch
# Names of parameters whose numbers panels give: elid, plid, item_id, orderid.
_ID = re.compile(r".*id", re.IGNORECASE | re.DOTALL).fullmatch

Kind = Callable[[Request], str]


class Compared(NamedTuple):
    """The first run's calls with arguments, these, and what there is to say."""

    calls: list[Call]
    arguments: list[Argument]
    lines: list[str]


class _Text(NamedTuple):
    """A text that differs, and where; `call` and `place` as in `Difference`."""

    call: int
    place: int
    standing: Standing
    # The logged value is a secret.
    private: bool
    # A number in a parameter that names something by its id; a panel can have answered it.
    number: bool
    answered: bool


def compared(first: Run, second: Run, given: Sequence[Argument], kind: Kind) -> Compared:
    """Make arguments of what differs between two runs that `align.check` passes.

    `given`: arguments that have their names already; one that differs nowhere stands in the
    calls as text, or UsageError. `kind` tells the kinds of requests: an id in a call behind an
    action can be that action's answer and stays what it was.
    """
    acts = [kind(call.request) == "action" for call in first.calls]
    found, lines = _texts(differences(first, second), acts, first.calls)
    cores = given_cores(given, [one.standing for one in found])
    secret = [Core(*one.standing.pair, part=False) for one in found if one.private]
    typed = [(one.standing.pair, one.standing.param) for one in found if not one.answered]
    explains = needed([*typed, *cores.rest], [*cores.names, *secret]).explain
    found = [
        one._replace(
            standing=one.standing._replace(parts=explains(one.standing.pair, one.standing.param))
        )
        for one in found
    ]
    taken = [argument.name for argument in given]
    names = named([one.standing for one in found], cores.names, taken)
    rest = [argument for argument in given if argument.name not in names.values()]
    calls = parameterize(_put(first.calls, found, names), rest)
    made = {name: Argument(name, core.here) for core, name in names.items()}
    arguments = [made.pop(argument.name, argument) for argument in given] + [*made.values()]
    hidden = _secrets((*first.calls, *second.calls))
    told = [*_told(found, names, hidden), *changes(calls, rest)]
    if not (found or lines):
        told.append("--again: nothing differs between the two runs that could be an argument")
    return Compared(
        calls, arguments, [*told, *_unexplained(found, first.calls, acts, hidden), *lines]
    )


def _texts(
    found: Iterable[Difference], acts: Sequence[bool], calls: Sequence[Call]
) -> tuple[list[_Text], list[str]]:
    """Give texts that differ; and a line for each other value that does, but for variables."""
    texts = []
    lines = []
    variables: dict[Value, Value] = {}
    for one in found:
        name, values = one.here.param.name, (one.here.value, one.there.value)
        here, there = map(text_of, values)
        where = f"{visible(name)} of {place(calls[one.call], one.call)}"
        if here is not None and there is not None:
            pair = Pair(here, there)
            number = bool(_ID(name) and _NUMBERS(here) and _NUMBERS(there))
            # A lookup looks for what its field is.
            lookup = lookup_in(values[0])
            param = lookup.field if lookup else name
            private = one.here.private or one.there.private
            answered = number and any(acts[: one.call])
            texts.append(
                _Text(one.call, one.place, Standing(param, pair), private, number, answered)
            )
        elif not all(isinstance(part, Env) for value in values for part in parts_of(value)):
            lines.append(f"{where}: a secret in one run only: it stays as in the first run")
        elif variables.setdefault(values[0], values[1]) != values[1]:
            lines.append(f"{where}: one secret in the first run, several in the second")
    return texts, lines


def _secrets(calls: Iterable[Call]) -> set[str]:
    decisions = (decision for call in calls for decision in call.decisions)
    return {one.param.value for one in decisions if one.private and not one.param.masked}


def _put(calls: Sequence[Call], found: Sequence[_Text], names: dict[Core, str]) -> list[Call]:
    """Put arguments in the places of texts that are explained."""
    changed = [[*call.decisions] for call in calls]
    for one in found:
        if one.standing.parts is None:
            continue
        parts: tuple[Part, ...] = tuple(
            Arg(names[part]) if isinstance(part, Core) else part for part in one.standing.parts
        )
        old = changed[one.call][one.place]
        changed[one.call][one.place] = old.having(with_parts(old.value, parts))
    return [call._replace(decisions=new) for call, new in zip(calls, changed)]


def _told(found: Sequence[_Text], names: dict[Core, str], hidden: set[str]) -> Iterator[str]:
    """Tell of each argument what it is in both runs and where it stands, a line each."""
    counts: dict[Core, Counter[int]] = {core: Counter() for core in names}
    hints: dict[Core, dict[str, None]] = {core: {} for core in names}
    for one in found:
        for part in one.standing.parts or ():
            if isinstance(part, Core):
                counts[part][one.call] += 1
                if one.number:
                    hints[part][f"; {_asked(one.standing.param)}"] = None
    for core, name in names.items():
        values = _values(Pair(core.here, core.there), hidden)
        yield f"--{name}: {values}: {places([*counts[core].values()])}{''.join(hints[core])}"


def _values(pair: Pair, hidden: set[str]) -> str:
    if hidden.intersection(pair):
        return HIDDEN
    here, there = (shown(text) or "''" for text in pair)
    return f"{here} here, {there} there"


def _asked(param: str) -> str:
    return f"a list can be asked: --lookup {_typed(param, 'LIST:name')}"


def _typed(param: str, value: str) -> str:
    """Quote an option's value for the shell; one that does not show cannot be typed."""
    text = f"{param}={value}"
    return shlex.quote(text) if plain(text) else "PARAM=..."


def _unexplained(
    found: Sequence[_Text], calls: Sequence[Call], acts: Sequence[bool], hidden: set[str]
) -> Iterator[str]:
    """Tell of ids that nothing explains, what can: a line for each that is the same."""
    groups: dict[tuple[str, Pair], list[int]] = {}
    first: dict[Pair, int] = {}
    for one in found:
        if one.standing.parts is None:
            key = one.standing.param, one.standing.pair
            groups.setdefault(key, []).append(one.call)
            first.setdefault(one.standing.pair, one.call)
    for (param, pair), where in groups.items():
        more = len({*where}) - 1
        others = f" and {more} more call{'s' * (more > 1)}" if more else ""
        # What stands there was not answered later.
        maker = _maker(calls[: first[pair]], acts, calls[where[0]].func)
        func, values = calls[maker].func, _values(pair, hidden)
        yield (
            f"{visible(param)} of {place(calls[where[0]], where[0])}{others}: {values}:"
            f" nothing that was typed explains it; if {visible(func)} (call {maker + 1}) answered"
            f" it: --link {_typed(param, func)}; else {_asked(param)}"
        )


def _maker(before: Sequence[Call], acts: Sequence[bool], func: str) -> int:
    """Tell which call can have made something new.

    The last action that names no old thing, of the same family (`server.edit`) if there is one.
    """
    found = [at for at in range(len(before)) if acts[at]]
    new = [at for at in found if not any(n == "elid" and v for n, v in before[at].arguments)]
    family = func.partition(".")[0]
    same = [at for at in new if before[at].func.partition(".")[0] == family]
    return (same or new or found)[-1]
