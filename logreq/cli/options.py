"""Options that several commands share, in the order in which help shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, Optional, TypeVar

import click

from logreq import emitters
from logreq.apply import SECRETS, Applier
from logreq.call import AUTHS, Connection, check_panel, check_url
from logreq.emitters._base import Emitter
from logreq.errors import UsageError
from logreq.rulefile import load_bundled, rule_set
from logreq.rules import RuleSet

Function = TypeVar("Function", bound=Callable[..., Any])

_OUTPUT = (
    click.option("-t", "--to", metavar="NAME", default="curl", show_default=True,
                 help="What to make of each request; `logreq emitters` lists the names."),
    click.option("-p", "--panel", metavar="NAME",
                 help="The panel. Default: from the log's name, else ispmgr."),
    click.option("-u", "--url", metavar="URL", default=Connection().url, show_default=True,
                 help="The panel's address."),
    click.option("--auth", type=click.Choice(AUTHS),
                 help="How calls log in. Default: authinfo, for url none."),
    click.option("-o", "--out", metavar="FORMAT",
                 help="The format of answers. Default: json, for url and mgrctl nothing."),
    click.option("--lang", metavar="CODE", help="The language of answers."),
    click.option("--su", metavar="NAME", help="Run as another user; '' prevents mgrctl's su."),
    click.option("-k", "--insecure", is_flag=True, help="Do not check the certificate."),
)  # fmt: skip
_RULES = (
    click.option("-r", "--rules", metavar="FILE|NAME", multiple=True,
                 help="Another rules file, or careful or minimal. Repeatable, later ones win."),
    click.option("--keep", metavar="GLOB", multiple=True, help="Keep these parameters. Repeatable."),
    click.option("--drop", metavar="GLOB", multiple=True, help="Drop these parameters. Repeatable."),
    click.option("--keep-empty", is_flag=True, help="Keep empty parameters."),
    click.option("--secrets", type=click.Choice(SECRETS), default="env", show_default=True,
                 help="What becomes of secrets: a variable, the value, nothing."),
)  # fmt: skip
_SELECTION = (
    click.option("-w", "--where", metavar="EXPR", help="Only requests for which EXPR holds."),
    click.option("-a", "--actions", is_flag=True, help="Only requests that change something."),
    click.option("--me", is_flag=True, help="Only requests from this SSH session's address."),
    click.option("--unique", is_flag=True, help="Each different call once."),
)  # fmt: skip
_DISPLAY = (
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
                 show_default=True, help="Colour the output."),
    click.option("-q", "--quiet", is_flag=True, help="No summary and no progress."),
)  # fmt: skip


def shared(function: Function) -> Function:
    """Add the options that convert and tail share."""
    for option in reversed((*_OUTPUT, *_RULES, *_SELECTION, *_DISPLAY)):
        function = option(function)
    return function


def make_emitter(
    to: str,
    *,
    url: str,
    auth: Optional[str],
    out: Optional[str],
    lang: Optional[str],
    su: Optional[str],
    insecure: bool,
) -> Emitter:
    """Make the emitter that the options ask for."""
    kind = emitters.load(to)
    if auth is not None and auth not in kind.auths:
        known = " or ".join(kind.auths) or "no --auth at all"
        raise UsageError(f"--auth {auth} is not for {to}, which takes {known}")
    return kind(Connection(check_url(url), auth, out, lang, su, insecure))


def make_rules(
    names: Sequence[str], keep: Sequence[str], drop: Sequence[str], keep_empty: bool
) -> RuleSet:
    """Stack the rules that the options ask for on the bundled and the user's own."""
    return rule_set(names, user=None, keep=keep, drop=drop, keep_empty=keep_empty)


def make_applier(rules: RuleSet, emitter: Emitter, secrets: str) -> Applier:
    """Make what turns requests into calls."""
    return Applier(
        rules,
        secrets=secrets,
        overridden=[name for name, _ in emitter.connection.extra],
        advice=RuleSet([load_bundled("careful")]),
        kinds=emitter.needs_kind,
        notes=emitter.tells_request,
    )


def make_panel(name: Optional[str]) -> Optional[str]:
    """Give the panel's internal name for what the user typed."""
    return None if name is None else check_panel(name)
