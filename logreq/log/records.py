"""Where records of interest stand in a chunk: what may tell how a request went.

Only a header begins a record: `Mon DD HH:MM:SS [PID:TID] module LEVEL text`. Colour codes stand
anywhere between its words; fourth generation logs have no module and pad the process, plugins
log `[PID]`. Levels seen: FATAL, ERROR, CRIT, WARNING, INFO, EXTINFO, EXT, DEBUG, TRACE, NOTE, MSG.
"""

from __future__ import annotations

import re

from logreq.text.cache import BoundedCache
from logreq.text.clock import MONTH, parse

# Bytes of a record of which more than its first line matters: an error's text, a document.
RECORD = 32 * 1024

_DAY = 86_400
_COLOUR = rb"(?:\x1b\[[0-9;]*[A-Za-z])*"
_TIME = MONTH.encode() + rb" (?: [1-9]|\d\d|[1-9]) \d\d:\d\d:\d\d"
_LEVELS = rb"FATAL|ERROR|CRIT|WARNING|INFO|EXTINFO|EXT|DEBUG|TRACE|NOTE|MSG"

# Whether a record begins at a place.
begins = re.compile(_COLOUR + _TIME + b" ").match
# Its time, process and thread, level; it ends where its text begins.
head = re.compile(
    _COLOUR + b"(" + _TIME + b") " + _COLOUR + rb"\[ *(\d{1,19}(?::\d{1,19})?)\] " + _COLOUR
    + rb"(?:[\w.-]+:? " + _COLOUR + b")??(" + _LEVELS + b")" + _COLOUR + rb"(?: |(?=\s|\Z))"
).match  # fmt: skip
_FOLLOWING = re.compile(rb"\n(?=" + _COLOUR + _TIME + b" )").search

# A search for one character and what may follow it takes less time than one for a short word,
# and what few words have in common (ERROR, CRIT) is looked for once.
_FAULT = re.compile(rb"R(?:ROR|IT)").search
_ANSWER = re.compile(rb"<(?:ok|error)[\s/>]")
_STATUS = b"finished with status "
_LINES = (
    re.compile(rb"R(?:ROR|IT|equest)"), re.compile(rb" finished"), re.compile(rb"Run '"),
)  # fmt: skip


def interesting(data: bytes) -> bool:
    """Tell whether a chunk may hold what tells how a request went."""
    return bool(
        _FAULT(data) or _STATUS in data or (b"<" in data and _ANSWER.search(data) is not None)
    )


def places(data: bytes) -> list[tuple[int, bool]]:
    """Give where the lines of interest begin, in order, and whether one's record has an answer.

    An answer is an `<ok>` or `<error>`, maybe of a document.
    """
    found = {
        data.rfind(b"\n", 0, one.start()) + 1: False
        for pattern in _LINES
        for one in pattern.finditer(data)
    }
    if b"<" in data:
        start = last = -1
        for one in _ANSWER.finditer(data):
            line = data.rfind(b"\n", 0, one.start()) + 1
            start = _begin(data, line, last, start)
            last = line
            if start >= 0:
                found[start] = True
    return sorted(found.items())


def _begin(data: bytes, line: int, last: int, start: int) -> int:
    """Give where the record of a line begins, -1 if not within `RECORD` before.

    No line is looked at twice: the one at `last` belongs to the record at `start`.
    """
    at = line
    while at > last:
        if begins(data, at):
            return at
        if line - at > RECORD or not at:
            return -1
        at = data.rfind(b"\n", 0, at - 1) + 1
    return start if line - start <= RECORD else -1


def end(data: bytes, at: int) -> int:
    """Give where the record of the line at a place ends, at most `RECORD` bytes further on."""
    following = _FOLLOWING(data, at, at + RECORD)
    return following.start() if following else min(len(data), at + RECORD)


def last(data: bytes, known: int) -> int:
    """Give where the last record begins; -1 if that is more than `RECORD` bytes before the end.

    The first `known` bytes are one record's, which goes on where no other one begins.
    """
    at = len(data)
    while at > known and len(data) - at <= RECORD:
        at = data.rfind(b"\n", 0, at - 1) + 1
        if begins(data, at):
            return at
    return 0 if known and len(data) <= RECORD else -1


def elapsed(before: bytes, after: bytes) -> int:
    """Give the seconds between two logged times: 0 if it goes back, a day if it is days.

    Logs have no year; threads interleave, and clocks are set back.
    """
    if before == after:
        return 0
    month, day, second = _INSTANTS[before]
    to_month, to_day, to_second = _INSTANTS[after]
    passed = to_second - second
    if (month, day) == (to_month, to_day):
        return max(0, passed)
    if _follows(month, day, to_month, to_day):
        return min(_DAY, passed + _DAY)
    return 0 if _follows(to_month, to_day, month, day) and passed > 0 else _DAY


def _follows(month: int, day: int, to_month: int, to_day: int) -> bool:
    turn = to_day == 1 and day >= 28 and to_month == month % 12 + 1
    return turn or (to_month, to_day) == (month, day + 1)


_INSTANTS: BoundedCache[bytes, tuple[int, int, int]]
_INSTANTS = BoundedCache(lambda time: parse(time.decode()), 10_000)
