"""mgrctl, the panel's local utility, in a POSIX shell: no web server, no stored password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from logreq.emitters import shell, shell_script
from logreq.emitters.base import Emitter, holes
from logreq.emitters.context import Context, extra_pairs, parts, variables
from logreq.emitters.frame import PAIRS, Frame
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Value
from logreq.model.connection import Connection
from logreq.text.codec import encode
from logreq.text.escape import plain, visible

MGRCTL = "/usr/local/mgr5/sbin/mgrctl"
# A login that `su` can be given as it stands in the log; `root#admin(1)` cannot.
_LOGIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*").fullmatch


class Mgrctl(Emitter):
    """One `mgrctl` command per call; runs as the log's user where that is plain to tell."""

    summary = "mgrctl, the local utility, in a POSIX shell"
    syntax = "shell"
    http = False
    default_out = ""
    auths = ()
    limit = shell.MUCH

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection._replace(auth="none"))
        self.script_out = shell_script.OUT if connection.out is None else connection.out

    @property
    def by_user(self) -> bool:
        """Whether the log's user is part of the call, as `su`."""
        return self.connection.su is None

    @property
    def own(self) -> frozenset[str]:
        return frozenset(["su", *(name for name, _ in self.connection.extra)])

    def comment(self, text: str) -> str:
        return shell.comment(text)

    def pair(self, name: str, value: Value) -> str:
        """Give a parameter's word; nothing for a secret, which the frame tells at its end."""
        check_name(name)
        if isinstance(value, Env):
            return ""
        if "\0" in str(value):
            raise EmitError("a value holds a NUL byte, which no argument can")
        return f" {shell.word(shell.check_argument(f'{name}={value}'))}"

    def frame(self, context: Context) -> Frame:
        """Give the command; EmitError where mgrctl would take the function for something else."""
        check_function(context.func)
        # As assignments before the command they reach its environment even where the
        # variable is not exported, and an unset one stops just this command.
        needed = dict.fromkeys(variable for _, variable in context.secrets)
        begin = "".join(f"{variable}={shell.required(variable)} " for variable in needed)
        out = f"-o {shell.word(self.connection.out)} " if self.connection.out else ""
        begin += f"{MGRCTL} -m {shell.word(context.panel)} {out}{shell.word(context.func)}"
        end = "".join(self._extra(context))
        end += "".join(f" {_reference(*secret)}" for secret in context.secrets)
        return Frame(*self.heading(context), self._warning(context), begin, PAIRS, end + "\n")

    def whole(self, call: Call) -> str:
        """Give a call of many parameters; EmitError where a command line cannot hold them."""
        check_arguments(call)
        pairs = "".join(self.pair(name, value) for name, value in call.arguments)
        return self.frame(Context.of(call)).fill(holes(call.request, pairs, ""))

    def _extra(self, context: Context) -> list[str]:
        """Give the words of what the connection adds, and of the user whose call it was."""
        connection = self.connection._replace(out="")
        words = [self.pair(*pair) for pair in extra_pairs(connection, context)]
        alone = connection.su is None and "su" not in dict(context.own)
        if alone and context.user != "root" and _LOGIN(context.user):
            words.append(self.pair("su", context.user))
        return words

    def _warning(self, context: Context) -> str:
        """Warn of what a terminal does not show as it is, and may obey when it is pasted."""
        odd = [("the function", context.func)] * (not plain(context.func))
        names = ", ".join(visible(name) for name in dict(odd + list(context.odd)))
        note = f"note: unprintable bytes in {names}: run this as a file, not by pasting"
        return self.comment(note) if names else ""

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one file for a POSIX shell: the answers are checked, the first failure ends it."""
        needed = list(variables(self.connection, calls))
        place = ("MGRCTL", MGRCTL)
        state = shell_script.State()
        told = [self._called(call, state) for call in calls]
        files = ["bytes", "mgrctl"] if any('"$(printf ' in text for text in told) else ["mgrctl"]
        begin = shell_script.begin(calls, arguments, needed, place, "", files)
        if needed:
            begin += f"# For mgrctl's -e.\nexport {' '.join(needed)}\n\n"
        return iter([begin, *told, shell_script.end()])

    def _called(self, call: Call, state: shell_script.State) -> str:
        """Give a call of a script."""
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
                references.append(_reference(name, secret[0].name))
            else:
                # mgrctl takes a whole value from a variable.
                variable = f"LOGREQ_VALUE_{len(joined) + 1}"
                joined.append(f"{variable}={shell.printable(*pieces)}\nexport {variable}\n")
                references.append(_reference(name, variable))
        words += [*(word.lstrip() for word in self._extra(context)), *references]
        out = "''" if "out" in dict(context.own) else shell.word(self.script_out)
        lines = state.lines(panel=shell.word(context.panel), out=out) + "".join(joined)
        return f"{shell_script.heading(call)}{lines}" + " \\\n  ".join(words) + "\n\n"


def _reference(name: str, variable: str) -> str:
    """Make the words that hand over a secret: `mgrctl` itself reads the variable."""
    return f"-e {shell.word(shell.check_argument(f'{name}=${variable}'))}"


def check_function(func: str) -> None:
    """Refuse a function that mgrctl would take for something else."""
    if "\0" in func:
        raise EmitError("the function's name holds a NUL byte, which no argument can")
    if func.startswith("-") or "=" in func:
        raise EmitError("mgrctl would not take the function's name for one")
    shell.check_argument(func)


def check_name(name: str) -> None:
    """Refuse a parameter's name that mgrctl would take for something else."""
    if not name or name.startswith("-") or "=" in name or "\0" in name:
        raise EmitError(f"mgrctl would not take {visible(name)!r} for a parameter's name")


def check_arguments(call: Call) -> None:
    """Refuse a call whose parameters are too long for a command line."""
    # Each has an equals sign, a NUL and a pointer.
    length = sum(
        len(encode(name)) + 10 + sum(len(encode(p)) for p in parts(value) if type(p) is str)
        for name, value in call.arguments
    )
    if length > shell.MAX_ARGUMENTS:
        raise EmitError(
            f"parameters of {length} bytes are longer than a command line can be"
            f" ({shell.MAX_ARGUMENTS} bytes)"
        )
