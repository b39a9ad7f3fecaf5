"""What two runs of the same clicks differ in: the fewest texts that explain all differences.

A value that is `www.example.com` in one run and `www.example.org` in the other is explained by
a core, `example.com` there and `example.org` here: putting the one in the place of the other
gives exactly the other run's value. Nothing is searched for in values that are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Optional, Union

# Words that stand for themselves wherever they are: two of them are alike by chance.
_WORDS = re.compile(r"on|off|ok|yes|no|true|false|null|none|auto|\W*").fullmatch
# Text that is no words; so long, it is not alike by chance.
_TELLING = 6
# Shorter text than this is not looked for inside of words.
_SHORT = 3
# Longer values are not cut to find what they share.
_CUT = 200
# Steps until a value is given up: it comes from a log, which is hostile.
_STEPS = 200_000


class Pair(NamedTuple):
    """A value as it is in the first run and in the second."""

    here: str
    there: str


class Core(NamedTuple):
    """What differs, in the first run and in the second.

    `scope`: only in values of this parameter; empty: in all. `part`: inside of longer
    values, too.
    """

    here: str
    there: str
    scope: str = ""
    part: bool = True


def core_of(pair: Pair, param: str) -> Core:
    """Make a core of a whole value: words and small numbers are not looked for in longer ones."""
    scope = param if _WORDS(pair.here) and _WORDS(pair.there) else ""
    return Core(*pair, scope, not scope and telling(pair))


def telling(pair: Pair) -> bool:
    """Tell whether text is particular enough to be known inside of longer text, as 10 is not."""
    if not (pair.here and pair.there):
        return False
    return any(len(text) >= _TELLING or re.search(r"[^\W\d_]", text) for text in pair)


# Literal text and cores, in a row.
Parts = tuple[Union[str, Core], ...]


class _State(NamedTuple):
    """How far a value is explained, at what cost, and by which last step."""

    literals: int
    cores: int
    before: Optional[_State]
    step: Union[str, Core]


class Cores:
    """Texts that differ between two runs, and what they explain."""

    def __init__(self, found: Iterable[Core] = ()) -> None:
        self._whole: dict[tuple[Pair, str], Core] = {}
        # By their first characters, so that few are tried at each place.
        self._starts: dict[str, list[Core]] = {}
        for core in found:
            self.add(core)

    def add(self, core: Core) -> None:
        """Add one; of several that explain a value as well, the one added first counts."""
        self._whole.setdefault((Pair(core.here, core.there), core.scope), core)
        if core.part:
            self._starts.setdefault(core.here[:_SHORT], []).append(core)

    def explain(self, pair: Pair, param: str) -> Optional[Parts]:
        """Give a value as literals and cores, of which both runs' values can be made.

        Whole values first, then what leaves the fewest characters literal, then the fewest
        cores. None if there is no way.
        """
        whole = self._whole.get((pair, "")) or self._whole.get((pair, param))
        if whole is not None:
            return (whole,)
        return self._split(pair) if pair.here and pair.there else None

    def _split(self, pair: Pair) -> Optional[Parts]:
        here, there = pair
        rows: dict[int, dict[int, _State]] = {0: {0: _State(0, 0, None, "")}}
        steps = 0
        for at in range(len(here)):
            for other, state in rows.pop(at, {}).items():
                steps += 1
                if steps > _STEPS:
                    return None
                if here[at] == there[other : other + 1]:
                    step = _State(state.literals + 1, state.cores, state, here[at])
                    _reach(rows, at + 1, other + 1, step)
                for core in self._standing(pair, at, other):
                    step = _State(state.literals, state.cores + 1, state, core)
                    _reach(rows, at + len(core.here), other + len(core.there), step)
        end = rows.get(len(here), {}).get(len(there))
        return _parts(end) if end is not None else None

    def _standing(self, pair: Pair, at: int, other: int) -> Iterator[Core]:
        for length in range(1, _SHORT + 1):
            for core in self._starts.get(pair.here[at : at + length], ()):
                if len(core.here[:_SHORT]) == length and _stands(core, pair, at, other):
                    yield core


def _reach(rows: dict[int, dict[int, _State]], at: int, other: int, state: _State) -> None:
    row = rows.setdefault(at, {})
    if other not in row or state[:2] < row[other][:2]:
        row[other] = state


def _parts(state: _State) -> Parts:
    steps: list[Union[str, Core]] = []
    while state.before is not None:
        if isinstance(state.step, str) and steps and isinstance(steps[-1], str):
            steps[-1] = state.step + steps[-1]
        else:
            steps.append(state.step)
        state = state.before
    return tuple(reversed(steps))


def _stands(core: Core, pair: Pair, at: int, other: int) -> bool:
    """Tell whether a core stands in both values at these places, and is not cut out of more."""
    if not (pair.here.startswith(core.here, at) and pair.there.startswith(core.there, other)):
        return False
    short = min(len(core.here), len(core.there)) < _SHORT
    return _apart(pair.here, at, core.here, short) and _apart(pair.there, other, core.there, short)


def _apart(text: str, at: int, core: str, short: bool) -> bool:
    """Tell whether what is around a core is no more of it: digits, or letters if it is short."""
    end = at + len(core)
    before = text[at - 1 : at] if at else ""
    for around, edge in ((before, core[0]), (text[end : end + 1], core[-1])):
        if (around.isdigit() and edge.isdigit()) or (short and around.isalnum()):
            return False
    return True


def shared(cores: Iterable[Core]) -> list[Core]:
    """Find texts that differ in the same way in several of these, the longest first.

    Each is cut out of them at the ends of words, where what is around it is the same in both
    runs. One that only stands in what holds a longer one is left out.
    """
    cuts = [{*_cuts(Pair(core.here, core.there))} for core in cores if core.part]
    counts = Counter(cut for some in cuts for cut in some)
    found: list[Core] = []
    while True:
        several = [pair for pair, count in counts.items() if count > 1]
        if not several:
            return found
        best = max(several, key=lambda pair: (len(pair.here) + len(pair.there), pair))
        found.append(Core(*best))
        for some in [some for some in cuts if best in some]:
            counts.subtract(some)
            cuts.remove(some)


def _cuts(pair: Pair) -> Iterator[Pair]:
    here, there = pair
    if max(map(len, pair)) > _CUT:
        return
    for begin in _borders(here, there):
        for end in _borders(here[::-1], there[::-1]):
            cut = Pair(here[begin : len(here) - end], there[begin : len(there) - end])
            if telling(cut):
                yield cut


def _borders(here: str, there: str) -> Iterator[int]:
    """Give where a word of both begins behind something that is the same in both."""
    yield 0
    for at, (one, other) in enumerate(zip(here, there), start=1):
        if one != other:
            return
        if not one.isalnum() and here[at : at + 1].isalnum() and there[at : at + 1].isalnum():
            yield at


def needed(pairs: Iterable[tuple[Pair, str]], given: Iterable[Core] = ()) -> Cores:
    """Find cores that explain values, each with its parameter's name; `given` ones count first."""
    known = list(given)
    values = sorted({*pairs}, key=lambda one: (len(one[0].here), len(one[0].there), one))
    _, wholes = _explaining(values, known)
    return _explaining(values, [*known, *shared(wholes)])[0]


def _explaining(
    values: Iterable[tuple[Pair, str]], known: Iterable[Core]
) -> tuple[Cores, list[Core]]:
    """Give cores that explain values, the shorter ones first; and those that are not known."""
    cores, wholes = Cores(known), []
    for pair, param in values:
        # What is longer can be explained by what is shorter.
        if cores.explain(pair, param) is None:
            wholes.append(core_of(pair, param))
            cores.add(wholes[-1])
    return cores, wholes
