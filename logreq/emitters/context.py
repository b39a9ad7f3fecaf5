"""What several targets have to know of a call, and of how it reaches the panel; said once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Optional

from logreq.errors import EmitError
from logreq.model.call import Call, Env, Lookup, Part, Value
from logreq.model.connection import AUTO, Connection
from logreq.model.outcome import Outcome
from logreq.model.panels import is_panel
from logreq.text.codec import is_utf8
from logreq.text.escape import plain

# What each way to log in reads from the environment, with what it must hold.
VARIABLES: dict[str, dict[str, str]] = {
    "authinfo": {"PANEL_AUTHINFO": "user:password"},
    "session": {"PANEL_USER": "a login name", "PANEL_PASSWORD": "the password"},
    "key": {
        "PANEL_USER": "an administrator's login name",
        "PANEL_PASSWORD": "the administrator's password",
    },
    "none": {},
}
# Families of the API's formats: how an answer is read (vendor guide). Others are passed on.
_FAMILIES = {"json": "json", "bjson": "json", "JSONdata": "json", "xml": "xml", "devel": "xml"}
# Parameters that the connection adds unless the call sends its own.
CONNECTED = frozenset(("out", "lang", "su"))
# A login as panels take it for `su`, an e-mail address (RFC 5322, and of any language) included;
# `root#admin(1)` is none.
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*|[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+").fullmatch


class Context(NamedTuple):
    """All that the frame of a snippet can depend on.

    `secrets`: (parameter, variable) of each value that is a
    reference, in order. `own`: the call's own `out`, `lang` and `su`. `odd`: pairs that do
    not show as what they are (control characters, bytes that are not UTF-8). `repeats`: a
    parameter's name comes twice. `outcome`: what the log says of the request, if anything.
    """

    panel: str
    source: str
    module: str
    caller: str
    user: str
    func: str
    kind: str = ""
    secrets: tuple[tuple[str, str], ...] = ()
    own: tuple[tuple[str, str], ...] = ()
    odd: tuple[tuple[str, str], ...] = ()
    repeats: bool = False
    outcome: Optional[Outcome] = None

    @classmethod
    def of(cls, call: Call) -> Context:
        """Give the context of a call."""
        request = call.request
        context = cls(
            request.panel, request.source, request.module, request.caller, request.user,
            request.func, call.kind, outcome=call.outcome,
        )  # fmt: skip
        return context.sending(call.arguments)

    def sending(self, arguments: Sequence[tuple[str, Value]]) -> Context:
        """Give the context of a call with these arguments, of which only some matter."""
        secrets, own, odd = [], [], []
        names = {"func"}
        for name, value in arguments:
            names.add(name)
            if isinstance(value, Env):
                secrets.append((name, value.name))
            elif isinstance(value, str):
                if name in CONNECTED:
                    own.append((name, value))
                if not (plain(name) and plain(value)):
                    odd.append((name, value))
        repeats = len(names) <= len(arguments)
        return self._replace(
            secrets=tuple(secrets), own=tuple(own), odd=tuple(odd), repeats=repeats
        )


def output_format(connection: Connection, context: Context) -> str:
    """Give the API's `out` of a call: its own, else the connection's."""
    return dict(context.own).get("out", connection.out or "")


def family(out: str) -> str:
    """Tell how answers of a format are read: `json`, `xml`, or empty: as they come."""
    return _FAMILIES.get(out, "")


def extra_pairs(connection: Connection, context: Context) -> list[tuple[str, Value]]:
    """Give the pairs that follow a call's own: `out`, `lang`, `su`, and authinfo's credential.

    A key logs in as the user himself: nothing is left for `su` to say.
    """
    own = {"su", *(name for name, _ in (*context.own, *context.secrets))}
    pairs: list[tuple[str, Value]] = [p for p in connection.extra if p[0] not in own]
    su = "" if connection.auth == "key" else su_of(connection, context)
    if su:
        pairs.append(("su", su))
    if connection.auth == "authinfo":
        pairs.append(("authinfo", Env("PANEL_AUTHINFO")))
    return pairs


def clicker(user: str, caller: str) -> str:
    """Give the log's user where `su` can name him; empty for root, nobody, and a master.

    `[ispmgr][ispmaster]` is a master that calls its node: the node has no such user (seen).
    """
    if user == "root" or not _LOGIN(user):
        return ""
    master = user.endswith("master") and is_panel(caller) and caller[:-3] == user[:-6]
    return "" if master else user


def is_nameless(user: str, caller: str) -> bool:
    """Tell whether somebody else than root clicked, whom `su` cannot name."""
    return user not in ("", "root") and not clicker(user, caller)


def su_of(connection: Connection, context: Context, default: Optional[str] = None) -> str:
    """Give the user as whom a call runs, other than the one that is logged in; else empty.

    `default` counts where nothing was said about it: `AUTO` for mgrctl, which runs as root.
    A call's own `su` stays as it is.
    """
    if any(name == "su" for name, _ in (*context.own, *context.secrets)):
        return ""
    su = default if connection.su is None else connection.su
    return clicker(context.user, context.caller) if su == AUTO else su or ""


def key_user(connection: Connection, context: Context) -> str:
    """Give the user whom a one-time key logs in: `su`'s, else the log's; EmitError if none."""
    said = "" if connection.su == AUTO else connection.su
    user = said or dict(context.own).get("su") or context.user
    if not user:
        raise EmitError("the log names no user whom a key could log in: --su NAME names one")
    return user


def told_in_utf8(context: Context, extra: Iterable[tuple[str, Value]] = ()) -> bool:
    """Tell whether a call's function, names and values, and `extra` pairs, are all UTF-8."""
    texts = [context.func]
    for pair in (*context.odd, *context.secrets, *extra):
        texts += [text for text in pair if isinstance(text, str)]
    return all(map(is_utf8, texts))


def parts(value: Value) -> tuple[Part, ...]:
    """Give the parts of any value in order."""
    return value if type(value) is tuple else (value,)  # type: ignore[return-value] # Env is one


def variables(connection: Connection, calls: Iterable[Call]) -> dict[str, str]:
    """Give the environment variables that calls need, in order, with what each must hold."""
    found = dict(VARIABLES[connection.auth or "none"])
    for call in calls:
        for name, value in call.arguments:
            for part in leaves(value):
                if isinstance(part, Env):
                    found.setdefault(part.name, f"the value of {name}")
    return found


def leaves(value: Value) -> Iterator[Part]:
    """Give the parts of a value, each one that is looked up before the parts of what it is by."""
    for part in parts(value):
        yield part
        if isinstance(part, Lookup):
            yield from part.value


def code(path: str) -> str:
    """Give the text of a file below `emitters/code`, such as `python/panel.py`."""
    from pkgutil import get_data

    return (get_data("logreq.emitters", f"code/{path}") or b"").decode()
