"""Ids that a script learns when it runs: of an earlier call's answer, or of a list's row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Optional, Union

from logreq.convert.arguments import places
from logreq.convert.values import lookup_in, parts_of
from logreq.emitters.context import parts
from logreq.errors import UsageError, suggest
from logreq.model.call import Arg, Argument, Call, Decision, Env, Id, Lookup, Value
from logreq.rules.secret import shown
from logreq.text.escape import visible

_LOOKUP = re.compile(r"([^=]+)=([\w.-]+):([\w.-]+)", re.DOTALL)
# Values that are looked for, of those that a line tells.
_TOLD = 5

# What a lookup looks for.
Parts = tuple[Union[str, Env, Arg, Id], ...]


class Link(NamedTuple):
    """A parameter whose value is the id that the last call of a function before it answered."""

    param: str
    func: str

    def __str__(self) -> str:
        return f"--link {visible(self.param)}={visible(self.func)}"


class Question(NamedTuple):
    """A parameter whose value is the id of a row: the one whose field has a value."""

    param: str
    func: str
    field: str

    def __str__(self) -> str:
        return f"--lookup {visible(self.param)}={self.func}:{self.field}"


def parse_link(text: str) -> Link:
    """Read `PARAM=FUNCTION`; UsageError if it is none."""
    param, _, func = text.partition("=")
    if not (param and func):
        expected = "expected PARAM=FUNCTION, such as plid=server.edit"
        raise UsageError(f"--link {visible(text)}: {expected}")
    return Link(param, func)


def parse_lookup(text: str) -> Question:
    """Read `PARAM=LIST:FIELD`; UsageError if it is none."""
    found = _LOOKUP.fullmatch(text)
    if found is None:
        expected = "expected PARAM=LIST:FIELD, such as elid=webdomain:name"
        raise UsageError(f"--lookup {visible(text)}: {expected}")
    return Question(*found.groups())


def link(calls: Sequence[Call], links: Iterable[Link]) -> list[Call]:
    """Put ids of answers in the places of literal values; the nearest function before counts.

    UsageError for a function that is not called, for one after which no call has the
    parameter, and for a value that names several things.
    """
    links = list(dict.fromkeys(links))
    found = list(calls)
    functions = dict.fromkeys(call.func for call in calls)
    used = set()
    last: dict[str, int] = {}
    for at, call in enumerate(calls):
        ready = [one for one in links if one.func in last]
        for one in sorted(ready, key=lambda link: last[link.func], reverse=True):
            found[at], count = _put(one, found[at], (Id(one.func),), at)
            if count:
                used.add(one)
        last[call.func] = at
    for one in links:
        if one.func not in functions:
            near = suggest(one.func, functions) or f"; called: {', '.join(map(visible, functions))}"
            raise UsageError(f"{one}: no call of {visible(one.func)}{near}")
        if one not in used:
            param = visible(one.param)
            after = f"no call after {visible(one.func)} sends a value of {param} to replace"
            raise UsageError(f"{one}: {after}")
    return found


def look_up(
    calls: Sequence[Call], questions: Iterable[Question], arguments: Sequence[Argument] = ()
) -> list[Call]:
    """Put ids of lists' rows in the places of literal values.

    Which row, in this order: the logged `elname` for `elid`; the field's value in the same
    call; the script's argument of that name; the field's value in the nearest call before.
    UsageError where nothing tells, where no call has the parameter, and for a value that names
    several things.
    """
    names = [argument.name for argument in arguments]
    found = list(calls)
    for question in dict.fromkeys(questions):
        changed = 0
        for at, call in enumerate(found):
            if not any(_literal(question.param, decision) for decision in call.decisions):
                continue
            subject = _subject(question, found, at, names)
            looked_up = Lookup(question.func, question.field, subject)
            found[at], count = _put(question, call, (looked_up,), at)
            changed += count
        if not changed:
            param = visible(question.param)
            raise UsageError(f"{question}: no call sends a value of {param} to replace")
    return found


def _literal(param: str, decision: Decision) -> bool:
    named = decision.keep and decision.param.name == param
    return named and isinstance(decision.value, str) and decision.value != ""


def _put(why: Union[Link, Question], call: Call, value: Value, at: int) -> tuple[Call, int]:
    """Give a call with a value in the places of a parameter's literals, and how many they are."""
    decisions = []
    count = 0
    for decision in call.decisions:
        if _literal(why.param, decision):
            if "," in decision.param.value:
                raise _several(why, call, at, decision.param.value)
            decision = decision.having(value)
            count += 1
        decisions.append(decision)
    return (call._replace(decisions=decisions) if count else call), count


