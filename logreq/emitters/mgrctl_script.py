"""A POSIX shell script of mgrctl calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, Optional

from logreq.emitters import shell, shell_again
from logreq.emitters.context import Context, parts, variables
from logreq.emitters.mgrctl_words import (
    MGRCTL,
    check_arguments,
    check_function,
    check_name,
    reference,
)
from logreq.emitters.shell_script import Script, State, begin, end, heading
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env
from logreq.model.connection import Connection
from logreq.text.escape import plain


def script(
    out: str,
    added: Callable[[Context], list[str]],
    calls: Sequence[Call],
    arguments: Sequence[Argument],
    again: bool = False,
) -> Iterator[str]:
    """Give the script of calls; EmitError before anything is given.

    `out`: the format they ask for. `added`: gives the words that the connection adds to a call.
    """
    needed = list(variables(Connection(auth="none"), calls))
    state = State(shell_again.INDENT * again)
    wanted = shell_again.learned(calls) if again else None
    told = [_call(call, state, out, added(Context.of(call)), wanted) for call in calls]
    files = ["bytes"] * any('"$(printf ' in text for text in told) + ["mgrctl"]
    around = Script(calls, arguments, needed, ("MGRCTL", MGRCTL), "")
    exports = f"# For mgrctl's -e.\nexport {' '.join(needed)}\n" if needed else ""
    if wanted is not None:
        return shell_again.whole(around, files, told, wanted, exports)
    return iter([begin(around, files) + (exports and f"{exports}\n"), *told, end()])


def _call(
    call: Call, state: State, format_: str, added: list[str], wanted: Optional[Sequence[str]]
) -> str:
    """Give a call; `wanted`: whose ids are used, in a script that is made to be run again."""
    context = Context.of(call)
    func = _function(context.func)
    check_arguments(call)
    added = [word.lstrip() for word in added]
    commands: list[str] = []
    if wanted is not None:
        call, commands = shell_again.settle(call, _function, added)
    words: list[str] = []
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
            variable = f"LOGREQ_VALUE_{len(joined) // 2 + 1}"
            joined.append(f"{variable}={shell.printable(*pieces)}")
            joined.append(f"export {variable}")
            references.append(reference(name, variable))
    own = "out" in dict(context.own)
    out = "''" if own else shell.word(shell_again.asked_for(call, format_, wanted or ()))
    before = state.lines(panel=shell.word(context.panel), out=out)
    before += "".join(f"{state.indent}{line}\n" for line in [*commands, *joined])
    if wanted is not None:
        return shell_again.step(call, before, [f"step {func}", *words, *references], added)
    text = " \\\n  ".join([f"call {func}", *words, *added, *references])
    return f"{heading(call)}{before}{text}\n\n"


def _function(func: str) -> str:
    check_function(func)
    if not plain(func):
        raise EmitError("the function's name does not show as it is")
    return shell.word(func)
