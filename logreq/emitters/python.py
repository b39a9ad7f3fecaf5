"""Python 3, standard library only: a mapping, one POST, one check, the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import ClassVar

from logreq.emitters._python_script import literal, script
from logreq.emitters.base import Emitter
from logreq.emitters.context import Context, extra_pairs, family, key_user, output_format
from logreq.emitters.frame import PAIRS, Frame
from logreq.model.call import Argument, Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.cache import BoundedCache, length_of
from logreq.text.percent import percent

# Ways to send and to check that are remembered: a log may name any format.
_CODES = 50
# In the first two lines of a file such a comment sets the file's encoding (PEP 263).
_CODING = re.compile("c(?=oding[:=])")
# Those that a snippet can use, in the order of their import.
_MODULES = (
    "json", "os", "re", "secrets", "ssl", "sys", "urllib.parse", "urllib.request",
    "xml.etree.ElementTree", "requests", "urllib3",
)  # fmt: skip

# The pieces of code below have places, in capitals. What is no document is told as it came.
_JSON = """\
doc = PARSED if BEGINNING.startswith("{") else {"doc": TEXT}
doc = doc.get("doc", doc)
if REFUSED or not isinstance(doc, dict) or "error" in doc or "authfail" in doc:
    sys.exit(f"FUNC: {doc or TEXT!r} WHERE")

print(doc if sys.stdout.isatty() else json.dumps(doc))
"""
_SHOWN = 'print("".join(c if c.isprintable() or c in "\\n\\t" else ascii(c)[1:-1] for c in TEXT))\n'
_XML = f"""\
if REFUSED or not re.search("<doc[ />]", answer):
    sys.exit(f"FUNC: {{answer[:500]!r}} WHERE")

doc = xml.etree.ElementTree.fromstring(answer)
if doc.find("error") is not None or doc.find("authfail") is not None:
    sys.exit(f"FUNC: {{answer[:500]!r}}")

{_SHOWN.replace("TEXT", "answer")}"""
# An error as mgrctl tells it, a document with one at its head, a page for a browser.
_OTHER = f"""\
text = answer.decode(errors="replace")
error = r'ERROR |[<{{].{{,2000}}?[<"](error|authfail)\\bPAGE'
if REFUSED or re.match(error, text, re.I | re.S):
    sys.exit(f"FUNC: {{text[:500]!r}} WHERE")

if sys.stdout.isatty():
    {_SHOWN.replace("TEXT", "text")}else:
    sys.stdout.buffer.write(answer)
"""
_CHECKS = {
    "json": _JSON,
    # Seen: `{"ok":true}`, and lists of plain objects.
    "bjson": _JSON.replace('in doc:', 'in doc or doc.get("ok") is False:'),
    "JSONdata": (
        _JSON.replace('"{"', '("{", "[")')
        .replace('doc.get("doc", doc)', 'doc if isinstance(doc, list) else doc.get("doc", doc)')
        .replace(', dict)', ', (dict, list))')
    ),
    "xml": _XML,
    "devel": _XML,
    "": _OTHER.replace("PAGE", ""),
}  # fmt: skip
_PAGE = r"|<(!doctype )?html"
# Logging in: forms, sending them, and what the call gets (vendor guide: `<auth id="ID"/>`).
_LOGINS = {
    "session": """\
login = {
    "func": "auth",
    "username": os.environ.get("PANEL_USER") or sys.exit("PANEL_USER is not set"),
    "password": os.environ.get("PANEL_PASSWORD") or sys.exit("PANEL_PASSWORD is not set"),
    "out": "xml",
}
""",
    "key": """\
admin = os.environ.get("PANEL_USER") or sys.exit("PANEL_USER is not set")
password = os.environ.get("PANEL_PASSWORD") or sys.exit("PANEL_PASSWORD is not set")
user = {"username": USERNAME, "key": secrets.token_hex(16), "out": "xml"}
newkey = {"func": "session.newkey", **user, "authinfo": f"{admin}:{password}"}
login = {"func": "auth", **user, "checkcookie": "no"}
""",
}
_ENTER = """\
for form in newkey, login:
SEND
    if REFUSED or re.search("<(error|authfail)[ />]", answer):
        sys.exit(f"{form['func']}: {answer[:500]!r} WHERE")

"""
_SESSION = """\
session = re.search('<auth [^>]*id="([^"]+)"', answer)
if REFUSED or not session:
    sys.exit(f"auth: {answer[:500]!r} WHERE")

