"""Why no request was found in a log: what its first lines look like, and what to do about it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import partial
from itertools import islice
from typing import Optional

from logreq.cli.terminal.status import hint
from logreq.log.files import LogFile, first_block
from logreq.log.find import LOOKED_AT
from logreq.log.line import NEEDLE, parse_line
from logreq.log.records import head
from logreq.model.request import Request
from logreq.text.clock import MONTH

# Logs that are told of one by one.
MOST = 5
_DATE = re.compile(rf"{MONTH} ".encode()).search
_ACCESS = re.compile(rb'"(?:GET|POST|HEAD) \S{1,4000} HTTP/', re.M).search
# What other programs put before a line, and what leaves it out.
_PREFIXES = (
    (rb"\d+[:-]\Z", "grep -n numbers the lines: leave -n out"),
    (rb"[^\s:]+:(?:\d+:)?\Z", "grep names the file in each line: -h leaves that out"),
    (rb'\{"log":"\Z', "this is a container's JSON: `jq -j .log FILE | logreq convert -`"),
    (rb"\S+T\S+ (?:stdout|stderr) [FP] \Z",
     "a container runtime's words: `cut -d' ' -f4- FILE | logreq convert -`"),
    (rb"\d{4}-\S+ \Z", "a time stamp: `cut -d' ' -f2- FILE | logreq convert -`"),
)  # fmt: skip


def why(files: Iterable[LogFile]) -> list[str]:
    """Tell of each log without requests, a line each, why it has none."""
    told = ((file.path, _reason(file)) for file in islice(files, MOST))
    return [
        f"{'standard input' if path == '-' else path}: {reason}"
        for path, reason in told
        if reason is not None
    ]


def _reason(file: LogFile) -> Optional[str]:
    """Tell why a log has no requests; None where its lines are not there any more."""
    look = partial(_told, panel=file.source.panel)
    if file.recording:
        return None  # reading it said so
    if file.path == "-":
        return look(file.head) if file.head else None
    if not file.size:
        return "this is empty" if os.path.isfile(file.path) else None
    return first_block(file, look, LOOKED_AT)


def _told(block: bytes, panel: str) -> str:
    """Tell what a log's first blocks hold instead of requests."""
    if b"\0" in block:
        return "this is binary, no log"
    lines = block.split(b"\n")
    for line in lines:
        prefix = _prefix(line)
        if prefix is not None:
            reason = next((text for form, text in _PREFIXES if re.match(form, prefix)), None)
            return f"something stands before each line's date: {reason or 'cut it off'}"
    if any(map(head, lines)):
        return hint([panel])
    if _ACCESS(block):
        return "this is a web server's access log, not a panel's log"
    return "no line begins as those of a panel's log do: date, then [process]"


def _prefix(line: bytes) -> Optional[bytes]:
    """Give what stands before a Request line; None if the line has none in it."""
    date = _DATE(line, 1, 400) if NEEDLE in line else None
    if date is None or head(line):  # such a line quotes one
        return None
    # A container's JSON goes on behind it.
    request = parse_line(line[date.start() :].partition(b'\\n"')[0])
    return line[: date.start()] if isinstance(request, Request) else None
