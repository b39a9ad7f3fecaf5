"""Man pages: made from the definitions, without warnings.

`pytest --regen`, or `python .ci/make_man.py`, writes them anew.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
MAN = ROOT / "logreq" / "data" / "man"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_man", ROOT / ".ci" / "make_man.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_up_to_date(
    maker: ModuleType, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    if pytestconfig.getoption("regen"):
        maker.main()
    (tmp_path / "logreq-gone.1").touch()
    maker.main(tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text() for path in MAN.iterdir()}
    assert made == kept, "python .ci/make_man.py writes the man pages anew"
    assert {"logreq.1", "logreq-convert.1", "logreq-tail.1", "logreq-rules.1"} <= set(kept)


@pytest.mark.interpreter
@pytest.mark.parametrize("name", sorted(path.name for path in MAN.iterdir()))
def test_pages_are_rendered_without_warnings(name: str) -> None:
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not on this machine")
    lint = ["mandoc", "-T", "lint", "-W", "warning", str(MAN / name)]
    done = subprocess.run(lint, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = subprocess.run(
        ["mandoc", "-T", "utf8", str(MAN / name)], capture_output=True, text=True, check=True
    ).stdout
    plain = re.sub(".\x08", "", text)  # bold is printed twice
    for part in ("NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES", "EXIT STATUS", "--help"):
        assert part in plain
    assert max(map(len, plain.splitlines())) <= 80


def test_pages_hold_every_option(maker: ModuleType) -> None:
    text = (MAN / "logreq-convert.1").read_text()
    for name in ("to", "where", "nth", "last", "keep\\-empty", "connection", "color", "param"):
        assert f"\\fB\\-\\-{name}\\fR" in text
    assert "curl" in text


def test_roffs_own_characters_are_escaped(maker: ModuleType) -> None:
    assert maker.escape(".'a\\b-c`") == "\\&.\\(aqa\\eb\\-c\\(ga"
