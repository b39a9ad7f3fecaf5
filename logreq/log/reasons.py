"""Records of a log -> outcomes: error texts, processes' ends, documents.

Formats (seen): `Error: Type: 'exists' Object: 'user' Value: ''`, where type and object are
those of mgrctl's `ERROR exists(user)`; `Process N finished with status S`. Vendor guide,
results: `<doc><ok/></doc>`, `<doc><ok>restart</ok></doc>`, `<doc><error>message</error></doc>`;
in the field also `<error code="3" obj="site"/>` and
`<error type="exists" object="user" lang="en"><msg>text</msg></error>`.
"""

from __future__ import annotations

import re
from typing import Optional

from logreq.model.outcome import Outcome
from logreq.text.codec import decode

# A longer text is cut (bytes): it is there to be read.
TEXT = 2_000
_COLOUR = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]")
_TYPED = re.compile(r"Error: Type: '([^'\n]*)' Object: '([^'\n]*)' Value: '(.*)'", re.DOTALL)
# Nothing that a tag cannot hold is passed over, so that a row of open brackets costs no more.
_TAG = re.compile(r"<(/?)([\w:.-]+)([^<>]*)>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_VALUE = re.compile(r"<param\s+name=(?:\"value\"|'value')\s*>([^<>]*)</param>")
_MESSAGE = re.compile(r"<msg(?:\s[^<>]*)?>([^<>]*)</msg>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))


def clean(record: bytes) -> str:
    """Give a record's text without colours and line ends around it, cut at `TEXT` bytes."""
    text = _COLOUR.sub(b"", record[: 2 * TEXT]).strip(b" \r\n")
    return decode(text[:TEXT]).replace("\r\n", "\n")


def refusal(record: bytes) -> Outcome:
    """Make the outcome of the text of an ERROR or CRIT record."""
    text = clean(record)
    found = _TYPED.search(text)
    kind, object_, value = found.groups() if found else ("", "", "")
    return Outcome(True, kind, object_, value, text)


def ended(number: bytes, status: bytes) -> Outcome:
    """Make the outcome of a process that did not end well."""
    return Outcome(True, text=f"process {decode(number)} finished with status {decode(status)}")


def answer(record: bytes, func: str) -> Optional[Outcome]:
    """Read a document in a record: the answer to `func`; None if it holds none.

    Only a child of the document itself counts: lists and forms have fields of any name. A
    document that names another function is not the answer.
    """
    text = decode(_COLOUR.sub(b"", record))
    if "<![" in text:
        return None  # raw text, which may look like tags
    depth = 0
    ours = False
    for tag in _TAG.finditer(text):
        closing, name, rest = tag.groups()
        if closing:
            depth = max(0, depth - 1)
            continue
        if not depth:
            named = _attributes(rest).get("func", func)
            ours = name == "doc" and named == func
        elif depth == 1 and ours and name in ("ok", "error"):
            return _said(name, rest, text[tag.end() : tag.end() + TEXT])
        depth += not rest.endswith("/")
    return None


def _said(name: str, rest: str, following: str) -> Outcome:
    inside = "" if rest.endswith("/") else following.partition(f"</{name}>")[0]
    if name == "ok":
        return Outcome(False, text=_unescaped(inside.partition("<")[0]).strip())
    has = _attributes(rest)
    message, value = _MESSAGE.search(inside), _VALUE.search(inside)
    return Outcome(
        True,
        has.get("type") or has.get("code", ""),
        has.get("object") or has.get("obj", ""),
        _unescaped(value[1]) if value else "",
        _unescaped(message[1] if message else inside.partition("<")[0]).strip(),
    )


def _attributes(rest: str) -> dict[str, str]:
    return {name: _unescaped(a or b) for name, a, b in _ATTRIBUTE.findall(rest)}


def _unescaped(text: str) -> str:
    for entity, char in _ENTITIES:
        text = text.replace(entity, char)
    return text
