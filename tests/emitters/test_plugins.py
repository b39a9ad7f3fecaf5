"""Emitters of other packages."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.cli import logreq

EXAMPLE = Path(__file__).parents[1] / "example_plugin"
LINE = "Feb  6 08:08:07 [1:2] core_module INFO Request [][root] 'func=a&x=1&y=&z%0A=2'\n"


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, entries: str) -> None:
    """Put a package with these entry points where Python finds packages."""
    info = folder / "logreq_words-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: logreq-words\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[logreq.emitters]\n{entries}\n")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.delitem(sys.modules, "logreq_words", raising=False)


def test_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "words = logreq_words:Words")
    assert 'words = "logreq_words:Words"' in (EXAMPLE / "pyproject.toml").read_text()
    done = logreq("convert", "-q", "-t", "words", stdin=LINE)
    assert (done.status, done.text, done.err) == (0, "line 1: call a with x, z\\x0a\n", "")
    assert "words       calls in words\n" in logreq("emitters").text


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("no_such_module:Words", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("logreq_words:Nothing", "cannot be loaded: AttributeError"),
        ("logreq_words:annotations", "is no subclass of logreq.Emitter"),
    ],
)
def test_a_broken_one_is_named(
    entry: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, f"words = {entry}")
    done = logreq("convert", "-t", "words", stdin=LINE)
    assert done.status == 2
    assert f"emitter 'words' ({entry})" in done.err
    assert problem in done.err
    assert "Traceback" not in done.err
    # The others go on.
    assert logreq("convert", "-q", "-t", "url", stdin=LINE).status == 0
    listed = logreq("emitters")
    assert listed.status == 0
    assert "curl" in listed.text
    assert f"words       broken: emitter 'words' ({entry})" in listed.text


def test_an_unknown_one_suggests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "words = logreq_words:Words")
    done = logreq("convert", "-t", "wrods", stdin=LINE)
    assert "did you mean 'words'?" in done.err
