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

from logreq.cli import manual

ROOT = Path(__file__).parents[2]
DATA = ROOT / "logreq" / "data"
MAN = DATA / "man"
PAGES = sorted(DATA.glob("man*/*"))
TOPICS = [page for page in PAGES if page.parent != MAN]


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
    (tmp_path / "man").mkdir()
    (tmp_path / "man" / "logreq-gone.1").touch()
    maker.main(tmp_path)
    made = {str(p.relative_to(tmp_path)): p.read_text() for p in tmp_path.glob("man*/*")}
    kept = {str(p.relative_to(DATA)): p.read_text() for p in DATA.glob("man*/*")}
    assert made == kept, "python .ci/make_man.py writes the man pages anew"
    names = {"logreq.1", "logreq-convert.1", "logreq-tail.1", "logreq-rules.1"}
    assert {f"man/{name}" for name in names} <= set(kept)
    assert {"man5/logreq-rules.5", "man7/logreq-expressions.7", "man7/logreq-tail.7"} <= set(kept)


def shown(page: Path) -> str:
    """Check a page and give what a terminal shows, without emphasis."""
    if shutil.which("mandoc") is None:
        pytest.skip("mandoc is not on this machine")
    lint = ["mandoc", "-T", "lint", "-W", "warning", str(page)]
    done = subprocess.run(lint, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    command = ["mandoc", "-T", "utf8", str(page)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(".\x08", "", text)  # bold is printed twice


@pytest.mark.interpreter
@pytest.mark.parametrize("name", sorted(path.name for path in MAN.iterdir()))
def test_pages_are_rendered_without_warnings(name: str) -> None:
    plain = shown(MAN / name)
    for part in ("NAME", "SYNOPSIS", "OPTIONS", "EXAMPLES", "EXIT STATUS", "--help"):
        assert part in plain
    assert max(map(len, plain.splitlines())) <= 80


@pytest.mark.interpreter
@pytest.mark.parametrize("page", TOPICS, ids=lambda page: page.name)
def test_topics_are_rendered_without_warnings(page: Path) -> None:
    plain = shown(page)
    name = page.stem.partition("-")[2]
    assert manual.TOPICS[name].replace(" ", "") in "".join(plain.split())
    # No word of the topic is lost, and none of roff's own signs is left.
    found = list(manual.blocks(manual.markdown(name)))
    prose = [text for _, text, level in found if isinstance(text, str) and level != 1]
    cells = [cell for _, text, _ in found if not isinstance(text, str) for row in text[1:]
             for cell in row]  # fmt: skip
    words = set(re.findall("[A-Za-z]{5,}", " ".join([*prose, *cells])))
    assert len(words) > 50
    assert words - set(re.findall("[A-Za-z]{5,}", re.sub("[-\u2010]\n *", "", plain))) == set()
    assert "\\f" not in plain


def test_pages_hold_every_option(maker: ModuleType) -> None:
    text = (MAN / "logreq-convert.1").read_text()
    for name in ("to", "where", "nth", "last", "keep\\-empty", "connection", "color", "param"):
        assert f"\\fB\\-\\-{name}\\fR" in text
    assert "curl" in text


def test_roffs_own_characters_are_escaped(maker: ModuleType) -> None:
    assert maker.escape(".'a\\b-c`") == "\\&.\\(aqa\\eb\\-c\\(ga"
