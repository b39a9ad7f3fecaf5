"""mgrctl, the panel's local utility, in a POSIX shell: no web server, no stored password."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from logreq.emitters import _shell, _shell_script
from logreq.emitters._old import MAX_REMEMBERED, Emitter, Remembered, remember
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Decision, Env, Value
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
    joins = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(_argument)
        self._commands: dict[tuple[str, str], str] = {}
        extra = self.connection._replace(out="").extra
        self.tail = "".join(_argument(name, value) for name, value in extra)
        out = self.connection.out
        self.options = f"-o {_shell.word(out)} " if out else ""

    def comment(self, text: str) -> str:
        """Make one comment line that means nothing to any shell, even where it is no comment."""
        return f"# {_shell.comment_text(text)}\n"

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one file for a POSIX shell: the answers are checked, the first failure ends it."""
        return _script(self, calls, arguments)

    @property
    def by_user(self) -> bool:
        """Whether the log's user is part of the call, as `su`."""
        return self.connection.su is None

    def snippet(self, call: Call) -> str:
        """Give one command; EmitError where mgrctl would take a word for something else."""
        return self.told(call, self.texts(call))

    def part(self, decision: Decision) -> str:
        text = super().part(decision)
        # Both show elsewhere in the snippet too.
        return text if plain(text) and decision.param.name != "su" else "\0"

    def told(self, call: Call, words: str) -> str:
        request = call.request
        begin = end = ""
        if "\0" in words:  # the place of a reference
            words = words.replace("\0", "")
            begin, end = _secrets(call)
        key = request.panel, request.func
        command = self._commands.get(key)
        if command is None:
            command = remember(self._commands, key, self._command(*key), MAX_REMEMBERED)
        text = f"{command}{words}"
        if _shell.over(words, _shell.MUCH):
            check_arguments(call)
        note = "" if plain(text) else self._unplain(call)
        return f"{self.header(call)}{note}{begin}{text}{self.tail}{self.su(call)}{end}\n"

    def _command(self, panel: str, func: str) -> str:
        check_function(func)
        return f"{MGRCTL} -m {_shell.word(panel)} {self.options}{_shell.word(func)}"

    def su(self, call: Call) -> str:
        """Give ` su=USER` where the call runs as the log's user, else nothing."""
        user = call.request.user
        if user == "root" or self.connection.su is not None or not _LOGIN(user):
            return ""
        if any(decision.keep and decision.param.name == "su" for decision in call.decisions):
            return ""
        return f" {_shell.check_argument(f'su={user}')}"

    def _unplain(self, call: Call) -> str:
        """Warn of what a terminal does not show as it is, and may obey when it is pasted."""
        pairs = [("the function", call.request.func), *call.arguments]
        odd = [n for n, v in pairs if isinstance(v, str) and not (plain(n) and plain(v))]
        names = ", ".join(visible(name) for name in dict.fromkeys(odd))
        return self.comment(
            f"note: unprintable bytes in {names}: run this as a file, not by pasting"
        )


def check_function(func: str) -> None:
    """Refuse a function that mgrctl would take for something else."""
    if "\0" in func:
        raise EmitError("the function's name holds a NUL byte, which no argument can")
    if func.startswith("-") or "=" in func:
        raise EmitError("mgrctl would not take the function's name for one")
    _shell.check_argument(func)


def check_name(name: str) -> None:
    """Refuse a parameter's name that mgrctl would take for something else."""
    if not name or name.startswith("-") or "=" in name or "\0" in name:
        raise EmitError(f"mgrctl would not take {visible(name)!r} for a parameter's name")


def check_arguments(call: Call) -> None:
    """Refuse a call whose parameters are too long for a command line."""
    # Each has an equals sign, a NUL and a pointer.
    length = sum(
        len(encode(name)) + 10 + sum(len(encode(p)) for p in _shell.parts(value) if type(p) is str)
        for name, value in call.arguments
    )
    if length > _shell.MAX_ARGUMENTS:
        raise EmitError(
            f"parameters of {length} bytes are longer than a command line can be"
            f" ({_shell.MAX_ARGUMENTS} bytes)"
        )


