"""Scripts: which values of recorded calls become arguments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from logreq.errors import UsageError
from logreq.model.call import Arg, Argument, Call, Part, Value
from logreq.text.escape import visible

# What every script understands by itself.
RESERVED = ("help", "h", "insecure", "restart", "url")
# Values that many calls share by nature.
_COMMON = r"on|off|ok|yes|no|true|false|null|none|auto|\W*|\d{1,3}"
# A value that stands in so many calls is probably what the script is about.
_REPEATED = 3
_LOOKED_AT = 1000


def parse_param(text: str) -> Argument:
    """Make an argument of `NAME=VALUE` as given to `--param`; UsageError if it is none."""
    name, equals, value = text.partition("=")
    name = name.lower().replace("_", "-")
    if not equals or not value or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(
            f"--param {visible(text)!r}: expected NAME=VALUE, such as domain=example.com,"
            " NAME of letters, digits and -"
        )
    if name in RESERVED:
        raise UsageError(f"--param {name}: every script has its own --{name}; take another name")
    return Argument(name, value)


def parse_params(texts: Iterable[str]) -> list[Argument]:
    """Make arguments of all `--param`s; UsageError if two share a name or a value."""
    arguments = [parse_param(text) for text in texts]
    for what in ("name", "default"):
        seen = set()
        for argument in arguments:
            word = getattr(argument, what)
            if word in seen:
                raise UsageError(f"--param: two arguments with the same {what}: {visible(word)}")
            seen.add(word)
    return arguments


def parameterize(calls: Iterable[Call], arguments: Sequence[Argument]) -> list[Call]:
    """Put references to arguments where their values stand in the calls' values.

    Whole values and parts of longer ones; where two overlap, the longer one counts. A
    number is not replaced inside a longer number. UsageError for a value that stands nowhere.
    """
    longest = sorted(arguments, key=lambda argument: len(argument.default), reverse=True)
    patterns = [(Arg(a.name), _pattern(a.default)) for a in longest]
    used: set[Arg] = set()
    done = []
    for call in calls:
        decisions = []
        for decision in call.decisions:
            if decision.keep and isinstance(decision.value, str):
                value = _replace(decision.value, patterns, used)
                if value is not decision.value:
                    decision = decision.having(value)
            decisions.append(decision)
        done.append(call._replace(decisions=decisions))
    for argument in arguments:
        if Arg(argument.name) not in used:
            raise UsageError(
                f"--param {argument.name}: no parameter of the calls holds"
                f" {visible(argument.default)!r}"
            )
    return done


def _pattern(value: str) -> re.Pattern[str]:
    before = r"(?<!\d)" if value[0].isdigit() else ""
    after = r"(?!\d)" if value[-1].isdigit() else ""
    return re.compile(before + re.escape(value) + after)


def _replace(value: str, patterns: list[tuple[Arg, re.Pattern[str]]], used: set[Arg]) -> Value:
    parts: list[Part] = [value]
    for argument, pattern in patterns:
        split: list[Part] = []
        for part in parts:
            if not isinstance(part, str):
                split.append(part)
                continue
            literals = pattern.split(part)
            for literal in literals[:-1]:
                split += [literal, argument]
            split.append(literals[-1])
            if len(literals) > 1:
                used.add(argument)
        parts = [part for part in split if part != ""]
    return tuple(parts) if any(isinstance(part, Arg) for part in parts) else value


def repeated(calls: Sequence[Call]) -> list[tuple[str, str, int]]:
    """Find values that three or more calls hold: name of the parameter, value, number of calls.

    Most frequent first. For long lists of calls only the first thousand are looked at.
    """
    texts = []
    names: dict[str, str] = {}
    for call in calls[:_LOOKED_AT]:
        literals = [(n, v) for n, v in call.arguments if isinstance(v, str)]
        texts.append("\0".join(value for _, value in literals))
        for name, value in literals:
            if len(value) <= 200 and not re.fullmatch(_COMMON, value):
                names.setdefault(value, name)
    counts = ((name, value, sum(value in text for text in texts)) for value, name in names.items())
    found = [entry for entry in counts if entry[2] >= _REPEATED]
    return sorted(found, key=lambda entry: -entry[2])
