"""`python -m tests.bench [--quick] [--json FILE] [--dir DIRECTORY] [ROW...]`."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from tests.bench.rows import FULL, QUICK, ROWS, table


def main(arguments: list[str]) -> int:
    """Measure, print the table, write it as JSON if asked to."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="tiny logs: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--dir", type=Path, help="where logs are kept between runs")
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; default: all"
    )
    parser.add_argument("--runs", type=int, help="of which the median counts")
    given = parser.parse_args(arguments)
    unknown = set(given.rows) - set(ROWS)
    if unknown:
        parser.error(f"unknown rows: {', '.join(sorted(unknown))}")
    folder = given.dir or Path(tempfile.gettempdir()) / f"logreq-bench-{os.getuid()}"
    size = QUICK if given.quick else FULL
    size = size._replace(runs=given.runs or size.runs)
    rows = [row for name in given.rows or ROWS for row in ROWS[name](size, folder)]
    machine = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    print(table(rows))
    print("\n" + ", ".join(f"{name} {value}" for name, value in machine.items()))
    if given.json:
        figures = [{**row._asdict(), "reached": row.reached} for row in rows]
        given.json.write_text(json.dumps({"machine": machine, "rows": figures}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
