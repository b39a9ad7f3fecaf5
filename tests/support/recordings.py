"""Recordings for tests: archives as programs write them, and reading one in a line."""

from __future__ import annotations

import json
from typing import Any, Optional

from logreq.browser.calls import Found
from logreq.browser.recognise import recognise
from logreq.browser.recording import Recording
from logreq.model.chunk import Source
from logreq.text.codec import encode
from tests.support.recorder import Pairs

FORM = "application/x-www-form-urlencoded"
BASE = "https://panel.example:1500"


def entry(
    url: str = f"{BASE}/ispmgr",
    text: Optional[str] = None,
    *,
    kind: str = FORM,
    method: str = "POST",
    started: str = "2018-02-06T08:08:07.123Z",
    answer: Optional[str] = None,
    status: int = 200,
    **request: Any,
) -> dict[str, Any]:
    """Make an entry; `request`: more members of its request."""
    request = {"method": method, "url": url, "httpVersion": "HTTP/1.1", **request}
    if text is not None:
        request["postData"] = {"mimeType": kind, "text": text}
    content = {} if answer is None else {"text": answer}
    response = {"status": status, "content": content}
    return {"startedDateTime": started, "request": request, "response": response}


def archive(*entries: Any) -> bytes:
    """Make an archive."""
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


def found(
    data: bytes, problems: Optional[list[str]] = None, *, panel: Optional[str] = None
) -> list[Found]:
    """Read a recording, recognised by its content; without `problems` there may be none."""
    said: list[str] = []
    source = Source("x", "ispmgr")
    kind = recognise(data)
    assert kind is not None
    made = list(
        Recording([data], kind, source, lambda problem: said.append(str(problem)), panel=panel)
    )
    if problems is None:
        assert said == []
    else:
        problems += said
    return made


def pairs(one: Found) -> Pairs:
    """Give a request's pairs as bytes; None's place is taken by what is masked."""
    return [
        (encode(param.name), b"(masked)" if param.masked else encode(param.value))
        for param in one.request.params
    ]
