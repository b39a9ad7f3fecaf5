"""The code of Python scripts that are run again, by itself: rows and options."""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
from argparse import ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.emitters.again_py import Runs, cert, mail, module, rows, running
from tests.support.documents import Failure


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    return module(monkeypatch, tmp_path)


@pytest.fixture
def runs(code: ModuleType, capsys: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    with running(code, capsys) as runs:
        yield runs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("\n\r\n\n", []),
        ("a", [(1, ["a"])]),
        ('""', [(1, [""])]),
        ("a,\n,b\r\n", [(1, ["a", ""]), (2, ["", "b"])]),
        ('a\n"b\n\r\n""c"",", d \n\n"e"\n', [(1, ["a"]), (2, ['b\n\r\n"c",', " d "]), (6, ["e"])]),
        ("\u2028,\x85,\x0c\n", [(1, ["\u2028", "\x85", "\x0c"])]),
    ],
)
def test_table(code: ModuleType, text: str, found: list[Any]) -> None:
    assert [*code.table("x", text)] == found


@pytest.mark.parametrize(
    ("text", "line"), [('a\nb,c"\n', 2), ('a\n"b\n"c\n', 2), ('a\n\n"b\nc\n', 3), ("a\rb", 1)]
)
def test_tables_that_are_none(
    code: ModuleType, capsys: pytest.CaptureFixture[str], text: str, line: int
) -> None:
    with pytest.raises(SystemExit) as ended:
        [*code.table("x\x1b", text)]
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"x\\u001b:{line}: misplaced quote or CR\n"


def test_tables_of_others_are_read(code: ModuleType) -> None:
    dice, texts = random.Random(1), ["a", "b", '"', ",", "\n", "\r\n", " ", "\u0438"]
    for end in ("\n", "\r\n"):
        wanted = [
            ["".join(dice.choices(texts, k=dice.randrange(6))) for _ in range(3)]
            for _ in range(200)
        ]
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator=end).writerows(wanted)
        assert [row for _, row in code.table("x", written.getvalue())] == wanted


def test_numbers(code: ModuleType) -> None:
    assert (code.count("1"), code.count("0020"), code.seconds("0.5")) == (1, 20, 0.5)
    for text in ("0", "-1", "", "1_0", " 1", "\u0661", "9" * 5000):
        with pytest.raises(ArgumentTypeError, match="no number from 1 on"):
            code.count(text)
    for text in ("", "x", "-1", "nan", "inf", "1e6"):
        with pytest.raises(ArgumentTypeError, match="no number of seconds"):
            code.seconds(text)


def test_rows(runs: Runs) -> None:
    file = rows(b'\xef\xbb\xbf its-mail,name\r\n"a,\nb",one\n\xff,two')
    # What gives the password is the variable, where no column does.
    assert runs([mail], *file) == "not set: PASSWD"
    assert runs([mail], *file, variables=()) == 0
    assert runs.err == ["user.edit: ok", "row 1: ok", "user.edit: ok", "row 2: ok"]
    assert runs.sent == [
        {"func": "user.edit", "name": "one", "mail": "a,\nb"},
        {"func": "user.edit", "name": "two", "mail": "\udcff"},
    ]
    assert runs([mail], *file, "--from", "2", variables=()) == 0
    assert runs.err == ["user.edit: ok", "row 2: ok"]
    assert runs([mail], *rows(b"name\nx\n"), "--its-m", "", variables=()) == 0
    assert [one["mail"] for one in runs.sent] == ["\udcff", ""]
    # Without rows, an argument that is not given has its default.
    assert runs([mail], "--name", "x", variables=()) == 0
    assert runs.sent == [{"func": "user.edit", "name": "x", "mail": "old its-mail"}]


