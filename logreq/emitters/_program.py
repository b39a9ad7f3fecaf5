"""What the emitters of Perl and PHP share: pairs of literals, logins, the frame of a script."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

from logreq.emitters._old import MAX_REMEMBERED, Emitter, Remembered, remember
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Part, Value
from logreq.model.connection import Connection
from logreq.text.codec import encode
from logreq.text.escape import plain, visible

# The formats that are parsed, and as what; the others are passed through as bytes.
_PARSED = {"json": "json", "bjson": "json", "JSONdata": "json", "xml": "xml", "devel": "xml"}
# What each way to log in needs from the environment.
_VARIABLES = {
    "authinfo": {"PANEL_AUTHINFO": "user:password"},
    "session": {"PANEL_USER": "the panel's user", "PANEL_PASSWORD": "the user's password"},
    "key": {
        "PANEL_USER": "an administrator of the panel",
        "PANEL_PASSWORD": "the administrator's password",
    },
    "none": {},
}
# One per panel and, with keys, per user; each has some 5 kB.
MAX_ENDS = 1_000
_WORDS = re.compile(rb"[^A-Za-z0-9 .,:;/_=+-]")


def single_or_hex(text: str) -> str:
    r"""Quote for Perl and PHP: the literal's value is exactly the text's bytes.

    Plain printable text stands in single quotes, where only `\` and `'` mean something.
    Anything else stands in double quotes with all but letters, digits and a few harmless
    characters as `\xNN`: no `$` or `@` is ever there to be interpolated.
    """
    if plain(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    escaped = _WORDS.sub(lambda match: b"\\x%02x" % match.group()[0], encode(text))
    return f'"{escaped.decode()}"'


def fill(template: str, **texts: str) -> str:
    """Put texts in the places of words in capitals, in one pass: never in each other's text."""
    return re.sub("|".join(texts), lambda match: texts[match.group()], template)


