"""Calls for the shell emitters' tests, programs that write down their arguments, and typing.

`Watched` stands before the system's programs in PATH; what it did not see no other user of
the machine could see either, since shells run built-in commands without an argument list.
"""

from __future__ import annotations

import contextlib
import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional, Union

import pytest

from logreq import emitters
from logreq.emitters.base import Emitter
from logreq.log.line import parse_line
from logreq.model.call import Arg, Argument, Call, Decision, Env
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.text.codec import decode, encode
from tests.support.recorder import Pairs
from tests.support.run import search_path
from tests.support.strategies import log_line, panel_encode

# Never sent again, whatever the rules say, and the function, which comes first.
NOT_SENT = (b"auth", b"authinfo", b"sesid", b"func")
FORMATS = ("json", "xml", "text", "devel", "bjson", "JSONdata", "print", "csv")


def request(params: Pairs, func: bytes = b"domain.edit", user: bytes = b"root") -> Request:
    """Parse a line with these parameters."""
    query = panel_encode([(b"func", func), *params])
    found = parse_line(log_line(query), "ispmgr", "ispmgr.log", 7)
    assert isinstance(found, Request), found
    # Any text, even where no log could hold it.
    return found._replace(user=decode(user))


def call(
    params: Pairs,
    func: bytes = b"domain.edit",
    user: bytes = b"root",
    *,
    secrets: str = "env",
    panel: str = "ispmgr",
    overridden: Sequence[str] = (),
) -> Call:
    """Make a call that keeps every parameter."""
    rules = rule_set([], user=None, keep=["*"], drop=[], keep_empty=True)
    decider = Decider(rules, secrets=secrets, overridden=overridden)
    return decider(request(params, func, user)._replace(panel=panel))


def emitter(name: str, **connection: object) -> Emitter:
    """Make an emitter."""
    return emitters.load(name)(Connection(**connection))  # type: ignore[arg-type] # a test's own


def snippet(made: Emitter, *calls: Call) -> bytes:
    """Give the snippets of calls as one file."""
    return encode(made.separator.join(made.snippet(each) for each in calls))


def script(made: Emitter, calls: Sequence[Call], **arguments: str) -> bytes:
    """Give the script of calls; each argument replaces its default's value in them."""
    pairs = [Argument(name.replace("_", "-"), text) for name, text in arguments.items()]
    return encode("".join(made.script([_replaced(one, pairs) for one in calls], pairs)))


def joined(one: Call, *parts: Union[str, Arg, Env]) -> Call:
    """Give every parameter of a call a value of several parts."""
    return one._replace(decisions=[Decision(o.param, o.keep, value=parts) for o in one.decisions])


def _replaced(one: Call, arguments: Sequence[Argument]) -> Call:
    decisions = []
    for decision in one.decisions:
        value = decision.value
        parts: list[Union[str, Arg, Env]] = [value] if isinstance(value, str) else []
        for argument in arguments:
            parts = [piece for part in parts for piece in _split(part, argument)]
        if len(parts) > 1 or any(isinstance(part, Arg) for part in parts):
            value = tuple(parts)
        decisions.append(Decision(decision.param, decision.keep, value=value))
    return one._replace(decisions=decisions)


def _split(part: Union[str, Arg, Env], argument: Argument) -> Iterator[Union[str, Arg, Env]]:
    if not isinstance(part, str):
        yield part
        return
    first, *others = part.split(argument.default)
    if first or not others:
        yield first
    for other in others:
        yield Arg(argument.name)
        if other:
            yield other


class Watched:
    """Programs that write down their arguments before they run; `path` goes first in PATH."""

    NAMES = ("curl", "od", "tr", "sed", "awk", "grep", "cat", "printf", "echo", "env")

    def __init__(self, directory: Path) -> None:
        self.path = directory / "watched"
        self.path.mkdir()
        self._log = directory / "arguments"
        self._log.touch()
        for name in self.NAMES:
            real = shutil.which(name, path=search_path())
            assert real, name
            program = self.path / name
            program.write_text(
                f"#!/bin/sh\nprintf '%s\\0' {name} \"$@\" >>'{self._log}'\nexec {real} \"$@\"\n"
            )
            program.chmod(0o755)

    @property
    def arguments(self) -> bytes:
        """Everything that stood in an argument list, with NULs between."""
        return self._log.read_bytes()


PROMPT = b"<ready>"
DONE = b"<it is done>"


def interactive(name: str) -> list[str]:
    """Give the command that starts a shell with a line editor and no user's settings."""
    return {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[name]


def shells() -> list[object]:
    """Give `parametrize` arguments, one for each interactive shell."""
    return [
        pytest.param(
            name,
            marks=pytest.mark.skipif(shutil.which(name) is None, reason=f"not here: {name}"),
        )
        for name in ("bash", "zsh")
    ]


def paste(
    name: str,
    text: bytes,
    directory: Path,
    env: Optional[Mapping[str, Union[str, bytes]]] = None,
    *,
    bracketed: bool = False,
) -> bytes:
    """Type a text into an interactive shell, as a terminal pastes it; give what it showed."""
    ours, theirs = pty.openpty()
    environment: dict[str, Union[str, bytes]] = {
        "PATH": search_path(),
        "HOME": str(directory),
        "TERM": "dumb",
        "PS1": PROMPT.decode(),
        "LC_ALL": "C.UTF-8",
        **(env or {}),
    }
    with subprocess.Popen(
        interactive(name),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        cwd=directory,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        try:
            shown = _until(ours, PROMPT)
            if bracketed:
                text = b"\x1b[200~" + text + b"\x1b[201~\n"
            # The marker is spelled in two halves, so that its echo is not taken for it.
            half = len(DONE) // 2
            end = b"printf %s%s '" + DONE[:half] + b"' '" + DONE[half:] + b"'\n"
            return shown + _until(ours, DONE, text + end)
        finally:
            process.kill()
            os.close(ours)


def _until(terminal: int, marker: bytes, typed: bytes = b"") -> bytes:
    """Type, and read until a marker shows; AssertionError after half a minute."""
    shown = b""
    limit = time.monotonic() + 30
    while marker not in shown:
        writable = [terminal] if typed else []
        ready, free, _ = select.select([terminal], writable, [], limit - time.monotonic())
        assert ready or free, shown
        if ready:
            with contextlib.suppress(OSError):
                shown += os.read(terminal, 65536)
        if free:
            # Little by little: what a terminal buffers before the shell reads is limited.
            typed = typed[os.write(terminal, typed[:512]) :]
    return shown
