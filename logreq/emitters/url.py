"""One URL per call, and nothing else: for a browser, for `grep`, for other tools."""

from __future__ import annotations

from logreq.emitters._old import Emitter, Remembered, percent
from logreq.model.call import Call, Env, Value
from logreq.model.connection import Connection


class Url(Emitter):
    """`URL?func=F&name=value&...`; a secret's reference is `${NAME}`, as a shell has it."""

    summary = "the bare URL, one a line"
    syntax = "url"
    default_out = ""
    default_auth = "none"
    auths = ("none", "authinfo")
    separator = ""
    joins = True
    tells_request = False
    fields = ("texts",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(_pair)
        tail = "".join(_pair(name, value) for name, value in self.connection.extra)
        if self.connection.auth == "authinfo":
            tail += _pair("authinfo", Env("PANEL_AUTHINFO"))
        self._tail = tail + "\n"

    def snippet(self, call: Call) -> str:
        """Give one line."""
        return self.told(call, self.texts(call))

    def told(self, call: Call, pairs: str) -> str:
        return f"{self.address(call)}?func={percent(call.request.func)}{pairs}{self._tail}"


def _pair(name: str, value: Value) -> str:
    text = f"${{{value.name}}}" if isinstance(value, Env) else percent(str(value))
    return f"&{percent(name)}={text}"
