"""mgrctl, the panel's local utility, in a POSIX shell: no web server, no stored password."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from logreq.emitters import shell
from logreq.emitters.base import Emitter
from logreq.emitters.context import Context, extra_pairs, is_nameless
from logreq.emitters.frame import PAIRS, Frame
from logreq.emitters.mgrctl_words import (
    MGRCTL,
    check_arguments,
    check_function,
    check_name,
    reference,
)
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Env, Value
from logreq.model.connection import AUTO, Connection
from logreq.text.escape import plain, visible


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
        self.script_out = shell.SCRIPT_OUT if connection.out is None else connection.out

    @property
    def by_user(self) -> bool:
        """Whether the log's user is part of the call, as `su`."""
        return self.connection.su in (None, AUTO)

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
        end = "".join(self.added(context))
        end += "".join(f" {reference(*secret)}" for secret in context.secrets)
        return Frame(*self.heading(context), self._warning(context), begin, PAIRS, end + "\n")

    def whole(self, call: Call) -> str:
        """Give a call of many parameters; EmitError where a command line cannot hold them."""
        check_arguments(call)
        frame = self.frame(Context.of(call))
        return self.filled(frame, call, self.pairs(frame, call))

    def added(self, context: Context) -> list[str]:
        """Give the words of what the connection adds, and of the user whose call it was."""
        # mgrctl itself runs as root.
        su = AUTO if self.connection.su is None else self.connection.su
        connection = self.connection._replace(out="", su=su)
        return [self.pair(*pair) for pair in extra_pairs(connection, context)]

    def _warning(self, context: Context) -> str:
        """Warn of what a pasted call may do otherwise: unprintable bytes, another one's rights."""
        odd = [("the function", context.func)] * (not plain(context.func))
        names = ", ".join(visible(name) for name in dict(odd + list(context.odd)))
        note = f"note: unprintable bytes in {names}: run this as a file, not by pasting"
        warning = self.comment(note) if names else ""
        own_su = any(name == "su" for name, _ in (*context.own, *context.secrets))
        if self.by_user and not own_su and is_nameless(context.user, context.caller):
            note = f"note: {visible(context.user)} clicked, whom no su can name: this runs as root"
            warning += self.comment(note)
        return warning

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        """Give one file for a POSIX shell: the answers are checked, the first failure ends it."""
        from logreq.emitters.mgrctl_script import script

        return script(self.script_out, self.added, calls, arguments, again)
