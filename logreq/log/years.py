"""Times of log records, which have no year: made comparable with the help of the file's date.

A file's last record is about as old as the file. So the first record of a log of less than
a year is of the latest year that does not put it after the file's date; going on, a month
that goes back by more than one is the next year's. How long a time a log is of, only the
whole of it tells: a saved one is read once more for that, in the time that counting takes.
"""

from __future__ import annotations

import datetime
import os
import re
import time as clock
from collections.abc import Iterable
from typing import Optional

from logreq.log.files import LogFile, read_file
from logreq.log.line import parse_line
from logreq.log.scan import places
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from logreq.text.clock import MONTH, iso, parse

_DAY = 86_400  # seconds
_MONTH = 30  # days
# Where years count from as long as only their differences matter: a leap year.
_ANY = (2000, 12, 31)
_ESCAPE = 0x1B
_HEADER = (rf"(?m)^(?:\x1b\[[0-9;]*m)*({MONTH} [ \d]?\d [0-2]\d:[0-5]\d:[0-6]\d) ").encode()
# Archives are named with date, time and an ordinal; which form the date has was not seen.
_DATES_IN_NAME = tuple(
    rf"(?<!\d){form}(?!\d)"
    for form in (
        r"(?P<year>20\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])",
        r"(?P<day>0[1-9]|[12]\d|3[01])[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<year>20\d\d)",
    )
)

# Comparable: year, month and day; the same and the second of the day.
Date = tuple[int, int, int]
Moment = tuple[int, int, int, int]
# A named tuple's own constructor takes as long again.
_new = tuple.__new__


def first_time(block: bytes) -> Optional[str]:
    """Give the time of the first record that begins in a block of a log."""
    match = re.search(_HEADER, block)
    return match.group(1).decode() if match else None


def last_date(path: str, now: Optional[float] = None) -> Date:
    """Give the date of a log: of its name, else of its last change, else today's.

    `now` is in seconds since the epoch.
    """
    name = os.path.basename(path)
    found = next(filter(None, (re.search(pattern, name) for pattern in _DATES_IN_NAME)), None)
    if found:
        return int(found["year"]), int(found["month"]), int(found["day"])
    try:
        stamp = os.stat(path).st_mtime
    except (OSError, ValueError):
        stamp = clock.time() if now is None else now
    year, month, day = clock.localtime(stamp + _DAY)[:3]  # clocks and zones differ
    return year, month, day


def file_date(path: str, now: Optional[float] = None) -> Date:
    """Give the date that tells `Years` the year of a saved log's first request.

    That is `last_date`, unless the log is of a year or more: a regular file is read for that,
    whole. `now` is in seconds since the epoch.
    """
    date = last_date(path, now)
    file = LogFile(path, Source(path, ""))
    if path == "-" or not file.size:
        return date
    years = Years(_ANY)
    first = _fed(years, read_file(file, lambda problem: None, counted=False))
    return _first_date(date, first, years.last)


def part_dates(path: str, parts: Iterable[Iterable[Chunk]]) -> list[Date]:
    """Give for each part of a log the date that tells `Years` the year of its first request.

    `parts`: the chunks of all parts in turn, which are read to their end.
    """
    years = Years(_ANY)
    firsts = [_fed(years, part) for part in parts]
    first = next(filter(None, firsts), None)
    date = _first_date(last_date(path), first, years.last)
    if first is None:
        return [date] * len(firsts)
    later = Years(date).year(*first[1:3]) - first[0]
    return [(one[0] + later, *one[1:3]) if one else date for one in firsts]


def _first_date(date: Date, first: Optional[Moment], last: Optional[Moment]) -> Date:
    """Give the date that tells the year of a log's first request.

    `date`: the log's. `first`, `last`: the times of the log's ends, whose years count from any.
    """
    if first is None or last is None:
        return date
    begin, month, day, _ = first
    end, *ended, _ = last
    if (end - begin) * 12 + last[1] - month < 11:
        return date
    # The last request is not after the file, but for what a zone or another clock makes of it.
    after = datetime.date(date[0], date[1], 1) + datetime.timedelta(days=date[2] + _MONTH)
    year = after.year - (ended > [after.month, after.day]) - (end - begin)
    # What else is logged may begin a little later than the requests do.
    return year + month // 12, month % 12 + 1, day


def _fed(years: Years, chunks: Iterable[Chunk]) -> Optional[Moment]:
    """Tell `years` the times of requests, of many in turn of one day only the first's.

    Give the first of them; None if there is none.
    """
    first: Optional[Moment] = None
    known = b""
    for data, _, _ in chunks:
        for start, end in places(data):
            day = data[start : start + 6]
            if day == known and day[0] != _ESCAPE:
                continue
            request = parse_line(data[start:end])
            if isinstance(request, Request):
                known = day
                moment = years.exact(request.time)
                first = first or moment
    return first


class Years:
    """Gives the times of one log's records their years; feed it in the log's order."""

    def __init__(self, date: Date) -> None:
        """Begin a log whose first record is of the latest year that puts it not after `date`."""
        self._date = date
        self._text = ""
        # The latest time so far.
        self.last: Optional[Moment] = None
        self._exact: Moment = (0, 0, 0, 0)
        self._day = ""
        self._iso: Optional[str] = None

    def year(self, month: int, day: int) -> int:
        """Give the year of the first record, which is of that day."""
        year = self._date[0] - ((month, day) > self._date[1:])
        while (month, day) == (2, 29) and not _leap(year):
            year -= 1
        return year

    def moment(self, text: str) -> Moment:
        """Give a logged time its year; never earlier than the one before, so that logs merge."""
        self.exact(text)
        return self.last or self._exact

    def exact(self, text: str) -> Moment:
        """Give a logged time its year, and else as it was logged."""
        if text == self._text:
            return self._exact
        month, day, second = parse(text)
        if self.last is None:
            year = self.year(month, day)
        else:
            # Threads interleave: a record may also be a little older than the one before. A
            # month that goes back by more than one has gone on through New Year.
            late = self.last[1:3] == (1, 1) and (month, day) == (12, 31)
            year = self.last[0] + (self.last[1] - month > 1) - late
        self._text = text
        self._exact = (year, month, day, second)
        self.last = max(self.last or self._exact, self._exact)
        return self._exact

    def when(self, text: str) -> Optional[str]:
        """Give a logged time with its year as ISO 8601; None if that year has no such day."""
        day = text[:-8]
        if day != self._day:
            self._day = day
            self._iso = iso(self.exact(text)[0], text)
        return self._iso and self._iso[:-8] + text[-8:]

    def dated(self, requests: Iterable[Request]) -> list[Request]:
        """Give the log's next requests with `when`."""
        when = self.when
        return [_new(Request, (*one[:-1], when(one.time))) for one in requests]


class LiveLogs:
    """Gives requests of logs that are being written their years; feed it each log in its order.

    What stands before a log's first request here is not read.
    """

    def __init__(self) -> None:
        self._logs: dict[str, Years] = {}

    def dated(self, request: Request) -> tuple[Moment, Request]:
        """Give a request with `when`, and its moment, by which several logs merge."""
        log = self._logs.get(request.source)
        if log is None:
            log = self._logs[request.source] = Years(last_date(request.source))
        return log.moment(request.time), request._replace(when=log.when(request.time))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def moment_of(when: str) -> Moment:
    """Give the moment of a time that is written as ISO 8601."""
    seconds = int(when[11:13]) * 3600 + int(when[14:16]) * 60 + int(when[17:])
    return int(when[:4]), int(when[5:7]), int(when[8:10]), seconds
