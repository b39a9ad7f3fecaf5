"""What a file is: a recording of a browser or a web server, by its first bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Optional

# Bytes of a beginning that tell what it is, mostly; more are not looked at.
LOOK = 64 * 1024

# The common and the combined format of web servers, with or without a server's name in front.
ACCESS = re.compile(
    r"(?:[\w.-]+:\d+ )?(?P<caller>\S+) \S+ (?P<user>\S+)"
    r" \[(?P<day>\d\d)/(?P<month>[A-Z][a-z][a-z])/(?P<year>\d{4}):(?P<time>\d\d:\d\d:\d\d)"
    r" [+-]\d{4}\]"
    r' "(?P<method>[A-Z]+) (?P<target>(?:[^"\\ ]|\\.)*)(?: HTTP/[\d.]+)?" (?P<status>\d{3})\b'
).match
URL = re.compile(r"https?://\S+", re.IGNORECASE).match
CURL = re.compile(
    r"(?:(?:sudo|time|env|exec|\w+=\S*)\s+)*(?:\S*[/\\])?curl(?:\.exe)?(?=\s|\Z)", re.IGNORECASE
).match
# Browsers offer them in the same menu as curl commands.
OTHER_KIND = re.compile(r"(?:await )?fetch\(|Invoke-WebRequest|\$session ?=").match
COMMENT = re.compile(r"#|::|rem\b", re.IGNORECASE).match
_HAR = re.compile(r'\s*\{.*?"(?:log"\s*:\s*\{|entries"\s*:\s*\[|creator"\s*:)', re.DOTALL).match
# How a script with curl commands may begin but for comments.
_SCRIPT = re.compile(r"(?:: |printf |set |export |\w+=|@echo |sudo )", re.IGNORECASE).match
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
    script = False
    for line in lines:
        kind = _kind(line)
        if kind is not None:
            return kind, True
        script = script or bool(COMMENT(line) or _SCRIPT(line))
        if line and not script:
            return None, True
    return _kind(last), False


def _kind(line: str) -> Optional[str]:
    if URL(line):
        return "url"
    if ACCESS(line):
        return "access"
    return "curl" if OTHER_KIND(line) or CURL(line) else None


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
