"""What a command line asks for, made ready: rules, emitter, logs, reports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional

import click
from click.core import ParameterSource

from logreq import emitters
from logreq.browser.opened import prepared
from logreq.cli import scripts
from logreq.cli.logs import named
from logreq.cli.terminal.output import Reporter
from logreq.convert.filter import Unique, Wanted, also, chooser, ssh_address
from logreq.convert.summary import LeftOut
from logreq.emitters.base import Emitter
from logreq.errors import Problem, UsageError, suggest
from logreq.log.files import LogFile
from logreq.log.find import find
from logreq.log.scan import Stats
from logreq.model.chunk import Source
from logreq.model.connection import FORMATS, Connection, check_url
from logreq.model.panels import ASSUMED, check_panel, panel_in_url
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import load_bundled, rule_set
from logreq.rules.model import RuleSet


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
        self.asked = scripts.asked(self.script, given)
        self.panel = None if given["panel"] is None else check_panel(given["panel"])
        self.emitter = _emitter(to, given)
        if self.script and type(self.emitter).script is Emitter.script:
            words = [f"--script: {to} makes snippets only", self.emitter.together]
            able = (n for n in emitters.names() if emitters.load(n).script is not Emitter.script)
            words.append(f"{', '.join(able)} make scripts")
            raise UsageError("; ".join(filter(None, words)))
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
        self._where: Optional[str] = given["where"]
        self.wanted = _wanted(rules, given, live, self.left, self.report)
        # An expression looks at outcomes; requests have to wait for theirs; somebody sees them.
        self.by_outcome = self.looks_at("outcome") or rules.looks_at("outcome")
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

    def looks_at(self, field: str) -> bool:
        """Tell whether the expression of --where looks at a field of requests."""
        if self._where is None or field not in self._where:
            return False
        from logreq import expr

        return field in expr.compile(self._where).fields

    def end(self, count: int, what: str = "converted") -> int:
        """Tell what went through; give the exit status."""
        count -= self.left.refused
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
