"""Options that several commands share, in the order in which help shows them."""

from __future__ import annotations

import os
from typing import Any, Callable, Optional, TypeVar

import click

from logreq.cli import completion as complete
from logreq.cli import scripts
from logreq.cli.help import GROUPS, Choice, grouped
from logreq.cli.settings import OPTIONS as OPTIONS
from logreq.model.connection import AUTHS, Connection
from logreq.rules.decide import SECRETS

Function = TypeVar("Function", bound=Callable[..., Any])


class _Empty(click.Option):
    """An option of which the empty text says something, in the environment as well."""

    def resolve_envvar_value(self, ctx: click.Context) -> Optional[str]:
        found = super().resolve_envvar_value(ctx)
        if found is None:  # click takes an empty variable for an unset one
            found = os.environ.get(f"{ctx.auto_envvar_prefix}_{str(self.name).upper()}")
        return found


_OUTPUT = (
    click.option("-t", "--to", metavar="NAME", default="curl", show_default=True,
                 shell_complete=complete.emitters,
                 help="What to make of each request; `logreq emitters` lists the names."),
)  # fmt: skip
_CONNECTION = (
    click.option("-p", "--panel", metavar="NAME", shell_complete=complete.panels,
                 help="The panel, such as isp or bill. Others: vm, ve, vds, dci, ds, dns, ip,"
                      " core, or the product's name. Default: by the log's name or lines, else"
                      " ispmgr."),
    click.option("-u", "--url", metavar="URL", default=Connection().url, show_default=True,
                 help="The panel's address."),
    click.option("--auth", type=Choice(AUTHS),
                 help="How calls log in. Default: authinfo, for url none."),
    click.option("-o", "--out", metavar="FORMAT",
                 help="The format of answers. Default: json, for url and mgrctl nothing."),
    click.option("--lang", metavar="CODE", help="The language of answers."),
    click.option("--su", metavar="NAME", cls=_Empty,
                 help="Run as another user; auto: as who clicked; '' prevents mgrctl's su."),
    click.option("-k", "--insecure", is_flag=True, help="Do not check the certificate."),
    click.option("--connection", metavar="NAME", shell_complete=complete.connections,
                 help="A connection of the config file; see `logreq config --help`."),
)  # fmt: skip
_SECRETS = click.option("--secrets", type=Choice(SECRETS), default="env", show_default=True,
                 help="What becomes of secrets: a variable, the value, nothing.")  # fmt: skip
_RULES = (
    click.option("-r", "--rules", metavar="FILE|NAME", multiple=True,
                 shell_complete=complete.rules,
                 help="Another rules file, or careful or minimal. Repeatable, later ones win."),
    click.option("--keep", metavar="GLOB", multiple=True,
                 help="Keep these parameters: a,b or 'zoom-*'. Repeatable."),
    click.option("--drop", metavar="GLOB", multiple=True,
                 help="Drop these parameters: a,b or 'zoom-*'. Repeatable."),
    click.option("--keep-empty", is_flag=True, help="Keep empty parameters."),
    _SECRETS,
)  # fmt: skip
_SELECTION = (
    click.option("-w", "--where", metavar="EXPR",
                 help="Only requests for which EXPR holds; see `logreq rules syntax`."),
    click.option("-g", "--grep", metavar="TEXT",
                 help="Only requests with TEXT in a value, function or user; decoded, in any"
                      " case."),
    click.option("-a", "--actions", is_flag=True, help="Only requests that change something."),
    click.option("--worked", is_flag=True,
                 help="No requests that the panel refused, as its log says."),
    click.option("--me", is_flag=True, help="Only requests from this SSH session's address."),
    click.option("--since", metavar="TIME",
                 help="Only requests from TIME on: 08:00, 'Feb 6' or 2h. Also today,"
                      " 'yesterday 14:00', '6 Feb 08:00', 2026-02-06, 06.02.2026,"
                      " 2026-02-06T08:00 or '3 days ago'. Logs have no years: they follow from"
                      " the date in the log's name, else of its last change."),
    click.option("--until", metavar="TIME",
                 help="Only requests up to TIME, the whole of that day, minute or second."),
    click.option("--unique", is_flag=True, help="Each different call once."),
)  # fmt: skip
_SCRIPT = (
    click.option("--script", is_flag=True, help="One runnable file instead of snippets."),
    click.option("--param", metavar="NAME=VALUE", multiple=True,
                 help="Make this value an argument of the script; NAME==VALUE: where it is a"
                      " whole value. Repeatable."),
    *scripts.OPTIONS,
)  # fmt: skip
_DISPLAY = (
    click.option("--color", type=Choice(["auto", "always", "never"]), default="auto",
                 show_default=True, help="Colour the output."),
    click.option("-q", "--quiet", is_flag=True, help="No summary and no progress."),
)  # fmt: skip


def shared(function: Function) -> Function:
    """Add the options that convert and tail share."""
    groups = (_OUTPUT, _CONNECTION, _RULES, _SELECTION, _SCRIPT, _DISPLAY)
    for name, options in reversed(list(zip(GROUPS, groups))):
        function = grouped(name, options)(function)
    return function


def rules(function: Function) -> Function:
    """Add the options that say which rules are in effect."""
    return grouped("Rules", _RULES)(function)


# Which panel, by which rules; secrets stay out.
_BY_RULES = (
    ("Connection", _CONNECTION[:1]),
    ("Rules", tuple(option for option in _RULES if option is not _SECRETS)),
)


def listing(function: Function) -> Function:
    """Add the options that `list` takes: which requests, by which rules."""
    groups = (*_BY_RULES, ("Selection", _SELECTION), ("Display", _DISPLAY))
    for name, options in reversed(groups):
        function = grouped(name, options)(function)
    return function


def comparing(function: Function) -> Function:
    """Add the options that `diff` takes: by which rules."""
    for name, options in reversed((*_BY_RULES, ("Display", _DISPLAY))):
        function = grouped(name, options)(function)
    return function
