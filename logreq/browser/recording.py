"""What a browser or a web server kept of a session -> requests: the one way in.

Recognised by content. A recording is read once, from its beginning to its end.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Optional

from logreq.browser import har
from logreq.browser.calls import Calls, Found, Sent
from logreq.browser.lines import ACCESS, COMMENT, CURL, OTHER_KIND, URL, Lines
from logreq.log.files import Report

# Bytes of a beginning that tell what it is, mostly; more are not looked at.
LOOK = 64 * 1024
_HAR = re.compile(r'\s*\{.*?"(?:log"\s*:\s*\{|entries"\s*:\s*\[|creator"\s*:)', re.DOTALL).match
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Lines that a shell script may have before its first curl command.
_SCRIPT = re.compile(r"(?:: |printf |set |export |\w+=|@echo |sudo )", re.IGNORECASE).match


def recognise(beginning: bytes) -> Optional[str]:
    """Tell what begins so: `har`, `curl`, `url` or `access`; None for a panel's log.

    `beginning`: the first LOOK bytes, or all there are.
    """
    return _look(beginning)[0]


def undecided(beginning: bytes) -> bool:
    """Tell whether more of a beginning may change what `recognise` says of it."""
    return len(beginning) < LOOK and not _look(beginning)[1]


def _look(beginning: bytes) -> tuple[Optional[str], bool]:
    """Tell the kind, and whether that is sure."""
    head = b"".join(utf8([beginning[:LOOK]])).decode("utf-8", "replace")
    if _HAR(head):
        return "har", True
    if head.lstrip()[:1] == "{":
        return None, False
    *lines, last = map(str.strip, head.split("\n"))
    for line in lines:
        kind = _kind(line)
        if kind is not None or not _before(line):
            return kind, True
    return _kind(last), False


def _kind(line: str) -> Optional[str]:
    if URL(line):
        return "url"
    if ACCESS(line):
        return "access"
    return "curl" if OTHER_KIND(line) or CURL(line) else None


def _before(line: str) -> bool:
    """Tell whether a line may stand before the first curl command of a script."""
    return not line or bool(COMMENT(line) or _SCRIPT(line))


def utf8(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Give a text as UTF-8 without a mark of its byte order; Windows' shells write UTF-16."""
    blocks = iter(blocks)
    first = next(blocks, b"")
    if first.startswith(_UTF16):
        decoder = codecs.getincrementaldecoder("utf-16")("replace")
        for block in chain([first], blocks):
            yield decoder.decode(block).encode("utf-8", "replace")
        return
    yield first[len(codecs.BOM_UTF8) :] if first.startswith(codecs.BOM_UTF8) else first
    yield from blocks


def found(
    blocks: Iterable[bytes],
    kind: str,
    source: str,
    report: Report,
    panel: Optional[str] = None,
    undated: Optional[float] = None,
) -> Iterator[Found]:
    """Read a recording of a kind that `recognise` gives: requests with addresses and outcomes.

    `panel`: the panel of all of them; else each path tells, and where none does it is ispmgr.
    `undated`: the time, in seconds since the epoch, of what tells none; else now. `report`
    gets what is wrong or left out.
    """
    calls = Calls(source, panel, undated)
    if kind == "har":
        yield from _found(har.sent(utf8(blocks), source, report), calls)
        calls.finish(report, "entry", "entries")
        return
    lines = Lines(utf8(blocks), source, report)
    yield from _found(lines.sent(), calls)
    calls.others += lines.others
    calls.finish(report, "line", "lines")


def _found(sent: Iterable[Sent], calls: Calls) -> Iterator[Found]:
    return filter(None, map(calls, sent))
