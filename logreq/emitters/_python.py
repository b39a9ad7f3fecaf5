"""What both Python emitters share: calls as lists of pairs, snippets, scripts.

How a list of pairs gets to a panel is the subclass's: `_post` and its like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import ClassVar

from logreq.emitters import _python_text as text
from logreq.emitters._old import Emitter, Remembered, remember
from logreq.errors import EmitError
from logreq.model.call import Arg, Argument, Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.cache import BoundedCache
from logreq.text.escape import plain, visible

# In the first two lines of a file such a comment sets the file's encoding (PEP 263).
_CODING = re.compile("c(?=oding[:=])")

# Those that emitted code can use, in the order of their import.
_MODULES = (
    "http.client", "json", "os", "re", "requests", "secrets", "ssl", "sys", "urllib.parse",
    "urllib.request", "urllib3", "xml.etree.ElementTree",
)  # fmt: skip
_FORMATS = {
    "json": "json", "bjson": "json", "JSONdata": "json", "xml": "xml", "devel": "xml",
}  # fmt: skip
_VARIABLES = {
    "authinfo": ("PANEL_AUTHINFO",),
    "session": ("PANEL_USER", "PANEL_PASSWORD"),
    "key": ("PANEL_USER", "PANEL_PASSWORD"),
}
_MEANINGS = {
    "PANEL_AUTHINFO": "user:password",
    "PANEL_USER": "the user's name",
    "PANEL_PASSWORD": "the user's password",
}
# A log can hold any number of users, each with a text of kilobytes.
MAX_ENDS = 500


class PythonEmitter(Emitter):
    """A list of pairs, one POST, the result in `result`; PanelError on an error document."""

    auths = ("authinfo", "session", "key", "none")

    # `post(url, pairs)` gives an answer's bytes; the other one takes cookies as well and
    # gives cookies too.
    _post: ClassVar[str]
    _post_cookies: ClassVar[str]
    # Where the certificate is not checked: code before them, an option of theirs.
    _unchecked: ClassVar[str]
    _unchecked_option: ClassVar[str]

    joins = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._auth = str(self.connection.auth)
        # Nothing to parse: the answer as it came. Logging in needs a format all the same.
        self._format = _FORMATS.get(str(self.connection.out), "")
        # In key mode it is that user who logs in.
        self._common = [p for p in self.connection.extra if (self._auth, p[0]) != ("key", "su")]
        self._texts = Remembered(_pair)
        self._funcs = BoundedCache(literal, 1_000)
        self._prepare()
        self._ends: dict[tuple[str, str], str] = {}

    def comment(self, text: str) -> str:
        line = super().comment(text)
        return _CODING.sub(r"\\x63", line) if "coding" in line else line

    def snippet(self, call: Call) -> str:
        return self.told(call, self.texts(call))

    def told(self, call: Call, pairs: str) -> str:
        head = self._head
        if "\0" in pairs:  # the mark of a reference
            head = self._head_env
            pairs = pairs.replace("\0", "")
        func = call.request.func
        key = (call.request.panel, self._user(call))
        end = self._ends.get(key)
        if end is None:
            end = remember(self._ends, key, self._end(call), MAX_ENDS)
        return (
            f"{self.header(call)}{head}\ncall = [\n"
            f"    ('func', {self._funcs[func]}),\n{pairs}{self._tail}]\n{end}"
        )

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        addresses = list(dict.fromkeys(self.address(call) for call in calls))
        defaults = {argument.name: argument.default for argument in arguments}
        if len(addresses) == 1:
            defaults["url"] = addresses[0]
        variables = dict.fromkeys(
            [
                *_VARIABLES.get(self._auth, ()),
                *(name for call in calls for name in _references(call)),
            ]
        )
        reader, show = ("read", text.SHOW) if self._format else ("read_text", text.SHOW_TEXT)
        main = text.MAIN.replace("@READ@", reader).replace("@SHOW@", show)
        library = text.ENV * bool(variables) + self._library()
        yield "#!/usr/bin/env python3\n"
        number = "1 call" if len(calls) == 1 else f"{len(calls)} calls"
        yield self.comment(f"{number}, made by logreq; --help tells how to run this.")
        yield _imports(library + text.SEND[self._auth] + main)
        yield "\n" + _usage(defaults, list(variables))
        pairs = "".join(f"    ({literal(n)}, {literal(v)}),\n" for n, v in defaults.items())
        yield f"DEFAULTS = [\n{pairs}]\nVARIABLES = {list(variables)!r}\n"
        yield f"COMMON = [{', '.join(f'({literal(n)}, {literal(v)})' for n, v in self._common)}]\n"
        yield library
        yield "\ndef calls(args):\n"
        for call in calls:
            header = self.header(call)[:-1].replace("\n", "\n    ")
            url = "args['url']" if "url" in defaults else literal(self.address(call))
            user = f", {literal(self._user(call))}" if self._auth == "key" else ""
            lines = [f"('func', {literal(call.request.func)})"]
            lines += [f"({literal(n)}, {_expression(v)})" for n, v in call.arguments]
            body = "".join(f"        {line},\n" for line in lines)
            yield f"    {header}\n    yield {url}{user}, [\n{body}    ]\n"
        if not calls:
            yield "    yield from ()\n"
        yield text.SEND[self._auth]
        yield main

    def _user(self, call: Call) -> str:
        """Give the user whom a one-time key logs in: `su`'s or the log's."""
        if self._auth != "key":
            return ""
        user = self.connection.su or call.request.user
        if not user:
            raise EmitError("the log names no user to log in by a key; --su NAME does")
        return user

    def _prepare(self) -> None:
        """Make what is the same in all snippets, with and without references."""
        library = self._library()
        end = text.RESULT_END if self._format else ""
        login = _VARIABLES.get(self._auth, ())
        self._end_text = f"{library}\n{text.END[self._auth]}{end}"
        if not self._format:
            self._end_text = self._end_text.replace("document = read(", "result = read_text(")
        self._head_env = _imports(text.ENV + self._end_text) + text.ENV
        self._head = self._head_env if login else _imports(self._end_text)
        pairs = "".join(f"    ({literal(n)}, {literal(v)}),\n" for n, v in self._common)
        if self._auth == "authinfo":
            pairs += "    ('authinfo', env('PANEL_AUTHINFO')),\n"
        self._tail = pairs

    def _end(self, call: Call) -> str:
        words = {"@URL@": literal(self.address(call)), "@USER@": literal(self._user(call))}
        # In one go: what comes from the log is not searched for places itself.
        return re.sub("@(?:URL|USER)@", lambda place: words[place.group()], self._end_text)

    def _library(self) -> str:
        """Give the functions that parse answers, send calls and log in."""
        login = text.LOGIN.get(self._auth, "")
        code = text.ERROR
        if self._format or login:
            code += text.PLAIN + text.READ[self._format or "json"]
        code += text.RESULT if self._format else text.READ_TEXT
        post = self._post_cookies if self._auth == "key" else self._post
        if self.connection.insecure:
            post = self._unchecked + post.replace("timeout=600", self._unchecked_option)
        code += post
        return code + login.replace("@OUT@", self._format or "json")


def literal(text: str) -> str:
    """Make a Python literal; nothing in it is unprintable, also where `repr` leaves it so."""
    shown = repr(text)
    return shown if plain(shown) else ascii(text)


def _expression(value: Value) -> str:
    if isinstance(value, Env):
        return f"env({value.name!r})"
    if isinstance(value, Arg):
        return f"args[{value.name!r}]"
    if isinstance(value, tuple):
        return " + ".join(_expression(part) for part in value) or "''"
    return literal(value)


def _pair(name: str, value: Value) -> str:
    mark = "\0" if isinstance(value, Env) else ""
    return f"    ({literal(name)}, {_expression(value)}),\n{mark}"


def _references(call: Call) -> Iterator[str]:
    """Name the variables that a call's values refer to."""
    for _, value in call.arguments:
        parts = value if isinstance(value, tuple) and not isinstance(value, Env) else (value,)
        yield from (part.name for part in parts if isinstance(part, Env))


def _imports(code: str) -> str:
    """Import what a piece of constant code uses."""
    used = [name for name in _MODULES if re.search(rf"(?<![\w.]){re.escape(name)}\.", code)]
    return f"import {', '.join(used)}\n"


def _usage(defaults: dict[str, str], variables: Sequence[str]) -> str:
    """Give the code of a script's help."""
    lines = ["usage: python3 SCRIPT [OPTION]...", "", "options:"]
    lines += [f"  --{n} {n.upper()}  default: {visible(v)}" for n, v in defaults.items()]
    lines += ["  --restart  restart the panel's web server where a call asks for it"]
    lines += ["  -h, --help  show this and end"]
    if variables:
        lines += ["", "environment:"]
        lines += [f"  {name}  {_MEANINGS.get(name, 'the value')}" for name in variables]
    return "USAGE = (\n" + "".join(f"    {literal(line + chr(10))}\n" for line in lines) + ")\n"
