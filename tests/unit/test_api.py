"""The library as its users import it."""

from __future__ import annotations

import doctest
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import logreq
import logreq.api
from logreq.errors import Problem

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "ispmgr.log"


@pytest.mark.parametrize("name", logreq.__all__)
def test_public_names(name: str) -> None:
    assert getattr(logreq, name).__doc__


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = logreq.nothing


def test_import_is_lean() -> None:
    code = "import sys, logreq; print([m for m in sys.modules if m.startswith('logreq.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == b"['logreq._version']"


def test_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = doctest.testmod(logreq.api, globs={**vars(logreq.api)})
    assert result.attempted >= 3
    assert result.failed == 0


def test_read_reports() -> None:
    problems: list[Problem] = []
    sample = ROOT / "samples" / "shapes" / "cut.log"
    requests = list(logreq.read(sample, panel="vmmgr", report=problems.append))
    assert {request.panel for request in requests} == {"vmmgr"}
    assert problems
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        list(logreq.read(sample))
    assert len(caught) == len(problems)
    assert "cut.log:2:102: expected the quote" in str(caught[0].message)


def test_dir_tells_the_names() -> None:
    assert dir(logreq) == sorted(logreq.__all__)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "none.log"
    with pytest.raises(FileNotFoundError, match=str(missing)):
        logreq.read(SAMPLE, missing)
    problems: list[Problem] = []
    assert list(logreq.read(missing, report=problems.append)) == []
    assert [problem.message for problem in problems] == ["cannot read: No such file or directory"]


def test_the_year_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log.2018-02-07"
    log.write_bytes(SAMPLE.read_bytes())
    assert {request.when for request in logreq.read(log)} == {None}
    found = list(logreq.read(log, dated=True))
    assert found[0].when == "2018-02-06T08:08:07"
    (text,) = logreq.render(found[:1], "json")
    assert '"when": "2018-02-06T08:08:07"' in text


def test_render() -> None:
    requests = list(logreq.read(SAMPLE))[:1]
    connection = logreq.Connection("https://HOST:1500")
    (text,) = logreq.render(requests, "url", connection=connection, rules=logreq.Rules(drop=["*"]))
    assert text == "https://HOST:1500/ispmgr?func=domain.edit\n"


def test_follow(tmp_path: Path) -> None:
    log = tmp_path / "billmgr.log"
    line = "Feb  6 08:08:07 [1:2] core_module INFO Request [][root] 'func=f{}'\n"
    log.write_text("".join(line.format(number) for number in range(3)))
    stop = logreq.Stop()
    found = logreq.follow(log, back=2, stop=stop)
    assert [next(found).func, next(found).func] == ["f1", "f2"]
    with log.open("a") as file:
        file.write(line.format(3))
    last = next(found)
    assert (last.func, last.panel, last.line) == ("f3", "billmgr", 4)
    assert last.when is not None
    assert last.when.endswith("-02-06T08:08:07")
    stop.set()
    assert list(found) == []
    stop.close()


def test_standard_input_need_not_exist() -> None:
    assert iter(logreq.read("-", panel="ispmgr", outcomes=False))