"""


class Python(Emitter):
    """One `urllib.request.urlopen` per call."""

    summary = "Python 3, standard library only"
    auths = ("authinfo", "session", "key", "none")
    mapping = True
    # What an answer is like that did not come from the address asked, and how that is told.
    _refused: ClassVar[str] = "reply.url != url"
    _where: ClassVar[str] = "from {reply.url}"
    # How FORM is sent to `url`, and the answer read: as text, as bytes.
    _send: ClassVar[str] = """\
with urllib.request.urlopen(url, urllib.parse.urlencode(FORM).encode(), timeout=600) as reply:
"""
    _send_unchecked: ClassVar[str] = _send.replace("600)", "600, context=unchecked)")
    _text: ClassVar[str] = '    answer = reply.read().decode(errors="replace").strip()\n\n'
    _bytes: ClassVar[str] = "    answer = reply.read()\n\n"
    # JSON is read from that text, and is in these.
    _json: ClassVar[str] = _text
    _parsed: ClassVar[str] = "json.loads(answer)"
    _stripped: ClassVar[str] = "answer"
    _told: ClassVar[str] = "answer"
    # Before the first form is sent, where the certificate is not checked.
    _unchecked: ClassVar[str] = "unchecked = ssl._create_unverified_context()\n"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._codes: BoundedCache[tuple[str, str, bool], tuple[str, set[str]]]
        self._codes = BoundedCache(lambda how: self._code(*how), _CODES, length_of)

    def comment(self, text: str) -> str:
        line = super().comment(text)
        return _CODING.sub(r"\\x63", line) if "coding" in line else line

    def pair(self, name: str, value: Value) -> str:
        return f"    {literal(name)}: {_value(value)},\n"

    def frame(self, context: Context) -> Frame:
        connection, repeats = self.connection, context.repeats
        auth, out = connection.auth or "none", output_format(connection, context)
        # A mapping, or a list of pairs where a name comes twice.
        pair, (begin, end) = (_tuple, "[]") if repeats else (self.pair, "{}")
        login, (code, used) = _LOGINS.get(auth, ""), self._codes[auth, out, repeats]
        if auth == "authinfo" or context.secrets:
            used = used | {"os"}
        imports = ", ".join(name for name in _MODULES if name in used)
        if auth == "key":
            login = login.replace("USERNAME", literal(key_user(connection, context)))
        extra = "".join(pair(name, value) for name, value in extra_pairs(connection, context))
        if auth == "authinfo":
            extra = extra[:-1] + "  # user:password\n"
        code = code.replace("FUNC", percent(context.func))
        return Frame(
            *self.heading(context),
            f"import {imports}\n\n{login}call = {begin}\n{pair('func', context.func)}",
            PAIRS,
            f"{extra}{end}\n{self._addressed(literal(self.address(context.panel)), code)}",
            pair=_tuple if repeats else None,
        )

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        return script(self, calls, arguments, again)

    def _code(self, auth: str, out: str, repeats: bool) -> tuple[str, set[str]]:
        """Give the code after the pairs, which sends them to `url`, and the modules in use.

        FUNC is a place in it.
        """
        send = self._send_unchecked if self.connection.insecure else self._send
        code = self._unchecked if self.connection.insecure else ""
        if auth == "session":
            code += send.replace("FORM", "login") + self._text
        elif auth == "key":
            inner = send.replace("FORM", "form") + self._text.rstrip("\n")
            code += _ENTER.replace("SEND", indent(inner, "    "))
        if auth in _LOGINS:
            code += _SESSION
            code += 'call.append(("auth", session[1]))' if repeats else 'call["auth"] = session[1]'
            code += "\n"
        code += send.replace("FORM", "call")
        code += {"json": self._json, "xml": self._text, "": self._bytes}[family(out)]
        code += _CHECKS.get(out) or _OTHER.replace("PAGE", _PAGE)
        places = {
            "REFUSED": self._refused, "WHERE": self._where, "PARSED": self._parsed,
            "BEGINNING": self._stripped, "TEXT": self._told,
        }  # fmt: skip
        code = re.sub("|".join(places), lambda place: places[place[0]], code)
        return code, _used(_LOGINS.get(auth, "") + code)

    def _addressed(self, url: str, code: str) -> str:
        """Give code with the address, a literal, that it sends to."""
        return f"url = {url}\n{code}"


def _tuple(name: str, value: Value) -> str:
    return f"    ({literal(name)}, {_value(value)}),\n"


def _value(value: Value) -> str:
    if isinstance(value, Env):
        return f'os.environ.get("{value.name}") or sys.exit("{value.name} is not set")'
    return literal(str(value))


def _used(code: str) -> set[str]:
    """Name the modules that constant code uses."""
    return {name for name in _MODULES if re.search(rf"(?<![\w.]){re.escape(name)}\.", code)}
