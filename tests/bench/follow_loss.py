"""Lines lost over rotations, beside `tail -F`: `python -m tests.bench.follow_loss`.

`--command` measures `python -m logreq tail LOG -t url` as well. Descriptors and memory of the
library's reader are sampled each second.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .writer import KINDS

PYTHON = sys.executable


def readers(path: Path, command: bool) -> dict[str, list[str]]:
    found = {
        "logreq": [PYTHON, "-m", "tests.bench.reader", str(path)],
        "logreq, polling": [PYTHON, "-m", "tests.bench.reader", str(path), "--poll"],
        "tail -F": ["tail", "-n0", "-F", str(path)],
    }
    if command:
        found["logreq tail"] = [PYTHON, "-m", "logreq", "tail", str(path), "-t", "url"]
    return found


def sample(pid: int) -> tuple[int, int]:
    """Give the number of descriptors and the resident memory in KiB."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
        rss = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS"))
        return len(list(Path(f"/proc/{pid}/fd").iterdir())), rss
    except (OSError, StopIteration):
        return 0, 0


def measure(kind: str, lines: int, rate: int, every: int, command: bool) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "ispmgr.log"
        path.touch()
        running = []
        for name, argv in readers(path, command).items():
            with open(Path(place) / f"{name}.err", "wb") as errors:
                reader = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors)
            argv = [PYTHON, "-m", "tests.bench.check", str(lines)]
            check = subprocess.Popen(argv, stdin=reader.stdout, stdout=subprocess.PIPE)
            running.append((name, reader, check))
        time.sleep(1)
        argv = [PYTHON, "-m", "tests.bench.writer", str(path), kind]
        argv += [str(lines), str(rate), str(every)]
        writer = subprocess.Popen(argv, stdout=subprocess.PIPE)
        samples = []
        while writer.poll() is None:
            time.sleep(1)
            samples.append(sample(running[0][1].pid))
        assert writer.stdout
        rotations = int(writer.stdout.read())
        rows = []
        for name, reader, check in running:
            try:
                out, _ = check.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                reader.terminate()  # the last line was lost as well
                out, _ = check.communicate()
            reader.terminate()
            reader.wait()
            said = (Path(place) / f"{name}.err").read_text().strip().splitlines()
            row = {"kind": kind, "reader": name, "lines": lines, "rotations": rotations}
            row.update(json.loads(out))
            row["said"] = said[-20:]
            row["reports"] = 0 if name == "tail -F" else len(said)
            rows.append(row)
        rows[0]["fds"] = [fds for fds, _ in samples if fds]
        rows[0]["rss"] = [rss for _, rss in samples if rss]
        return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=40_000, help="lines per second")
    parser.add_argument("--every", type=int, default=9_000, help="lines between rotations")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--command", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = []
    print(f"{'kind':5}{'reader':18}{'lines':>9}{'rotations':>10}", end="")
    print(f"{'lost':>9}{'doubled':>9}{'garbled':>9}{'order':>7}{'fds':>8}{'RSS MB':>12}")
    for kind in given.kinds.split(","):
        for row in measure(kind, given.lines, given.rate, given.every, given.command):
            rows.append(row)
            print(f"{kind:5}{row['reader']:18}{row['lines']:9}{row['rotations']:10}", end="")
            print(f"{row['lost']:9}{row['doubled']:9}{row['garbled']:9}", end="")
            print(f"{row['disordered']:7}", end="")
            if row.get("fds"):
                rss = row["rss"]
                print(f"{min(row['fds']):4}-{max(row['fds']):<3}", end="")
                print(f"{rss[len(rss) // 10] / 1024:6.1f}-{rss[-1] / 1024:<5.1f}", end="")
            print(flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
