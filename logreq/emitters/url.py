"""One URL per call, and nothing else: for a browser, for `grep`, for other tools."""

from __future__ import annotations

from logreq.emitters.base import Emitter
from logreq.emitters.context import Context, extra_pairs
from logreq.emitters.frame import PAIRS, Frame
from logreq.model.call import Env, Value
from logreq.model.connection import AUTO
from logreq.text.percent import percent


class Url(Emitter):
    """`URL?func=F&name=value&...`; a secret's reference is `${NAME}`, as a shell has it."""

    summary = "the bare URL, one a line"
    syntax = "url"
    default_out = ""
    default_auth = "none"
    auths = ("none", "authinfo")
    separator = ""
    tells_request = False

    @property
    def own(self) -> frozenset[str]:
        names = [name for name, _ in self.connection.extra]
        return frozenset([*names, "su"] if self.connection.su == AUTO else names)

    def pair(self, name: str, value: Value) -> str:
        text = f"${{{value.name}}}" if isinstance(value, Env) else percent(str(value))
        return f"&{percent(name)}={text}"

    def frame(self, context: Context) -> Frame:
        extra = "".join(self.pair(*pair) for pair in extra_pairs(self.connection, context))
        url = f"{self.address(context.panel)}?func={percent(context.func)}"
        return Frame(url, PAIRS, extra + "\n")
