"""mgrctl, the panel's local utility, in a POSIX shell: no web server, no stored password."""

from __future__ import annotations

import re

from logreq.call import Call, Connection, Env, Value
from logreq.emitters import _shell
from logreq.emitters._base import Emitter, Remembered
from logreq.errors import EmitError
from logreq.escape import plain, visible

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

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(_argument)
        extra = self.connection._replace(out="").extra
        self._tail = "".join(_argument(name, value) for name, value in extra)
        out = self.connection.out
        self._options = f"-o {_shell.word(out)} " if out else ""

    def comment(self, text: str) -> str:
        return f"# {_shell.comment_text(text)}\n"

    def snippet(self, call: Call) -> str:
        texts = self._texts
        words = "".join([texts[outcome] for outcome in call.outcomes])
        func = call.request.func
        if "\0" in words or "\0" in func:
            raise EmitError("a value holds a NUL byte, which no argument can")
        if func.startswith("-") or "=" in func:
            raise EmitError("mgrctl would not take the function's name for one")
        begin, end = self._secrets(call)
        return (
            f"{self.header(call)}{self._unplain(call)}{begin}{MGRCTL} -m "
            f"{_shell.word(call.request.panel)} {self._options}{_shell.word(func)}"
            f"{words}{self._tail}{self._su(call)}{end}\n"
        )

    def _su(self, call: Call) -> str:
        user = call.request.user
        if self.connection.su is not None or user == "root" or not _LOGIN(user):
            return ""
        if any(name == "su" for name, _ in call.arguments):
            return ""
        return f" su={user}"

    def _secrets(self, call: Call) -> tuple[str, str]:
        references = [(name, v.name) for name, v in call.arguments if isinstance(v, Env)]
        # As assignments before the command they reach its environment even where the
        # variable is not exported, and an unset one stops just this command.
        begin = "".join(
            f"{variable}={_shell.required(variable, 'must hold the value')} "
            for variable in dict.fromkeys(variable for _, variable in references)
        )
        end = "".join(f" -e {_shell.word(f'{name}=${variable}')}" for name, variable in references)
        return begin, end

    def _unplain(self, call: Call) -> str:
        """Warn of values that a terminal does not show as they are."""
        odd = [n for n, v in call.arguments if isinstance(v, str) and not plain(v)]
        if not odd:
            return ""
        names = ", ".join(visible(name) for name in dict.fromkeys(odd))
        return self.comment(f"note: unprintable bytes in {names}")


def _argument(name: str, value: Value) -> str:
    if not name or name.startswith("-") or "=" in name or "\0" in name:
        raise EmitError(f"mgrctl would not take {visible(name)!r} for a parameter's name")
    if isinstance(value, Env):
        return ""
    return f" {_shell.word(f'{name}={value}')}"


EMITTER = Mgrctl
