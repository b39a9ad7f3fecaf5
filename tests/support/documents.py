"""Result documents of a panel and how each `out` format writes them.

`xml`, `json`, `text` and the error shapes are the vendor guide's or were seen in the
field. `devel`'s metadata, `print`, `csv` and what `bjson` and `JSONdata` make of
anything but a list are guesses: clients pass those formats through.
"""

from __future__ import annotations

import html
import json
import re
from typing import NamedTuple, Union
from xml.sax.saxutils import escape, quoteattr

from tests.support.recorder import Reply

Row = dict[str, str]


class Listing(NamedTuple):
    """`<doc><elem>..</elem>..</doc>`."""

    rows: list[Row]


class Form(NamedTuple):
    """`<doc><elid>..</elid>fields</doc>`."""

    fields: Row


class Done(NamedTuple):
    """`<doc><ok/></doc>`, or `<doc><ok>restart</ok></doc>`; `id` is that of a new row."""

    text: str = ""
    id: str = ""


class LoggedIn(NamedTuple):
    """`<doc><auth id="ID"/></doc>`; in JSON the id stands under `key`: `$id` or `$`."""

    session: str
    key: str = "$id"


class AuthFail(NamedTuple):
    """`<doc><authfail/></doc>`."""


class Failure(NamedTuple):
    """An error document, in one of the shapes seen in the field.

    `text`: a bare message. `code`: attributes `code` and `obj`. `typed`: attributes
    `type`, `object` and `lang`, and a `msg`. `string`: as `text`, a plain string in JSON.
    """

    message: str
    shape: str = "typed"
    type: str = "value"
    object: str = ""
    lang: str = "en"
    code: int = 3


Document = Union[Listing, Form, Done, LoggedIn, AuthFail, Failure]
Tree = dict[str, object]

# Not allowed in XML 1.0, not even as a reference.
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def _attributes(failure: Failure) -> Row:
    if failure.shape == "code":
        return {"code": str(failure.code), "obj": failure.object}
    if failure.shape == "typed":
        return {"type": failure.type, "object": failure.object, "lang": failure.lang}
    return {}


def xml(document: Document, extra: str = "") -> str:
    """Write a document as the guide shows it; `extra` goes in as it is."""
    return f"{DECLARATION}<doc>{extra}{_xml(document)}</doc>\n"


def _xml(document: Document) -> str:
    if isinstance(document, Listing):
        return "".join(f"<elem>{_elements(row)}</elem>" for row in document.rows)
    if isinstance(document, Form):
        return _elements(document.fields)
    if isinstance(document, Done):
        made = f"<id>{document.id}</id>" if document.id else ""
        return made + (f"<ok>{_escape(document.text)}</ok>" if document.text else "<ok/>")
    if isinstance(document, LoggedIn):
        return f"<auth id={quoteattr(document.session)}/>"
    if isinstance(document, AuthFail):
        return "<authfail/>"
    attributes = "".join(
        f" {name}={quoteattr(_legal(value))}" for name, value in _attributes(document).items()
    )
    if document.shape == "code":
        return f"<error{attributes}/>"
    if document.shape == "typed":
        return f"<error{attributes}><msg>{_escape(document.message)}</msg></error>"
    return f"<error>{_escape(document.message)}</error>"


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", text)


def _escape(text: str) -> str:
    return escape(_legal(text), {"\r": "&#13;"})


def _elements(row: Row) -> str:
    return "".join(f"<{name}>{_escape(value)}</{name}>" for name, value in row.items())


def tree(document: Document) -> Tree:
    """Give what stands under `doc` in `out=json`; one row is an object, not a list."""
    if isinstance(document, Listing):
        rows = [_texts(row) for row in document.rows]
        return {"elem": rows[0] if len(rows) == 1 else rows} if rows else {}
    if isinstance(document, Form):
        return _texts(document.fields)
    if isinstance(document, Done):
        made: Tree = {"id": {"$": document.id}} if document.id else {}
        return {**made, "ok": {"$": document.text} if document.text else {}}
    if isinstance(document, LoggedIn):
        return {"auth": {document.key: document.session}}
    if isinstance(document, AuthFail):
        return {"authfail": {}}
    if document.shape == "string":
        return {"error": document.message}
    error: Tree = {f"${name}": value for name, value in _attributes(document).items()}
    if document.shape == "typed":
        error["msg"] = {"$": document.message}
    elif document.shape == "text":
        error["$"] = document.message
    return {"error": error}


