"""`logreq config`: which values are in effect and where each came from."""

from __future__ import annotations

import os
from typing import Any, NamedTuple, Optional

import click
from click.core import ParameterSource

from logreq.cli import config as file
from logreq.cli import connections, options
from logreq.cli.help import Helpful, HelpfulGroup
from logreq.text.escape import visible

EXAMPLES = (
    ("All values in effect", "logreq config show"),
    ("Those of a connection", "logreq config show --connection prod"),
    ("Where the file is", "logreq config path"),
)


@click.group("config", cls=HelpfulGroup, context_settings=options.OPTIONS, examples=EXAMPLES)
def command() -> None:
    """Tell which values options have, and where they come from.

    The config file sets defaults of any option, and names connections. It is YAML:
    `to: mgrctl` for all commands, `tail: {lines: 5}` for one, and
    `connections: {prod: {url: "https://panel.example:1500", auth: session}}` for
    --connection prod, which may say url, auth, out, lang, su, insecure and panel. The command
    line counts most, then the environment, then this file. It never holds a password.
    """


@command.command("path", cls=Helpful)
def show_path() -> None:
    """Print the path of the config file."""
    click.echo(file.default_path())


class Value(NamedTuple):
    """An option's value as text and where it came from."""

    text: str
    origin: str


@command.command("show", cls=Helpful)
@click.option("--connection", "named", metavar="NAME", help="As with this connection.")
@click.pass_context
def show(ctx: click.Context, named: Optional[str]) -> None:
    """Print every option's effective value and where it came from.

    A value that holds for one command only stands after the command's name.
    """
    path = file.default_path()
    top = ctx.find_root()
    config = file.use(top, path) if os.path.lexists(path) else None
    found: dict[str, dict[str, Value]] = {}
    for words, leaf in file.leaves(ctx):
        wanted = file.settable(leaf)
        values = _values(top, words, leaf, named) if wanted else {}
        for name, value in values.items():
            found.setdefault(name, {})[".".join(words)] = value
    rows = []
    for name, by_command in found.items():
        shown = name.replace("_", "-")
        if len(set(by_command.values())) == 1:
            rows.append((shown, *next(iter(by_command.values()))))
        else:
            rows += [(f"{words}.{shown}", *value) for words, value in by_command.items()]
    click.echo(f"# {visible(path)}{'' if config else ' (does not exist)'}")
    widths = [max(len(row[n]) for row in rows) for n in (0, 1)]
    for shown, text, origin in rows:
        click.echo(f"{shown:<{widths[0]}}  {text:<{widths[1]}}  {origin}")


def _values(
    top: click.Context, words: file.Path, leaf: click.Command, connection: Optional[str]
) -> dict[str, Value]:
    parent = top
    for name in words[:-1]:
        group = parent.command.get_command(parent, name)  # type: ignore[attr-defined]
        parent = click.Context(group, info_name=name, parent=parent, auto_envvar_prefix="LOGREQ")
    options_ = file.settable(leaf)
    args = [f"--connection={connection}"] if connection and "connection" in options_ else []
    # Arguments have no defaults: anything will do.
    args += ["x" for param in leaf.params if isinstance(param, click.Argument) and param.required]
    with leaf.make_context(words[-1], args, parent=parent) as ctx:
        if ctx.params.get("connection"):
            connections.apply(ctx)
        return {
            name: Value(_text(ctx.params[name]), _origin(ctx, words, name)) for name in options_
        }


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_text, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return visible(str(value)) or "''"


def _origin(ctx: click.Context, words: file.Path, name: str) -> str:
    config: Optional[file.Config] = ctx.meta.get(file.META)
    source = ctx.get_parameter_source(name)
    by = ctx.meta.get(connections.FROM, {}).get((ctx.command_path, name))
    if config is not None and by is not None:
        place = config.places[("connections",), by]
        return f"connection {visible(by)}, {visible(place)}"
    if config is not None and source is ParameterSource.DEFAULT_MAP:
        return visible(config.places[words, name])
    if source is ParameterSource.ENVIRONMENT:
        return f"environment, {ctx.auto_envvar_prefix}_{name.upper()}"
    return "command line" if source is ParameterSource.COMMANDLINE else "default"
