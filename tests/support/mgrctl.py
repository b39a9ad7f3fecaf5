"""A stand-in for `mgrctl`: writes down its arguments and environment, then answers.

The same file is the program and the tests' side of it. As a program it needs the
standard library only and runs alone, by its path.
"""

from __future__ import annotations

import base64
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional

# Where the vendor puts it, and what emitted snippets name.
REAL = b"/usr/local/mgr5/sbin/mgrctl"
FORMATS = (b"text", b"xml", b"devel", b"json")
OK = {
    b"text": b"OK\n",
    b"xml": b'<?xml version="1.0" encoding="UTF-8"?>\n<doc><ok/></doc>\n',
    b"json": b'{"doc":{"ok":{}}}\n',
}
OK[b"devel"] = OK[b"xml"]
REFERENCE = re.compile(rb"([^=]+)=\$([A-Za-z_][A-Za-z0-9_]*)", re.DOTALL)

Pairs = list[tuple[bytes, bytes]]


class MgrctlError(Exception):
    """A command line that mgrctl would not take."""


class Invocation(NamedTuple):
    """What one call meant: `mode` is `call`, or the letter `i`, `l`, `u` or `R`.

    `pairs` is what the panel would see: `func` first, then the parameters in the order
    of the arguments, `-e` ones resolved.
    """

    panel: bytes
    out: bytes
    mode: str
    pairs: Pairs
    references: dict[bytes, bytes]


def interpret(argv: Sequence[bytes], environ: Mapping[bytes, bytes]) -> Invocation:
    """Read arguments (without the program's name) by the vendor's usage line.

    Options may stand anywhere; whatever begins with `-` and is none is refused.
    """
    settings = {b"-m": b"core", b"-o": b"text"}
    mode, func, params = "call", None, []
    references: dict[bytes, bytes] = {}
    words = iter(argv)
    for word in words:
        if word in (b"-m", b"-o", b"-e"):
            value = next(words, None)
            if value is None:
                raise MgrctlError(f"nothing after {word!r}")
            if word == b"-e":
                name, variable = _reference(value)
                if variable not in environ:
                    raise MgrctlError(f"not in the environment: {variable!r}")
                references[name] = variable
                params.append((name, environ[variable]))
            else:
                settings[word] = value
        elif word in (b"-i", b"-l", b"-u", b"-R"):
            mode = word[1:].decode()
        elif word.startswith(b"-"):
            raise MgrctlError(f"no such option: {word!r}")
        elif func is None and not (mode == "i" and b"=" in word):
            func = word
        else:
            name, equals, value = word.partition(b"=")
            if not equals or not name:
                raise MgrctlError(f"not name=value: {word!r}")
            params.append((name, value))
    if settings[b"-o"] not in FORMATS:
        raise MgrctlError(f"no such format: {settings[b'-o']!r}")
    if mode == "call" and not func:
        raise MgrctlError("no function")
    pairs = ([(b"func", func)] if func is not None else []) + params
    return Invocation(settings[b"-m"], settings[b"-o"], mode, pairs, references)


def _reference(value: bytes) -> tuple[bytes, bytes]:
    match = REFERENCE.fullmatch(value)
    if match is None:
        raise MgrctlError(f"not name=$VARIABLE: {value!r}")
    return match[1], match[2]


def _pack(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Dump(NamedTuple):
    """One run of the stand-in, as bytes; `argv` is without the program's name."""

    argv: list[bytes]
    environ: dict[bytes, bytes]


class Mgrctl:
    """The stand-in, made in an empty or new directory: `path` is the program."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "mgrctl"
        self._dumps, self._answers = directory / "dumps", directory / "answers"
        here, python = Path(__file__).resolve(), sys.executable
        first = f"#!{python} -IS"
        # The kernel cuts a longer first line, and splits it at blanks.
        assert len(first) < 127, first
        assert " " not in python, first
        # The path is used without quotes in shell text.
        assert re.fullmatch(r"[\w/.-]+", str(self.path)), self.path
        self.path.write_text(
            f"{first}\nimport runpy\n"
            f"runpy.run_path({str(here)!r})['main']({str(directory.resolve())!r})\n"
        )
        self.path.chmod(0o755)
        self._answers.write_text("{}")

    def answer(self, text: bytes, status: int = 0, func: Optional[bytes] = None) -> None:
        """Set what it prints and how it exits, for one function or for all."""
        answers = json.loads(self._answers.read_text())
        answers[_pack(func or b"")] = [_pack(text), status]
        self._answers.write_text(json.dumps(answers))

    def redirect(self, snippet: bytes) -> bytes:
        """Put the stand-in's path where the snippet names the real program."""
        assert REAL in snippet, "the snippet does not name mgrctl's path"
        return snippet.replace(REAL, os.fsencode(self.path))

    @property
    def dumps(self) -> list[Dump]:
        """Every run so far, in order."""
        if not self._dumps.exists():
            return []
        runs = [json.loads(line) for line in self._dumps.read_text().splitlines()]
        unpack = base64.b64decode
        return [
            Dump([unpack(word) for word in argv], {unpack(k): unpack(v) for k, v in environ})
            for argv, environ in runs
        ]

    @property
    def calls(self) -> list[Invocation]:
        """Every run so far as the panel would take it; MgrctlError where it would not."""
        return [interpret(dump.argv, dump.environ) for dump in self.dumps]


def main(directory: str) -> None:
    """Be mgrctl: dump, then print the configured answer and exit with its status."""
    argv = [os.fsencode(word) for word in sys.argv[1:]]
    environ = [[_pack(k), _pack(v)] for k, v in os.environb.items()]
    with Path(directory, "dumps").open("a") as dumps:
        dumps.write(json.dumps([[_pack(word) for word in argv], environ]) + "\n")
    try:
        call = interpret(argv, os.environb)
    except MgrctlError as error:
        print(f"ERROR usage({error})")
        sys.exit(1)
    answers = json.loads(Path(directory, "answers").read_text())
    func = dict(call.pairs).get(b"func", b"")
    text, status = answers.get(_pack(func)) or answers.get("") or [_pack(OK[call.out]), 0]
    sys.stdout.buffer.write(base64.b64decode(text))
    sys.stdout.flush()
    sys.exit(status)


def run_mgrctl(
    snippet: bytes,
    stand_in: Mgrctl,
    shell: str = "sh",
    *,
    args: Sequence[str] = (),
    env: Optional[Mapping[str, bytes]] = None,
    path_first: Optional[Path] = None,
) -> list[Pairs]:
    """Run a snippet against the stand-in; give the pairs that the panel would see, per call.

    AssertionError if the snippet fails, writes to standard error or leaves a file.
    """
    # Late: the program runs alone and must not need the package.
    from tests.support.run import run_sh

    before = len(stand_in.dumps)
    ran = run_sh(stand_in.redirect(snippet), shell, args=args, env=env, path_first=path_first)
    assert (ran.status, ran.err, ran.files) == (0, b"", []), ran
    return [call.pairs for call in stand_in.calls[before:]]
