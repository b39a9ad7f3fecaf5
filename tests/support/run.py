"""Runs snippets in real interpreters: empty directory, small environment, time limit.

`LOGREQ_TEST_REQUIRE` names what must be on the machine (`all`, or names with commas):
an absent interpreter is then an error and not a skipped test.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Optional, Union

import pytest

SHELLS = ("sh", "dash", "bash")
# Others that people have, each with what has to stand before the file.
OTHER_SHELLS = {
    "bash --posix": ("bash", "--posix"),
    "busybox ash": ("busybox", "ash"),
    **{name: (name,) for name in ("ksh93", "mksh", "yash", "zsh")},
}
PYTHONS = ("python3.9", "python3.10", "python3.11", "python3.12", "python3.13")
# The arguments that show that a program of that name really runs.
PROBES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*SHELLS, "ksh93", "mksh", "posh", "yash", "zsh"), ("-c", ":")),
    "busybox": ("ash", "-c", ":"),
    **dict.fromkeys(PYTHONS, ("-c", "import sys; print(sys.executable, *sys.version_info[:2])")),
    "perl": ("-e", "1"),
    "php": ("-r", "1;"),
    "node": ("-e", "1"),
    "curl": ("--version",),
    "openssl": ("version",),
    "chromium": ("--version",),
}
SUFFIXES = {"perl": ".pl", "php": ".php", "node": ".mjs"}
Text = Union[str, bytes]


# Whether the running test bears the mark `interpreter`, so that a run without them has none.
marked = True


class AbsentError(Exception):
    """A required interpreter is not on the machine."""


def _candidates(name: str) -> Iterator[Path]:
    if name.startswith("python") and name.endswith(f"3.{sys.version_info[1]}"):
        yield Path(sys.executable)
    for directory in os.get_exec_path():
        yield Path(directory, name)
    if name.startswith("python"):
        versions = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
        yield from sorted(versions.glob(name[len("python") :] + "*/bin/python3"), reverse=True)


@functools.cache
def find(name: str) -> Optional[str]:
    """Give the absolute path of an interpreter that really runs, or None.

    A pyenv shim exists for every version and runs only the chosen ones: the probe tells.
    """
    for path in _candidates(name):
        if not os.access(path, os.X_OK) or path.is_dir():
            continue
        try:
            done = subprocess.run(
                [path, *PROBES[name]], capture_output=True, stdin=subprocess.DEVNULL, timeout=30
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode != 0:
            continue
        if not name.startswith("python"):
            return str(path.absolute())
        real, major, minor = done.stdout.decode().rsplit(maxsplit=2)
        if name == f"python{major}.{minor}":
            return real
    return None


def required(name: str) -> bool:
    """Whether `LOGREQ_TEST_REQUIRE` wants this interpreter."""
    wanted = os.environ.get("LOGREQ_TEST_REQUIRE", "").split(",")
    return "all" in wanted or name in wanted


def requires(*names: str) -> pytest.MarkDecorator:
    """Mark a test that runs code in these interpreters; skipped, by name, where one is absent."""
    return pytest.mark.interpreter(*names)


def check(names: Iterable[str]) -> None:
    """Skip the running test where an interpreter is absent; AbsentError if it is wanted."""
    absent = [name for name in names if find(name) is None]
    wanted = [name for name in absent if required(name)]
    if wanted:
        raise AbsentError(
            f"not on this machine, wanted by LOGREQ_TEST_REQUIRE: {', '.join(wanted)}"
        )
    if absent:
        pytest.skip(f"not on this machine: {', '.join(absent)}")


def other_shells() -> list[object]:
    """Give `parametrize` arguments, one per other shell, with the marks that they need."""
    return [
        pytest.param(name, marks=requires(command[0]), id=name)
        for name, command in OTHER_SHELLS.items()
    ]


def each(*names: str) -> list[object]:
    """Give `parametrize` arguments, one per interpreter, with the marks that they need."""
    return [pytest.param(name, marks=requires(name), id=name) for name in names]


class Ran(NamedTuple):
    """How a run ended: `files` are those left behind, below `work/`, `home/` and `tmp/`."""

    status: int
    out: bytes
    err: bytes
    files: list[str]


def run(
    name: str,
    text: bytes,
    *,
    args: Sequence[Text] = (),
    env: Optional[Mapping[str, Text]] = None,
    stdin: Optional[bytes] = None,
    path_first: Optional[Path] = None,
    suffix: Optional[str] = None,
    timeout: float = 60.0,
    first: Sequence[str] = (),
) -> Ran:
    """Run a snippet as a file; TimeoutError after `timeout` seconds, its children ended too.

    `first`: arguments that stand before the file.
    """
    program = find(name)
    if program is None:
        raise AbsentError(f"not on this machine: {name}")
    with tempfile.TemporaryDirectory(prefix="logreq-run-") as top:
        work, home, tmp, code = (Path(top, part) for part in ("work", "home", "tmp", "code"))
        for directory in (work, home, tmp, code):
            directory.mkdir()
        script = code / ("snippet" + (SUFFIXES.get(name, "") if suffix is None else suffix))
        script.write_bytes(text)
        environment: dict[str, Text] = {
            "PATH": search_path(path_first),
            "HOME": str(home),
            "TMPDIR": str(tmp),
            "LC_ALL": "C.UTF-8",
        }
        environment.update(env or {})
        ended = execute([program, *first, str(script), *args], environment, work, stdin, timeout)
        left = sorted(
            str(path.relative_to(top)) for part in (work, home, tmp) for path in part.rglob("*")
        )
        return Ran(*ended, left)


def search_path(path_first: Optional[Path] = None) -> str:
    """Give a PATH with the system's programs and the curl that was found, `path_first` first."""
    curl = find("curl")
    parts = [str(path_first)] if path_first else []
    parts += ["/usr/bin", "/bin"]
    if curl and str(Path(curl).parent) not in parts:
        parts.append(str(Path(curl).parent))
    return os.pathsep.join(parts)