class Program(Emitter, ABC):
    """An emitter whose calls are lists of pairs of literals.

    A subclass says how its language writes literals, references and pairs, and brings
    the code around them. `self.kind` is what answers are parsed as: `json`, `xml` or,
    if they are passed through, nothing; `self.parser` is what a login's answer is, too.
    """

    auths = ("authinfo", "session", "key", "none")
    # How the script is run, for its usage.
    program: ClassVar[str] = ""
    # Between two strings that are joined.
    concatenation: ClassVar[str] = ""
    # What begins a snippet, on the line of its first comment.
    tag: ClassVar[str] = ""
    # A snippet's text before and after its pairs; how it sets a variable.
    pairs_begin: ClassVar[str] = ""
    pairs_end: ClassVar[str] = ""
    assignment: ClassVar[str] = ""
    # A call of a script, by its address, user and pairs.
    script_call: ClassVar[str] = ""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        out, auth = self.connection.out or "", self.connection.auth or "none"
        self.kind = _PARSED.get(out, "")
        self.parser = self.kind or ("json" if auth in ("session", "key") else "")
        # A key logs in as the other user: the calls need no su then.
        self._by_key = auth == "key"
        extra = [(n, v) for n, v in self.connection.extra if not (self._by_key and n == "su")]
        self._extra = "".join(self._pair(name, value) for name, value in extra)
        login = [("authinfo", Env("PANEL_AUTHINFO"))] * (auth == "authinfo")
        self._tail = self._extra + "".join(self._pair(name, value) for name, value in login)
        self._texts = Remembered(self._pair)
        self._functions: dict[str, str] = {}
        self._ends: dict[tuple[str, str], str] = {}
        self._code = self.snippet_code()

    @abstractmethod
    def reference(self, part: Part) -> str:
        """Give the expression for a variable of the environment or a script's argument."""

    @abstractmethod
    def snippet_code(self) -> str:
        """Give the text after a snippet's address: it sends the call and reads the answer."""

    @abstractmethod
    def script_begin(self, usage: str, arguments: str, variables: str) -> str:
        """Give a script's text before its calls, from lists of literals in its language."""

    @abstractmethod
    def script_end(self) -> str:
        """Give a script's text after its calls."""

    def snippet(self, call: Call) -> str:
        """Give the text of one call, ending with a line end; EmitError if it cannot be told."""
        key = (call.request.panel, self._user(call) if self._by_key else "")
        end = self._ends.get(key)
        if end is None:
            end = remember(self._ends, key, self._end(call), MAX_ENDS)
        return f"{self.tag}{self.header(call)}{self.pairs_begin}{self._pairs(call)}{end}"

    def _end(self, call: Call) -> str:
        """Give all that follows the logged pairs."""
        text = self._tail + self.pairs_end
        text += self.assignment.format("url", single_or_hex(self.address(call)))
        if self._by_key:
            text += self.assignment.format("user", single_or_hex(self._user(call)))
        return text + self._code

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one runnable file; EmitError if a call cannot be told."""
        addresses = {self.address(call) for call in calls}
        given = list(arguments)
        if len(addresses) == 1:
            given.append(Argument("url", *addresses))
        variables = self._variables(calls)
        usage = self._usage(given, variables)
        yield self.script_begin(
            "".join(f"    {single_or_hex(line)},\n" for line in usage),
            "".join(
                f"    {single_or_hex(name)} => {single_or_hex(default)},\n"
                for name, default in given
            ),
            ", ".join(single_or_hex(name) for name in variables),
        )
        for call in calls:
            url = single_or_hex(self.address(call))
            if len(addresses) == 1:
                url = self.argument("url")
            user = single_or_hex(self._user(call)) if self._by_key else "''"
            pairs = self._pairs(call) + self._extra
            yield f"\n{self.header(call)}{self.script_call.format(url, user, pairs)}"
        yield self.script_end()

    @abstractmethod
    def argument(self, name: str) -> str:
        """Give the expression for a script's argument."""

    def _pairs(self, call: Call) -> str:
        texts = self._texts
        pairs = "".join([texts[decision] for decision in call.decisions])
        func = call.request.func
        first = self._functions.get(func)
        if first is None:
            first = remember(self._functions, func, self._pair("func", func), MAX_REMEMBERED)
        return first + pairs

    def _pair(self, name: str, value: Value) -> str:
        parts: Sequence[Part] = value if type(value) is tuple else (value,)  # type: ignore[assignment]
        texts = [single_or_hex(p) if isinstance(p, str) else self.reference(p) for p in parts]
        return f"    [{single_or_hex(name)}, {self.concatenation.join(texts)}],\n"

    def _user(self, call: Call) -> str:
        """Give the user whom a key logs in."""
        user = self.connection.su or call.request.user
        if not user:
            raise EmitError("the log names no user to log in by a key; --su names one")
        return user

    def _variables(self, calls: Sequence[Call]) -> dict[str, str]:
        """Give the variables that a script needs, each with its meaning."""
        found = dict(_VARIABLES[self.connection.auth or "none"])
        for call in calls:
            for name, value in call.arguments:
                parts = value if type(value) is tuple else (value,)
                for part in parts:
                    if isinstance(part, Env):
                        found.setdefault(part.name, f"the secret value of {visible(name)}")
        return found

    def _usage(self, arguments: Sequence[Argument], variables: dict[str, str]) -> list[str]:
        names = "".join(f" [--{name} VALUE]" for name, _ in arguments)
        lines = [f"usage: {self.program}{names} [--restart] [--help]", "", "Arguments:"]
        lines += [f"  --{name} VALUE  default: {visible(text)}" for name, text in arguments]
        lines.append("  --restart  restart the panel's web server where a call asks for it")
        if variables:
            lines += ["", "Environment variables:"]
            lines += [f"  {name}  {meaning}" for name, meaning in variables.items()]
        return lines
