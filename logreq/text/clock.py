"""Times as panels log them: `Feb  6 08:08:07`, with neither year nor zone.

The day is padded with a blank, with a zero or not at all.
"""

from __future__ import annotations

import datetime
from typing import Optional

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A month's number by its name, from 1.
MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
# A regular expression for a month's name.
MONTH = f"(?:{'|'.join(_NAMES)})"


def parse(text: str) -> tuple[int, int, int]:
    """Split a logged time (`Feb  6 08:08:07`) into month, day and second of the day."""
    month, day, time = text.split()
    hour, minute, second = time.split(":")
    return MONTHS[month], int(day), int(hour) * 3600 + int(minute) * 60 + int(second)


def iso(year: int, text: str) -> Optional[str]:
    """Write a logged time as ISO 8601, as of that year; None if the year has no such day."""
    month, day, _ = parse(text)
    try:
        date = datetime.date(year, month, day)
    except ValueError:
        return None
    return f"{date}T{text[-8:]}"
