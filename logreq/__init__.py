"""Turns the clicks that an ISPsystem panel logged into calls that run.

The five that matter: `parse_line` (one line -> request), `read` (saved logs -> requests),
`follow` (live logs -> requests), `Rules` (what to keep) and `render` (requests -> text).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from logreq.api import Rules, follow, read, render
    from logreq.call import Call, Connection
    from logreq.emitters._base import Emitter
    from logreq.errors import LogreqError, Problem
    from logreq.following.wake import Stop
    from logreq.parser import parse_line
    from logreq.request import Param, Request

# Each name's module, imported when the name is used: the command line starts in no time.
_HOMES = {
    "Call": "call",
    "Connection": "call",
    "Emitter": "emitters._base",
    "LogreqError": "errors",
    "Param": "request",
    "Problem": "errors",
    "Request": "request",
    "Rules": "api",
    "Stop": "following.wake",
    "follow": "api",
    "parse_line": "parser",
    "read": "api",
    "render": "api",
}

__all__ = [
    "Call",
    "Connection",
    "Emitter",
    "LogreqError",
    "Param",
    "Problem",
    "Request",
    "Rules",
    "Stop",
    "follow",
    "parse_line",
    "read",
    "render",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
