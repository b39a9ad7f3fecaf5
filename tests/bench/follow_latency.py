"""Time from write to read, and idle CPU, beside `tail -F | grep`.

`python -m tests.bench.follow_latency`; `--command` measures `python -m logreq tail` as well.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any

from .writer import LINE

PYTHON = sys.executable


def readers(path: Path, command: bool) -> dict[str, str]:
    reader = f"exec {PYTHON} -m tests.bench.reader {path}"
    found = {
        "logreq, inotify": reader,
        "logreq, polling": f"{reader} --poll",
        "tail -F | grep": f"tail -n0 -F {path} | grep --line-buffered Request",
    }
    if command:
        found["logreq tail"] = f"exec {PYTHON} -m logreq tail {path} -t url"
    return found


def family(pid: int) -> list[int]:
    """Give a process and its children."""
    found = [pid]
    for task in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(task.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(task.parent.name))
    return found


def cpu(pid: int) -> float:
    """Give the processor time in seconds that a process and its children have used."""
    total = 0
    for one in family(pid):
        # Nanoseconds on the processor; the ticks of `stat` are too coarse.
        total += int(Path(f"/proc/{one}/schedstat").read_text().split()[0])
    return total / 1e9


def collect(stream: IO[bytes], times: dict[int, float]) -> None:
    for line in stream:
        now = time.perf_counter()
        place = line.find(b"n=")
        if place >= 0:
            times[int(line[place + 2 : place + 11])] = now


def measure(name: str, argv: str, path: Path, count: int, idle: float) -> dict[str, Any]:
    process = subprocess.Popen(["sh", "-c", argv], stdout=subprocess.PIPE)
    assert process.stdout
    times: dict[int, float] = {}
    thread = threading.Thread(target=collect, args=(process.stdout, times), daemon=True)
    thread.start()
    fd = os.open(path, os.O_WRONLY | os.O_APPEND)
    sent: dict[int, float] = {}
    serial = 0
    while not times:  # until it is ready
        serial += 1
        os.write(fd, LINE % serial)
        time.sleep(0.1)
    time.sleep(1)
    chance = random.Random(1)
    for number in range(serial + 1, serial + 1 + count):
        sent[number] = time.perf_counter()
        os.write(fd, LINE % number)
        time.sleep(chance.uniform(0.002, 0.018))
    time.sleep(1)
    used = cpu(process.pid)
    time.sleep(idle)
    used = cpu(process.pid) - used
    for one in family(process.pid)[::-1]:
        os.kill(one, 15)
    process.wait()
    os.close(fd)
    delays = sorted((times[n] - at) * 1000 for n, at in sent.items() if n in times)
    return {
        "reader": name,
        "lines": len(delays),
        "median": statistics.median(delays),
        "p99": delays[int(len(delays) * 0.99)],
        "idle": used / idle * 100,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--idle", type=float, default=20, help="seconds")
    parser.add_argument("--command", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    print(f"{'reader':18}{'lines':>7}{'median ms':>11}{'p99 ms':>9}{'idle CPU %':>12}")
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ispmgr.log"
        path.touch()
        for name, argv in readers(path, given.command).items():
            row = measure(name, argv, path, given.lines, given.idle)
            rows.append(row)
            print(f"{name:18}{row['lines']:7}{row['median']:11.2f}{row['p99']:9.2f}", end="")
            print(f"{row['idle']:12.3f}", flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
