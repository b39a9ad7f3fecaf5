"""A call: a request after the rules, in no language; and how it reaches a panel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Optional, Union

from logreq.errors import UsageError, suggest
from logreq.percent import quote
from logreq.request import Param, Request

# Internal names of the panels (vendor documentation).
PANELS = (
    "ispmgr", "billmgr", "vmmgr", "vemgr", "vdsmgr", "dcimgr", "dsmgr", "dnsmgr", "ipmgr", "core",
)  # fmt: skip

AUTHS = ("authinfo", "session", "key", "none")


class Env(NamedTuple):
    """A reference to an environment variable, in place of a secret."""

    name: str


class Arg(NamedTuple):
    """A reference to an argument of the script, in place of a logged value."""

    name: str


# Literal text; or a reference; or, in scripts, several of them in a row.
Part = Union[str, Env, Arg]
Value = Union[str, Env, tuple[Part, ...]]


class Outcome:
    """What became of one parameter: its value in the call, or the rule that dropped it.

    `rule` is where the deciding rule stands (`default.yaml:5`) or another reason in a
    word (`credential`, `connection`, `masked`); None where no rule matched. Compared by
    identity, so that emitters can remember the text of each.
    """

    __slots__ = ("keep", "note", "param", "private", "rule", "value", "why")

    def __init__(
        self,
        param: Param,
        keep: bool,
        rule: Optional[str] = None,
        why: str = "",
        value: Optional[Value] = None,
        private: bool = False,
        note: str = "",
    ) -> None:
        self.param = param
        self.keep = keep
        self.rule = rule
        self.why = why
        self.value: Value = param.value if value is None else value
        # The logged value is a secret or a credential: no report may show it.
        self.private = private
        # What the reader of the call should know about it.
        self.note = note

    def having(self, value: Value) -> Outcome:
        """Give the same outcome with another value."""
        return Outcome(self.param, self.keep, self.rule, self.why, value, self.private, self.note)

    def noting(self, note: str) -> Outcome:
        """Give the same outcome with a note."""
        return Outcome(self.param, self.keep, self.rule, self.why, self.value, self.private, note)

    def of(self, param: Param) -> Outcome:
        """Give the same outcome of another parameter."""
        return Outcome(param, self.keep, self.rule, self.why, None, self.private)

    def __repr__(self) -> str:
        return f"Outcome({self.param.name!r}, keep={self.keep}, rule={self.rule!r})"


class Call(NamedTuple):
    """A function, what became of each other parameter in the log's order, notes for the reader."""

    request: Request
    outcomes: Sequence[Outcome]
    notes: Sequence[str] = ()
    # `action`, `view` or `background`; empty where nobody asked for it.
    kind: str = ""

    @property
    def func(self) -> str:
        """The function's name."""
        return self.request.func

    @property
    def arguments(self) -> list[tuple[str, Value]]:
        """Names and values that the call sends, in order, without the function."""
        return [(o.param.name, o.value) for o in self.outcomes if o.keep]


class Connection(NamedTuple):
    """How a call reaches a panel. `out` None: as the emitter prefers; `su` None: nothing said."""

    url: str = "https://localhost:1500"
    auth: Optional[str] = None
    out: Optional[str] = None
    lang: Optional[str] = None
    su: Optional[str] = None
    insecure: bool = False

    def address(self, panel: str) -> str:
        """Give the URL of a panel: its name is appended unless the URL has a path of its own.

        No path, or a path that ends in `/` or `/manager`: the panel's name is appended.
        """
        name = quote(panel.encode(), "/")
        _, _, path = self.url.partition("://")[2].partition("/")
        if not path:
            return f"{self.url.rstrip('/')}/{name}"
        if path.endswith("/"):
            return self.url + name
        if ("/" + path).endswith("/manager"):
            return f"{self.url}/{name}"
        return self.url

    @property
    def extra(self) -> list[tuple[str, str]]:
        """The parameters that the connection adds to each call, in the order they are sent."""
        pairs = (("out", self.out), ("lang", self.lang), ("su", self.su))
        return [(name, value) for name, value in pairs if value]


def check_url(url: str) -> str:
    """Give a usable panel address or raise UsageError: `http` or `https`, a host, no query."""
    match = re.fullmatch(r"(https?)://([^/?#\s@]+)(/[^?#\s]*)?", url)
    if match is None or not url.isascii() or not url.isprintable():
        if "@" in url:
            raise UsageError(
                f"{url!r} holds a user or password; an address such as https://panel.example:1500"
                " is expected, and PANEL_AUTHINFO for user:password"
            )
        raise UsageError(
            f"{url!r} is no panel address; expected http(s)://HOST[:PORT][/PATH],"
            " such as https://localhost:1500"
        )
    return url


def check_panel(name: str) -> str:
    """Give a panel's internal name for it or its short name (`isp` -> `ispmgr`)."""
    if name in PANELS:
        return name
    if name + "mgr" in PANELS:
        return name + "mgr"
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*mgr", name):
        return name  # a panel of the family that is not in the table
    names = [*PANELS, *(panel[:-3] for panel in PANELS if panel.endswith("mgr"))]
    raise UsageError(
        f"{name!r} is no panel's name; expected one such as ispmgr{suggest(name, names)}"
    )
