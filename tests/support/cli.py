"""Runs the command line in this process: fast, and seen by coverage."""

from __future__ import annotations

import contextlib
import io
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple, Union
from unittest import mock

from logreq.cli import main


@contextlib.contextmanager
def _handlers() -> Iterator[None]:
    """Put back the handlers of signals; only the main thread has a say in them."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in zip(numbers, before):
                signal.signal(number, handler)


class Done(NamedTuple):
    """How a command ended: exit status, standard output and standard error."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """Standard output as text."""
        return self.out.decode()


def logreq(*args: object, stdin: Union[bytes, str] = b"") -> Done:
    """Run `logreq ARGS...` and tell how it ended."""
    out, err = io.BytesIO(), io.BytesIO()
    data = stdin.encode() if isinstance(stdin, str) else stdin
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        streams: dict[str, Any] = {
            "argv": ["logreq", *map(str, args)],
            "stdin": file,
            "stdout": io.TextIOWrapper(out, write_through=True),
            "stderr": io.TextIOWrapper(err, write_through=True),
        }
        status: object = None
        # The test run's own handlers stay.
        with mock.patch.multiple(sys, **streams), _handlers():
            try:
                main()
            except SystemExit as end:
                status = end.code
    assert isinstance(status, int), f"ended with {status!r}"
    return Done(status, out.getvalue(), err.getvalue().decode())


_IMPATIENT = """\
import sys
from logreq.live import outcomes
from logreq.log import hold
hold.PATIENCE = outcomes.PATIENCE = float(sys.argv.pop(1))
from logreq.cli import main
main()
"""


def impatient(seconds: float, *args: object) -> list[str]:
    """Give the command of a process `logreq ARGS...` whose requests wait less for their outcomes.

    Instead of two seconds, that is: a test that needs no exact time needs not wait so long.
    """
    return [sys.executable, "-c", _IMPATIENT, str(seconds), *map(str, args)]
