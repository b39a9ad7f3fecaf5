"""A POSIX shell script of mgrctl calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable

from logreq.emitters import shell
from logreq.emitters.context import Context, parts, variables
from logreq.emitters.mgrctl_words import (
    MGRCTL,
    check_arguments,
    check_function,
    check_name,
    reference,
)
from logreq.emitters.shell_script import State, begin, end, heading
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env
from logreq.model.connection import Connection
from logreq.text.escape import plain


def script(
    out: str,
    added: Callable[[Context], list[str]],
    calls: Sequence[Call],
    arguments: Sequence[Argument],
) -> Iterator[str]:
    """Give the script of calls; EmitError before anything is given.

    `out`: the format they ask for. `added`: gives the words that the connection adds to a call.
    """
    needed = list(variables(Connection(auth="none"), calls))
    state = State()
    told = [_call(call, state, out, added(Context.of(call))) for call in calls]
    files = ["bytes"] * any('"$(printf ' in text for text in told) + ["mgrctl"]
    first = begin(calls, arguments, needed, ("MGRCTL", MGRCTL), "", files)
    if needed:
        first += f"# For mgrctl's -e.\nexport {' '.join(needed)}\n\n"
    return iter([first, *told, end()])


def _call(call: Call, state: State, format_: str, added: list[str]) -> str:
    context = Context.of(call)
    check_function(context.func)
    if not plain(context.func):
        raise EmitError("the function's name does not show as it is")
    check_arguments(call)
    words = [f"call {shell.word(context.func)}"]
    joined: list[str] = []
    references: list[str] = []
    for name, value in call.arguments:
        check_name(name)
        pieces = parts(value)
        # Of an argument the script itself learns how long it is.
        literal = "".join(piece for piece in pieces if isinstance(piece, str))
        shell.check_argument(f"{name}={literal}")
        secret = [piece for piece in pieces if isinstance(piece, Env)]
        if not secret:
            head = [pieces[0]] if pieces and isinstance(pieces[0], str) else []
            words.append(shell.printable(f"{name}={''.join(head)}", *pieces[len(head) :]))
        elif len(pieces) == 1:
            references.append(reference(name, secret[0].name))
        else:
            # mgrctl takes a whole value from a variable.
            variable = f"LOGREQ_VALUE_{len(joined) + 1}"
            joined.append(f"{variable}={shell.printable(*pieces)}\nexport {variable}\n")
            references.append(reference(name, variable))
    words += [*(word.lstrip() for word in added), *references]
    out = "''" if "out" in dict(context.own) else shell.word(format_)
    lines = state.lines(panel=shell.word(context.panel), out=out) + "".join(joined)
    return f"{heading(call)}{lines}" + " \\\n  ".join(words) + "\n\n"