def _texts(row: Row) -> Tree:
    return {name: {"$": value} for name, value in row.items()}


def flat(document: Document) -> Tree:
    """Give the JSON of the fourth generation, which has neither `doc` nor `$`.

    Seen in an integrator's code: `auth` is the id, `elem` always a list, `result` is `OK`.
    """
    if isinstance(document, Listing):
        return {"elem": list(document.rows)}
    if isinstance(document, Form):
        return dict(document.fields)
    if isinstance(document, Done):
        return {"id": document.id, "result": "OK"} if document.id else {"result": "OK"}
    if isinstance(document, LoggedIn):
        return {"auth": document.session}
    if isinstance(document, AuthFail):
        return {"authfail": ""}
    return {"error": document.message}


def rows_of(document: Document) -> list[Row]:
    """Give a list's rows, a form as one row, nothing for the rest."""
    if isinstance(document, Listing):
        return document.rows
    return [document.fields] if isinstance(document, Form) else []


def text(document: Document) -> str:
    """Write as mgrctl does: `OK`, `name=value` words and lines, or `ERROR type(object)`."""
    if isinstance(document, Listing):
        lines = [" ".join(f"{k}={v}" for k, v in row.items()) for row in document.rows]
    elif isinstance(document, Form):
        lines = [f"{name}={value}" for name, value in document.fields.items()]
    elif isinstance(document, Done):
        lines = [f"OK {document.text}".strip(), *([f"id={document.id}"] if document.id else [])]
    elif isinstance(document, LoggedIn):
        lines = [f"auth={document.session}"]
    elif isinstance(document, AuthFail):
        lines = ["ERROR auth(badpassword)"]
    else:
        lines = [f"ERROR {document.type}({document.object}): {document.message}"]
    return "".join(f"{line}\n" for line in lines)


def _bjson(document: Document) -> Tree:
    succeeded = not isinstance(document, (AuthFail, Failure))
    if isinstance(document, Done):
        return {"ok": True, **({"id": document.id} if document.id else {})}
    return {"ok": succeeded, **flat(document)}


def _json_data(document: Document) -> object:
    if isinstance(document, (AuthFail, Failure, LoggedIn)):
        return flat(document)
    return rows_of(document)


def _table(document: Document, separator: str) -> str:
    rows = rows_of(document)
    names = list(rows[0]) if rows else []
    lines = [names, *([row.get(name, "") for name in names] for row in rows)] if rows else []
    return "".join(separator.join(line) + "\n" for line in lines)


def render(document: Document, out: str, *, generation: int = 5, ajax: bool = False) -> Reply:
    """Write a document in the format `out`, HTML where it is empty or unknown.

    With `ajax` (the request had `sfrom=ajax`) the answer is the interface's own format,
    which is neither XML nor JSON.
    """
    if ajax:
        body = f"/*ajax*/ panel.show({json.dumps(tree(document))});"
        return _reply(body, "text/javascript")
    if out == "print" and not isinstance(document, (Listing, AuthFail, Failure)):
        document = Failure("print is for lists only", type="value", object="out")
    if out == "json":
        value: object = {"doc": tree(document)} if generation > 4 else flat(document)
        return _reply(_json(value), "application/json")
    if out == "bjson":
        return _reply(_json(_bjson(document)), "application/json")
    if out == "JSONdata":
        return _reply(_json(_json_data(document)), "application/json")
    if out == "xml":
        return _reply(xml(document), "text/xml")
    if out == "devel":
        return _reply(xml(document, '<metadata name="fake" type="fake"/>'), "text/xml")
    if out == "text":
        return _reply(text(document), "text/plain")
    if out in ("print", "csv"):
        rows = isinstance(document, (Listing, Form))
        body = _table(document, ";" if out == "csv" else "\t") if rows else text(document)
        return _reply(body, "text/csv" if out == "csv" else "text/plain")
    page = f"<!DOCTYPE html>\n<html><body><pre>{html.escape(text(document))}</pre></body></html>\n"
    return _reply(page, "text/html")


def _json(value: object) -> str:
    # Not \uXXXX: clients have to decode UTF-8 themselves.
    return json.dumps(value, ensure_ascii=False)


def _reply(body: str, kind: str) -> Reply:
    # A byte that was no UTF-8 becomes "?": no client could read the document otherwise.
    return Reply(body.encode("utf-8", "replace"), f"{kind}; charset=UTF-8")
