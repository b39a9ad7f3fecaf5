"""The user's config file: defaults of options, and named connections; never a password.

to: mgrctl                  # any option of any command
tail: {lines: 5}            # of one command
connections:
  prod: {url: "https://panel.example:1500", auth: session}
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any, Callable, NamedTuple, Optional

import click

from logreq import emitters
from logreq.errors import LogreqError, RulesError, UsageError, suggest
from logreq.model.connection import check_url
from logreq.model.panels import check_panel
from logreq.rules import yaml_reader as rulefile_yaml
from logreq.rules.yaml_nodes import MAX_SIZE, Mapping, Node, Place, Sequence, Text, nothing, shape
from logreq.text.escape import visible

# What a connection says; each is an option, too.
CONNECTION = ("url", "auth", "out", "lang", "su", "insecure", "panel")
META = "logreq.config"
_PRIVATE = re.compile(r"auth_?info|pass.*|.*passwd|secret|token|key|user(name)?|login|panel_\w+")
_CHECKS: dict[str, Callable[[str], object]] = {
    "to": emitters.load,
    "url": check_url,
    "panel": check_panel,
}

Values = dict[str, Any]
Path = tuple[str, ...]


class Config(NamedTuple):
    """What the file says: options of each command, connections; and where it says it."""

    path: str
    options: dict[Path, Values]
    connections: dict[str, Values]
    places: dict[tuple[Path, str], str]

    def default_map(self) -> dict[str, Any]:
        """Give the options as click wants them: a tree of commands."""
        tree: dict[str, Any] = {}
        for path, values in self.options.items():
            branch = tree
            for name in path:
                branch = branch.setdefault(name, {})
            branch.update(values)
        return tree


def default_path() -> str:
    """Give the path of the user's config file, which need not exist."""
    return os.path.join(click.get_app_dir("logreq"), "config.yaml")


def use(ctx: click.Context, path: str) -> Config:
    """Read the file and let the commands below a context take their defaults from it."""
    config = load(path, ctx)
    ctx.default_map = config.default_map()
    ctx.meta[META] = config
    return config


