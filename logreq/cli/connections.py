"""`--connection NAME`: what the config file says about a panel, as options of this run."""

from __future__ import annotations

from typing import Optional

import click
from click.core import ParameterSource

from logreq.cli.config import CONNECTION, META, Config, unknown
from logreq.errors import UsageError

FROM = "logreq.connection"
# Who says it, strongest first.
_RANK = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)


def apply(ctx: click.Context) -> None:
    """Set the options that the context's connection says.

    An option counts more if it was given where the connection was named, or nearer: options on
    the command line, then, if the connection was named there, its own before the environment's.
    UsageError for an unknown connection.
    """
    name: str = ctx.params["connection"]
    config: Optional[Config] = ctx.meta.get(META)
    if config is None or name not in config.connections:
        raise UsageError(unknown(name, config))
    rank = _rank(ctx, "connection")
    for option, value in config.connections[name].items():
        nearer = _rank(ctx, option) <= rank and _rank(ctx, option) < len(_RANK) - 1
        if option in ctx.params and not nearer:
            ctx.params[option] = value
            ctx.set_parameter_source(option, ParameterSource.DEFAULT_MAP)
            ctx.meta.setdefault(FROM, {})[ctx.command_path, option] = name


def _rank(ctx: click.Context, option: str) -> int:
    source = ctx.get_parameter_source(option)
    return _RANK.index(source) if source in _RANK else len(_RANK)


__all__ = ["CONNECTION", "FROM", "apply"]
