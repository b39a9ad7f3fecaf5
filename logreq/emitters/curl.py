"""curl in a POSIX shell. Secrets go in by pipes: arguments are visible to all users (`ps`)."""

from __future__ import annotations

from logreq.call import Call, Connection, Env, Value
from logreq.emitters import _shell
from logreq.emitters._base import Emitter, Remembered, percent
from logreq.errors import EmitError
from logreq.escape import plain

# A POSIX shell redirects the descriptors 0 to 9; 0 to 2 have their uses.
_PIPES = 7
_MEANINGS = {"PANEL_AUTHINFO": "must hold user:password"}


class Curl(Emitter):
    """One `curl` command per call, its values as `--data-urlencode 'name=value'`."""

    summary = "curl in a POSIX shell"
    syntax = "shell"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._texts = Remembered(self._data)
        tail = "".join(self._data(name, value) for name, value in self.connection.extra)
        self._login = [("authinfo", Env("PANEL_AUTHINFO"))] * (self.connection.auth == "authinfo")
        self._tail = tail + " \\\n  --data-urlencode authinfo@-" * len(self._login)
        self._plain = self._frame(self._login)
        self._ends: dict[str, str] = {}

    def comment(self, text: str) -> str:
        return f"# {_shell.comment_text(text)}\n"

    def snippet(self, call: Call) -> str:
        texts = self._texts
        data = "".join([texts[outcome] for outcome in call.outcomes])
        begin, end = self._plain
        if "\0" in data:  # the place of a reference
            begin, end, data = self._with_secrets(call)
        return (
            f"{self.header(call)}{begin}{self._data('func', call.request.func)}{data}{self._tail}"
            f"{self._target(call)}{end}\n"
        )

    def _target(self, call: Call) -> str:
        panel = call.request.panel
        found = self._ends.get(panel)
        if found is None:
            address = self.address(call)
            # In brackets or braces curl would see a list of URLs.
            globoff = "--globoff " if set("[]{}") & set(address) else ""
            found = self._ends[panel] = f" \\\n  {globoff}{_shell.quoted(address)}"
        return found

    def _data(self, name: str, value: Value) -> str:
        if isinstance(value, Env):
            return "\0"
        if name and plain(str(value)):
            return f" \\\n  --data-urlencode {_shell.quoted(f'{percent(name)}={value}')}"
        # Encoded here: a NUL cannot be an argument, and other unprintable characters
        # would drive the terminal they are shown on or pasted into.
        return f" \\\n  --data {_shell.quoted(f'{percent(name)}={percent(str(value))}')}"

    def _with_secrets(self, call: Call) -> tuple[str, str, str]:
        references = [(n, v) for n, v in call.arguments if isinstance(v, Env)]
        begin, end = self._frame([*self._login, *references])
        places = iter(self._places(len(self._login), len(references)))
        texts = [
            f" \\\n  --data-urlencode {percent(outcome.param.name)}@{next(places)}"
            if text == "\0"
            else text
            for outcome, text in ((o, self._texts[o]) for o in call.outcomes)
        ]
        return begin, end, "".join(texts)

    def _places(self, logins: int, references: int) -> list[str]:
        """Tell where curl reads each secret: standard input is the first one's."""
        places = ["-", *(f"/dev/fd/{3 + n}" for n in range(logins + references - 1))]
        return places[logins:]

    def _frame(self, references: list[tuple[str, Env]]) -> tuple[str, str]:
        """Make what stands before and after curl's data: checks, pipes, options."""
        if len(references) > _PIPES + 1:
            raise EmitError(f"more than {_PIPES} secrets in one call, more than a shell has pipes")
        command = "curl -fsS" + " --insecure" * self.connection.insecure
        if not references:
            return command, ""
        variables = [variable.name for _, variable in references]
        checks = " ".join(
            _shell.required(name, _MEANINGS.get(name, "must hold the value"))
            for name in dict.fromkeys(variables)
        )
        # The first one's pipe is curl's standard input; the others' are moved out of its way.
        begin = f": {checks} &&\n"
        end = ""
        for number, name in enumerate(variables[1:], start=3):
            begin += f'printf %s "${name}" | {{\n'
            end = f"\n}} {number}<&0{end}"
        begin += f'printf %s "${variables[0]}" |\n{command}'
        return begin, end


EMITTER = Curl
