"""Scripts that are made to be run again, in all their languages, against one fake panel.

`TARGETS` tells how each is run. mgrctl asks the same panel by a stand-in, so that the tests of
all of them are the same.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional, Union

import pytest

from logreq.emitters import load
from logreq.model.call import Arg, Argument, Call, Decision, Env, Lookup, Value
from logreq.model.connection import Connection
from logreq.model.request import Param
from logreq.text.codec import encode
from tests.support import mgrctl_panel, run
from tests.support.panel import FakePanel
from tests.support.pysnippets import make_call
from tests.support.recorder import Recorded, Reply
from tests.support.terminal import Terminal

Bytes = Union[str, bytes]


class Target(NamedTuple):
    """What runs a script, how its file's name ends, whether its values are text only (UTF-8)."""

    program: str
    suffix: str
    text: bool = False


TARGETS = {
    "python": Target(f"python3.{sys.version_info[1]}", ".py"),
    "requests": Target(f"python3.{sys.version_info[1]}", ".py"),
    "php": Target("php", ".php"),
    "perl": Target("perl", ".pl"),
    "javascript": Target("node", ".mjs", text=True),
    "curl": Target("sh", ".sh"),
    "mgrctl": Target("sh", ".sh"),
}
OUTS = ("json", "xml")
# Paths of `--url`, as given and as asked: the panel's name is appended to some.
PATHS = {
    "/": "/ispmgr",
    "/manager": "/manager/ispmgr",
    "/manager/": "/manager/ispmgr",
    "/a/manager": "/a/manager/ispmgr",
    "/a/": "/a/ispmgr",
    "/ispmgr": "/ispmgr",
    "/a/xmanager": "/a/xmanager",
    "/manager/x": "/manager/x",
}
_DOCUMENT = re.compile(r'\{"error":\{.*"msg":\{"\$":"(.*)"\}+$')


def targets(*left_out: str) -> list[object]:
    """Give `parametrize` arguments, one per target, with the marks that they need."""
    return [
        pytest.param(name, marks=run.requires(target.program), id=name)
        for name, target in TARGETS.items()
        if name not in left_out
    ]


class Ran(NamedTuple):
    """How a run ended; `err` in lines."""

    status: int
    out: bytes
    err: list[str]

    @property
    def lines(self) -> list[str]:
        """What it printed, in lines."""
        return self.out.decode("utf-8", "replace").splitlines()


class Sent(NamedTuple):
    """A call that the panel let in: its own pairs, without the connection's."""

    func: str
    pairs: list[tuple[str, str]]

    def __getitem__(self, name: Any) -> Any:
        return dict(self.pairs)[name] if isinstance(name, str) else tuple.__getitem__(self, name)


def call(func: str, *pairs: tuple[str, Value], **line: Any) -> Call:
    """Make a call of a logged request whose values may be references."""
    made = make_call([], encode(func), **line)
    return made._replace(decisions=[Decision(Param(name), True, value=v) for name, v in pairs])


def argument(name: str) -> tuple[str, Value]:
    """Give a pair whose value is the argument of that name."""
    return (name, (Arg(name),))


OK = ("sok", "ok")
# A user with a password, a form that every value gets into, and something that can exist.
USER = call(
    "user.edit", argument("login"), ("name", (Arg("login"),)), ("passwd", Env("PASSWD")), OK
)
MAIL = call("user.edit", argument("name"), ("mail", ("to:", Arg("mail"))))
SITE = call("sslcert.edit", argument("name"), OK)
WEB = call("webdomain.edit", argument("name"), OK)
LIST = call("iplist")


