"""Names of what differs between two runs: those that were given, else those of parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional

from logreq.convert.arguments import WholeArgument, argument_name, free, pattern_of
from logreq.convert.infer import Core, Pair, Parts, telling
from logreq.model.call import Argument

# Longer values are not searched for what an argument is in the second run.
_LONG = 2_000


class Standing(NamedTuple):
    """A text that differs: the parameter that it stands in, both runs' text, what explains it."""

    param: str
    pair: Pair
    parts: Optional[Parts] = None


class Given(NamedTuple):
    """Arguments whose values differ, as cores; and what then is left of values they stand in."""

    names: dict[Core, str]
    rest: list[tuple[Pair, str]]


def given_cores(arguments: Iterable[Argument], found: Sequence[Standing]) -> Given:
    """Find out what given arguments are in the second run; one that differs nowhere is left out."""
    names: dict[Core, str] = {}
    rest: list[tuple[Pair, str]] = []
    shortest = sorted(found, key=lambda one: len(one.pair.here))
    for argument in arguments:
        default = argument.default
        # 10 is no part of 192.0.2.10.
        part = not isinstance(argument, WholeArgument) and telling(Pair(default, default))
        wholes = Counter(one.pair.there for one in found if one.pair.here == default)
        for there, _ in wholes.most_common(1):
            names[Core(default, there, part=part)] = argument.name
        if wholes or not part:
            continue
        for one in shortest:
            cut = _cut(default, one.pair)
            if cut is not None:
                names[Core(default, cut[0].there)] = argument.name
                rest += [(pair, one.param) for pair in cut[1:]]
                break
    return Given(names, rest)


def _cut(text: str, pair: Pair) -> Optional[list[Pair]]:
    """Find what stands in the second run in the place of a part of the first run's value.

    Gives both; then what differs before and behind them. None if it cannot be told, or is
    the same.
    """
    here, there = pair
    match = pattern_of(text).search(here) if max(map(len, pair)) <= _LONG else None
    if match is None:
        return None
    before, behind = here[: match.start()], here[match.end() :]
    begin = _end_of(before, there)
    end = _end_of(behind[::-1], there[::-1])
    if begin is None or end is None or begin + end >= len(there):
        return None
    found = Pair(text, there[begin : len(there) - end])
    if found.there == text:
        return None
    head = _stripped(Pair(before[::-1], there[:begin][::-1]))
    tail = _stripped(Pair(behind, there[len(there) - end :]))
    around = [Pair(head.here[::-1], head.there[::-1]), tail]
    return [found, *(one for one in around if one.here != one.there)]


def _end_of(before: str, there: str) -> Optional[int]:
    """Tell how long in the second run is what stands before a text in the first one.

    It is the same, or ends with the same sign that stands in it as often.
    """
    if there.startswith(before):
        return len(before)
    sign = before[-1]
    if sign.isalnum():
        return None
    at = 0
    for _ in range(before.count(sign)):
        at = there.find(sign, at) + 1
        if not at:
            return None
    return at


def _stripped(pair: Pair) -> Pair:
    """Leave out the signs with which both begin."""
    at = 0
    for one, other in zip(*pair):
        if one != other or one.isalnum():
            break
        at += 1
    return Pair(pair.here[at:], pair.there[at:])


def named(
    found: Sequence[Standing], given: dict[Core, str], taken: Sequence[str]
) -> dict[Core, str]:
    """Name the cores that explain values: after parameters that are one, else that hold one.

    The first whose name nothing else has yet, else the first with a number. `given` ones keep
    their names; `taken` are names that nothing else gets.
    """
    names = dict.fromkeys(
        (part for one in found for part in one.parts or () if isinstance(part, Core)), ""
    )
    used = [*taken]
    for whole in (True, False):
        params: dict[Core, list[str]] = {}
        for one in found:
            for part in one.parts or ():
                if isinstance(part, Core) and (one.parts == (part,)) == whole:
                    params.setdefault(part, []).append(one.param)
        for core, where in params.items():
            if not names[core] and core not in given:
                # `elname` is the interface's.
                best = [n for n in map(argument_name, where) if n not in (*used, "elname")]
                used.append(free((best or where)[0], used))
            names[core] = names[core] or given.get(core, used[-1])
    return names
