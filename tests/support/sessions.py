"""What answers a session that is over, and a server that answers calls in turn."""

from __future__ import annotations

from tests.support.recorder import Answer, Recorded, Reply

_AWAY = Reply(b"", status=302, headers=(("Location", "/login"),))
PAGES = {
    "redirect": _AWAY,
    "bare redirect": _AWAY._replace(status=303, headers=()),
    "page": Reply(b"<html>a session</html>"),
    "document type": Reply(b"\n<!DOCTYPE html>\n<html></html>"),
    "XHTML": Reply(b"<?xml version='1.0'?>\n<html><body/></html>"),
}


def in_turn(*replies: Reply) -> Answer:
    """Answer calls of `domain` by these, one after another, and logins well."""
    left = iter(replies)

    def answer(request: Recorded) -> Reply:
        if request.get(b"func") == b"domain":
            return next(left)
        return Reply(b'{"doc":{"ok":{},"auth":{"$id":"s"}}}')

    return answer
