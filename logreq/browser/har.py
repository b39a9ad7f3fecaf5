"""HTTP Archives, as browsers and proxies save them -> what was sent, and what was answered.

The format: HAR 1.1 and 1.2 (http://www.softwareishard.com/blog/har-12-spec/). Programs differ
in whether `queryString` and `params` are decoded, and in whether a form has `text` or `params`:
the URL and the text are as they were sent, the others serve where these are missing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any, Optional

from logreq.browser import forms
from logreq.browser.answers import outcome
from logreq.browser.calls import Sent, iso_time
from logreq.browser.forms import Form, clean
from logreq.browser.json_stream import JsonError, Reader
from logreq.errors import Problem, Report
from logreq.model.outcome import Outcome
from logreq.text.codec import decode

# Browsers leave bodies out that are large, or that they did not keep.
NO_BODY = "the recording does not hold what was posted: parameters are missing"
# What a method without a body is called.
_BODILESS = ("GET", "HEAD", "OPTIONS")


def sent(blocks: Iterable[bytes], source: str, report: Report) -> Iterator[Sent]:
    """Read an archive; `place` is the entry's number.

    What is wrong with an entry is reported and costs no other; where the file itself is broken
    or cut off, what came before has been handed out.
    """

    def wrong(error: JsonError, *, lost: bool = False) -> None:
        report(Problem(source, error.line, error.column, str(error), lost))

    reader = Reader(blocks, wrong)
    try:
        for entry in reader.entries():
            yield _sent(entry, reader.number)
    except JsonError as error:
        wrong(error, lost=True)


def _sent(entry: Any, number: int) -> Sent:
    request = _dict(entry, "request")
    url = _text(request, "url")
    if "?" not in url:
        # As for `params`, no program is known that writes these only, and encoded.
        query = forms.logged(_pairs(request.get("queryString")))
        url = f"{url}?{query}" if query else url
    method = _text(request, "method").upper()
    notes: tuple[str, ...] = ()
    try:
        form, missing = _form(request)
    except ValueError as error:
        form, missing = Form([]), False
        notes = (f"{error}: what it holds is missing",)
    if missing and method not in _BODILESS:
        notes = (NO_BODY,)
    time, year = iso_time(_text(entry, "startedDateTime"))
    return Sent(
        number, url, form.pairs, form.files, time,
        outcome=_answer(_dict(entry, "response")), notes=notes, year=year,
    )  # fmt: skip


def _form(request: dict[str, Any]) -> tuple[Form, bool]:
    """Read the body; and tell whether one was sent that is not here."""
    data = _dict(request, "postData")
    text, params = data.get("text"), data.get("params")
    kind = _text(data, "mimeType") or _header(request, "content-type")
    if isinstance(text, str) and text:
        if data.get("encoding") == "base64":
            text = _decoded(text)
        return forms.body(clean(text), kind), False
    files = tuple(
        f"{_text(param, 'name')} ({_text(param, 'fileName')})"
        for param in _list(params)
        if _text(param, "fileName")
    )
    pairs = _pairs([param for param in _list(params) if not _text(param, "fileName")])
    size = request.get("bodySize")
    sized = isinstance(size, int) and size > 0
    lost = sized or ("text" in data and text is None)
    return Form(pairs, files), lost and not (pairs or files)


def _pairs(params: Any) -> forms.Pairs:
    return [
        (_text(param, "name"), _text(param, "value"))
        for param in _list(params)
        if _text(param, "name")
    ]


def _header(request: dict[str, Any], name: str) -> str:
    headers = _list(request.get("headers"))
    return next((_text(h, "value") for h in headers if _text(h, "name").lower() == name), "")


def _answer(response: dict[str, Any]) -> Optional[Outcome]:
    status = response.get("status")
    content = _dict(response, "content")
    text = content.get("text")
    if isinstance(text, str) and content.get("encoding") == "base64":
        text = _decoded(text)
    return outcome(
        status if isinstance(status, int) else 0, text if isinstance(text, str) else None
    )


def _decoded(text: str) -> str:
    try:
        return decode(base64.b64decode(text, validate=False))
    except (binascii.Error, ValueError):
        return ""


def _dict(value: Any, name: str) -> dict[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return clean(found) if isinstance(found, str) else ""
