"""Follows a log with the library and writes its lines out: `python -m tests.bench.reader LOG`."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from logreq.live.follow import Stop, follow
from logreq.live.wake import Poller


def main() -> None:
    stop = Stop()
    signal.signal(signal.SIGTERM, stop.set)
    waits = Poller(stop) if "--poll" in sys.argv else None
    chunks = follow(
        [Path(sys.argv[1])],
        panel_of=lambda _: "ispmgr",
        report=lambda problem: print(problem, file=sys.stderr, flush=True),
        stop=stop,
        waits=waits,
    )
    for chunk in chunks:
        sys.stdout.buffer.write(chunk.data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
