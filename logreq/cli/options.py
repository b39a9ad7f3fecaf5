"""Options that several commands share, in the order in which help shows them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Callable, Optional, TypeVar

import click

from logreq import emitters
from logreq.apply import SECRETS, Applier
from logreq.call import AUTHS, Connection, check_panel, check_url
from logreq.emitters._base import Emitter
from logreq.errors import UsageError
from logreq.rulefile import load_bundled, rule_set
from logreq.rules import RuleSet
from logreq.select import Wanted, chooser, ssh_address

# Every option of every command is also the environment variable LOGREQ_<OPTION>.
OPTIONS = {"auto_envvar_prefix": "LOGREQ", "help_option_names": ["-h", "--help"]}

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
    click.option("--keep", metavar="GLOB", multiple=True,
                 help="Keep parameters so named. Repeatable."),
    click.option("--drop", metavar="GLOB", multiple=True,
                 help="Drop parameters so named. Repeatable."),
    click.option("--keep-empty", is_flag=True, help="Keep empty parameters."),
    click.option("--secrets", type=click.Choice(SECRETS), default="env", show_default=True,
                 help="What becomes of secrets: a variable, the value, nothing."),
)  # fmt: skip
_SELECTION = (
    click.option("-w", "--where", metavar="EXPR", help="Only requests for which EXPR holds."),
    click.option("-a", "--actions", is_flag=True, help="Only requests that change something."),
    click.option("--me", is_flag=True, help="Only requests from this SSH session's address."),
    click.option("--since", metavar="TIME",
                 help="Only requests from TIME on: 08:00 (today), 'Feb 6', 'Feb 6 08:00',"
                      " 2026-02-06, 2026-02-06T08:00, or 2h, 3d ago. Logs have no years: they"
                      " follow from the date in the log's name, else of its last change."),
    click.option("--until", metavar="TIME",
                 help="Only requests up to TIME, the whole of that day, minute or second."),
    click.option("--unique", is_flag=True, help="Each different call once."),
)  # fmt: skip
_DISPLAY = (
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto",
                 show_default=True, help="Colour the output."),
    click.option("-q", "--quiet", is_flag=True, help="No summary and no progress."),
)  # fmt: skip


def shared(function: Function) -> Function:
    """Add the options that convert and tail share."""
    return _add(function, (*_OUTPUT, *_RULES, *_SELECTION, *_DISPLAY))


def rules(function: Function) -> Function:
    """Add the options that say which rules are in effect."""
    return _add(function, _RULES)


def _add(function: Function, found: Iterable[Callable[[Function], Function]]) -> Function:
    for option in reversed(list(found)):
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
    user = user_rules()
    found = user if os.path.lexists(user) else None
    return rule_set(names, user=found, keep=keep, drop=drop, keep_empty=keep_empty)


def user_rules() -> str:
    """Give the path of the user's own rules file, which need not exist."""
    return os.path.join(click.get_app_dir("logreq"), "rules.yaml")


def make_wanted(
    rules: RuleSet,
    *,
    where: Optional[str],
    actions: bool,
    me: bool,
    since: Optional[str],
    until: Optional[str],
) -> Optional[Wanted]:
    """Make the test that the requests have to pass that the options ask for; None: all do."""
    period = None
    if since is not None or until is not None:
        from logreq.period import Period

        period = Period(since, until)
    caller = ssh_address(os.environ) if me else None
    return chooser(rules, where=where, actions=actions, caller=caller, period=period)


# The options that `make_wanted` takes.
SELECTION = ("where", "actions", "me", "since", "until")


def make_applier(rules: RuleSet, emitter: Emitter, secrets: str) -> Applier:
    """Make what turns requests into calls."""
    return Applier(
        rules,
        secrets=secrets,
        overridden=[name for name, _ in emitter.connection.extra],
        advice=RuleSet([load_bundled("careful")]),
        kinds=emitter.needs_kind,
    )


def make_panel(name: Optional[str]) -> Optional[str]:
    """Give the panel's internal name for what the user typed."""
    return None if name is None else check_panel(name)
