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
from collections.abc import Iterator
from typing import Optional

from logreq.log.files import LogFile, read_file
from logreq.log.line import parse_line
from logreq.log.scan import places
from logreq.model.chunk import Source
from logreq.model.request import Request
from logreq.text.clock import MONTH, parse

_DAY = 86_400  # seconds
_MONTH = 30  # days
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
    ends = _ends(file) if path != "-" and file.size else None
    if ends is None:
        return date
    (begin, month, day, _), (end, *last, _) = ends
    # The last request is not after the file, but for what a zone or another clock makes of it.
    after = datetime.date(date[0], date[1], 1) + datetime.timedelta(days=date[2] + _MONTH)
    year = after.year - (last > [after.month, after.day]) - (end - begin)
    # What else is logged may begin a little later than the requests do.
    return year + month // 12, month % 12 + 1, day


def _ends(file: LogFile) -> Optional[tuple[Moment, Moment]]:
    """Give the times of the first and the last request if there is about a year between.

    Their years count from any.
    """
    years = Years((2000, 12, 31))
    first = last = None
    for time in _days(file):
        last = years.moment(time)
        first = first or last
    if first is None or last is None:
        return None
    months = (last[0] - first[0]) * 12 + last[1] - first[1]
    return (first, last) if months >= 11 else None


def _days(file: LogFile) -> Iterator[str]:
    """Give the times of requests of a log, but of many in turn of one day only the first."""
    known = b""
    for data, _, _ in read_file(file, lambda problem: None, counted=False):
        for start, end in places(data):
            day = data[start : start + 6]
            if day == known and day[0] != _ESCAPE:
                continue
            request = parse_line(data[start:end])
            if isinstance(request, Request):
                known = day
                yield request.time


class Years:
    """Gives the times of one log's records their years; feed it in the log's order."""

    def __init__(self, date: Date) -> None:
        """Begin a log whose first record is of the latest year that puts it not after `date`."""
        self._date = date
        self._text = ""
        self._last: Optional[Moment] = None
        self._exact: Moment = (0, 0, 0, 0)

    def moment(self, text: str) -> Moment:
        """Give a logged time its year; never earlier than the one before, so that logs merge."""
        self.exact(text)
        return self._last or self._exact

    def exact(self, text: str) -> Moment:
        """Give a logged time its year, and else as it was logged."""
        if text == self._text:
            return self._exact
        month, day, second = parse(text)
        if self._last is None:
            year = self._date[0] - ((month, day) > self._date[1:])
        else:
            # Threads interleave: a record may also be a little older than the one before. A
            # month that goes back by more than one has gone on through New Year.
            late = self._last[1:3] == (1, 1) and (month, day) == (12, 31)
            year = self._last[0] + (self._last[1] - month > 1) - late
        self._text = text
        self._exact = (year, month, day, second)
        self._last = max(self._last or self._exact, self._exact)
        return self._exact
