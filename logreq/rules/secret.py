"""Secrets of a request: which values are secret, and what stands in for those that are masked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from logreq.model.call import Decision, Env
from logreq.model.request import MASK, Param, Request
from logreq.rules.model import RuleSet
from logreq.rules.variables import Variables
from logreq.text.escape import visible
from logreq.text.percent import unquote

# Session ids and passwords of the clicker: the connection supplies its own.
CREDENTIALS = frozenset(("auth", "authinfo", "sesid"))
# Functions that log in: what they get is a credential whatever the rules call secret.
_LOGIN = {"auth": ("password", "key"), "session.newkey": ("key",)}
LOGIN_NAMES = frozenset(name for found in _LOGIN.values() for name in found)
# What checkboxes and buttons send: no secret, whatever the name (`new_password=on` was seen).
_WORDS = frozenset(("on", "off", "yes", "no", "ok", "true", "false", "null", "none"))
# A parameter that repeats another one for certainty.
_repeats = re.compile("confirm|again|repeat|retype", re.IGNORECASE).search
# A secret's value by which it is known elsewhere; of less, anything may be the same by chance.
_telling = re.compile(r"(?!\d{1,7}\Z).{3}", re.DOTALL).match
# Parameters that tell which object a call is about, the most telling one first.
_OBJECT = ("elname", "name", "elid", "username", "email", "domain")


def values(rules: RuleSet, request: Request, params: Iterable[Param]) -> dict[str, Param]:
    """Find the values that are secret, each with the parameter that says so.

    A credential's value is secret wherever it stands, but names no variable where a
    secret parameter has it as well.
    """
    found: dict[str, Param] = {}
    for param in params:
        if not param.value or param.masked or param.value.lower() in _WORDS:
            continue
        if _is_secret(param.name, rules, request):
            if param.value not in found or found[param.value].name in CREDENTIALS:
                found[param.value] = param
        elif param.name in CREDENTIALS:
            found.setdefault(param.value, param)
    return found


def is_same(param: Param, owner: Param, rules: RuleSet, request: Request) -> bool:
    """Tell whether a parameter is a secret for having the value of `owner`, which is one."""
    name = param.name
    if name == owner.name or owner.name in CREDENTIALS or _telling(param.value) or _repeats(name):
        return True
    return name in CREDENTIALS or _is_secret(name, rules, request)


def _is_secret(name: str, rules: RuleSet, request: Request) -> bool:
    """Tell whether a parameter is a secret by its name, or what a login gets."""
    return name in _LOGIN.get(request.func, ()) or rules.is_secret_in(request, name)


def stands_elsewhere(values: Iterable[str], query: str, special: Sequence[str]) -> bool:
    """Tell whether one of these values is that of a pair that is not special."""
    return any(
        unquote(piece.partition("=")[2]) == value and piece not in special
        for value in values
        for begin in _beginnings(value[0])
        for piece in _pieces(query, begin)
    )


def _pieces(query: str, text: str) -> Iterator[str]:
    """Give the pairs of a query that hold a text: to decode them all takes longer."""
    at = query.find(text)
    while at >= 0:
        end = query.find("&", at)
        end = len(query) if end < 0 else end
        yield query[query.rfind("&", 0, at) + 1 : end]
        at = query.find(text, end)


def _beginnings(char: str) -> set[str]:
    """Give how a pair's value stands in a query if it begins with a character, and maybe others."""
    if not char.isascii():
        return {"="}
    code = f"=%{ord(char):02x}"
    return {f"={char}", code, code.upper(), *(["=+"] if char == " " else ())}


def hidden(decision: Decision) -> Decision:
    """Give the decision that drops a parameter whose value no report may show."""
    return Decision(decision.param, False, decision.rule, decision.why, private=True)


def left_out(decision: Decision, asks: bool) -> Decision:
    """Drop a masked parameter, and say so; `asks`: there is an option that asks for it."""
    param = decision.param
    name = visible(param.name)
    # A name with blanks or a glob's characters would not read as the option's value.
    option = asks and re.fullmatch(r"\w[\w.-]*", param.name, re.ASCII)
    hint = f", --keep {name} asks for it" if option else ""
    note = f"{name} was masked in the log and is left out{hint}"
    if decision.keep:
        decision = Decision(param, False, "masked", "masked by the panel")
    return hidden(decision).noting(note)


def unmask(
    rules: RuleSet, variables: Variables, request: Request, decisions: list[Decision]
) -> None:
    """Put variables in the places of kept masked values: they can only come from outside.

    What a masked value was is unknown, so each call has variables of its own; `confirm`
    repeats the password and shares its one. A note on the first of them names the object.
    """
    masked = [
        at for at, decision in enumerate(decisions) if decision.keep and decision.param.masked
    ]
    if not masked:
        return
    # A call is another if it sends something else, as for `--unique`.
    sent = tuple((d.param.name, MASK if d.param.masked else d.value) for d in decisions if d.keep)
    call = (request.panel, request.func, sent)
    places: dict[str, list[int]] = {}
    for at in masked:
        owner = _owner(rules, request, decisions[at].param)
        places.setdefault(variables.name(owner, call), []).append(at)
    about = f"{visible(request.func)} {shown(object_of(decisions))}".rstrip()
    for variable, shared in places.items():
        names = ", ".join(dict.fromkeys(visible(decisions[at].param.name) for at in shared))
        were = "were" if "," in names else "was"
        note = f"{names} of {about} {were} masked in the log: set {variable}"
        for at in shared:
            old = decisions[at]
            decisions[at] = Decision(
                old.param, True, old.rule, old.why, Env(variable), private=True,
                note=note if at == shared[0] else "",
            )  # fmt: skip


def _owner(rules: RuleSet, request: Request, param: Param) -> Param:
    """Give the parameter that names a masked one's variable: `confirm` is the password's."""
    if rules.is_secret_in(request, param.name) or not _repeats(param.name):
        return param
    masked = (p for p in request.params if p.masked and rules.is_secret_in(request, p.name))
    return next(masked, param)


def object_of(decisions: Iterable[Decision]) -> str:
    """Give the logged name of what a call is about, never a secret; empty if it has none."""
    known: dict[str, str] = {}
    for decision in decisions:
        param = decision.param
        if param.name in _OBJECT and param.value and not (decision.private or param.masked):
            known.setdefault(param.name, param.value)
    return next((known[name] for name in _OBJECT if name in known), "")


def shown(value: str, most: int = 60) -> str:
    """Give a value as a note shows it: escaped, and cut after `most` characters."""
    text = visible(value)
    return text if len(text) <= most else text[:most] + "..."