def _several(why: Union[Link, Question], call: Call, at: int, value: str) -> UsageError:
    return UsageError(
        f"{why}: {place(call, at)} names several: {shown(value)}; --nth without this call, or"
        " click one at a time"
    )


def place(call: Call, at: int) -> str:
    """Name a call by its place in the script, counted from 0 here and from 1 there."""
    return f"call {at + 1} ({visible(call.func)})"


def _subject(question: Question, calls: Sequence[Call], at: int, names: Sequence[str]) -> Parts:
    """Give what the row's field has to be."""
    call, field = calls[at], question.field
    if question.param == "elid":
        name = _elname(call)
        if "," in name:
            raise _several(question, call, at, name)
        if name:
            return (name,)
    found = _value(call, field) if field != question.param else None
    if found is not None:
        return found
    argument = field.lower().replace("_", "-")
    if argument in names:
        return (Arg(argument),)
    for before in reversed(calls[:at]):
        found = _value(before, field)
        if found is not None:
            return found
    raise UsageError(
        f"{question}: nothing tells the {visible(field)} of what {place(call, at)} is about:"
        f" no call up to there has it; --param {argument}=VALUE gives it"
    )


def _elname(call: Call) -> str:
    """Give the name that the interface logged beside `elid`, whatever the rules made of it."""
    for decision in call.decisions:
        # What is masked is private as well.
        if decision.param.name == "elname" and not decision.private:
            return decision.param.value
    return ""


def _value(call: Call, field: str) -> Optional[Parts]:
    """Give a parameter's value as something to look for; None if there is none."""
    for name, value in call.arguments:
        if name == field and value != "":
            found = parts(value)
            known = tuple(part for part in found if not isinstance(part, Lookup))
            if len(known) == len(found):
                return known
    return None


def told(
    calls: Sequence[Call], links: Iterable[Link], questions: Iterable[Question]
) -> Iterator[str]:
    """Tell what links and lookups change in calls that have their arguments, a line each."""
    for link in dict.fromkeys(links):
        counts = [_values(call, link.param).count((Id(link.func),)) for call in calls]
        yield f"{link} changes {places(counts)}"
    for question in dict.fromkeys(questions):
        found = [
            [
                lookup
                for lookup in map(lookup_in, _values(call, question.param))
                if lookup is not None and lookup[:2] == question[1:]
            ]
            for call in calls
        ]
        texts = list(dict.fromkeys(_text(one.value) for lookups in found for one in lookups))
        more = f" or {len(texts) - _TOLD} more" if len(texts) > _TOLD else ""
        yield (
            f"{question} changes {places(list(map(len, found)))}: the id of the {question.func}"
            f" whose {question.field} is {', '.join(texts[:_TOLD])}{more}"
        )


def _values(call: Call, param: str) -> list[Value]:
    return [value for name, value in call.arguments if name == param]


def _text(value: Value) -> str:
    texts = []
    for part in parts_of(value):
        if isinstance(part, Arg):
            texts.append(f"--{part.name}")
        elif isinstance(part, Env):
            texts.append(f"${part.name}")
        elif isinstance(part, Id):
            texts.append(f"<id of {visible(part.func)}>")
        else:
            texts.append(shown(str(part)))
    return "".join(texts)