def execute(
    argv: Sequence[Text],
    env: Mapping[str, Text],
    directory: Path,
    stdin: Optional[bytes],
    timeout: float,
) -> tuple[int, bytes, bytes]:
    """Run a command in a session of its own, so that the time limit reaches its children."""
    assert marked, "a test that runs other programs needs the mark: pytest.mark.interpreter"
    with subprocess.Popen(
        argv,
        env=env,
        cwd=directory,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            # Not for ever: a child may have left the session and still hold the output.
            process.communicate(timeout=10)
            raise TimeoutError(f"{argv[0]!r} ran for more than {timeout} seconds") from error
        return process.returncode, out, err


def run_sh(
    text: bytes,
    shell: str = "sh",
    *,
    args: Sequence[Text] = (),
    env: Optional[Mapping[str, Text]] = None,
    stdin: Optional[bytes] = None,
    path_first: Optional[Path] = None,
    timeout: float = 60.0,
) -> Ran:
    """Run a shell snippet in one of `SHELLS`, of `OTHER_SHELLS` or in posh."""
    name, *first = OTHER_SHELLS.get(shell, (shell,))
    if shell not in (*SHELLS, *OTHER_SHELLS, "posh"):
        raise ValueError(f"no shell of ours: {shell}")
    return run(
        name,
        text,
        args=args,
        env=env,
        stdin=stdin,
        path_first=path_first,
        timeout=timeout,
        first=first,
    )


class Canaries:
    """Programs that an injected command would call; each writes down that it ran.

    `path` goes first in PATH. `allow` names those that stay the machine's own, such as
    a snippet's curl. Built-in commands (`echo`) cannot be watched: use files instead.
    """

    NAMES = (
        *(
            "awk",
            "base64",
            "bash",
            "cat",
            "chmod",
            "cp",
            "curl",
            "dash",
            "date",
            "dd",
            "env",
            "head",
        ),
        *("hostname", "id", "kill", "ls", "mkdir", "mktemp", "mv", "nc", "node", "od", "perl"),
        *("php", "ping", "ps", "python", "python3", "reboot", "rm", "sed", "sh", "sleep", "ssh"),
        *("stat", "sudo", "tee", "touch", "tr", "uname", "wget", "whoami", "xargs"),
    )

    def __init__(
        self, directory: Path, *, names: Sequence[str] = NAMES, allow: Sequence[str] = ("curl",)
    ) -> None:
        self.path = directory / "canaries"
        self.path.mkdir()
        self._marks = directory / "sprung"
        for name in names:
            if name not in allow:
                canary = self.path / name
                # An absolute /bin/sh and its built-ins only: a canary must not spring another.
                canary.write_text(f"#!/bin/sh\necho {name} >>'{self._marks}'\nexit 99\n")
                canary.chmod(0o755)

    @property
    def sprung(self) -> list[str]:
        """The names of the programs that ran, in order."""
        return self._marks.read_text().split() if self._marks.exists() else []
