"""Emitters: calls -> text of one target. One module a target; its name is the `--to` name.

A module of this package whose name does not begin with an underscore is an emitter: it
defines `EMITTER`, a subclass of `Emitter` from `_base`. Others come as entry points of
the group `logreq.emitters`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from logreq.errors import EmitError, UsageError, suggest

if TYPE_CHECKING:
    from logreq.emitters._base import Emitter

GROUP = "logreq.emitters"


def names() -> list[str]:
    """List the emitters that come with logreq."""
    import pkgutil

    return sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))


def load(name: str) -> type[Emitter]:
    """Give the emitter of a name; UsageError if there is none, EmitError if it is broken."""
    if name.isidentifier() and not name.startswith("_"):
        module = f"{__name__}.{name}"
        try:
            emitter: type[Emitter] = import_module(module).EMITTER
        except ModuleNotFoundError as error:
            if error.name != module:
                raise
        else:
            return emitter
    from logreq.emitters import _plugins

    found = _plugins.load(name)
    if found is None:
        known = sorted([*names(), *_plugins.names()])
        raise UsageError(
            f"unknown emitter {name!r}; known: {', '.join(known)}{suggest(name, known)}"
        )
    return found


__all__ = ["GROUP", "EmitError", "load", "names"]