def load(path: str, ctx: click.Context) -> Config:
    """Read a config file; UsageError with file, line and column for what is wrong with it."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"{visible(path)}: cannot read it: {error.strerror}") from None
    try:
        return _Reader(path, ctx).read(rulefile_yaml.read(data, path))
    except RulesError as error:
        raise UsageError(str(error).replace("a rules file", "a config file")) from None


def leaves(ctx: click.Context) -> Iterator[tuple[Path, click.Command]]:
    """Give the commands whose options can be set, with the words that call them."""

    def walk(group: click.Group, path: Path) -> Iterator[tuple[Path, click.Command]]:
        for name in group.list_commands(ctx):
            command = group.get_command(ctx, name)
            if name in ("config", "completion"):
                continue
            if isinstance(command, click.Group):
                yield from walk(command, (*path, name))
            else:
                assert command is not None, name  # noqa: S101 - it is on the group's own list
                yield (*path, name), command

    top = ctx.find_root().command
    assert isinstance(top, click.Group)  # noqa: S101 - for the type checker
    yield from walk(top, ())


def settable(command: click.Command) -> dict[str, click.Option]:
    """Give a command's options by name, without those that only print something."""
    found = (param for param in command.params if isinstance(param, click.Option))
    return {str(option.name): option for option in found if option.expose_value}


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, path: str, ctx: click.Context) -> None:
        self.path = path
        self.ctx = ctx
        self.commands = dict(leaves(ctx))
        self.sections = dict.fromkeys(path[0] for path in self.commands)
        self.names = dict.fromkeys(n for c in self.commands.values() for n in settable(c))
        self.config = Config(path, {path: {} for path in self.commands}, {}, {})

    def read(self, root: Optional[Node]) -> Config:
        """Give what the file says."""
        special = ("connections", *self.sections)
        own: dict[str, Node] = {}
        for key, at, node in self._pairs(root, "a config file") if root else ():
            self._once(own, key, at)
            own[key] = node
            if _name(key) not in self.names and key not in special:
                self._unknown(key, at, (*self.names, *special))
        if "connections" in own:
            self._connections(own.pop("connections"))
        for key, node in own.items():
            if not self._is_section(key, node):
                for path in self.commands:
                    self._set(path, _name(key), node)
        for key, node in own.items():
            if self._is_section(key, node):
                self._section(key, node)
        return self.config

    def _is_section(self, key: str, node: Node) -> bool:
        """Tell a command from an option: `rules` is both."""
        return key in self.sections and (key not in self.names or isinstance(node, Mapping))

    def _section(self, section: str, node: Node) -> None:
        paths = [path for path in self.commands if path[0] == section]
        known = {name for path in paths for name in settable(self.commands[path])}
        seen: dict[str, Node] = {}
        for key, at, value in self._pairs(node, section):
            self._once(seen, key, at)
            seen[key] = value
            if _name(key) not in known:
                self._unknown(key, at, known)
            for path in paths:
                self._set(path, _name(key), value)

    def _set(self, path: Path, name: str, node: Node) -> None:
        option = settable(self.commands[path]).get(name)
        if option is not None:
            self.config.options[path][name] = self._value(option, node)
            self.config.places[path, name] = f"{self.path}:{node.at.line}"

    def _connections(self, root: Node) -> None:
        options = settable(self.commands["convert",])
        for name, at, node in self._pairs(root, "connections"):
            self._once(self.config.connections, name, at)
            values: Values = {}
            for key, place, value in self._pairs(node, "a connection"):
                self._once(values, key, place)
                if key not in CONNECTION:
                    self._unknown(key, place, CONNECTION)
                values[key] = self._value(options[key], value)
            self.config.connections[name] = values
            self.config.places[("connections",), name] = f"{self.path}:{at.line}"

    def _value(self, option: click.Option, node: Node) -> Any:
        """Check an option's value as on the command line."""
        name = str(option.name)
        if isinstance(node, Mapping) or (isinstance(node, Text) and nothing(node)):
            node.at.fail(f"{name} needs a value, not {shape(node)}")
        if isinstance(node, Sequence) and not option.multiple:
            node.at.fail(f"{name} takes one value, not a list")
        items = node.items if isinstance(node, Sequence) else [node]
        texts = [self._checked(name, item) for item in items]
        value: Any = texts if option.multiple else texts[0]
        try:
            found = option.type_cast_value(click.Context(click.Command(name)), value)
        except click.BadParameter as error:
            node.at.fail(f"{name}: {visible(error.message)}")
        if name == "connection" and value and value not in self.config.connections:
            node.at.fail(unknown(value, self.config))
        return found if option.is_flag else value

    def _checked(self, name: str, node: Node) -> str:
        if not isinstance(node, Text):
            node.at.fail(f"{name} takes texts, not {shape(node)}")
        try:
            _CHECKS.get(name, str)(node.text)
        except LogreqError as error:
            node.at.fail(str(error))
        return node.text

    def _pairs(self, node: Node, what: str) -> Iterator[tuple[str, Place, Node]]:
        if not isinstance(node, Mapping):
            node.at.fail(f"{what} is a mapping (name: value), not {shape(node)}")
        for key, value in node.pairs:
            if not isinstance(key, Text):
                key.at.fail(f"a name is a text, not {shape(key)}")
            yield key.text, key.at, value

    def _once(self, seen: Values, key: str, at: Place) -> None:
        if key in seen:
            at.fail(f"{visible(key)!r} stands here twice")

    def _unknown(self, key: str, at: Place, known: Any) -> None:
        if _PRIVATE.fullmatch(key.lower()):
            at.fail(
                f"{visible(key)!r}: logins and passwords have no place in a config file; set the"
                " environment variable PANEL_AUTHINFO (user:password), or PANEL_USER and"
                " PANEL_PASSWORD"
            )
        names = [name.replace("_", "-") for name in known]
        hint = suggest(key, names) or f"; known: {', '.join(names)}"
        at.fail(f"unknown key {visible(key)!r}{hint}")


def _name(key: str) -> str:
    return key.replace("-", "_")


def unknown(name: str, config: Optional[Config]) -> str:
    """Tell that there is no connection of a name, and which there are."""
    if config is None:
        return f"no connection {visible(name)!r}: there is no {visible(default_path())}"
    known = config.connections
    names = ", ".join(map(visible, known)) or "none"
    return f"no connection {visible(name)!r}; known: {names}{suggest(name, known)}"
