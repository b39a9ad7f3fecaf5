"""One line of a panel's log -> a request, or why it is none.

One table of named pieces defines a Request line, colour codes included: panels write them
by default. Joined, the pieces are the compiled regular expression; tried one after another,
they tell where and why a line stopped being a Request line.

Formats (seen in real logs): `Mon DD HH:MM:SS [PID:TID] module INFO Request
[CALLER][USER] 'QUERY'`. The day is padded with a blank, with a zero or not at all. The
fourth generation has no module word and pads the process (`[ 7555:8]`); plugins log
`[PID]` without a thread. Colour codes stand before INFO and at the end of the line.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Union

from logreq.model.request import Request
from logreq.text.clock import MONTH as _MONTH
from logreq.text.codec import decode
from logreq.text.percent import unquote

# What every Request line holds: colour codes never stand between the two words.
NEEDLE = b"INFO Request"
_NEEDLE = NEEDLE.decode()

# Colours, and the "erase to the end of the line" that goes with them.
_COLOUR = r"(?:\x1b\[[0-9;]*[A-Za-z])*"


_AFTER_QUERY = rf"'{_COLOUR}\s*{_COLOUR}"


class _Piece(NamedTuple):
    """A part of the line: its pattern and, in words for the user, what was expected."""

    pattern: str
    expected: str


# In the line's order. An editor's byte order mark may stand before the first line, the zeros of
# a hole before one that was written after a log was cut. No piece needs to give back what it
# took, so that matching them one by one stops exactly where the joined expression does.
_PIECES = (
    _Piece(
        rf"[\ufeff\0]*{_COLOUR}(?P<time>{_MONTH} (?: [1-9]|0[1-9]|[12]\d|3[01]|[1-9])"
        r" (?:[01]\d|2[0-3]):[0-5]\d:[0-6]\d) ",
        "a date and time such as 'Feb  6 08:08:07'",
    ),
    _Piece(
        rf"{_COLOUR}\[ *(?P<pid>\d{{1,19}})(?::(?P<tid>\d{{1,19}}))?\] {_COLOUR}",
        "a process such as '[2346:23826]'",
    ),
    _Piece(rf"(?:(?P<module>[\w.-]+):? {_COLOUR})?", "a module's name"),
    _Piece(rf"INFO Request{_COLOUR} ", "'INFO Request'"),
    _Piece(r"\[(?P<caller>[^\]\n]*)\]", "the caller's address in brackets"),
    _Piece(r"\[(?P<user>[^\]\n]*)\] ", "the user's name in brackets"),
    _Piece(r"'", "the quote that begins the query"),
    _Piece(
        rf"(?P<query>[^\n]*){_AFTER_QUERY}",
        "the quote that ends the query: the line is cut off",
    ),
)
# Up to the query, and what follows the query's last quote: no quote can stand in that.
_HEAD = re.compile("".join(piece.pattern for piece in _PIECES[:-1])).match
_END = re.compile(_AFTER_QUERY).fullmatch
# Nearly all lines end so; comparing is quicker.
_ENDS = ("", "\x1b[0m")
_FUNC = re.compile("(?:^|&)func=([^&]+)").search
# A damaged Request line still begins with month and day and has no more words before the
# two than a header has; what has more, or something else, quotes one.
_DAMAGED = rf"{_MONTH} +\d{{1,2}} (?:[\w:.\[\]-]+ +){{0,3}}INFO Request(?!\w)"

# Why a request may not be what it looks like.
QUOTED = "a raw quote in the query: panels encode quotes so this may be forged"

# A named tuple's own constructor takes as long again.
_new = tuple.__new__


class Fault(NamedTuple):
    """Why a line at whose head `INFO Request` stands is no request; `column` is 1-based.

    `cut`: the line ends within text from outside: caller, user or query.
    """

    column: int
    message: str
    cut: bool = False


def parse_line(
    line: Union[str, bytes], panel: str = "ispmgr", source: str = "-", number: int = 1
) -> Union[Request, Fault, None]:
    """Parse one line of a log.

    In: the line, with or without its line end; the panel whose log it is; the name and the
    1-based line number to remember. Out: the request; or the fault of a Request line that
    is damaged; or None for any other line, one that quotes a Request line included.
    """
    text = (decode(line) if isinstance(line, bytes) else line).rstrip("\n")
    return parse_text(text, panel, source, number)


def parse_text(text: str, panel: str, source: str, number: int) -> Union[Request, Fault, None]:
    """Parse one line without its line end, as `parse_line` does."""
    match = _HEAD(text)
    end = text.rfind("'")
    if match is None or end < match.end() or "\n" in text:
        return _explain(text)
    if text[end + 1 :] not in _ENDS and not _END(text, end):
        return _explain(text)
    time, pid, tid, module, caller, user = match.groups("")
    query = text[match.end() : end]
    func = func_of(query)
    if not func:
        message = "the query has no func" if query else "the query is empty"
        return Fault(match.end("user") + 4, message)
    return _new(Request, (
        time, int(pid), int(tid) if tid else None, module, caller, user, query, func,
        panel, source, number, QUOTED if "'" in query else "", None, None,
    ))  # fmt: skip


def func_of(query: str) -> str:
    """Find the function's name, decoded; empty if there is none."""
    start = query.find("&func=") + 6
    if start < 6 or query.startswith("func="):
        if not query.startswith("func="):
            return _odd_func(query)
        start = 5
    end = query.find("&", start)
    func = query[start:] if end < 0 else query[start:end]
    if not func:
        found = _FUNC(query)  # an empty one first
        return unquote(found.group(1)) if found else _odd_func(query)
    return unquote(func) if "%" in func or "+" in func else func


def _odd_func(query: str) -> str:
    """Find a function whose parameter's name is written with percent signs."""
    names = (piece.partition("=") for piece in query.split("&"))
    return next((unquote(raw) for name, _, raw in names if raw and unquote(name) == "func"), "")


def _explain(text: str) -> Optional[Fault]:
    """Tell where a damaged Request line goes wrong; None if it is no Request line at all."""
    bare = re.sub(_COLOUR, "", text)
    if _NEEDLE not in text or not re.match(_DAMAGED, bare):
        return None
    position = 0
    for piece in _PIECES:  # pragma: no branch - one of them stops it
        match = re.compile(piece.pattern).match(text, position)
        if match is None or (piece is _PIECES[-1] and match.end() < len(text)):
            break
        position = match.end()
    if piece is _PIECES[-1]:
        position = len(text.rstrip())
    # Caller, user and query come from outside: a raw line end in one cuts the line off.
    return Fault(position + 1, f"expected {piece.expected}", piece in _PIECES[4:])
