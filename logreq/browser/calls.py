"""What was sent to a web server -> a request, if it is a panel's."""

from __future__ import annotations

import re
import time as clock
from collections.abc import Sequence
from typing import NamedTuple, Optional

from logreq.browser.forms import VARIABLE, Pairs, logged, merged, split
from logreq.errors import Problem, Report
from logreq.log.line import func_of
from logreq.model.chunk import Source
from logreq.model.outcome import Outcome
from logreq.model.panels import is_panel
from logreq.model.request import MASK, Request
from logreq.text.clock import MONTHS, iso
from logreq.text.escape import visible

_URL = re.compile(
    r"(?P<scheme>https?)://(?:[^/?#]*@)?(?P<host>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
).match
_HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?").fullmatch
_PATH = re.compile(r"(?:/[\w.~%-]*)*", re.ASCII).fullmatch
_MONTHS = list(MONTHS)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d:\d\d:\d\d)").match
# What a log can hold (see logreq.log.line).
_TIME = re.compile(r"(?:[ 1-2]\d|3[01]) (?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d", re.ASCII).fullmatch


class Sent(NamedTuple):
    """What was sent to some web server.

    `place` is the number of the line or the entry, from 1 on; `time` is as in logs, empty
    where nothing tells, and of `year`; `notes` say what is missing from `pairs`, the fields of
    the body.
    """

    place: int
    url: str
    pairs: Pairs
    files: Sequence[str] = ()
    time: str = ""
    caller: str = ""
    user: str = ""
    outcome: Optional[Outcome] = None
    notes: Sequence[str] = ()
    year: int = 0


class Found(NamedTuple):
    """A request to a panel, and the panel's address for `--url`, empty where it has none."""

    request: Request
    base: str


class Calls:
    """Picks out what was sent to panels: it names a function.

    A path that ends in a panel's name tells the panel and its server; without one, a function's
    name counts only as long as no panel's server is known, or on such a server. Logins tell
    who the user of a server is from then on.
    """

    def __init__(
        self, source: Source, panel: Optional[str], undated: Optional[float] = None
    ) -> None:
        """Begin; `panel`: the panel of all of them, `undated`: their time, in seconds."""
        self._source, self._fallback = source
        self._panel = panel
        now = clock.localtime(undated)
        self._undated = logged_time(now.tm_mon, now.tm_mday, clock.strftime("%H:%M:%S", now))
        self._year = now.tm_year
        self._hosts: set[str] = set()
        # By host and caller.
        self._users: dict[tuple[str, str], str] = {}
        self._base = ""
        self.seen = 0
        # What was sent that is no call of a panel; and what opened a panel but named no function.
        self.others = 0
        self.opened = 0
        # What was posted to a panel and is not in the recording.
        self.lost = 0

    def __call__(self, sent: Sent) -> Optional[Found]:
        """Give the request, or count what is none."""
        self.seen += 1
        url = _URL(sent.url)
        if url is None:
            self.others += 1
            return None
        host = url["host"].lower()
        prefix, _, name = url["path"].rstrip("/").rpartition("/")
        known = is_panel(name)
        pairs = merged(split(url["query"] or ""), sent.pairs)
        named = [pair for pair in pairs if VARIABLE not in pair[0]]
        query = logged(named)
        func = func_of(query)
        if known and not func:
            self.opened += not sent.notes
            self.lost += bool(sent.notes)
            return None
        if not func or func == MASK or not (known or not self._hosts or host in self._hosts):
            self.others += 1
            return None
        if known:
            self._hosts.add(host)
        base = _base(url["scheme"].lower(), host, prefix if known else url["path"], known)
        self._base = self._base or base
        notes = [f"{visible(file)} is a file, which the call does not send" for file in sent.files]
        notes += sent.notes
        if len(named) < len(pairs):
            notes.append("what a variable holds is not known: parameters are missing")
        if base != self._base:
            notes.append(f"this was sent to {base or 'another server'}")
        given = dict(reversed(named)).get("authinfo", "").partition(":")[0]
        user = sent.user or given or self._users.get((host, sent.caller), "")
        user = user.replace(VARIABLE, "")
        panel = self._panel or (name if known else self._fallback)
        self._log_in((host, sent.caller), func, pairs, sent.outcome)
        time, year = (sent.time, sent.year) if sent.time else (self._undated, self._year)
        request = Request(
            time, 0, None, "", sent.caller, user, query, func,
            panel, self._source, sent.place, "; ".join(notes), sent.outcome, iso(year, time),
        )  # fmt: skip
        return Found(request, base)

    def _log_in(
        self, session: tuple[str, str], func: str, pairs: Pairs, outcome: Optional[Outcome]
    ) -> None:
        """Remember whose session it is from now on."""
        if outcome is not None and outcome.failed:
            return
        if func == "auth":
            self._users[session] = dict(reversed(pairs)).get("username", "")
        elif func.endswith(".su"):
            self._users[session] = ""  # another user's, and mostly a number says whose

    def finish(self, report: Report, one: str, many: str) -> None:
        """Report how much was left out; `one`, `many`: what things that were sent are called."""
        for number, why in (
            (self.others, "no call of a panel"),
            (self.opened, "a panel's page without a function"),
            (self.lost, "sent to a panel without what was posted"),
        ):
            if number:
                message = f"left out: {number} {one if number == 1 else many}, {why}"
                report(Problem(self._source, None, None, message))


def _base(scheme: str, host: str, prefix: str, known: bool) -> str:
    if not _HOST(host) or not _PATH(prefix):
        return ""
    # The address to which `Connection.address` appends the panel's name.
    slash = "/" if known and prefix and not prefix.endswith("/manager") else ""
    return f"{scheme}://{host}{prefix.rstrip('/') if not known else prefix}{slash}"


def logged_time(month: int, day: int, time: str) -> str:
    """Write a time (`08:08:07`) as panels log it: `Feb  6 08:08:07`; empty where there is none."""
    rest = f"{day:2} {time}"
    return f"{_MONTHS[month - 1]} {rest}" if 1 <= month <= 12 and day and _TIME(rest) else ""


def iso_time(text: str) -> tuple[str, int]:
    """Write an ISO 8601 time, in the zone it has, as panels log it; empty if it is none.

    With it comes its year.
    """
    found = _ISO(text)
    if found is None:
        return "", 0
    return logged_time(int(found[2]), int(found[3]), found[4]), int(found[1])
