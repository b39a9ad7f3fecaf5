"""Forms as browsers send them -> pairs; pairs -> a query as panels log it.

In pairs, text is `str` as in `logreq.model.request`, and VARIABLE stands for what the source
does not tell: the contents of a variable or of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from logreq.model.request import MASK
from logreq.text.codec import encode
from logreq.text.percent import quote, unquote

Pairs = list[tuple[str, str]]

# No text has it: half of a character, which readers replace before a text comes here.
VARIABLE = "\ud800"
# Programs for HTTP Archives and curl collections fill these in; browsers encode the braces.
_TEMPLATE = re.compile(r"\{\{[^{}&]*\}\}").fullmatch
_LONE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]+)"|([^\s;"]+))', re.IGNORECASE).search
_DISPOSITION = re.compile(r"(?im)^content-disposition:(?P<rest>[^\r\n]*)").search
_NAME = re.compile(r'(?i);\s*name=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))').search
_FILE = re.compile(r'(?i);\s*filename\*?=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))').search
# How browsers (HTML, "multipart form data") and older programs write quotes and line ends in names.
_ESCAPED = re.compile(r'%22|%0[AaDd]|\\(["\\])')
_PLAIN = {"%22": '"', "%0A": "\n", "%0D": "\r"}


class Form(NamedTuple):
    """The fields of a body, and the names of files in it, whose contents no call can hold."""

    pairs: Pairs
    files: Sequence[str] = ()


def clean(text: str) -> str:
    """Replace halves of characters as browsers do; bytes that are not UTF-8 stay."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def split(raw: str) -> Pairs:
    """Split a query or a form's body, each name and value decoded; empty pieces are left out."""
    pairs = []
    for piece in raw.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((_unquoted(name), VARIABLE if _TEMPLATE(value) else _unquoted(value)))
    return pairs


def _unquoted(raw: str) -> str:
    return VARIABLE if VARIABLE in raw else unquote(raw)


def merged(query: Pairs, body: Pairs) -> Pairs:
    """Join what the URL and the body say: where both name a parameter, the body's is sent.

    The panel's log holds both in one query. Which one panels prefer is not documented; a
    form's own fields are what was typed, the URL only opened it.
    """
    named = {name for name, _ in body}
    return [pair for pair in query if pair[0] not in named] + body


def logged(pairs: Iterable[tuple[str, str]]) -> str:
    """Write pairs as panels log them: letters, digits and `.` plain, all else `%XX`.

    VARIABLE makes a value a masked one, a bare `*`; a real asterisk is `%2A` (seen in logs).
    """
    return "&".join(
        f"{_quoted(name)}={MASK if VARIABLE in value else _quoted(value)}" for name, value in pairs
    )


def _quoted(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    quoted = quote(encode(clean(text)))
    return quoted.replace("-", "%2D").replace("_", "%5F").replace("~", "%7E")


def body(text: str, kind: str) -> Form:
    """Read a request's body, as it was sent, by its media type (`kind`, with its parameters).

    ValueError for a type that holds no form.
    """
    name = kind.partition(";")[0].strip().lower()
    if name == "multipart/form-data":
        return _multipart(text, kind)
    if name in ("application/json", "text/xml", "application/xml"):
        raise ValueError(f"the body is {name} and no form")
    return Form(split(text.rstrip("\r\n")))


def _multipart(text: str, kind: str) -> Form:
    found = _BOUNDARY(kind)
    boundary = (found[1] or found[2]) if found else text.split("\n", 1)[0].strip()[2:]
    if not boundary:
        raise ValueError("the body has no boundary between its fields")
    # cmd's form of a copied command has bare line ends.
    _, *parts = re.split(rf"(?:\A|\r?\n)--{re.escape(boundary)}(?:[ \t]*(?=\r?\n)|--)", text)
    pairs: Pairs = []
    files = []
    for part in parts:
        split_at = re.search(r"\r?\n\r?\n", part)
        said = _DISPOSITION(part, 0, split_at.start() if split_at else 0)
        name = _NAME(said["rest"]) if said else None
        if split_at is None or said is None or name is None:
            continue  # what follows the last boundary
        file = _FILE(said["rest"])
        if file:
            files.append(f"{_unescaped(name)} ({_unescaped(file)})")
        else:
            pairs.append((_unescaped(name), part[split_at.end() :]))
    return Form(pairs, files)


def _unescaped(found: re.Match[str]) -> str:
    text = found[2] if found[1] is None else found[1]
    return _ESCAPED.sub(lambda m: m[1] or _PLAIN[m[0].upper()], text)
