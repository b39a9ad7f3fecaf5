"""Every broken log through the command line: what it says, how it ends, in bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import brokenlogs
from tests.support.brokenlogs import BROKEN, ODD_NAME

# Status and a part of standard error; None: nothing but the summary.
EXPECTED: dict[str, tuple[int, str]] = {
    "noise.log": (0, ""),
    "empty.log": (1, ""),
    "one-line.log": (2, "one-line.log:2: a line longer than 4 MiB is passed over"),
    "huge-cut.log": (2, "huge-cut.log:1: a line longer than 4 MiB is passed over"),
    "utf16.log": (1, ""),
    "forbidden.log": (0, ""),
    "pipe.log": (2, "pipe.log: cannot read: nobody writes to this pipe (waited 0.2 s)"),
    "folder.log": (1, ""),
    "dangling.log": (2, "dangling.log: cannot read: No such file or directory"),
    "loop.log": (2, "loop.log: cannot read: Too many levels of symbolic links"),
    "plain.log.gz": (0, ""),
    "nothing.log.gz": (1, ""),
    "empty.log.gz": (1, ""),
    "members.log.gz": (0, ""),
    "padded.log.gz": (0, ""),
    "trailing.log.gz": (2, "trailing.log.gz: cannot read: damaged gzip data: "),
    "truncated.log.gz": (2, "truncated.log.gz: cannot read: damaged gzip data: cut off"),
    "header.log.gz": (2, "header.log.gz: cannot read: damaged gzip data: cut off"),
    "checksum.log.gz": (2, "checksum.log.gz: cannot read: damaged gzip data: "),
    "bomb.log.gz": (2, "bomb.log.gz:1: a line longer than 4 MiB is passed over"),
    "truncated.log.bz2": (2, "truncated.log.bz2: cannot read: damaged bz2 data: cut off"),
    "truncated.log.xz": (2, "truncated.log.xz: cannot read: damaged lzma data: cut off"),
    ODD_NAME: (0, ""),
}
# Bytes; a process that does nothing needs half of it.
MEMORY = 60_000_000
MEASURED = """
import atexit, re, sys
def tell(path=sys.argv.pop(1)):
    with open(path, "w") as out, open("/proc/self/status") as status:
        out.write(re.search(r"VmHWM:\\s*(\\d+)", status.read())[1])
atexit.register(tell)
from logreq.log import files
files.FIFO_PATIENCE = 0.2
from logreq.cli import main
main()
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return brokenlogs.make(tmp_path_factory.mktemp("broken"), bomb=128 * brokenlogs.MB)


def test_each_broken_log_has_its_expectation() -> None:
    assert set(EXPECTED) == set(BROKEN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_log(name: str, logs: dict[str, Path], tmp_path: Path) -> None:
    if name == "forbidden.log" and os.getuid():
        pytest.skip("who is not root cannot read forbidden.log")
    # The peak that the system tells of a child includes its parent's at the time of the fork.
    peak = tmp_path / "peak"
    ended = subprocess.run(
        [
            sys.executable,
            "-c",
            MEASURED,
            str(peak),
            "convert",
            "-p",
            "isp",
            "-t",
            "url",
            str(logs[name]),
        ],
        capture_output=True,
        check=False,
    )
    out, err = ended.stdout, ended.stderr
    lines = err.decode().splitlines()
    expected, message = EXPECTED[name]
    assert ended.returncode == expected, lines
    assert lines[-1].startswith("logreq: ")
    # Where there is no request, a line more can say what the log is.
    told = ", 0 requests, " in lines[-1] and len(lines) > 1 + bool(message)
    assert len(lines) == 1 + bool(message) + told
    assert message in lines[0]
    assert all(line.isprintable() for line in lines)
    requests = BROKEN[name].requests
    if requests is not None:
        assert out.count(b"\n") == requests
    assert int(peak.read_text()) * 1024 < MEMORY


def test_a_broken_log_costs_its_neighbours_nothing(logs: dict[str, Path], tmp_path: Path) -> None:
    sound = tmp_path / "sound.log"
    sound.write_bytes(brokenlogs.request(7))
    names = [str(logs["checksum.log.gz"]), str(sound), str(logs["dangling.log"])]
    ended = subprocess.run(
        [sys.executable, "-m", "logreq", "convert", "-q", "-t", "url", *names],
        capture_output=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stdout.count(b"func=user.edit") == 2
    assert ended.stderr.count(b"cannot read") == 2
