"""Samples x emitters: what comes out, file by file; `pytest --regen` writes it anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from logreq import __version__, emitters
from tests.support.cases import load_yaml
from tests.support.cli import logreq

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
SAMPLES = sorted(load_yaml("samples.yaml")["files"])
# What a request is read and kept as, `url` and `json` show for all samples. A target is one more
# way of writing: these show what it writes for odd values, secrets, notes and callers.
EVERYTHING = ("url", "json")
SHAPES = [
    "billmgr.log", "ispmgr.log", "shapes/callers.log", "shapes/invalid-utf8.log",
    "shapes/loose.log", "shapes/raw-quote.log", "shapes/secrets.log",
]  # fmt: skip
MATRIX = [
    (emitter, sample)
    for emitter in emitters.names()
    for sample in (SAMPLES if emitter in EVERYTHING else SHAPES)
]


# When the samples were last changed, in seconds: a checkout's files are of its own date.
CHANGED = 1_546_430_400


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory in which `samples` have a date that stays."""
    root = tmp_path_factory.mktemp("dated")
    for sample in SAMPLES:
        copy = root / "samples" / sample
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "samples" / sample, copy)
        os.utime(copy, (CHANGED, CHANGED))
    return root


@pytest.mark.parametrize(("emitter", "sample"), MATRIX)
def test_golden(
    emitter: str,
    sample: str,
    dated: Path,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(dated)
    # HTTP Archives tell the zone, and by which version they were made.
    monkeypatch.setenv("TZ", "UTC")
    har = emitters.load("har")
    monkeypatch.setattr(har, "opening", har.opening.replace(f'"{__version__}"', '"0"'))
    done = logreq("convert", "-q", "-t", emitter, Path("samples", sample))
    assert done.status in (0, 1)
    file = GOLDEN / emitter / sample.replace("/", os.sep)
    if pytestconfig.getoption("regen"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(done.out)
    assert file.exists(), f"no golden file {file}: pytest --regen writes it"
    assert done.out == file.read_bytes()


def test_the_golden_files_are_those_of_the_matrix() -> None:
    expected = {GOLDEN / emitter / sample for emitter, sample in MATRIX}
    found = {path for path in GOLDEN.rglob("*") if path.is_file()}
    assert {path for path in found if path.suffix not in (".py", ".pyc")} == expected
