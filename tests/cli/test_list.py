"""Picking from saved logs: `list`, `--nth`, `--last`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq.cli import numbering as picking
from logreq.cli.commands import list as list_command
from logreq.cli.commands.list import BLOCK, Row, _aligned
from logreq.cli.job import Job
from logreq.cli.numbering import NumbersType
from logreq.cli.terminal.output import Lines
from logreq.model.request import Request
from tests.support.cli import logreq
from tests.support.terminal import on_terminal

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "ispmgr.log"
SECRETS = ROOT / "samples" / "shapes" / "secrets.log"


def line(query: str, caller: str = "192.0.2.1", user: str = "root") -> str:
    head = "Feb  6 08:08:07 [2346:23826] core_module INFO Request "
    return f"{head}[{caller}][{user}] '{query}'\n"


def listed(*args: object, stdin: str = "") -> list[str]:
    done = logreq("list", "-q", *args, stdin=stdin)
    assert done.err == ""
    return done.text.splitlines()


def urls(*args: object, stdin: str = "") -> list[str]:
    done = logreq("convert", "-q", "-t", "url", *args, stdin=stdin)
    assert done.err == ""
    return [text.partition("func=")[2] for text in done.text.splitlines()]


FIVE = "".join(line(f"func=f{n}&sok=ok" if n % 2 else f"func=f{n}") for n in range(1, 6))


def test_what_a_line_holds() -> None:
    rows = listed("--last", "2", SAMPLE)
    assert rows == [
        "11  Feb  6 08:10:57  root  188.120.252.33  webscript.wizard  action"
        "  elid=www.example.com script=wordpress snext=ok step=1",
        "12  Feb  6 08:11:18  root  188.120.252.33  webscript.wizard  action"
        "  elid=www.example.com dbname=wp script=wordpress sok=ok step=2",
    ]
    done = logreq("list", SAMPLE)
    assert done.status == 0
    assert done.err == "logreq: 41 lines, 12 requests, 12 listed, 0 malformed\n"


def test_empty_cells_and_standard_input() -> None:
    assert listed(stdin=line("func=a", "", "")) == ["1  Feb  6 08:08:07  -  -  a  view"]


def test_columns_are_aligned() -> None:
    rows = listed(SAMPLE)
    for word in ("Feb", "root", "188.120.252.33"):
        assert len({row.index(word) for row in rows if word in row}) == 1
    kinds = {re.search(r" (action|view|background)\b", row).start() for row in rows}  # type: ignore[union-attr]
    assert len(kinds) == 1


def test_secrets_are_not_shown() -> None:
    text = "\n".join(listed(SECRETS))
    assert "passwd=$PASSWD" in text
    assert "confirm=$PASSWD" in text
    for query in re.findall(r"(?:passwd|password|pass|key|auth)=([^&'*]{4,})", SECRETS.read_text()):
        assert query not in text
    assert "'--secrets'" in logreq("list", "--secrets", "keep", SECRETS).err


def test_hostile_logs_drive_no_terminal() -> None:
    (row,) = listed(stdin=line("func=a%1B[2J&b%0A=%1b]52;c;x%07&c=%e2%80%ae", "1\x1b[2J", "u\x9bx"))
    assert row.isprintable()
    assert "\\x1b" in row


def test_long_cells_are_cut_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "func=" + "f" * 100 + "".join(f"&{n}{'n' * 50}={'v' * 100}" for n in range(50))
    (row,) = listed(stdin=line(query, "c" * 100, "u" * 100))
    assert row.count("v" * 100) == 50
    assert "..." not in row
    monkeypatch.setattr(list_command, "_width", lambda: 160)
    (row,) = listed(stdin=line(query, "c" * 100, "u" * 100))
    assert len(row) == 160
    assert row.endswith("...")
    assert " " + "u" * 17 + "...  " in row
    monkeypatch.setattr(list_command, "_width", lambda: 80)
    (row,) = listed(stdin=line("func=user.edit&sok=ok&name=%D0%98&text=x%20y" + "z" * 90))
    assert row == (
        "1  Feb  6 08:08:07  root  user.edit  action  name=И sok=ok text=x y" + "z" * 10 + "..."
    )
    (row,) = listed(stdin=line("func=user.edit&sok=ok&name=a&b=" + "z" * 90, user="x" * 20))
    assert row == "1  Feb  6 08:08:07  user.edit  action  name=a sok=ok b=" + "z" * 22 + "..."
    (row,) = listed(stdin=line("func=user&name=" + "%E6%97%A5" * 60))
    assert row == "1  Feb  6 08:08:07  root  192.0.2.1  user  view  name=" + "日" * 11 + "..."


def test_several_panels_have_a_column(tmp_path: Path) -> None:
    for panel in ("ispmgr", "billmgr"):
        (tmp_path / f"{panel}.log").write_text(line("func=a"))
    assert listed(tmp_path) == [
        "1  Feb  6 08:08:07  billmgr  root  192.0.2.1  a  view",
        "2  Feb  6 08:08:07  ispmgr   root  192.0.2.1  a  view",
    ]


MANY = line("func=db.delete&elid=1&sok=ok") + (
    line("func=user") * 2 + line("func=user&elid=2&b=%ff")
)


def test_functions_that_were_seen(tmp_path: Path) -> None:
    done = logreq("list", "--functions", "-p", "isp", stdin=MANY)
    assert done == (
        0,
        b"3  user       view    elid b\n1  db.delete  action  elid sok\n",
        "logreq: 4 lines, 4 requests, 2 listed, 0 malformed\n",
    )
    for panel in ("ispmgr", "billmgr"):
        (tmp_path / f"{panel}.log").write_text(line("func=a"))
    assert listed("--functions", tmp_path) == ["1  billmgr  a  view", "1  ispmgr   a  view"]
    assert listed("--functions", "-t", "json", "-a", stdin=MANY) == [
        '{"count": 1, "panel": "ispmgr", "func": "db.delete", "kind": "action", "deletes": true,'
        ' "params": ["elid", "sok"]}'
    ]
    (text,) = listed("--functions", "-t", "json", stdin=line("func=a%ff"))
    assert '"func": "a%FF"' in text


def test_json(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log.2018-02-07"
    log.write_text(MANY)
    first, *_ = listed("-t", "json", "--nth", "4", log)
    assert first == (
        '{"number": 4, "time": "Feb  6 08:08:07", "when": "2018-02-06T08:08:07", "pid": 2346,'
        ' "tid": 23826,'
        ' "module": "core_module", "caller": "192.0.2.1", "user": "root", "panel": "ispmgr",'
        ' "func": "user", "kind": "view", "params": [["elid", "2"], ["b", "%FF"]], "dropped": [],'
        ' "notes": ["b is not UTF-8 and stands percent-encoded"], "source"'
        f': "{log}", "line": 4}}'
    )


def test_what_stands_out_in_colour() -> None:
    delete, view, *_ = listed("--color", "always", stdin=MANY)
    assert "\x1b[38;5;196mdb.delete\x1b[0m  \x1b[38;5;130maction\x1b[0m" in delete
    assert "\x1b[1muser     \x1b[0m  \x1b[38;5;243mview" in view


def test_selection_keeps_the_numbers() -> None:
    assert [row.split()[0] for row in listed("-a", stdin=FIVE)] == ["1", "3", "5"]
    assert [row.split()[0] for row in listed("-a", "--last", "2", stdin=FIVE)] == ["3", "5"]
    assert [row.split()[0] for row in listed("--nth", "2-3", stdin=FIVE)] == ["2", "3"]
    assert [row.split()[0] for row in listed("--nth", "2-3", "-a", stdin=FIVE)] == ["3"]


def test_rules_and_panel_count() -> None:
    assert listed("--drop", "b", stdin=line("func=a&b=1&c=2"))[0].endswith("view  c=2")
    assert listed("-w", "panel == billmgr", "-p", "bill", stdin=line("func=a"))


def test_statuses(tmp_path: Path) -> None:
    assert logreq("list", stdin="nothing\n").status == 1
    (tmp_path / "a.log").write_text(line("func=a"))
    done = logreq("list", tmp_path / "a.log", tmp_path / "b.log")
    assert done.status == 2
    assert done.text.count("\n") == 1


def test_colours() -> None:
    plain = logreq("list", "-q", SAMPLE).text
    coloured = logreq("list", "-q", "--color", "always", SAMPLE).text
    assert "\x1b" not in plain
    assert "\x1b[1mdomain.edit" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain


def test_blocks_are_aligned_by_themselves() -> None:
    rest = ("t", "", "u", "c", "f", "k", "", "p")
    widths: list[int] = []
    first = [row.cells[0] for row in _aligned([Row(("1", *rest))] * BLOCK, 80, widths)]
    (second,) = _aligned([Row(("100000", *rest))], 80, widths)
    (third,) = _aligned([Row(("1", *rest))], 80, widths)
    assert {*first} == {"1"}
    assert (second.cells[0], third.cells[0]) == ("100000", "     1")


def test_a_row_fits_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a&b=" + "x" * 25 + "&c=" + "y" * 25 + "&d=" + "z" * 25))
    command = [sys.executable, "-m", "logreq", "list", "-q", "--color", "never", str(log)]
    text = on_terminal(command, columns=90, cwd=ROOT).decode()
    assert len(text.rstrip()) == 90


def test_what_was_read_for_a_pick_is_counted(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("a\n" + line("func=a") + line("func=b") + "b\nc\n")
    for options in (["--nth", "1"], ["--last", "1"]):
        done = logreq("convert", "-t", "url", "-p", "isp", *options, log)
        assert done.err == "logreq: 5 lines, 2 requests, 1 converted, 0 malformed\n"


def test_picking_by_numbers() -> None:
    assert urls("--nth", "2,4-5", stdin=FIVE) == ["f2", "f4", "f5&sok=ok"]
    assert urls("--nth", "5,1-2,2", stdin=FIVE) == ["f1&sok=ok", "f2", "f5&sok=ok"]
    assert urls("--nth", "4-", stdin=FIVE) == ["f4", "f5&sok=ok"]
    assert urls("--nth", "4-9", stdin=FIVE) == ["f4", "f5&sok=ok"]
    assert urls("--nth", "1-4", "-a", stdin=FIVE) == ["f1&sok=ok", "f3&sok=ok"]


def test_numbers_are_those_of_list(tmp_path: Path) -> None:
    """Several logs too: in the order of their records' time."""
    for name, second in (("b.log", 1), ("a.log", 2)):
        times = [
            line(f"func={name[0]}{n}").replace(":07", f":{second + 4 * n:02}") for n in range(3)
        ]
        (tmp_path / name).write_text("".join(times))
    rows = [row.split() for row in listed(tmp_path)]
    assert [row[6] for row in rows] == ["b0", "a0", "b1", "a1", "b2", "a2"]
    for row in rows:
        assert urls("--nth", row[0], tmp_path) == [row[6]]


