"""Which rules files are in effect, and in which order: bundled ones, the user's, named ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional

from logreq.errors import RulesError, UsageError, suggest
from logreq.rules.model import Layer, Rule, RuleSet, bad_glob
from logreq.rules.parse import parse
from logreq.rules.schema import BUNDLED
from logreq.rules.yaml_nodes import MAX_SIZE
from logreq.text.escape import visible

__all__ = ["BUNDLED", "bundled_text", "load", "load_bundled", "load_file", "rule_set"]


def bundled_text(name: str) -> bytes:
    """Read a file of the bundled rules: from the checkout, the installed package or a zip."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    checkout = os.path.join(root, "rules")
    if os.path.isdir(checkout) and os.path.isfile(os.path.join(root, "pyproject.toml")):
        with open(os.path.join(checkout, name), "rb") as stream:
            return stream.read()
    import pkgutil

    data = pkgutil.get_data("logreq", f"data/rules/{name}")
    if data is None:  # pragma: no cover - a loader that cannot give data
        raise RulesError(f"the bundled rules {name} cannot be read from this installation")
    return data


def load_bundled(name: str) -> Layer:
    """Load a bundled set by name."""
    file = f"{name}.yaml"
    return parse(bundled_text(file), file, trusted=True)


def load_file(path: str) -> Layer:
    """Load a rules file; RulesError if it cannot be read or is no rules file."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RulesError(f"{visible(path)}: cannot read the rules: {reason}") from None
    return parse(data, path)


def load(name: str) -> Layer:
    """Load what `--rules` names: a bundled set, else a file."""
    if name in BUNDLED:
        return load_bundled(name)
    if name.lower() in BUNDLED and not os.path.exists(name):
        return load_bundled(name.lower())
    if "/" not in name and "." not in name and not os.path.exists(name):
        raise UsageError(
            f"no rules file and no bundled set {visible(name)!r}; bundled: {', '.join(BUNDLED)}"
            f"{suggest(name, BUNDLED)}"
        )
    return load_file(name)


def rule_set(
    names: Iterable[str] = (),
    *,
    user: Optional[str] = None,
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    keep_empty: bool = False,
) -> RuleSet:
    """Stack all layers: bundled default, the user's file, named ones, the command line.

    `names`: files or bundled sets, later ones stronger. `user`: path of the user's own
    file. `keep`, `drop`: name globs; keep wins where both match.
    """
    stack = [*layers(names, user), command_line(keep, drop)]
    return RuleSet(stack, keep_empty=keep_empty)


def layers(names: Iterable[str] = (), user: Optional[str] = None) -> list[Layer]:
    """Stack the layers of files: bundled default, the user's file, named ones."""
    stack = [load_bundled("default")]
    for layer in [load_file(user)] if user else []:
        stack = _stack(stack, layer)
    for name in names:
        stack = _stack(stack, load(name))
    return stack


def command_line(keep: Iterable[str], drop: Iterable[str]) -> Layer:
    """Make a layer of `--keep` and `--drop`; UsageError for a bad glob."""
    rules = [
        Rule(kept, (_option(glob, option),), None, None, "asked for on the command line", option)
        for kept, option, given in ((False, "--drop", drop), (True, "--keep", keep))
        for glob in given
    ]
    return Layer("command line", tuple(rules))


def _option(glob: str, option: str) -> str:
    if not glob:
        raise UsageError(f"{option} needs a parameter's name or a glob such as 'zoom-*'")
    wrong = bad_glob(glob)
    if wrong:
        raise UsageError(f"{option} {visible(glob)!r}: {wrong}")
    return glob


def _stack(layers: list[Layer], layer: Layer) -> list[Layer]:
    if layer.extends is None:
        return [*layers, layer]
    if layer.extends == "none":
        return [layer]
    below = [load_bundled("default")]
    if layer.extends != "default":
        below.append(load_bundled(layer.extends))
    return [*below, layer]
