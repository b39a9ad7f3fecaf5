"""The benchmarks run, compare what is equal, and are told apart by what they measure."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.bench import logs, peers
from tests.bench.__main__ import main
from tests.bench.measure import ROOT, run
from tests.bench.rows import ROWS, Row, table


@pytest.mark.slow
def test_every_row_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = tmp_path / "figures.json"
    assert main(["--quick", "--json", str(figures), "--dir", str(tmp_path / "logs")]) == 0
    shown = capsys.readouterr().out
    rows = json.loads(figures.read_text())["rows"]
    assert len(rows) >= len(ROWS)
    assert all(row["value"] > 0 and row["what"] in shown for row in rows)


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "unknown rows: nothing" in capsys.readouterr().err


def test_the_same_logs_are_made_each_time(tmp_path: Path) -> None:
    for make in (logs.mixed_log, logs.request_log):
        one, two = (make(tmp_path / name, 3_000).read_bytes() for name in "ab")
        assert one == two
        assert b"INFO Request" in one


# Perl knows nothing of secrets.
WORDS = ("convert", "-q", "-t", "url", "--secrets", "keep")


def test_perl_and_logreq_make_the_same_urls(tmp_path: Path) -> None:
    log = logs.request_log(tmp_path, 3_000)
    ours, perls = (
        subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout
        for command in (peers.logreq(*WORDS, str(log)), peers.perl(log))
    )
    assert ours == perls
    assert ours.count(b"\n") == 3_000


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="ended with 3"):
        run(["sh", "-c", "exit 3"])


def test_the_table_tells_what_was_missed() -> None:
    rows = [Row("a", "1 s", 0.5, 0.6), Row("b", "70 MB", 70, 60, "MB")]
    assert table(rows).splitlines()[2:] == [
        "| a | 1 s | 0.50 | 0.60 | reached |",
        "| b | 70 MB | 70 MB | 60 MB | **missed** |",
    ]
