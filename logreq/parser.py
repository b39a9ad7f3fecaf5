"""One line of a panel's log -> a request, or why it is none.

One table of named pieces defines a Request line. Joined, it is the compiled regular
expression of the hot path; tried one after another, the same pieces tell where and why
a line stopped being a Request line.

Formats (seen in real logs): `Mon DD HH:MM:SS [PID:TID] module INFO Request
[CALLER][USER] 'QUERY'`. The day is padded with a blank, with a zero or not at all. The
fourth generation has no module word and pads the process (`[ 7555:8]`); plugins log
`[PID]` without a thread. Colour codes stand before INFO and at the end of the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Callable, NamedTuple, Optional, Union

from logreq.errors import Problem
from logreq.request import Chunk, Request, decode, unquote

# What every Request line holds: colour codes never stand between the two words.
NEEDLE = b"INFO Request"
_NEEDLE = NEEDLE.decode()

# Colours, and the "erase to the end of the line" that goes with them.
_COLOUR = r"(?:\x1b\[[0-9;]*[A-Za-z])*"
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"


class _Piece(NamedTuple):
    """A part of the line: its pattern and, in words for the user, what was expected."""

    pattern: str
    expected: str


# In the line's order. No piece needs to give back what it took, so that matching them one
# by one stops exactly where the joined expression does.
_PIECES = (
    _Piece(
        rf"{_COLOUR}(?P<time>{_MONTH} (?: [1-9]|0[1-9]|[12]\d|3[01]|[1-9])"
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
        rf"(?P<query>[^\n]*)'{_COLOUR}\s*{_COLOUR}",
        "the quote that ends the query: the line is cut off",
    ),
)
# The same without colours, up to the query: most lines have none, and looking for what is
# not there takes half of the time.
_PLAIN = "".join(piece.pattern for piece in _PIECES[:-1]).replace(_COLOUR, "")
_PLAIN_HEAD = re.compile(_PLAIN, re.ASCII).match
# In bytes, a place to begin spares taking the line out and decoding it.
_PLAIN_HEAD_IN = re.compile(_PLAIN.encode()).match
_QUOTE = ord("'")
_NO_HEAD = (b"",) * 6
_FUNC = re.compile("(?:^|&)func=([^&]+)").search
# A damaged Request line still begins with month and day and has no more words before the
# two than a header has; what has more, or something else, quotes one.
_DAMAGED = rf"{_MONTH} +\d{{1,2}} (?:[\w:.\[\]-]+ +){{0,3}}INFO Request(?!\w)"

# Why a request may not be what it looks like.
QUOTED = "a raw quote in the query: panels encode quotes so this may be forged"
AFTER_CUT = "the Request line before this one is cut off so this may be forged by its text"


# Most lines are shorter than this (bytes); all that is remembered or joined of them is small.
LONG_LINE = 16 * 1024


class Brief(NamedTuple):
    """Makes something of sound lines that needs no requests; None of a line that needs one.

    `make` gets the lines' queries; and, if there are `groups`, which it wants of each head
    (1 to 6: time, process, thread, module, caller, user), these and the lines' numbers.
    """

    make: Callable[[list[bytes], list[tuple[bytes, ...]], list[int]], list[Optional[bytes]]]
    groups: tuple[int, ...]


# A named tuple's own constructor takes as long again.
_new = tuple.__new__


class Fault(NamedTuple):
    """Why a line at whose head `INFO Request` stands is no request; `column` is 1-based.

    `cut`: the line ends within text from outside: caller, user or query.
    """

    column: int
    message: str
    cut: bool = False


@cache
def _line() -> re.Pattern[str]:
    """Compile the whole table when a line with colours, or a damaged one, first needs it."""
    return re.compile("".join(piece.pattern for piece in _PIECES))


@cache
def _line_in() -> re.Pattern[bytes]:
    """Compile the same for bytes."""
    return re.compile(_line().pattern.encode())


def parse_line(
    line: Union[str, bytes], panel: str = "ispmgr", source: str = "-", number: int = 1
) -> Union[Request, Fault, None]:
    """Parse one line of a log.

    In: the line, with or without its line end; the panel whose log it is; the name and the
    1-based line number to remember. Out: the request; or the fault of a Request line that
    is damaged; or None for any other line, one that quotes a Request line included.
    """
    text = (decode(line) if isinstance(line, bytes) else line).rstrip("\n")
    return _parse(text, panel, source, number)


def _parse(text: str, panel: str, source: str, number: int) -> Union[Request, Fault, None]:
    match = _PLAIN_HEAD(text)
    begin = match.end() if match else 0
    if match and text[-1] == "'" and len(text) > begin and "\n" not in text:
        time, pid, tid, module, caller, user = match.groups("")
        query = text[begin:-1]
    else:
        match = _line().fullmatch(text)
        if match is None:
            return _explain(text)
        time, pid, tid, module, caller, user, query = match.groups("")
    func = _func(query)
    if not func:
        message = "the query has no func" if query else "the query is empty"
        return Fault(match.end("user") + 4, message)
    return _new(Request, (
        time, int(pid), int(tid) if tid else None, module, caller, user, query, func,
        panel, source, number, QUOTED if "'" in query else "",
    ))  # fmt: skip


def _func(query: str) -> str:
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


class Scanner:
    """Finds the requests in the chunks of one source.

    A request right after one that is cut off may be text of that one, whose line end was
    not encoded: it carries a doubt.
    """

    def __init__(self) -> None:
        # The last Request line so far was cut off.
        self.cut = False

    def scan(
        self, chunk: Chunk, brief: Optional[Brief] = None
    ) -> list[Union[Request, Problem, bytes]]:
        """Give the requests and the damaged Request lines of a chunk, in order.

        `brief` may make something of sound lines, which then stands in their requests' place:
        who needs no more is spared the making of requests.
        """
        texts = _brief(chunk, brief) if brief is not None and not self.cut else []
        if texts and None not in texts:
            return texts  # type: ignore[return-value] # None is ruled out
        made = iter(texts)
        data, source, number = chunk
        found: list[Union[Request, Problem, bytes]] = []
        counted = 0
        for start, end in places(data):
            text = next(made, None)
            if text is not None and not self.cut:
                found.append(text)
                continue
            number += data.count(b"\n", counted, start)
            counted = start
            result = _parse(decode(data[start:end]), source.panel, source.name, number)
            if isinstance(result, Request):
                found.append(result._replace(doubt=AFTER_CUT) if self.cut else result)
                self.cut = False
            elif result is not None:
                self.cut = result.cut
                found.append(Problem(source.name, number, result.column, result.message))
        return found


def places(data: bytes) -> Iterator[tuple[int, int]]:
    """Give where the lines that may be Request lines begin and end."""
    at = data.find(NEEDLE)
    while at >= 0:
        end = data.find(b"\n", at)
        if end < 0:
            end = len(data)
        yield data.rfind(b"\n", 0, at) + 1, end
        at = data.find(NEEDLE, end)


def _brief(chunk: Chunk, brief: Brief) -> list[Optional[bytes]]:
    """Let `brief` make texts of the lines that may be Request lines; none where there are none."""
    data, _, number = chunk
    find, rfind, length = data.find, data.rfind, len(data)
    make, groups = brief
    queries: list[bytes] = []
    heads: list[tuple[bytes, ...]] = []
    numbers: list[int] = []
    counted = 0
    at = find(NEEDLE)
    # The loop of `places`, written out: a generator would cost a tenth of all.
    while at >= 0:
        start = rfind(b"\n", 0, at) + 1
        end = find(b"\n", at)
        if end < 0:
            end = length
        at = find(NEEDLE, end)
        head = _PLAIN_HEAD_IN(data, start)
        begin = head.end() if head else end
        if begin < end and data[end - 1] == _QUOTE:
            query = data[begin : end - 1]
        else:
            head = _line_in().fullmatch(data, start, end)
            query = head["query"] if head else b""
        queries.append(query if len(query) <= LONG_LINE else b"")
        if groups:
            heads.append(head.group(*groups) if head else _NO_HEAD[: len(groups)])
            number += data.count(b"\n", counted, start)
            counted = start
            numbers.append(number)
    return make(queries, heads, numbers) if queries else []
