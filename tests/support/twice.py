"""Calls for tests of scripts that are run again: made by hand, and filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from logreq.convert.align import Run
from logreq.emitters.context import parts
from logreq.log.line import parse_line
from logreq.model.call import Arg, Call, Env, Lookup, Value
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.strategies import panel_encode

Pairs = Sequence[tuple[str, str]]


def query(func: str, pairs: Pairs) -> str:
    """Write a query as panels do; a lone asterisk is a masked value."""
    pieces = [panel_encode([(n.encode(), v.encode())]).decode() for n, v in pairs]
    masked = [f"{p[:-3]}*" if v == "*" else p for p, (_, v) in zip(pieces, pairs)]
    return "&".join([f"func={func}", *masked])


def line(func: str, pairs: Pairs, *, second: int = 0, user: str = "root") -> str:
    """Write a line of a log."""
    text = f"[192.0.2.1][{user}] '{query(func, pairs)}'"
    return f"Feb  6 08:00:{second:02} [1:2] core_module INFO Request {text}\n"


def calls(
    *clicks: tuple[str, Pairs], decider: Optional[Decider] = None, source: str = "isp.log"
) -> list[Call]:
    """Make calls of clicks by the default rules."""
    decider = decider or Decider(rule_set())
    found = []
    for number, (func, pairs) in enumerate(clicks, start=1):
        request = parse_line(line(func, pairs).encode().rstrip(b"\n"))
        assert isinstance(request, Request)
        found.append(decider(request._replace(panel="ispmgr", source=source, line=number)))
    return found


def run(*clicks: tuple[str, Pairs], decider: Optional[Decider] = None, number: int = 1) -> Run:
    """Make a run of clicks; `number`: that of the first request."""
    found = calls(*clicks, decider=decider)
    return Run(range(number, number + len(found)), found)


def filled(value: Value, arguments: Mapping[str, str]) -> str:
    """Give what a script sends for a value: variables and ids are shown by their names."""
    texts = []
    for part in parts(value):
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, Arg):
            texts.append(arguments[part.name])
        elif isinstance(part, Env):
            texts.append(f"${part.name}")
        elif isinstance(part, Lookup):
            texts.append(f"<{part.func} {part.field} {filled(part.value, arguments)}>")
        else:
            texts.append(f"<{part.func}>")
    return "".join(texts)


def sent(found: Sequence[Call], arguments: Mapping[str, str]) -> list[tuple[str, Pairs]]:
    """Give functions and pairs that a script of calls sends."""
    return [(c.func, [(n, filled(v, arguments)) for n, v in c.arguments]) for c in found]
