"""JavaScript for Node 18 and newer: fetch, no packages. As a file: `.mjs`, for top-level await."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logreq.emitters import _javascript as js
from logreq.emitters._old import Emitter, Remembered, remember
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env
from logreq.model.connection import Connection
from logreq.text.escape import visible

# A log may name any number of users.
MAX_ENDS = 1_000
_VARIABLES = {
    "authinfo": ["PANEL_AUTHINFO"],
    "session": ["PANEL_USER", "PANEL_PASSWORD"],
    "key": ["PANEL_USER", "PANEL_PASSWORD"],
    "none": [],
}
_MEANINGS = {
    "PANEL_AUTHINFO": "user:password",
    "PANEL_USER": "whose password PANEL_PASSWORD is",
    "PANEL_PASSWORD": "the password",
}


class JavaScript(Emitter):
    """A list of pairs, one POST, the parsed answer in `result`; it throws on an error document."""

    summary = "JavaScript for Node 18 and newer, fetch, no packages"
    auths = ("authinfo", "session", "key", "none")
    prefix = "// "

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._auth = self.connection.auth or "none"
        self._texts = Remembered(lambda name, value: f"  {js.pair(name, value)},\n")
        # The key of a one-time login is the other user's: nothing is left for `su` to say.
        drop = "su" if self._auth == "key" else ""
        extra = [pair for pair in self.connection.extra if pair[0] != drop]
        self._extra = "".join(f"  {js.pair(name, value)},\n" for name, value in extra)
        self._login = '  ["authinfo", env("PANEL_AUTHINFO")],\n' * (self._auth == "authinfo")
        self._kind = {"json": "json", "bjson": "json", "JSONdata": "json", "xml": "xml"}.get(
            "xml" if self.connection.out == "devel" else self.connection.out or "", "bytes"
        )
        self._runtime = self._parts()
        self._ends: dict[tuple[str, str], str] = {}

    def snippet(self, call: Call) -> str:
        """Give one call; EmitError if a key is wanted and nobody is there to log in."""
        texts = self._texts
        pairs = "".join([texts[decision] for decision in call.decisions])
        key = (call.request.panel, call.request.user if self._auth == "key" else "")
        end = self._ends.get(key)
        if end is None:
            end = remember(self._ends, key, self._end(call), MAX_ENDS)
        # Where nothing is secret, nothing is read from the environment.
        env = js.ENV if self._auth != "none" or "env(" in pairs else ""
        return (
            f"{self.header(call)}{env}var call = [\n"
            f"  {js.pair('func', call.request.func)},\n{pairs}{self._extra}{self._login}];\n{end}"
        )

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one file for `node`, as a module or not; `--url` where all calls go to one panel."""
        addresses = {self.address(call): None for call in calls}
        one = len(addresses) == 1
        defaults = [*arguments, *(Argument("url", address) for address in addresses if one)]
        secrets = [v.name for call in calls for v in _references(call)]
        variables = list(dict.fromkeys([*_VARIABLES[self._auth], *secrets]))
        for name, default in defaults:
            if not js.utf8(default):
                raise EmitError(f"the default of --{name} is not UTF-8")
        yield "#!/usr/bin/env node\n"
        plural = "" if len(calls) == 1 else "s"
        text = f"Made by logreq from {len(calls)} logged request{plural}; --help tells more."
        yield self.comment(text)
        yield f'var usage = {_lines(_usage(defaults, variables))}.join("\\n");\nvar args = {{\n'
        for name, default in defaults:
            yield f"  {js.literal(name)}: {js.literal(default)},\n"
        yield f"}};\n{js.ENV}{js.SHOWN if self._kind == 'bytes' else ''}{self._runtime}"
        yield f"var renewable = {str(self._auth in ('session', 'key')).lower()};\n"
        open_, last = js.OPEN[self._auth], js.PRINT if self._kind != "bytes" else js.WRITE
        if self._auth in ("none", "authinfo"):
            yield open_
        yield js.ARGUMENTS + js.CALL.replace("@print@", last)
        yield "\nvar main = async () => {\nparseArguments(process.argv.slice(2));\n"
        if variables:
            yield f"{_lines(variables)}.forEach(env);\n"
        for call in calls:
            url = 'args["url"]' if one else js.literal(self.address(call))
            pairs = "".join([self._texts[decision] for decision in call.decisions])
            yield (
                f"\n{self.header(call)}await call({url}, {self._user(call)}, [\n"
                f"  {js.pair('func', call.request.func)},\n{pairs}{self._extra}]);\n"
            )
        yield f"\nawait finish();\n}};\n{js.MAIN}"

    def _parts(self) -> str:
        """Choose what calls of this connection need."""
        login = self._auth in ("session", "key")
        parse = js.PARSE_XML if self._kind == "xml" else js.PARSE_JSON
        parts = [js.INSECURE * self.connection.insecure, js.POST]
        if login or self._kind != "bytes":
            parts += [js.SHOWN, parse, js.DOC]
        if login:
            parts += [js.LOGIN, js.OPEN[self._auth]]
        parts.append(js.BYTES if self._kind == "bytes" else js.RESULT)
        return "".join(parts).replace("@out@", "xml" if self._kind == "xml" else "json")

    def _end(self, call: Call) -> str:
        url = js.literal(self.address(call))
        runtime = self._runtime
        last = js.PRINT if self._kind != "bytes" else js.WRITE
        if self._auth in ("session", "key"):
            return (
                f"{runtime}var [auth, cookie] = await open({url}, {self._user(call)});\n"
                f"var result = await read(await post({url}, [...call, ...auth], cookie));\n{last}"
            )
        shown = js.SHOWN if self._kind == "bytes" else ""
        return f"{shown}{runtime}var result = await read(await post({url}, call));\n{last}"

    def _user(self, call: Call) -> str:
        """Give the user whom a one-time key logs in; EmitError if nobody knows one."""
        if self._auth != "key":
            return '""'
        user = self.connection.su or call.request.user
        if not user:
            raise EmitError("the log names no user for a key to log in, --su does")
        if not js.utf8(user):
            raise EmitError("the user's name is not UTF-8")
        return js.literal(user)


def _references(call: Call) -> Iterator[Env]:
    for _, value in call.arguments:
        parts = value if isinstance(value, tuple) and not isinstance(value, Env) else (value,)
        yield from (part for part in parts if isinstance(part, Env))


def _usage(defaults: Sequence[Argument], variables: Sequence[str]) -> list[str]:
    lines = ["usage: node SCRIPT [--NAME VALUE]... [--restart]"]
    lines += [f"  --{name} VALUE  default: {visible(default)}" for name, default in defaults]
    lines.append("  --restart  restart the panel's web server where an answer asks for it")
    if variables:
        lines.append("environment variables that must be set:")
    return lines + [
        f"  {name}  {_MEANINGS.get(name, 'the value of a secret parameter')}" for name in variables
    ]


def _lines(texts: Sequence[str]) -> str:
    return "[\n" + "".join(f"  {js.literal(text)},\n" for text in texts) + "]"
