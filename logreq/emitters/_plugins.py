"""Emitters of other packages, found by their entry points."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Optional

from logreq.emitters import GROUP
from logreq.emitters._base import Emitter
from logreq.errors import EmitError
from logreq.escape import visible


def _entries() -> list[metadata.EntryPoint]:
    if sys.version_info >= (3, 10):  # pragma: no branch - by version
        return list(metadata.entry_points(group=GROUP))
    return list(metadata.entry_points().get(GROUP, ()))  # pragma: no cover - Python 3.9


def names() -> list[str]:
    """List the emitters that other packages bring."""
    return sorted({entry.name for entry in _entries()})


def load(name: str) -> Optional[type[Emitter]]:
    """Give another package's emitter; None if none has the name, EmitError if it is broken."""
    entry = next((entry for entry in _entries() if entry.name == name), None)
    if entry is None:
        return None
    try:
        found = entry.load()
    except Exception as error:
        problem = visible(f"{type(error).__name__}: {error}")
        raise EmitError(f"emitter {name!r} ({entry.value}) cannot be loaded: {problem}") from error
    if not (isinstance(found, type) and issubclass(found, Emitter)):
        raise EmitError(f"emitter {name!r} ({entry.value}) is no subclass of logreq.Emitter")
    return found
