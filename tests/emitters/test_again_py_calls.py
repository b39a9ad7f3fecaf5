"""The code of Python scripts that are run again, by itself: each call, ids, the question."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Optional
from unittest import mock

import pytest

from tests.emitters.again_py import Runs, cert, mail, module, rows, running, server
from tests.support.documents import Failure


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    return module(monkeypatch, tmp_path)


@pytest.fixture
def runs(code: ModuleType, capsys: pytest.CaptureFixture[str]) -> Iterator[Runs]:
    with running(code, capsys) as runs:
        yield runs


def test_calls_that_are_left_out(runs: Runs) -> None:
    assert runs([mail, cert, mail], "--from", "3", variables=()) == 0
    assert runs.err == ["user.edit: left out", "sslcert.edit: left out", "user.edit: ok"]


def test_pauses(runs: Runs) -> None:
    waits = mock.Mock()
    with mock.patch("time.sleep", waits):
        assert runs([mail, cert], "--pause", "1.5", "--from", "2", variables=()) == 0
        assert waits.mock_calls == []
        assert runs([mail, cert], *rows(b"name,its-mail\nx,y\nz,y\n"), "--pause=2",
                    variables=()) == 0  # fmt: skip
        assert waits.mock_calls == [mock.call(2.0)] * 3


@pytest.mark.parametrize("out", ["json", "xml", "text"])
def test_what_exists(runs: Runs, out: str) -> None:
    runs.panel.state.tables["sslcert"] = [{"name": "a"}]
    told = "sslcert.edit: Already there"
    assert runs([cert, mail], "--name", "a", variables=(), out=out) == told
    args = ["--name=a", "--existing", "skip"]
    assert runs([cert, mail], *args, variables=(), out=out) == 0
    assert runs.err == ["sslcert.edit: exists, skipped", "user.edit: ok"]
    runs.panel.fail["sslcert.edit"] = Failure("exists(x)", type="value")
    assert runs([cert, mail], *args, variables=(), out=out) == "sslcert.edit: exists(x)"


def disk(again: Any) -> None:
    def its_server() -> Any:
        return again.the_id("server.edit")

    again.once("disk.edit", ("plid", its_server), name=lambda: "d-" + its_server(), sok="ok")


@pytest.mark.parametrize("out", ["json", "xml"])
def test_ids(runs: Runs, out: str) -> None:
    assert runs([server, disk], variables=(), out=out) == 0
    assert runs.sent[1] == {
        "func": "disk.edit", "plid": "4711", "name": "d-4711", "sok": "ok",
    }  # fmt: skip
    told = "disk.edit: server.edit answered no id"
    assert runs([server, disk], "--from", "2", variables=(), out=out) == told
    assert runs([server, disk], "--existing=skip", variables=(), out=out) == told
    assert [one["func"] for one in runs.sent] == ["server.edit"]
    # It is the last answer's, whatever the one before said.
    assert runs([server, lambda a: a.once("server.edit", name="x"), disk], "--name=z",
                variables=(), out=out) == told  # fmt: skip
    # Rows do not know of one another.
    file = rows(b"name,its-mail\ny,\nold name,\n")
    assert runs([server, disk], *file, "--existing=skip", variables=(), out=out) == (
        "--from 2 goes on there"
    )
    assert runs.err[-1] == f"row 2: {told}"
    # Nothing that is no document has one.
    assert runs([lambda a: a.once("server"), disk], variables=(), out="csv") == (
        "disk.edit: server answered no id".replace("server ", "server.edit ")
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [({"$": "1"}, "1"), ("1", "1"), (1, "1"), (0, "0"), ({}, ""), (None, ""), ([1], ""),
     ({"$": None}, "")],
)  # fmt: skip
def test_texts_of_fields(code: ModuleType, value: object, text: str) -> None:
    assert code.plain(value) == text


def test_lookups(runs: Runs) -> None:
    field, value = "name", "a"

    def user(again: Any) -> None:
        again.once("user.edit", ("mail", lambda: again.look_up("server", field, value) + "!"))

    servers = runs.panel.state.tables["server"]
    assert runs([user], variables=()) == "user.edit: no server where name=a"
    servers.append({"id": "3", "name": "a"})
    for out in ("json", "xml", "csv"):
        assert runs([user], variables=(), out=out) == 0
        assert runs.sent[-1]["mail"] == "3!"
        assert runs.err == ["user.edit: ok"]
    servers += [{"id": "5", "name": "4"}, {"id": "6", "name": "4"}]
    value = "4"
    assert runs([user], variables=()) == "user.edit: 2 server where name=4"
    field, value = "id", "6"
    assert runs([user], variables=()) == 0
    assert runs.sent[-1]["mail"] == "6!"
    field = "name"
    value = "x\x1b"
    servers.append({"name": "x\x1b"})
    assert runs([user], variables=()) == r"user.edit: server where name=x\u001b has no id"
    # Rows of other shapes.
    with mock.patch.object(runs.code.Again, "send", return_value=["x", {}, {"name": "x\x1b"}]):
        assert runs([user], variables=()) == r"user.edit: server where name=x\u001b has no id"


def test_dry_run(runs: Runs) -> None:
    def user(again: Any) -> None:
        def found() -> Any:
            return again.look_up("f", "name", "x" + again.the_id("a.edit")) + "y"

        again.once("user.edit", ("a b", again.options["PASSWD"]), mail=found, n="\x1b\n")

    wanted = ["user.edit", "  a b=$PASSWD", "  mail=<id of f where name=x<id of a.edit>>y",
              r"  n=\u001b\n"]  # fmt: skip
    assert runs([user], "--dry-run", asks=["user.edit"]) == 0
    assert (runs.out, runs.err) == (wanted, [])
    file = rows(b"name,PASSWD\na,secret\nb,secret\n")
    assert runs([user, mail], *file, "--dry-run", "--its-mail=z") == 0
    assert runs.out == [
        *wanted, "user.edit", "  name=a", "  mail=z", *wanted, "user.edit", "  name=b", "  mail=z",
    ]  # fmt: skip
    assert runs.err == ["row 1: not sent", "row 2: not sent"]
    assert not runs.panel.requests


def test_a_restart_that_is_left_is_told(runs: Runs) -> None:
    def web(again: Any) -> None:
        again.once("webdomain.edit", ("name", again.options["name"]), sok="ok")

    file = rows(b"name\none\nexample.com\n")
    assert runs([web, cert], *file, names=["name"], variables=()) == "--from 2 goes on there"
    assert runs.err[-1] == f"{runs.panel.url()} asks for a restart"


def test_secrets(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def user(again: Any) -> None:
        again.once("user.edit", passwd=again.options["PASSWD"])

    monkeypatch.setenv("PASSWD", "variable")
    assert runs([user]) == 0
    assert runs([user], *rows(b"name,its-mail,PASSWD\n,,one\n,,\n")) == 0
    assert [one["passwd"] for one in runs.sent] == ["variable", "one"]
    assert runs([user], *rows(b"name,its-mail,PASSWD\n,,one\na,b,\n")) == 2
    assert (runs.err, runs.sent) == (["rows.csv:3: PASSWD is empty"], [])


class Typed:
    """Standard input, a terminal or not, with what is typed."""

    def __init__(self, typed: bytes, terminal: bool = True) -> None:
        self.buffer, self.isatty = io.BytesIO(typed), lambda: terminal


@pytest.mark.parametrize("typed", [b"", b"\n", b"n\n", b"\xff\n", b" y\n"])
def test_a_question_that_is_not_answered(runs: Runs, typed: bytes) -> None:
    runs.stdin = Typed(typed)
    assert runs([mail], variables=(), asks=["a.delete", "b\x1b"]) == "nothing was sent"
    assert runs.err == [r"This deletes or spends: a.delete, b\u001b. Go on? [y/N] "]
    assert not runs.panel.requests


def test_a_question_that_is_answered(runs: Runs) -> None:
    for typed in (b"y\n", b"Yes"):
        runs.stdin = Typed(typed)
        assert runs([mail], variables=(), asks=["a.delete"]) == 0
    runs.stdin = Typed(b"y\n")
    file = rows(b"name,its-mail\n1,\n2,\n3,\n")
    assert runs([mail], *file, "--from=2", variables=(), asks=["a.delete"]) == 0
    told = "This deletes or spends: a.delete in each of 2 rows. Go on? [y/N] "
    assert runs.err[0].startswith(told)


@pytest.mark.parametrize("stdin", [None, Typed(b"y\n", terminal=False)])
def test_a_question_that_nobody_can_answer(runs: Runs, stdin: Optional[Typed]) -> None:
    runs.stdin = stdin
    assert runs([mail], variables=(), asks=["a.delete"]) == 2
    assert runs.err == ["a.delete deletes or spends: --yes runs it unasked"]
    assert not runs.panel.requests
    assert runs([mail], "--yes", variables=(), asks=["a.delete"]) == 0


def test_logins(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANEL_USER", "root")
    monkeypatch.setenv("PANEL_PASSWORD", "secret")
    calls = [lambda again: again.log_in(), mail]
    file = rows(b"name,its-mail\n1,\n2,\n")
    assert runs(calls, *file, "--dry-run", variables=(), authinfo=None) == 0
    assert not runs.panel.requests
    assert runs(calls, *file, variables=(), authinfo=None) == 0
    assert [r.get(b"func") for r in runs.panel.requests] == [b"auth", b"user.edit", b"user.edit"]
