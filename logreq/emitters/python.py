"""Python 3, standard library only. The snippet raises on an error document."""

from __future__ import annotations

from logreq.call import Call, Connection, Env, Value
from logreq.emitters._base import Emitter, Remembered

_TEXT = """\
body = urllib.parse.urlencode(call, quote_via=urllib.parse.quote, errors="surrogateescape")
with urllib.request.urlopen({request}) as reply:
    {parse}
"""
_JSON = """\
result = json.load(reply)
result = result.get("doc", result) if isinstance(result, dict) else result
if isinstance(result, dict) and "error" in result:
    raise RuntimeError(f"{call[0][1]}: {result['error']}")
"""
_XML = """\
result = xml.etree.ElementTree.fromstring(reply.read())
error = result.find("error")
if error is not None:
    raise RuntimeError(f"{call[0][1]}: {xml.etree.ElementTree.tostring(error, 'unicode')}")
"""
_READ = "result = reply.read()\n"


class Python(Emitter):
    """A list of pairs, one POST, the parsed result in `result`."""

    summary = "Python 3, standard library only"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(_pair)
        login = [("authinfo", Env("PANEL_AUTHINFO"))] * (self.connection.auth == "authinfo")
        pairs = [*self.connection.extra, *login]
        self._tail = "".join(_pair(name, value) for name, value in pairs)
        self._ends: dict[str, str] = {}
        out = self.connection.out
        kind = "json" if out in ("json", "bjson") else "xml" if out in ("xml", "devel") else ""
        self._parse = {"json": _JSON, "xml": _XML, "": _READ}[kind]
        modules = ["json"] * (kind == "json") + ["os"]
        modules += ["ssl"] * self.connection.insecure + ["urllib.parse", "urllib.request"]
        modules += ["xml.etree.ElementTree"] * (kind == "xml")
        self._imports = f"import {', '.join(modules)}\n\n"

    def comment(self, text: str) -> str:
        # In the first two lines of a file, "coding:" in a comment sets its encoding.
        return super().comment(text).replace("coding", "c\\x6fding")

    def snippet(self, call: Call) -> str:
        texts = self._texts
        pairs = "".join([texts[outcome] for outcome in call.outcomes])
        return (
            f"{self.header(call)}{self._imports}call = [\n"
            f"    ('func', {call.request.func!r}),\n{pairs}{self._tail}]\n{self._end(call)}"
        )

    def _end(self, call: Call) -> str:
        panel = call.request.panel
        found = self._ends.get(panel)
        if found is None:
            request = f"{self.address(call)!r}, body.encode()"
            if self.connection.insecure:
                request += ", context=ssl._create_unverified_context()"
            parse = self._parse.rstrip("\n").replace("\n", "\n    ")
            found = self._ends[panel] = _TEXT.format(request=request, parse=parse)
        return found


def _pair(name: str, value: Value) -> str:
    text = f"os.environ[{value.name!r}]" if isinstance(value, Env) else repr(value)
    return f"    ({name!r}, {text}),\n"


EMITTER = Python
