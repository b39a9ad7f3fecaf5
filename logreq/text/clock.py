"""Times as panels log them: `Feb  6 08:08:07`, with neither year nor zone.

The day is padded with a blank, with a zero or not at all.
"""

from __future__ import annotations

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
