"""A program in a terminal of its own, watched and typed to as a user would."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Optional, Union


class Terminal:
    """Runs a command in a new session whose terminal is a pty, while the `with` block lasts.

    `text` holds all that it wrote so far, escape sequences included.
    """

    def __init__(
        self, command: Sequence[str], *, env: Mapping[str, str], cwd: str, columns: int = 80
    ) -> None:
        self.text = ""
        self._at = 0
        # A read may end within a character.
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

        def own_terminal() -> None:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=dict(env), cwd=cwd,
            start_new_session=True, preexec_fn=own_terminal,
        )  # fmt: skip
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)

    def type(self, text: str) -> None:
        """Type text; `\\x03` is Ctrl-C, `\\t` the tabulator."""
        os.write(self.master, text.encode())

    def expect(self, pattern: str, timeout: float = 30) -> re.Match[str]:
        """Wait until what came since the last match matches; AssertionError after `timeout` s."""
        until = time.monotonic() + timeout
        while True:
            found = re.compile(pattern, re.DOTALL).search(self.text, self._at)
            if found:
                self._at = found.end()
                return found
            left = until - time.monotonic()
            assert left > 0, f"no {pattern!r} in {self.text[self._at :]!r}"
            if select.select([self.master], [], [], left)[0]:
                self._read()

    def end(self, timeout: float = 30) -> int:
        """Wait for the program's end; give its exit status."""
        until = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < until, "it does not end"
            if select.select([self.master], [], [], 0.05)[0]:
                self._read()
        while select.select([self.master], [], [], 0)[0]:
            data = some(self.master)
            if not data:
                break
            self.text += self._decode(data)
        return self.process.returncode

    def _read(self) -> None:
        self.text += self._decode(some(self.master))


def some(master: int) -> bytes:
    """Give what a terminal's master has by now; nothing when its slave is closed and all is read.

    The kernel hands over what was written when it gets to it: one read may give only its begin.
    """
    try:
        return os.read(master, 65536)
    except OSError:  # Linux says so where other systems give an empty read
        return b""


def on_terminal(
    command: Sequence[Union[str, os.PathLike[str]]],
    columns: int = 0,
    cwd: Optional[os.PathLike[str]] = None,
) -> bytes:
    """Run a command that writes to a terminal (0 columns: it does not know); give all it wrote.

    It is read when the command has ended: a terminal holds some 4 kB.

    Raises CalledProcessError, with what went to the standard error, if its status is not 0.
    """
    master, slave = pty.openpty()
    with os.fdopen(master, "rb", 0):
        with os.fdopen(slave, "wb", 0):
            fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            subprocess.run(
                command, stdout=slave, stderr=subprocess.PIPE, check=True, timeout=60, cwd=cwd
            )
        return b"".join(iter(lambda: some(master), b""))


def screen(text: str, columns: int = 80) -> list[str]:
    """Give the lines that a terminal shows: CR, LF and `erase to the end of the line` obeyed.

    Colours are passed over; any other sequence is an error.
    """
    lines = [""]
    column = 0
    pieces = re.split(r"(\x1b\[[0-9;]*[A-Za-z]|\x1b\]52;c;[^\x07]*\x07|[\r\n])", text)
    for piece in pieces:
        if piece == "\r":
            column = 0
        elif piece == "\n":
            lines.append("")
            column = 0
        elif piece == "\x1b[K":
            assert len(lines[-1]) < columns, "what has wrapped stays"
            lines[-1] = lines[-1][:column]
        elif (piece.endswith("m") and piece.startswith("\x1b[")) or piece.startswith("\x1b]52"):
            continue
        else:
            assert "\x1b" not in piece, repr(piece)
            lines[-1] = lines[-1][:column] + piece + lines[-1][column + len(piece) :]
            column += len(piece)
    return lines
