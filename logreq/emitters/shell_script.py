"""POSIX shell scripts: what is on top of them, and the files of `code/sh`."""

from __future__ import annotations

from collections.abc import Sequence

from logreq.emitters import shell
from logreq.emitters.base import title
from logreq.emitters.context import code
from logreq.model.call import Argument, Call

# In single quotes, mgrctl itself reads a `$`; the files' variables are set and used elsewhere.
_DIRECTIVE = "# shellcheck disable=SC2016,SC2034,SC2154\n"


def helper(name: str) -> str:
    """Give the text of a file of `code/sh`, without the comment for shellcheck."""
    return code(f"sh/{name}.sh").partition("\n")[2]


def begin(
    calls: Sequence[Call],
    arguments: Sequence[Argument],
    needed: Sequence[str],
    place: tuple[str, str],
    data: str,
    files: Sequence[str],
) -> str:
    """Give what stands before the calls: usage, data, helper code, checks of variables.

    `needed`: environment variables that must be set. `place`: the variable that may say where
    the panel or mgrctl is, and where it is without. `data`: assignments that the files need.
    """
    variable, default = place
    options = [(f"--{a.name} VALUE", _instead(a.default)) for a in arguments]
    values = [(shell.argument_variable(a.name), a.default) for a in arguments]
    names = [f"--{a.name}" for a in arguments]
    environment = [(name, f"must hold {shell.meaning(name)}") for name in needed]
    environment.append((variable, _instead(default)))
    if variable == "PANEL_URL":
        environment.append(("PANEL_INSECURE", "1: do not check the certificate, 0: check it"))
        if arguments:
            options += [("--url VALUE", _instead(default)), ("-k, --insecure", "PANEL_INSECURE=1")]
            names.append("--url")
    options.append(("--restart", "restart a panel's web server at the end if a call asks for it"))
    if arguments:
        options.append(("-h, --help", "show this text"))
    plural = "" if len(calls) == 1 else "s"
    usage = [f"{len(calls)} call{plural} made by logreq. Usage: sh SCRIPT [OPTION]...", ""]
    usage += ["Options:", *_table(options), "", "Environment:", *_table(environment)]
    head = "".join(f"# {line}".rstrip() + "\n" for line in usage)
    data += "".join(f"{name}={shell.printable(text)}\n" for name, text in values)
    if arguments:
        data += f"names=' {' '.join(names)} '\n{helper('arguments')}"
    checks = "".join(f"{shell.checks([name])}\n" for name in needed)
    texts = [f"#!/bin/sh\n{head}", f"{_DIRECTIVE}{data}{helper('panel')}"]
    texts += [helper(name) for name in files]
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
    """Assignments that stand before the calls where they change."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def lines(self, **wanted: str) -> str:
        """Give the assignments of those variables that have another value now, as words."""
        changed = {name: text for name, text in wanted.items() if self._known.get(name) != text}
        self._known.update(changed)
        return "".join(f"{name}={text}\n" for name, text in changed.items())