def test_the_last_ones() -> None:
    assert urls("--last", "2", stdin=FIVE) == ["f4", "f5&sok=ok"]
    assert urls("--last", "2", "-a", stdin=FIVE) == ["f3&sok=ok", "f5&sok=ok"]
    assert urls("--last", "9", stdin=FIVE) == urls(stdin=FIVE)
    assert urls("--last", "2", "--unique", stdin=FIVE + FIVE) == ["f4", "f5&sok=ok"]
    assert urls("--last", "1", "--nth", "1-3", stdin=FIVE) == ["f3&sok=ok"]


def test_variables_are_named_by_what_is_shown() -> None:
    log = "".join(line(f"func=u&passwd=secret{n}") for n in range(3))
    assert urls("--last", "1", stdin=log) == ["u&passwd=${PASSWD}"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--nth", "6"], "logreq: --nth 6: there are 5 requests; logreq list shows them\n"),
        (["--nth", "2,7-9"], "--nth 7: there are 5 requests"),
        (["--nth", "x"], "'x' is no number and no range such as 3,5-7"),
        (["--nth", "1,,2"], "'' is no number and no range"),
        (["--nth", "0"], "'0': numbers begin with 1, ranges rise"),
        (["--nth", "5-3"], "'5-3': numbers begin with 1, ranges rise"),
        (["--nth", "\x1b"], "'\\\\x1b' is no number"),
        (["--nth", "9" * 30], "is no number"),
        (["--last", "0"], "0 is not in the range x>=1"),
    ],
)
def test_errors(args: list[str], message: str) -> None:
    done = logreq("convert", "-q", *args, stdin=FIVE)
    assert done.status == 2
    assert message in done.err


