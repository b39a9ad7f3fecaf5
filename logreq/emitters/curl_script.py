"""A POSIX shell script of curl calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Optional

from logreq.emitters import shell, shell_again
from logreq.emitters.context import Context, extra_pairs, key_user, parts, variables
from logreq.emitters.shell_script import Script, State, begin, end, heading
from logreq.model.call import Argument, Call, Value
from logreq.model.connection import Connection
from logreq.text.escape import plain
from logreq.text.percent import percent, quote

_FILES = {
    "authinfo": ["curl", "call"],
    "none": ["curl", "call"],
    "session": ["curl", "session", "password"],
    "key": ["curl", "session", "key"],
}


def script(
    connection: Connection,
    out: str,
    calls: Sequence[Call],
    arguments: Sequence[Argument],
    again: bool = False,
) -> Iterator[str]:
    """Give the script of calls, which ask for `out`; EmitError before anything is given."""
    auth = connection.auth or "none"
    url = shell.printable(connection.url)
    data = "" if url == connection.url else f"arg_url={url}\n"
    data += f"arg_url=${{PANEL_URL:-{'$arg_url' if data else url}}}\n"
    # As the connection says, unless the environment says something.
    data += "PANEL_INSECURE=${PANEL_INSECURE-1}\n" * connection.insecure
    data += "PANEL_AUTHINFO=''\n" * (auth == "none") + "user=''\n" * (auth == "session")
    needed, place = list(variables(connection, calls)), ("PANEL_URL", connection.url)
    around = Script(calls, arguments, needed, place, data)
    state = State(shell_again.INDENT * again)
    wanted = shell_again.learned(calls) if again else None
    told = [_call(connection, out, call, state, wanted) for call in calls]
    if wanted is None:
        return iter([begin(around, _FILES[auth]), *told, end()])
    bytes_ = ["bytes"] * any('"$(printf ' in text for text in told)
    return shell_again.whole(around, [*bytes_, *_FILES[auth]], told, [*map(percent, wanted)])


def _call(
    connection: Connection, out: str, call: Call, state: State, wanted: Optional[Sequence[str]]
) -> str:
    """Give a call; `wanted`: whose ids are used, in a script that is made to be run again."""
    context = Context.of(call)
    own = "out" in dict(context.own)
    words = {"panel": shell.word(quote(context.panel.encode()))}
    words["out"] = "''" if own else shell.word(shell_again.asked_for(call, out, wanted or ()))
    if connection.auth == "key":
        words["user"] = shell.word(percent(key_user(connection, context)))
    # `out` and the credential are added when it runs.
    extra = extra_pairs(connection._replace(out=""), context)
    added = [_pair(*pair) for pair in extra if pair[0] != "authinfo"]
    settings = state.lines(**words)
    if wanted is not None:
        call, commands = shell_again.settle(call, _function, added)
        settings += "".join(f"{state.indent}{command}\n" for command in commands)
    pairs = [_pair(name, value) for name, value in call.arguments]
    func = _function(context.func)
    if wanted is not None:
        return shell_again.step(call, settings, [f"step {func}", *pairs], added)
    text = " \\\n  ".join([f"call {func}", *pairs, *added])
    return f"{heading(call)}{settings}{text}\n\n"


def _function(func: str) -> str:
    return shell.word(percent(func))


def _pair(name: str, value: Value) -> str:
    """Make the word of a script's pair: readable, or encoded where it would not show as it is."""
    pieces = parts(value)
    if all(plain(piece) for piece in pieces if isinstance(piece, str)):
        text = "".join(
            (shell.word(piece) if piece else "")
            if isinstance(piece, str)
            else f'"${shell.variable(piece)}"'
            for piece in pieces
        )
        return f"{shell.lead(percent(name))}{text}"
    encoded = "".join(
        percent(piece) if isinstance(piece, str) else f'$(encode "${shell.variable(piece)}")'
        for piece in pieces
    )
    return f'"{percent(name)}:={encoded}"'
