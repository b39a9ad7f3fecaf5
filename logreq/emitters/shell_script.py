"""POSIX shell scripts: what is on top of them, and the files of `code/sh`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from logreq.emitters import shell
from logreq.emitters.base import title
from logreq.emitters.context import code
from logreq.errors import EmitError
from logreq.model.call import Argument, Call

# In single quotes, mgrctl itself reads a `$`; the files' variables are set and used elsewhere.
DIRECTIVE = "# shellcheck disable=SC2016,SC2034,SC2154\n"


def helper(name: str) -> str:
    """Give the text of a file of `code/sh`, without the comment for shellcheck."""
    return code(f"sh/{name}.sh").partition("\n")[2]


class Script(NamedTuple):
    """What stands around the calls of a script is made of this.

    `needed`: environment variables that must be set. `place`: the variable that may say where
    the panel or mgrctl is, and where it is without. `data`: assignments that the files need.
    """

    calls: Sequence[Call]
    arguments: Sequence[Argument]
    needed: Sequence[str]
    place: tuple[str, str]
    data: str

    def usage(self, more: Sequence[tuple[str, str]] = ()) -> str:
        """Give the first lines, which tell the options, of which there may be `more`."""
        variable, default = self.place
        parsed = bool(self.arguments or more)
        options = [(f"--{a.name} VALUE", _instead(a.default)) for a in self.arguments]
        environment = [(name, f"must hold {shell.meaning(name)}") for name in self.needed]
        environment.append((variable, _instead(default)))
        if variable == "PANEL_URL":
            environment.append(("PANEL_INSECURE", "1: do not check the certificate, 0: check it"))
            if parsed:
                options.append(("--url VALUE", _instead(default)))
                options.append(("-k, --insecure", "PANEL_INSECURE=1"))
        options += more
        options.append(
            ("--restart", "restart a panel's web server at the end if a call asks for it")
        )
        if parsed:
            options.append(("-h, --help", "show this text"))
        plural = "" if len(self.calls) == 1 else "s"
        usage = [f"{len(self.calls)} call{plural} made by logreq. Usage: sh SCRIPT [OPTION]...", ""]
        usage += ["Options:", *_table(options), "", "Environment:", *_table(environment)]
        return "#!/bin/sh\n" + "".join(f"# {line}".rstrip() + "\n" for line in usage)

    def values(self) -> str:
        """Give the assignments of arguments' logged values; EmitError for one with a NUL."""
        for argument in self.arguments:
            if "\0" in argument.default:
                raise EmitError(f"--{argument.name}: {shell.NUL}")
        values = [(shell.argument_variable(a.name), a.default) for a in self.arguments]
        return "".join(f"{name}={shell.printable(text)}\n" for name, text in values)

    def names(self, more: Sequence[str] = ()) -> str:
        """Give the assignment of the options that have a value, of which there may be `more`."""
        names = [f"--{a.name}" for a in self.arguments]
        names += ["--url"] * (self.place[0] == "PANEL_URL")
        return f"names=' {' '.join([*names, *more])} '\n"

    def checks(self) -> str:
        """Give the commands that stop the script where a variable is not set."""
        return "".join(f"{shell.checks([name])}\n" for name in self.needed)


def begin(script: Script, files: Sequence[str]) -> str:
    """Give what stands before the calls: usage, data, helper code, checks of variables."""
    data = script.data + script.values()
    if script.arguments:
        data += script.names() + helper("arguments")
    texts = [script.usage(), f"{DIRECTIVE}{data}{helper('panel')}{helper('fail')}"]
    typed = ["typed"] * ("session" in files)
    texts += [helper(name) for name in ("check", *typed, "finish", *files)]
    checks = script.checks()
    return "\n".join([*texts, *([checks] if checks else []), ""])


def end() -> str:
    """Give what stands after the calls: the restart, if it was asked for."""
    return helper("end")


def heading(call: Call) -> str:
    """Give the comment lines above a call."""
    notes = (f"note: {note}" for note in call.notes)
    return "".join(shell.comment(line) for line in (title(call), *notes))


def _instead(text: str) -> str:
    return f"instead of {shell.comment_text(text)}"


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(first) for first, _ in rows)
    return [f"  {first:<{width}}  {second}" for first, second in rows]


class State:
    """Assignments that stand before the calls where they change, after `indent`."""

    def __init__(self, indent: str = "") -> None:
        self.indent = indent
        self._known: dict[str, str] = {}

    def lines(self, **wanted: str) -> str:
        """Give the assignments of those variables that have another value now, as words."""
        changed = {name: text for name, text in wanted.items() if self._known.get(name) != text}
        self._known.update(changed)
        return "".join(f"{self.indent}{name}={text}\n" for name, text in changed.items())