@pytest.mark.parametrize(
    ("data", "args", "told"),
    [
        (b"", (), "rows.csv: no rows"),
        (b"name,its-mail\n", (), "rows.csv: no rows"),
        (b"name,mail\nx,y\n", (),
         "rows.csv: unknown column: mail; this script takes name, its-mail, PASSWD"),
        (b"name,url\nx,y\n", (),
         "rows.csv: unknown column: url; this script takes name, its-mail, PASSWD"),
        (b"name, name\nx,y\n", (), "rows.csv: two columns: name"),
        (b"name\nx\n", (),
         "rows.csv: no column: its-mail; --its-mail VALUE gives it to all rows"),
        (b"name\nx\n", ("--name", "old name"),
         "rows.csv: name is a column and --name is given"),
        (b"name\nx\ny,z\n", ("--its-mail=",), "rows.csv:3: 2 values for 1 columns"),
        (b"name\nx\n", ("--its-mail=", "--from=2"),
         "script: error: --from 2: there are 1 rows"),
        (b"name\nx\n\"", ("--its-mail=",), "rows.csv:3: misplaced quote or CR"),
    ],
)  # fmt: skip
def test_files_that_are_refused(runs: Runs, data: bytes, args: tuple[str, ...], told: str) -> None:
    assert runs([mail], *rows(data), *args, asks=["user.edit"]) == 2
    assert runs.err[-1] == told
    assert not runs.panel.requests


def test_files_that_cannot_be_read(runs: Runs) -> None:
    assert runs([mail], "--each", "absent\x1b") == 2
    assert runs.err == [r"absent\u001b: No such file or directory"]


def test_rows_by_standard_input(runs: Runs) -> None:
    read, write = os.pipe()
    os.write(write, b"name,its-mail,PASSWD\nexample.com,y,secret\n")
    os.close(write)
    kept = os.dup(0)
    os.dup2(read, 0)
    try:
        assert runs([cert], "--each", "-", "--keep-going") == 0
        assert runs([cert], "--each", "-") == 2
        assert runs.err == ["-: no rows"]
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(read)


def test_failures(runs: Runs) -> None:
    runs.panel.state.tables["sslcert"] = [{"name": "example.com"}, {"name": "a"}]
    file = rows(b'name,its-mail,PASSWD\na,"x, ""y""",1\nb,,2\nexample.com,\xff,3\n')
    old = Path("rows.failed.csv")
    old.symlink_to("elsewhere")
    assert runs([cert], *file) == "--from 1 goes on there"
    assert runs.err == ["row 1: sslcert.edit: Already there"]
    assert old.is_symlink()
    assert runs([cert], *file, "--keep-going") == (
        "2 of 3 rows failed; they are in rows.failed.csv"
    )
    assert [line for line in runs.err if line.startswith("row")] == [
        "row 1: sslcert.edit: Already there",
        "row 2: ok",
        "row 3: sslcert.edit: Already there",
    ]
    assert not old.is_symlink()
    assert old.stat().st_mode & 0o777 == 0o600
    assert old.read_bytes() == (
        b'"name","its-mail","PASSWD"\n"a","x, ""y""","1"\n"example.com","\xff","3"\n'
    )
    old.unlink()
    old.mkdir()
    status = runs([cert], *file, "--keep-going")
    assert isinstance(status, str)
    assert status.startswith("rows.failed.csv: ")


@pytest.mark.parametrize(
    ("name", "other"),
    [("a.csv", "a.failed.csv"), ("a.csv.x\n", "a.csv.x\n.failed.csv"), (".csv", ".failed.csv")],
)
def test_names_of_files_of_failed_rows(runs: Runs, name: str, other: str) -> None:
    file = rows(b"name\nx\n", name)
    runs.panel.fail["sslcert.edit"] = Failure("No")
    told = f"1 of 1 rows failed; they are in {other}".replace("\n", "\\n")
    assert runs([cert], *file, "--keep-going", names=["name"], variables=[]) == told
    assert Path(other).exists()


@pytest.mark.parametrize(
    "args", [["--keep-going"], ["--from", "3"], ["--from=0"], ["--existing=x"], ["--pause=-1"]]
)
def test_options_that_are_refused(runs: Runs, args: list[str]) -> None:
    assert runs([mail, mail], *args) == 2
    assert runs.err[-1].startswith("script: error: ")


def test_scripts_without_calls_and_arguments(runs: Runs) -> None:
    assert runs([], "--from", "1", names=(), variables=()) == 0
    assert runs([], "--from", "2", names=(), variables=()) == 2


def test_the_parser_is_asked_as_it_is(code: ModuleType) -> None:
    """What is set before is not overwritten by defaults: argparse's word, which `extend` uses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--a", default="x")
    assert parser.parse_args([], argparse.Namespace(a=None)).a is None
