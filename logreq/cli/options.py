"""Options that several commands share, in the order in which help shows them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Callable, Optional, TypeVar

import click
from click.core import ParameterSource

from logreq import emitters
from logreq.browser.opened import prepared
from logreq.cli import completion as complete
from logreq.cli.help import GROUPS, Choice, grouped
from logreq.cli.logs import named
from logreq.cli.settings import OPTIONS as OPTIONS
from logreq.cli.terminal.output import Reporter
from logreq.convert.arguments import parse_params
from logreq.convert.filter import Unique, Wanted, also, chooser, ssh_address
from logreq.convert.pipeline import script
from logreq.convert.summary import LeftOut, of_script, with_users
from logreq.emitters.base import Emitter
from logreq.errors import Problem, UsageError, suggest
from logreq.log.files import LogFile, find
from logreq.log.scan import Stats
from logreq.model.call import Argument, Call
from logreq.model.chunk import Source
from logreq.model.connection import AUTHS, FORMATS, Connection, check_url
from logreq.model.panels import ASSUMED, check_panel, panel_in_url
from logreq.model.request import Request
from logreq.rules.decide import SECRETS, Decider
from logreq.rules.load import load_bundled, rule_set
from logreq.rules.model import RuleSet

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


def user_rules() -> str:
    """Give the path of the user's own rules file, which need not exist."""
    return os.path.join(click.get_app_dir("logreq"), "rules.yaml")


def split(globs: Iterable[str]) -> list[str]:
    """Take lists of globs apart at commas, but for those in brackets: `a,b[,;]`."""
    return [part.strip() for glob in globs for part in re.split(r",(?![^\[]*\])", glob)]


def make_rules(given: Mapping[str, Any]) -> RuleSet:
    """Stack the rules that the options ask for on the bundled and the user's own."""
    user = user_rules()
    return rule_set(
        given["rules"],
        user=user if os.path.lexists(user) else None,
        keep=split(given["keep"]),
        drop=split(given["drop"]),
        keep_empty=given["keep_empty"],
    )


def _wanted(
    rules: RuleSet, given: Mapping[str, Any], live: bool, left: LeftOut, report: Reporter
) -> Optional[Wanted]:
    caller = ssh_address(os.environ) if given["me"] else None
    if caller is not None:
        report.say(f"--me: only requests from {caller}, where this SSH session comes from")
    period = None
    if given["since"] is not None or given["until"] is not None:
        from logreq.convert.period import Period

        period = Period(given["since"], given["until"], live=live)
    return chooser(
        rules,
        where=given["where"],
        text=given["grep"],
        actions=given["actions"],
        caller=caller,
        period=period,
        left=left,
        worked=given["worked"],
    )