class Bench:
    """A script of a target, its folder, and the panel that it calls."""

    def __init__(self, name: str, folder: Path, panel: FakePanel) -> None:
        self.name, self.target, self.panel = name, TARGETS[name], panel
        self.work, self.home = folder / "work", folder / "home"
        for directory in (self.work, self.home):
            directory.mkdir()
        self.file = folder / f"script{self.target.suffix}"
        self.mgrctl = mgrctl_panel.make(folder, panel.port)

    def script(self, *calls: Call, arguments: Sequence[str] = (), **connection: Any) -> str:
        """Write the script of calls; arguments that are not given are those of the calls."""
        names = [name for one in calls for _, value in one.arguments for name in _asked(value)]
        found = [Argument(name, f"old-{name}") for name in dict.fromkeys([*names, *arguments])]
        connection.setdefault("out", "json")
        emitter = load(self.name)(Connection(self.panel.base, **connection))
        text = "".join(emitter.script(calls, found, again=True))
        self.file.write_text(text, "utf-8", "surrogateescape", newline="")
        return text

    def rows(self, data: Bytes, name: str = "rows.csv") -> str:
        """Write a file of rows into the folder where scripts run."""
        written = encode(data) if isinstance(data, str) else data
        (self.work / name).write_bytes(written)
        return name

    def failed(self, name: str = "rows.failed.csv") -> bytes:
        """Give the file of failed rows, which only its owner may read."""
        path = self.work / name
        assert path.stat().st_mode & 0o777 == 0o600
        return path.read_bytes()

    def command(self, *args: Bytes) -> list[Bytes]:
        program = run.find(self.target.program)
        assert program
        return [program, str(self.file), *args]

    def environment(self, env: Optional[Mapping[str, Bytes]] = None) -> dict[str, Bytes]:
        """Give the variables of a login, unless others are given; and what programs need."""
        given = {"PANEL_AUTHINFO": "root:secret"} if env is None else env
        fixed = {"PATH": run.search_path(), "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return {**fixed, "MGRCTL": str(self.mgrctl), **given}

    def run(
        self,
        *args: Bytes,
        env: Optional[Mapping[str, Bytes]] = None,
        stdin: Optional[bytes] = None,
        timeout: float = 60,
    ) -> Ran:
        """Run the script; nothing that it writes to standard error drives a terminal."""
        ended = run.execute(self.command(*args), self.environment(env), self.work, stdin, timeout)
        assert not list(self.home.iterdir())
        text = ended[2].decode()
        assert all(char.isprintable() or char == "\n" for char in text), text
        return Ran(ended[0], ended[1], _lines(text))

    def terminal(self, *args: str, env: Optional[Mapping[str, Bytes]] = None) -> Terminal:
        """Run the script in a terminal."""
        command = [os.fsdecode(word) for word in self.command(*args)]
        variables = {name: os.fsdecode(text) for name, text in self.environment(env).items()}
        return Terminal(command, env=variables, cwd=str(self.work), columns=200)

    def killed(self, *args: Bytes, by: signal.Signals, where: bytes) -> list[str]:
        """Run the script until the panel gets a call with this value; give its lines of errors.

        The panel does not do that call: the script's whole session ends before.
        """
        real = self.panel.answer
        process = subprocess.Popen(
            self.command(*args), env=self.environment(), cwd=self.work, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

        def answer(request: Recorded) -> Reply:
            if where not in [value for _, value in request.pairs]:
                return real(request)
            os.killpg(process.pid, by)
            return Reply(b"")

        self.panel.answer = answer
        with process:
            err = process.communicate(timeout=60)[1]
        self.panel.answer = real
        assert process.returncode != 0
        return _lines(err.decode())

    @property
    def sent(self) -> list[Sent]:
        """The calls that the panel let in since it was asked last."""
        ours = {"func", "out", "authinfo", "auth", "lang", "su"}
        found = []
        for made in self.panel.calls:
            pairs = [(_text(name), _text(value)) for name, value in made.params]
            found.append(Sent(made.func, [pair for pair in pairs if pair[0] not in ours]))
        self.panel.calls.clear()
        self.panel.requests.clear()
        return found

    @property
    def silent(self) -> bool:
        """Whether nothing at all reached the panel since it was asked last."""
        return not self.panel.requests and not self.panel.calls


def _asked(value: Iterable[object]) -> Iterator[str]:
    """Give the arguments that stand in a value, also in what it looks up."""
    for part in value:
        if isinstance(part, Lookup):
            yield from _asked(part.value)
        elif isinstance(part, Arg):
            yield part.name


def _lines(err: str) -> list[str]:
    """Give lines of errors: in JSON a shell shows the error's document as it came."""
    return [_DOCUMENT.sub(r"\1", line) for line in err.splitlines()]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
