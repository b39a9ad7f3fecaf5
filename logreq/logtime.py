"""Times of log records, which have no year: made comparable with the help of the file's date.

A file's last record is about as old as the file. So its first record is of the latest
year that does not put it after the file's date; going on, a month that jumps back by
more than half a year is the next year's.
"""

from __future__ import annotations

import os
import re
import time as clock
from typing import Optional

MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
        start=1,
    )
}
_DAY = 86_400
_HEADER = (
    rb"(?m)^(?:\x1b\[[0-9;]*m)*((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]?\d"
    rb" [0-2]\d:[0-5]\d:[0-6]\d) "
)
# Archives are named with date, time and an ordinal; which form the date has was not seen.
_DATES_IN_NAME = tuple(
    rf"(?<!\d){form}(?!\d)"
    for form in (
        r"(?P<year>20\d\d)[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<day>0[1-9]|[12]\d|3[01])",
        r"(?P<day>0[1-9]|[12]\d|3[01])[-_.]?(?P<month>0[1-9]|1[0-2])[-_.]?(?P<year>20\d\d)",
    )
)

# Comparable: year, month, day, and the seconds of the day.
Moment = tuple[int, int, int, int]


def parse(text: str) -> tuple[int, int, int]:
    """Split a logged time (`Feb  6 08:08:07`) into month, day and second of the day."""
    month, day, time = text.split()
    hour, minute, second = time.split(":")
    return MONTHS[month], int(day), int(hour) * 3600 + int(minute) * 60 + int(second)


def first_time(block: bytes) -> Optional[str]:
    """Give the time of the first record that begins in a block of a log."""
    match = re.search(_HEADER, block)
    return match.group(1).decode() if match else None


def file_date(path: str, now: Optional[float] = None) -> tuple[int, int, int]:
    """Give year, month and day of a log: of its name, else of its last change, else today's.

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


class Years:
    """Gives the times of one log's records their years; feed it in the log's order."""

    def __init__(self, date: tuple[int, int, int]) -> None:
        """Begin a file whose last change was on `date` (year, month, day)."""
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
