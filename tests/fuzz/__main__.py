"""Runs one harness with atheris: `python -m tests.fuzz NAME [--seconds N] [--corpus FOLDER]`.

A failing input is written into the folder and ends the run with another status than 0.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from tests.fuzz import NAMES, load


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="inputs of earlier runs, and this one's")
    given = parser.parse_args()
    import atheris  # not needed to import the package

    folder: Path = given.corpus or Path(tempfile.mkdtemp(prefix="logreq-fuzz-"))
    inputs = folder / given.name
    inputs.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=["logreq"]):
        harness = load(given.name)
    for seed in harness.seeds():
        (inputs / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    words = folder / f"{given.name}.dict"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in harness.words))
    options = [
        f"-max_total_time={given.seconds}",
        "-timeout=10",  # one input may take so many seconds
        "-rss_limit_mb=2048",
        "-max_len=4096",
        "-print_final_stats=1",
        f"-dict={words}",
        f"-artifact_prefix={folder}/{given.name}-",
    ]
    atheris.Setup([sys.argv[0], *options, str(inputs)], harness.check)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word)


if __name__ == "__main__":
    main()
