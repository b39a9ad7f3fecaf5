"""Scripts: which values of recorded calls become arguments."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Optional

from logreq.convert.values import arguments_in, lookup_in, text_of, with_parts
from logreq.emitters.again import OPTIONS
from logreq.errors import UsageError
from logreq.model.call import Arg, Argument, Call, Part
from logreq.text.escape import plain, visible

# What every script with arguments understands by itself.
RESERVED = ("help", "h", "insecure", "restart", "url", *OPTIONS)
# Values that many calls share by nature.
_COMMON = r"on|off|ok|yes|no|true|false|null|none|auto|\W*|\d{1,3}"
# A value that stands in so many calls is probably what the script is about.
_REPEATED = 3
_LOOKED_AT = 1000
# So many values are suggested.
_SUGGESTED = 5
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Names, addresses and domains are what a script is run for again with others.
_LIKELY_NAMES = (
    "account", "client", "domain", "elid", "elname", "email", "host", "hostname", "ip", "ipaddr",
    "name", "owner", "site", "site_name", "user", "username",
)  # fmt: skip
_LIKELY = re.compile(
    r"[\w.+-]+@[\w-]+(\.[\w-]+)+|\d{1,3}(\.\d{1,3}){3}|([\w-]+\.)+[^\W\d][\w-]+\.?"
)


class WholeArgument(Argument):
    """An argument that stands for whole values only, never for a part of a longer one."""

    __slots__ = ()


def parse_param(text: str) -> Argument:
    """Make an argument of `NAME=VALUE` or `NAME==VALUE` as given to `--param`.

    The latter is for whole values only. UsageError if it is none.
    """
    name, equals, value = text.partition("=")
    name = name.lower().replace("_", "-")
    whole, value = value[:1] == "=", value[value[:1] == "=" :]
    if not equals or not value or not _NAME.fullmatch(name):
        raise UsageError(
            f"--param {visible(text)!r}: expected NAME=VALUE, such as domain=example.com,"
            " NAME of letters, digits and -"
        )
    if name in RESERVED:
        raise UsageError(f"--param {name}: every script has its own --{name}; take another name")
    return (WholeArgument if whole else Argument)(name, value)


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

    Whole values and, but for a `WholeArgument`, parts of longer ones; where two overlap, the
    longer one counts. A number is not replaced inside a longer number. UsageError for a value
    that stands nowhere.
    """
    longest = sorted(arguments, key=lambda argument: len(argument.default), reverse=True)
    wholes = {a.default: Arg(a.name) for a in arguments if isinstance(a, WholeArgument)}
    patterns = [(Arg(a.name), pattern_of(a.default)) for a in longest if a.default not in wholes]
    used: set[Arg] = set()
    done = []
    for call in calls:
        # A lookup can name one whose value stands nowhere.
        used.update(arguments_in(value for _, value in call.arguments if lookup_in(value)))
        decisions = []
        for decision in call.decisions:
            text = text_of(decision.value) if decision.keep else None
            if text is not None:
                parts = _replace(text, wholes, patterns, used)
                if parts is not None:
                    decision = decision.having(with_parts(decision.value, parts))
            decisions.append(decision)
        done.append(call._replace(decisions=decisions))
    for argument in arguments:
        if Arg(argument.name) not in used:
            raise UsageError(
                f"--param {argument.name}: no parameter of the calls holds"
                f" {visible(argument.default)!r}"
            )
    return done


def pattern_of(value: str) -> re.Pattern[str]:
    """Give the pattern of a value inside of longer ones: no number is one of a longer number."""
    before = r"(?<!\d)" if value[0].isdigit() else ""
    after = r"(?!\d)" if value[-1].isdigit() else ""
    return re.compile(before + re.escape(value) + after)


def _replace(
    value: str,
    wholes: dict[str, Arg],
    patterns: list[tuple[Arg, re.Pattern[str]]],
    used: set[Arg],
) -> Optional[tuple[Part, ...]]:
    """Give text as parts with arguments in it; None where it has none."""
    if value in wholes:
        used.add(wholes[value])
        return (wholes[value],)
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
    return tuple(parts) if any(isinstance(part, Arg) for part in parts) else None


def repeated(calls: Sequence[Call]) -> list[tuple[str, str, int]]:
    """Find values that three or more calls hold: name of the parameter, value, number of calls.

    Likely arguments first (domains, names, addresses), then the most frequent. For long lists of
    calls only the first thousand are looked at. What is secret in any call is none.
    """
    calls = calls[:_LOOKED_AT]
    secret = {d.param.value for call in calls for d in call.decisions if d.private}
    texts = []
    names: dict[str, str] = {}
    for call in calls:
        literals = [(n, v) for n, v in call.arguments if isinstance(v, str)]
        texts.append("\0".join(value for _, value in literals))
        for name, value in literals:
            if len(value) <= 200 and value not in secret and not re.fullmatch(_COMMON, value):
                names.setdefault(value, name)
    counts = ((name, value, sum(value in text for text in texts)) for value, name in names.items())
    found = [entry for entry in counts if entry[2] >= _REPEATED]
    return sorted(found, key=lambda entry: (not _likely(entry[0], entry[1]), -entry[2]))


def _likely(name: str, value: str) -> bool:
    return name in _LIKELY_NAMES or _LIKELY.fullmatch(value) is not None


def suggestions(calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
    """Suggest arguments, a line each: what to type, quoted for the shell, and what it changes."""
    values = [argument.default for argument in arguments]
    names = [argument.name for argument in arguments]
    left = _SUGGESTED
    for parameter, value, _ in repeated(calls):
        # One that begins with = would be for whole values; one that does not show, no one types.
        alike = any(value in other or other in value for other in values)
        if alike or not left or value[0] == "=" or not plain(value):
            continue
        left -= 1
        values.append(value)
        names.append(free(parameter, names))
        pattern = pattern_of(value)
        counts = [
            sum(len(pattern.findall(text)) for _, text in call.arguments if isinstance(text, str))
            for call in calls
        ]
        typed = shlex.quote(f"{names[-1]}={value}")
        yield f"{value} stands in {places(counts)}: --param {typed} makes an argument"


def changes(calls: Iterable[Call], arguments: Iterable[Argument]) -> Iterator[str]:
    """Tell what each argument changes in calls that `parameterize` gave, a line each."""
    standing = [arguments_in(value for _, value in call.arguments) for call in calls]
    for argument in arguments:
        counts = [found.count(Arg(argument.name)) for found in standing]
        yield f"--param {argument.name} changes {places(counts)}"


def free(parameter: str, taken: Sequence[str]) -> str:
    """Make an argument's name of a parameter's that nothing else has."""
    name = argument_name(parameter)
    number = 1
    while (found := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return found


def argument_name(parameter: str) -> str:
    """Make an argument's name of a parameter's."""
    name = re.sub(r"[^a-z0-9]+", "-", parameter.lower()).strip("-")
    if not _NAME.fullmatch(name):
        name = "value"
    return f"the-{name}" if name in RESERVED else name


def places(counts: Sequence[int]) -> str:
    """Tell how many places in how many calls there are, by the number in each call."""
    places, calls = sum(counts), sum(map(bool, counts))
    return f"{places} place{'s' * (places != 1)} in {calls} call{'s' * (calls != 1)}"
