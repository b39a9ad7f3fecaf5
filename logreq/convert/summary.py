"""What is said about a run beside its calls: what was left out, what a script does and to whom."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Callable, Optional

from logreq.emitters.context import clicker, is_nameless
from logreq.model.call import Argument, Call, Decision
from logreq.model.connection import AUTO
from logreq.model.request import Param
from logreq.rules import notes
from logreq.rules.model import RuleSet, globs
from logreq.rules.secret import object_of, shown
from logreq.text.escape import visible
from logreq.text.percent import percent

if TYPE_CHECKING:
    from logreq.emitters.base import Emitter

# Numbers in these name something of one installation only (seen; the last ones in orders).
_NUMBERS = (
    "elid", "plid", "processingmodule", "itemtype",
    "pricelist", "datacenter", "account", "paymethod",
)  # fmt: skip
_NUMERIC = re.compile(r"\d+(?:, ?\d+)*", re.ASCII).fullmatch
# Things that a line names one by one.
_NAMED = 5
# Options whose requests are told in more than a number.
ACTIONS, TIMES, BACKGROUND = "--actions", "--since and --until", "--all"


class LeftOut:
    """Counts what did not become a call, or part of one, and is told nowhere else."""

    def __init__(self) -> None:
        # Requests by their kinds, where only actions are wanted.
        self.kinds: Counter[str] = Counter()
        # Requests whose calls the target cannot express.
        self.refused = 0
        # Names of masked parameters, where the target has no place for notes.
        self.masked: dict[str, None] = {}
        # Globs of --keep and --drop that matched a parameter's name; and all of them.
        self.matched: dict[str, None] = {}
        self._asked: dict[str, Callable[[str], object]] = {}
        # Requests by what they did not pass; the latest of these.
        self.filters: Counter[str] = Counter()
        self.latest = ""
        # Numbers that were asked for, by the option that did so and what they did not pass.
        self.hidden: dict[tuple[str, str], list[int]] = {}
        # When the first and the last request were logged, where times decide.
        self.times: Optional[tuple[str, str]] = None

    def watch(self, rules: RuleSet, keep: Iterable[str], drop: Iterable[str]) -> None:
        """Find out which globs of the command line match anything in the run."""
        for option, given in (("--keep", keep), ("--drop", drop)):
            self._asked.update((f"{option} {glob}", globs([glob])) for glob in given)
        if self._asked:
            rules.on_name = self._see

    def _see(self, name: str) -> None:
        for asked, matches in self._asked.items():
            if matches(name):
                self.matched[asked] = None

    def unmatched(self) -> list[str]:
        """Tell which globs of the command line matched nothing, a line each."""
        missed = [asked for asked in self._asked if asked not in self.matched]
        return [f"{asked}: no parameter has such a name" for asked in missed]

    def take(self) -> LeftOut:
        """Give what was counted, and begin anew."""
        taken = LeftOut()
        taken.add(self)
        self.refused = 0
        self.kinds.clear()
        self.masked.clear()
        self.filters.clear()
        return taken

    def add(self, other: LeftOut) -> None:
        """Count what another one counted as well."""
        self.refused += other.refused
        self.kinds.update(other.kinds)
        self.masked.update(other.masked)
        self.matched.update(other.matched)
        self.filters.update(other.filters)

    def hide(self, number: int, asked: str = "--nth") -> None:
        """Remember a number that was asked for, whose request the latest test left out."""
        self.hidden.setdefault((asked, self.latest), []).append(number)

    def lines(self, *, nothing: bool = False) -> list[str]:
        """Tell what was left out, a line each; `nothing`: nothing is left."""
        found = self._filters() if nothing else []
        for (asked, option), numbers in self.hidden.items():
            found.append(f"{asked} {_some(map(str, numbers))}: left out by {option}")
        if self.refused:
            requests = "1 request has" if self.refused == 1 else f"{self.refused} requests have"
            found.append(f"{requests} no call here: comments say why")
        number, rest = self.kinds["view"], self.kinds["background"]
        if number or rest:
            views = f"{number} view{'' if number == 1 else 's'}"
            others = f"{rest} background request{'' if rest == 1 else 's'}"
            found.append(f"--actions left out {views} and {others}")
        hidden = self.filters[BACKGROUND]
        if hidden:
            others = f"{hidden} background request{'' if hidden == 1 else 's'}"
            found.append(f"{others} not shown: {BACKGROUND} shows them")
        if self.masked:
            names = _some(map(visible, sorted(self.masked)))
            found.append(f"masked in the log and left out: {names}; --keep NAME asks for it")
        return found

    def _filters(self) -> list[str]:
        """Tell how many requests each option left out; `--actions` has words of its own."""
        found = []
        for option, number in self.filters.items():
            if option in (ACTIONS, BACKGROUND) or option[:2] != "--":
                continue
            line = f"{option} left out {number} request{'' if number == 1 else 's'}"
            if option == TIMES and self.times:
                first, last = self.times
                line += f": they were logged from {first} to {last}"
            found.append(line)
        return found


def of_script(
    calls: Sequence[Call], emitter: Emitter, arguments: Sequence[Argument] = ()
) -> list[str]:
    """Tell what a script of calls does, a line each; `arguments`: what it takes as such."""
    found = []
    users = sorted({call.request.user or "nobody" for call in calls})
    if len(users) > 1:
        names = _some(map(visible, users))
        found.append(f"clicks of {len(users)} users ({names}): {_rights(emitter)}")
    nameless = {
        call.request.user
        for call in calls
        if emitter.by_user
        and not emitter.http
        and is_nameless(call.request.user, call.request.caller)
    }
    if nameless:
        found.append(f"no su can name {_some(map(visible, sorted(nameless)))}: that runs as root")
    found += _count(calls, "deletes", "delete", notes.deletes)
    found += _count(calls, "moves money", "move money", notes.moves_money)
    found += _count(calls, "sends no file", "send no file", lambda c: notes.uploads(c.request))
    given = {argument.default for argument in arguments}
    numbers = dict.fromkeys(
        f"{name}={value}"
        for call in calls
        for name, value in call.arguments
        if name in _NUMBERS and isinstance(value, str) and _NUMERIC(value) and value not in given
    )
    if numbers:
        found.append(f"numbers of this installation, which others do not have: {_some(numbers)}")
    masked = dict.fromkeys(
        visible(decision.param.name)
        for call in calls
        for decision in call.decisions
        if decision.param.masked and decision.note and not decision.keep
    )
    left = LeftOut()
    left.masked.update(masked)
    return found + left.lines()


def with_users(calls: Sequence[Call], emitter: Emitter) -> list[Call]:
    """Give a script's calls as the users who clicked, where that was asked for.

    Else, where several clicked and all calls run as the one who logs in, note it on each.
    """
    if emitter.http and emitter.connection.auth != "key" and emitter.connection.su == AUTO:
        return [_as_user(call) for call in calls]
    several = len({call.request.user for call in calls}) > 1
    return [_with_note(call) for call in calls] if several and _ignores_users(emitter) else [*calls]


def _as_user(call: Call) -> Call:
    user = _user(call)
    if not user:
        return call
    added = Decision(Param(f"su={percent(user)}"), keep=True, why="--su auto")
    return call._replace(decisions=[*call.decisions, added])


def _with_note(call: Call) -> Call:
    user = _user(call)
    if not user:
        return call
    note = f"{user} clicked this: --su auto adds su={user}"
    return call._replace(notes=[*call.notes, note])


def _user(call: Call) -> str:
    """Give the user whom `su` has to name; empty where the call names one itself."""
    named = any(name == "su" for name, _ in call.arguments)
    return "" if named else clicker(call.request.user, call.request.caller)


def _ignores_users(emitter: Emitter) -> bool:
    """Tell whether all calls run as the one who logs in."""
    return emitter.http and emitter.connection.auth != "key" and emitter.connection.su is None


def _rights(emitter: Emitter) -> str:
    if emitter.by_user:
        return "each call runs as the one who clicked"
    if _ignores_users(emitter):
        return "all calls run as the one who logs in; --su auto adds su=USER"
    return "all calls run as the same user"


def _count(calls: Sequence[Call], one: str, many: str, test: notes.CallTest) -> list[str]:
    """Tell which calls are of a sort, if any are."""
    found = [call for call in calls if test(call)]
    if not found:
        return []
    names = _some(
        f"{visible(call.func)} {shown(object_of(call.decisions))}".rstrip() for call in found
    )
    verb = one if len(found) == 1 else many
    return [f"{len(found)} of {len(calls)} calls {verb}: {names}"]


def _some(texts: Iterable[str]) -> str:
    """Join texts; of many, the first ones and the number of the others."""
    found = list(texts)
    rest = len(found) - _NAMED
    return ", ".join(found[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