class Job:
    """What the shared options ask for, checked and ready: everything fails before any work."""

    def __init__(
        self, to: str, quiet: bool, given: Mapping[str, Any], *, live: bool = False
    ) -> None:
        """Make ready; `given`: the other shared options by name. UsageError, RulesError.

        `live`: logs are followed, not read from their beginning.
        """
        self.report = Reporter(quiet)
        self.stats = Stats()
        self.script: bool = given["script"]
        self.color: str = given["color"]
        self.arguments = _arguments(self.script, given["param"])
        self.panel = None if given["panel"] is None else check_panel(given["panel"])
        self.emitter = _emitter(to, given)
        if self.script and type(self.emitter).script is Emitter.script:
            raise UsageError(
                f"--script: {to} makes snippets only; curl, mgrctl, python make scripts"
            )
        rules = make_rules(given)
        self.left = LeftOut()
        self.left.watch(rules, split(given["keep"]), split(given["drop"]))
        if given["out"]:
            self._check_out(given["out"])
        # Logs whose panel nothing tells.
        self.assumed: list[str] = []
        self._files: list[LogFile] = []
        # The lines of logs that are asked for, those in which no request stood yet.
        self.places: dict[str, set[int]] = {}
        self._unseen: set[tuple[str, int]] = set()
        self.wanted = _wanted(rules, given, live, self.left, self.report)
        # An expression looks at outcomes; requests have to wait for theirs; somebody sees them.
        self.by_outcome = _looks_at_outcome(rules, given["where"])
        self.worked: bool = given["worked"]
        self.waits = self.worked or self.by_outcome
        self.outcomes = self.waits or self.script or self.emitter.tells_request
        self.decider = Decider(
            rules,
            secrets=given["secrets"],
            overridden=[name for name, _ in self.emitter.connection.extra],
            advice=RuleSet([load_bundled("careful")]),
            kinds=self.emitter.needs_kind,
            notes=self.emitter.tells_request,
            out=self.emitter.connection.out or "",
        )
        self.new = Unique() if given["unique"] else None

    def _check_out(self, out: str) -> None:
        """Warn of a format that panels are not known to have."""
        if "/" in out or "." in out:
            self.report.say(
                f"-o {out} names a format of the panel's answers (json, xml, ...), no file;"
                " > FILE writes to a file"
            )
        elif out.lower() not in FORMATS:
            known = f"known: {', '.join(sorted(FORMATS))}{suggest(out.lower(), FORMATS)}"
            self.report.say(f"-o {out}: no known format of the panel's answers; {known}")

    def files(self, logs: Sequence[str], *, panels: bool = False) -> list[LogFile]:
        """Find the logs that a command's arguments name; see `logs.named`.

        Where nobody says the panel's address, a recording's is taken.
        """
        ctx = click.get_current_context(silent=True)
        unsaid = ctx and ctx.get_parameter_source("url") is ParameterSource.DEFAULT
        paths, self.places = named(logs, self.report, panels=panels)
        if self.places:
            self._unseen = {(path, n) for path, lines in self.places.items() for n in lines}
            self.wanted = also(self.wanted, "the place", self._placed, self.left)
        url, found = prepared(
            find(paths, self.panel, self.report), self.report, address=bool(unsaid)
        )
        if url:
            connection = self.emitter.connection._replace(url=url)
            self.emitter = type(self.emitter)(connection)
        self._files = found
        self.check_panels(file.source for file in found if not file.recording)
        self.assumed = [file.source.name for file in found if file.assumed]
        return found

    def _placed(self, request: Request) -> bool:
        """Tell whether a request stands where it is asked for."""
        source, line = request.source, request.line
        self._unseen.discard((source, line))
        return line in self.places.get(source, (line,))

    def check_panels(self, sources: Iterable[Source]) -> None:
        """Warn of an address that names another panel than a log is of."""
        named = panel_in_url(self.emitter.connection.url) if self.emitter.http else None
        for name, panel in sources:
            if named not in (None, panel):
                self.report.say(f"{name} is a log of {panel}, but --url names {named}")

    def looks_at(self, where: Optional[str], field: str) -> bool:
        """Tell whether an expression of --where names a field."""
        return where is not None and field in where and field in fields(where)

    def script_of(self, calls: Sequence[Call]) -> Iterator[str]:
        """Give the parts of a script of calls, and say what it does."""
        for line in of_script(calls, self.emitter, self.arguments):
            self.report.say(line)
        calls = with_users(calls, self.emitter)
        return script(calls, self.emitter, self.arguments, self.report.say)

    def end(self, count: int, what: str = "converted") -> int:
        """Tell what went through; give the exit status."""
        more = self.left.lines(nothing=not count)
        more += self.left.unmatched() if count else ()
        if not self.report.lost:
            for source, line in sorted(self._unseen):
                self.report(Problem(source, line, None, "no request stands here", lost=True))
        if not (self.stats.requests or self.stats.malformed or self.report.quiet):
            from logreq.cli.nothing import why

            more += why(self._files)
        if self.assumed and self.stats.requests:
            more.insert(0, assumed(self.assumed))
        self.report.summary(self.stats, count, what, more)
        if self.report.lost:
            return 2
        return 0 if count else 1


def assumed(names: Sequence[str]) -> str:
    """Say that nothing tells whose logs these are."""
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{others}: nothing tells the panel, {ASSUMED} was assumed; -p NAME names it"


def fields(where: str) -> frozenset[str]:
    """Give the fields that an expression looks at."""
    from logreq import expr

    return frozenset(expr.compile(where).fields)


def _looks_at_outcome(rules: RuleSet, where: Optional[str]) -> bool:
    field = "outcome"
    if where is not None and field in where and field in fields(where):
        return True
    return rules.looks_at(field)


def _emitter(to: str, given: Mapping[str, Any]) -> Emitter:
    kind = emitters.load(to)
    auth = given["auth"]
    if auth is not None and auth not in kind.auths and not _asked("auth"):
        auth = None  # a default for other emitters
    if auth is not None and auth not in kind.auths:
        known = " or ".join(kind.auths) or "no --auth at all"
        raise UsageError(f"--auth {auth} is not for {to}, which takes {known}")
    url = check_url(given["url"])
    names = ("out", "lang", "su", "insecure")
    return kind(Connection(url, auth, *(given[name] for name in names)))


def _asked(option: str) -> bool:
    """Tell whether an option stands on the command line itself."""
    ctx = click.get_current_context(silent=True)
    return ctx is None or ctx.get_parameter_source(option) is ParameterSource.COMMANDLINE


def _arguments(script: bool, params: Sequence[str]) -> list[Argument]:
    if params and not script:
        raise UsageError("--param makes an argument of a script: it needs --script")
    return parse_params(params)
