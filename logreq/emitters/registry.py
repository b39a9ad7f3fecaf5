"""The emitters by name: those that come with logreq, and those of other packages."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

from logreq.errors import EmitError, UsageError, suggest
from logreq.text.escape import visible

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from logreq.emitters.base import Emitter

# Entry points of this group are emitters: `NAME = "MODULE:CLASS"`.
GROUP = "logreq.emitters"
# Each name's module, imported when the name is asked for, and class.
_EMITTERS = {
    "ansible": ("ansible", "Ansible"),
    "curl": ("curl", "Curl"),
    "har": ("har", "Har"),
    "javascript": ("javascript", "JavaScript"),
    "json": ("json", "Json"),
    "mgrctl": ("mgrctl", "Mgrctl"),
    "perl": ("perl", "Perl"),
    "php": ("php", "Php"),
    "python": ("python", "Python"),
    "requests": ("requests", "Requests"),
    "url": ("url", "Url"),
}


# What the targets are called elsewhere.
_ALIASES = {
    "bash": "curl",
    "js": "javascript",
    "node": "javascript",
    "pl": "perl",
    "py": "python",
    "python3": "python",
    "sh": "curl",
    "shell": "curl",
}


def names() -> list[str]:
    """List the emitters that come with logreq."""
    return sorted(_EMITTERS)


def plugin_names() -> list[str]:
    """List the emitters that other packages bring."""
    return sorted({entry.name for entry in _entries()})


def load(name: str) -> type[Emitter]:
    """Give the emitter of a name or an alias (`py`), in any case of letters.

    UsageError if there is none, EmitError if it is broken.
    """
    own = _ALIASES.get(name.lower(), name.lower())
    if own in _EMITTERS:
        module, attribute = _EMITTERS[own]
        emitter: type[Emitter] = getattr(import_module(f"logreq.emitters.{module}"), attribute)
        return emitter
    entry = next((entry for entry in _entries() if entry.name == name), None)
    if entry is None:
        known = sorted([*names(), *plugin_names()])
        raise UsageError(
            f"unknown target {name!r}; known: {', '.join(known)}"
            f"{suggest(name.lower(), [*known, *_ALIASES])}"
        )
    return _plugin(entry)


def _entries() -> list[EntryPoint]:
    from importlib import metadata

    if sys.version_info >= (3, 10):  # pragma: no branch - by version
        return list(metadata.entry_points(group=GROUP))
    return list(metadata.entry_points().get(GROUP, ()))  # pragma: no cover - Python 3.9


def _plugin(entry: EntryPoint) -> type[Emitter]:
    from logreq.emitters.base import Emitter

    try:
        found = entry.load()
    except Exception as error:
        problem = visible(f"{type(error).__name__}: {error}")
        message = f"emitter {entry.name!r} ({entry.value}) cannot be loaded: {problem}"
        raise EmitError(message) from error
    if not (isinstance(found, type) and issubclass(found, Emitter)):
        raise EmitError(f"emitter {entry.name!r} ({entry.value}) is no subclass of logreq.Emitter")
    return found
