"""Turns the clicks that an ISPsystem panel logged into calls that run.

The five that matter: `parse_line` (one line -> request), `read` (saved logs -> requests),
`follow` (live logs -> requests), `Rules` (what to keep) and `render` (requests -> text).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logreq._version import __version__

if TYPE_CHECKING:
    from logreq.api import Rules, follow, read, render
    from logreq.emitters.base import Emitter
    from logreq.errors import LogreqError, Problem
    from logreq.live.wake import Stop
    from logreq.log.line import parse_line
    from logreq.model.call import Call
    from logreq.model.connection import Connection
    from logreq.model.request import Param, Request

# Each name's module, imported when the name is used: the command line starts in no time.
_HOMES = {
    "Call": "model.call",
    "Connection": "model.connection",
    "Emitter": "emitters.base",
    "LogreqError": "errors",
    "Param": "model.request",
    "Problem": "errors",
    "Request": "model.request",
    "Rules": "api",
    "Stop": "live.wake",
    "follow": "api",
    "parse_line": "log.line",
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
    "__version__",
    "follow",
    "parse_line",
    "read",
    "render",
]


def __dir__() -> list[str]:
    return sorted(__all__)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
