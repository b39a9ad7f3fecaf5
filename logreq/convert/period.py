"""From when to when: the times of `--since` and `--until`, and the requests between them."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple, Optional

from logreq.errors import UsageError
from logreq.log import years
from logreq.log.years import Moment
from logreq.model.request import Request
from logreq.text.clock import MONTHS
from logreq.text.escape import visible

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE).fullmatch
    for form in (
        _CLOCK,
        rf"(?P<word>today|yesterday)(?: {{1,2}}{_CLOCK})?",
        rf"(?P<month>[a-z]{{3}}) {{1,2}}(?P<day>\d{{1,2}})(?: {_CLOCK})?",
        rf"(?P<day>\d{{1,2}}) {{1,2}}(?P<month>[a-z]{{3}})(?: (?P<year>\d{{4}}))?(?: {_CLOCK})?",
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.(?P<year>\d{{4}})(?: {_CLOCK})?",
        rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[ T]{_CLOCK})?",
    )
)
# How long ago: `2h`, `1d12h`, `2 hours`, `1 day ago`.
_UNITS = r"s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?"
_DURATION = re.compile(rf"(?:\d{{1,6}} ?(?:{_UNITS}) ?)+(?:(?<= )ago)?", re.IGNORECASE).fullmatch
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
EXPECTED = (
    "08:00, today, 'yesterday 14:00', 'Feb 6', '6 Feb 08:00', 2026-02-06, 06.02.2026,"
    " 2026-02-06T08:00, 2h, '1 day ago', now"
)


class Span(NamedTuple):
    """What a time names: a day, a minute or a second, from its first second to its last."""

    begin: Moment
    end: Moment


class Period:
    """Tells whether requests are of a time; feed it each log in the log's own order.

    The log has no year: it follows from the date of the file (see `log.years`), which is
    `request.source`. A saved log is fed from its first request on, a live one from any.
    """

    def __init__(
        self,
        since: Optional[str] = None,
        until: Optional[str] = None,
        now: Optional[datetime.datetime] = None,
        *,
        live: bool = False,
    ) -> None:
        """Prepare; UsageError for what is no time, or a period that ends before it begins.

        `since` counts from the beginning of what it names, `until` through its end: a
        whole day, minute or second. `now`: local time, else the clock's. `live`: the logs
        are being written, and those before their last records are not read.
        """
        self._now = now or datetime.datetime.now()
        self._date = years.last_date if live else years.file_date
        today = self._now.date()
        self.begin = self.end = None
        if since is not None:
            self.begin = _span(since, "--since", self._now, latest=today).begin
        if until is not None:
            latest = today + datetime.timedelta(days=1)  # logs of other zones
            self.end = _span(until, "--until", self._now, latest, self.begin).end
        if self.begin and self.end and self.end < self.begin:
            raise UsageError(
                f"--until {visible(until or '')} is before --since {visible(since or '')}"
            )
        self._logs: dict[str, years.Years] = {}

    def __call__(self, request: Request) -> bool:
        """Say whether the request is of the period."""
        log = self._logs.get(request.source)
        if log is None:
            date = self._date(request.source, self._now.timestamp())
            log = self._logs[request.source] = years.Years(date)
        moment = log.exact(request.time)
        if request.when is not None:
            moment = years.moment_of(request.when)  # a recording has dates
        return (self.begin is None or self.begin <= moment) and (
            self.end is None or moment <= self.end
        )


def _span(
    text: str,
    option: str,
    now: datetime.datetime,
    latest: datetime.date,
    after: Optional[Moment] = None,
) -> Span:
    """Give what a time names.

    A date without a year is the latest one that is not after `latest`, or the first one
    that is not before `after`.
    """
    text = text.strip()
    if text.lower() == "now":
        return _ago("0s", option, now)
    if _DURATION(text):
        return _ago(text, option, now)
    found = next(filter(None, (form(text) for form in _FORMS)), None)
    if found is None:
        raise UsageError(f"{option} {visible(text)!r} is no time; expected one such as {EXPECTED}")
    part = found.groupdict()
    try:
        second = _seconds(part)
        day = _day(part, now.date(), latest, after)
    except ValueError:
        message = f"{option} {visible(text)!r}: there is no such day or time"
        raise UsageError(message) from None
    date = (day.year, day.month, day.day)
    if second is None:
        return Span((*date, 0), (*date, 86_400))
    # A minute or a second, the leap second's number included.
    length = 0 if part["second"] else 60
    return Span((*date, second), (*date, second + length))


def _ago(text: str, option: str, now: datetime.datetime) -> Span:
    parts = re.findall(r"(\d+) ?([smhdw])", text.lower())
    seconds = sum(int(n) * _SECONDS[unit] for n, unit in parts)
    try:
        then = now - datetime.timedelta(seconds=seconds)
    except OverflowError:
        raise UsageError(f"{option} {text}: no log is that old") from None
    second = then.hour * 3600 + then.minute * 60 + then.second
    moment = (then.year, then.month, then.day, second)
    return Span(moment, moment)


def _seconds(part: dict[str, Optional[str]]) -> Optional[int]:
    if part["hour"] is None:
        return None
    time = datetime.time(int(part["hour"]), int(part["minute"] or 0), int(part["second"] or 0))
    return time.hour * 3600 + time.minute * 60 + time.second


def _day(
    part: dict[str, Optional[str]],
    today: datetime.date,
    latest: datetime.date,
    after: Optional[Moment],
) -> datetime.date:
    """Give the day that a time's parts name; ValueError if there is none."""
    if "month" not in part:
        days = (part.get("word") or "").lower() == "yesterday"
        return today - datetime.timedelta(days=days)
    month, day = part["month"] or "", int(part["day"] or 0)
    number = int(month) if month.isdigit() else MONTHS.get(month.capitalize(), 0)
    if part.get("year"):
        return datetime.date(int(part["year"] or 0), number, day)
    # There are at most eight years between two of February 29.
    if after is None:
        near = range(latest.year, latest.year - 9, -1)
        return next(d for d in _dates(near, number, day) if d <= latest)
    near = range(after[0], after[0] + 9)
    return next(d for d in _dates(near, number, day) if (d.year, d.month, d.day) >= after[:3])


def _dates(near: range, month: int, day: int) -> list[datetime.date]:
    datetime.date(2000, month, day)  # a leap year: what is wrong here is never right
    leaping = (month, day) == (2, 29)
    return [
        datetime.date(year, month, day)
        for year in near
        if not leaping or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
    ]
