"""Chunks of a log -> requests; or, for who can do without them, what is made of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any, Callable, NamedTuple, Optional, Union

from logreq.errors import Problem
from logreq.log.line import NEEDLE, PLAIN_HEAD, parse_text, whole_line
from logreq.model.chunk import Chunk
from logreq.model.request import Request
from logreq.text.codec import decode

# Why a request may not be what it looks like.
AFTER_CUT = "the Request line before this one is cut off so this may be forged by its text"

# Most lines are shorter than this (bytes); all that is remembered or joined of them is small.
LONG_LINE = 16 * 1024
# Whatever is no bracket is found in half the time. Such a head may go on in the next line,
# which who uses it has to find out; not further than to the bracket after the next process.
_ANY_HEAD = PLAIN_HEAD.replace(r"[^\]\n]", r"[^\]]")
# A place to begin spares taking the line out and decoding it.
_HEAD = re.compile(_ANY_HEAD.encode()).match
_QUOTE = ord("'")
_LINE_END = ord("\n")
# Bytes at whose beginning a log is looked at: has it nothing but Request lines?
_DENSE = 4 * 1024
_NO_HEAD = (b"",) * 6

# Queries; what is wanted of their heads; their lines' numbers.
_Lines = tuple[list[bytes], list[tuple[bytes, ...]], list[int]]


class Brief(NamedTuple):
    """Makes something of sound lines that needs no requests; None of a line that needs one.

    `make` gets the lines' queries; and, if there are `groups`, which it wants of each head
    (1 to 6: time, process, thread, module, caller, user), these and the lines' numbers.
    """

    make: Callable[[list[bytes], list[tuple[bytes, ...]], list[int]], list[Optional[bytes]]]
    groups: tuple[int, ...]


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
            result = parse_text(decode(data[start:end]), source.panel, source.name, number)
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
    lines = _dense(chunk, brief.groups) or _sparse(chunk, brief.groups)
    return brief.make(*lines) if lines[0] else []


@cache
def _all_lines(groups: tuple[int, ...]) -> Callable[[bytes], list[Any]]:
    """Compile what finds all plain Request lines: `groups` of their heads, and their queries."""
    number = count(1)
    head = re.sub(r"\(\?P<\w+>", lambda _: "(" if next(number) in groups else "(?:", _ANY_HEAD)
    lines = rf"^{head}(.{{0,{LONG_LINE}}})'$"
    return re.compile(lines.encode(), re.MULTILINE).findall


def _dense(chunk: Chunk, groups: tuple[int, ...]) -> Optional[_Lines]:
    """Take a chunk of plain Request lines apart; None if it has others as well."""
    data, _, number = chunk
    # Its beginning tells mostly.
    if len(data) < _DENSE or data.count(NEEDLE, 0, _DENSE) < data.count(b"\n", 0, _DENSE):
        return None
    found = _all_lines(groups)(data)
    length = len(found)
    # As many as lines: each is one, and there are no others.
    if length != data.count(b"\n") + (data[-1] != _LINE_END):
        return None
    if not groups:
        return found, [], []
    *columns, queries = zip(*found)
    return list(queries), list(zip(*columns)), list(range(number, number + length))


@cache
def _line() -> re.Pattern[bytes]:
    """Compile the whole table of a line's pieces for bytes."""
    return re.compile(whole_line().pattern.encode())


def _sparse(chunk: Chunk, groups: tuple[int, ...]) -> _Lines:
    """Take the lines of a chunk apart that may be Request lines; a damaged one has no query."""
    data, _, number = chunk
    find, rfind, length = data.find, data.rfind, len(data)
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
        head = _HEAD(data, start)
        if head and data[end - 1] == _QUOTE:
            # Nothing, if the head goes on in the next line.
            query = data[head.end() : end - 1]
        else:
            head = _line().fullmatch(data, start, end)
            query = head["query"] if head else b""
        queries.append(query if len(query) <= LONG_LINE else b"")
        if groups:
            # With one more: of a single group there would be no tuple.
            heads.append(head.group(*groups, 1)[:-1] if head else _NO_HEAD[: len(groups)])
            number += data.count(b"\n", counted, start)
            counted = start
            numbers.append(number)
    return queries, heads, numbers
