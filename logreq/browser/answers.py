"""A panel's answer -> the outcome of a request.

Formats (vendor guide, "Results"; answers seen): a document `doc` that holds `error`, or
`authfail` for a failed login, where the panel refused, in XML or JSON; in text `OK` or
`ERROR type(object): message`.
"""

from __future__ import annotations

import json
import re
from typing import Any, Optional

from logreq.browser.forms import clean
from logreq.model.outcome import Outcome

# Characters of a panel's words that are kept.
_LONGEST = 1000
_TEXT_ERROR = re.compile(r"ERROR (?:(\w+)\(([^)\n]*)\))?:? ?(.*)", re.DOTALL).match
_TEXT_OK = re.compile(r"OK\b").match
_XML = re.compile(r"<(?:\?xml|doc\b)").match
_DONE = Outcome(False, "", "", "", "")


def outcome(status: int, text: Optional[str]) -> Optional[Outcome]:
    """Read an answer; None where it tells nothing.

    `status`: HTTP's, 0 where nothing was answered. `text`: the answer's content, None where it
    was not kept. A document without an error tells that the request was carried out; a page
    for a browser tells nothing, nor does a redirection.
    """
    found = _document(text.lstrip("\ufeff \t\r\n")) if text else None
    if found is None and status >= 400:
        return _failed(text=f"HTTP status {status}")
    return found


def _document(text: str) -> Optional[Outcome]:
    if text[:1] in ("{", "["):
        try:
            return _json(json.loads(text))
        except (ValueError, RecursionError):
            return None
    if _XML(text):
        return _xml(text)
    error = _TEXT_ERROR(text)
    if error:
        return _failed(error[1], error[2], "", error[3].strip())
    return _DONE if _TEXT_OK(text) else None


def _failed(
    kind: object = "", thing: object = "", value: object = "", text: object = ""
) -> Outcome:
    texts = (clean(str(part or ""))[:_LONGEST] for part in (kind, thing, value, text))
    return Outcome(True, *texts)


def _json(data: Any) -> Optional[Outcome]:
    if isinstance(data, list):
        return _DONE  # JSONdata's list
    doc = data.get("doc", data)
    if not isinstance(doc, dict):
        return None
    if "authfail" in doc:
        return _failed("authfail")
    if "error" not in doc and doc.get("ok") is False:
        return _failed()
    if "error" not in doc:
        return _DONE if "doc" in data or "ok" in doc else None
    error = doc["error"]
    if not isinstance(error, dict):
        return _failed(text=error)
    field = {name: _content(error.get(f"${name}", error.get(name))) for name in _FIELDS}
    message = field["msg"] or _content(error)
    return _failed(
        field["type"] or field["code"], field["object"] or field["obj"], field["value"], message
    )


_FIELDS = ("type", "code", "object", "obj", "value", "msg")


def _content(node: Any) -> str:
    """Give the text of a value: itself, or under `$` where it has attributes."""
    if isinstance(node, dict):
        node = node.get("$", "")
    return node if isinstance(node, str) else ""


def _xml(text: str) -> Optional[Outcome]:
    """Look for an error in a document; one with declarations of its own is no panel's."""
    from xml.parsers import expat

    path: list[str] = []
    error: dict[str, str] = {}
    words: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(name)
        if path == ["doc", "error"]:
            error.update(attributes, found="yes")
        elif path == ["doc", "authfail"]:
            error["type"] = "authfail"

    def data(content: str) -> None:
        if path[:2] == ["doc", "error"] and len(path) < 4:
            words[path[-1]] = (words.get(path[-1], "") + content)[:_LONGEST]

    def refuse(*_: object) -> None:
        raise ValueError

    # What expat hears of encodings is history: the text is decoded already.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()
    parser.CharacterDataHandler = data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(clean(text).encode("utf-8", "replace"), True)
    except (expat.ExpatError, ValueError):
        return None
    if not error:
        return _DONE
    message = words.get("msg", "") or words.get("error", "")
    return _failed(
        error.get("type", "") or error.get("code", ""),
        error.get("object", "") or error.get("obj", ""),
        error.get("value", ""),
        message.strip(),
    )