def reference(name: str, variable: str) -> str:
    """Make the words that hand over a secret: `mgrctl` itself reads the variable."""
    return f" -e {_shell.word(_shell.check_argument(f'{name}=${variable}'))}"


def _argument(name: str, value: Value) -> str:
    check_name(name)
    if isinstance(value, Env):
        return "\0"
    if "\0" in str(value):
        raise EmitError("a value holds a NUL byte, which no argument can")
    return f" {_shell.word(_shell.check_argument(f'{name}={value}'))}"


def _secrets(call: Call) -> tuple[str, str]:
    """Make what stands before and after the command where it has secrets."""
    references = [(name, v.name) for name, v in call.arguments if isinstance(v, Env)]
    # As assignments before the command they reach its environment even where the
    # variable is not exported, and an unset one stops just this command.
    begin = "".join(
        f"{variable}={_shell.required(variable)} "
        for variable in dict.fromkeys(variable for _, variable in references)
    )
    return begin, "".join(reference(name, variable) for name, variable in references)


_CALL = """\
# call PANEL FUNCTION [NAME=VALUE]...: one call
call() {
  panel=$1 func=$2
  shift 2
  status=0
  answer=$(MGRCTL -m "$panel" OPTIONS"$func" "$@" </dev/null) || status=$?
  if [ "$status" != 0 ]; then
    verdict=$(verdict)
    fail "$func: mgrctl ended with status $status${verdict:+: $verdict}"
  fi
  finish
}
"""
_RESTART = """\
if [ "$restart" ]; then
  for panel in $restarts; do
    call "$panel" restart
  done
fi
"""


def _script(emitter: Mgrctl, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
    """Give the script of an emitter's calls; EmitError before anything is given."""
    secrets = _shell_script.secrets(value for call in calls for _, value in call.arguments)
    texts = [_shell_script.begin(calls, arguments, secrets)]
    if secrets:
        texts.append(f"# For mgrctl's -e.\nexport {' '.join(secrets)}\n\n")
    texts.append(_shell_script.judge(emitter.connection.out or "") + "\n")
    function = _CALL.replace("MGRCTL", MGRCTL).replace("OPTIONS", emitter.options)
    texts.append(function + "\n")
    texts += [f"{emitter.header(call)}{_call(emitter, call)}\n\n" for call in calls]
    texts.append(_RESTART)
    return iter(texts)


def _call(emitter: Mgrctl, call: Call) -> str:
    func = call.request.func
    check_function(func)
    if not plain(func):
        raise EmitError("the function's name does not show as it is")
    check_arguments(call)
    words = [f"call {_shell.word(call.request.panel)} {_shell.word(func)}"]
    joined: list[str] = []
    references: list[str] = []
    for name, value in call.arguments:
        check_name(name)
        parts = _shell.parts(value)
        # Of an argument the script itself learns how long it is.
        literal = "".join(part for part in parts if isinstance(part, str))
        _shell.check_argument(f"{name}={literal}")
        secret = [part for part in parts if isinstance(part, Env)]
        if not secret:
            head = [parts[0]] if parts and isinstance(parts[0], str) else []
            words.append(_shell.printable(f"{name}={''.join(head)}", *parts[len(head) :]))
        elif len(parts) == 1:
            references.append(reference(name, secret[0].name))
        else:
            # mgrctl takes a whole value from a variable.
            variable = f"LOGREQ_VALUE_{len(joined) + 1}"
            joined.append(f"{variable}={_shell.printable(*parts)}\nexport {variable}\n")
            references.append(reference(name, variable))
    words += [text.lstrip() for text in (emitter.tail, emitter.su(call), *references) if text]
    return "".join(joined) + " \\\n  ".join(words)
