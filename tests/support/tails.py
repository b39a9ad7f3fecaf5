"""Runs `logreq tail` in this process, step by step: nothing waits for a clock."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from unittest import mock

from logreq.cli.live import Live
from tests.support.cli import Done, logreq


def tail(
    *args: object, steps: Iterable[Callable[[], object]] = (), end: int = signal.SIGINT
) -> Done:
    """Run `logreq tail ARGS...` and tell how it ended.

    Each time that it has handed on all that its logs hold, the next of `steps` is taken; the
    signal `end` comes after the last.
    """
    with led(steps, end):
        return logreq("tail", *args)


@contextmanager
def led(steps: Iterable[Callable[[], object]], end: int = signal.SIGINT) -> Iterator[None]:
    """Lead the `tail` that runs meanwhile; see there."""
    left: Iterator[Callable[[], object]] = iter([*steps, partial(os.kill, os.getpid(), end)])
    idle = Live.idle

    def step(live: Live) -> None:
        idle(live)
        act = next(left, None)
        if act is not None:
            act()

    with mock.patch.object(Live, "idle", step):
        yield


def main() -> None:
    """Be `logreq tail ARGS...` whose user presses Ctrl-C when they have seen all there is."""
    from logreq.cli import main as run

    with led([]):
        run()


if __name__ == "__main__":
    main()
