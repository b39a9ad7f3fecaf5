"""A fake COREmanager panel on loopback: what the vendor guide says, over HTTP.

`FakePanel` is a recording server whose answers come from accounts (`panel_auth`), tables
(`panel_state`) and formats (`documents`).
"""

from __future__ import annotations

import threading
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple

from tests.support.documents import Document, Failure, LoggedIn, render
from tests.support.panel_auth import Auth, Params, RefusedError
from tests.support.panel_state import State, translated
from tests.support.recorder import Pairs, Recorded, RecordingServer, Reply

PANELS = ("ispmgr", "billmgr", "dnsmgr")


class Call(NamedTuple):
    """A call that got past authorisation: `login` logged in, `user` is whom `su` made of it."""

    panel: str
    user: str
    login: str
    func: str
    params: Pairs


class FakePanel(RecordingServer):
    """A panel, while the `with` block lasts.

    `auth` and `state` may be changed at any time. `calls` holds what was let in; `fail`
    maps a function to the error document that it answers from now on. `generation` 4
    writes `out=json` as that one did.
    """

    def __init__(self, *, tls: bool = False, generation: int = 5) -> None:
        super().__init__(self._answer, tls=tls)
        self.generation = generation
        self.auth = Auth()
        self.state = State(self.auth)
        self.calls: list[Call] = []
        self.fail: dict[str, Failure] = {}
        self._lock = threading.Lock()

    def url(self, panel: str = "ispmgr") -> str:
        """Give a panel's address: `https://127.0.0.1:PORT/ispmgr`."""
        return f"{self.base}/{panel}"

    def _answer(self, request: Recorded) -> Reply:
        parts = request.path.strip("/").split("/")
        panel = parts[-1]
        if panel not in PANELS or parts[:-1] not in ([], ["manager"]):
            return Reply(b"Not Found\n", "text/plain", 404)
        if request.method not in ("GET", "POST"):
            return Reply(b"Method Not Allowed\n", "text/plain", 405)
        try:
            pairs = request.pairs
        except ValueError as error:
            self.refused.append(str(error))
            return Reply(b"Unsupported Media Type\n", "text/plain", 415)
        params = {_text(name): _text(value) for name, value in pairs}
        with self._lock:
            try:
                document = self._document(request, panel, params, pairs)
            except RefusedError as refused:
                document = refused.document
        if isinstance(document, Failure):
            document = translated(document, params.get("lang", "en"))
        reply = render(
            document,
            params.get("out", ""),
            generation=self.generation,
            ajax=params.get("sfrom") == "ajax",
        )
        if isinstance(document, LoggedIn):
            cookie = f"{panel}ses5={document.session}; path=/; HttpOnly"
            reply = reply._replace(headers=(("Set-Cookie", cookie),))
        return reply

    def _document(self, request: Recorded, panel: str, params: Params, pairs: Pairs) -> Document:
        func = params.get("func", "")
        cookie = _cookie(request, f"{panel}ses5")
        if func == "auth":
            return self.auth.login(params, panel, request.client, bool(cookie))
        login = self.auth.user_of(params, panel, request.client, cookie)
        user = self.auth.effective(login, params.get("su"))
        self.calls.append(Call(panel, user, login, func, pairs))
        if func in self.fail:
            return self.fail[func]
        if func == "session.newkey":
            return self.auth.new_key(user, params)
        return self.state.call(func, user, params)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _cookie(request: Recorded, name: str) -> str:
    try:
        cookies = SimpleCookie(request.headers.get("Cookie", ""))
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""