@pytest.mark.parametrize(
    ("log", "text"), [("", "there is no request"), (line("func=a"), "there is 1 request")]
)
def test_too_few(log: str, text: str) -> None:
    assert text in logreq("convert", "--nth", "2", stdin=log).err


def test_numbers_read_themselves_again() -> None:
    kind = NumbersType()
    numbers = kind.convert("1-2", None, None)
    assert kind.convert(numbers, None, None) is numbers
    assert str(numbers) == "1-2"


def test_reading_ends_with_the_last_number() -> None:
    source = iter(range(9))
    found = picking.numbered(source, NumbersType().convert("3", None, None))  # type: ignore[arg-type]
    assert [number for number, _ in found] == [3]
    assert next(source) == 3  # a follower of this one was not asked for


GIVEN = {
    **list_command._GIVEN, "color": "never", "panel": None, "rules": (), "keep": (), "drop": (),
    "keep_empty": False, "where": None, "grep": None, "actions": False, "me": False,
    "unique": False, "since": None, "until": None, "worked": False,
}  # fmt: skip


@pytest.mark.usefixtures("capsysbinary")
def test_memory_does_not_grow_with_the_log() -> None:
    """Of what came before, nothing is alive: neither in --last nor in a list."""

    class Watched(str):
        alive = 0

        def __init__(self, text: str) -> None:
            Watched.alive += 1

        def __del__(self) -> None:
            Watched.alive -= 1

    def requests(most: list[int]) -> Iterator[Request]:
        for number in range(2000):
            most[0] = max(most[0], Watched.alive)
            yield Request("t", 1, 2, "", "c", Watched("u"), "func=a", "a", "ispmgr", "x", number)

    for last in (3, 50):
        most = [0]
        job = Job("url", True, {**GIVEN, "unique": False})
        assert len(list(picking.calls(requests(most), job, None, last))) == last
        assert most[0] <= last + 2
    most = [0]
    calls = list_command._calls(picking.numbered(requests(most), None), Job("json", True, GIVEN))
    lines = Lines("never")
    list_command._write(lines, list_command._rows(calls, panels=False))
    assert lines.count == 2000
    assert most[0] <= 2 * BLOCK + 3
