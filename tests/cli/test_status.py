"""tail's status line, and its advice when no requests come."""

from __future__ import annotations

import base64
import fcntl
import io
import os
import pty
import struct
import termios
from typing import Optional
from unittest import mock

import pytest

from logreq.cli import main
from logreq.cli.terminal import status as module
from logreq.cli.terminal.output import Reporter
from logreq.cli.terminal.status import CONFIG, PATIENCE, Status, hint
from logreq.log.scan import Stats
from tests.support.cli import logreq

CLEAR = "\r\x1b[K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    return stream


def make(
    stats: Optional[Stats] = None,
    logs: tuple[str, ...] = ("/var/x.log",),
    quiet: bool = False,
    clock: Optional[Clock] = None,
) -> Status:
    report = Reporter(quiet)
    status = Status(logs, ["ispmgr"] * len(logs), stats or Stats(), report, clock or Clock())
    report.clear = status.clear
    return status


def test_what_it_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    monkeypatch.setattr(module, "_width", lambda stream: 200)
    stats = Stats()
    status = make(stats, ("/var/a\x1b.log", "-"))
    status.idle()
    first = "0 requests seen, 0 shown, 0 hidden; following /var/a\\x1b.log, standard input"
    assert terminal.getvalue() == f"{CLEAR}{first} (Ctrl-C ends)"
    status.idle()
    assert terminal.getvalue().count(CLEAR) == 1  # nothing new, nothing drawn
    stats.requests, status.shown = 3, 1
    status.idle()
    assert "3 requests seen, 1 shown, 2 hidden" in terminal.getvalue()
    stats.requests = 1
    status.idle()
    assert "1 request seen, 1 shown, 0 hidden" in terminal.getvalue()


def test_it_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    status = make()
    status.clear()
    assert terminal.getvalue() == ""
    status.idle()
    status.clear()
    status.clear()
    assert terminal.getvalue().endswith(CLEAR)
    assert terminal.getvalue().count(CLEAR) == 2
    status.idle()
    assert terminal.getvalue().count("following") == 2


@pytest.mark.parametrize("columns", [20, 21, 80])
def test_it_never_wraps(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    monkeypatch.setattr(module, "_width", lambda stream: columns)
    make(logs=("日" * 100,)).idle()
    line = terminal.getvalue()[len(CLEAR) :]
    width = sum(2 if char == "日" else 1 for char in line)
    assert columns - 4 <= width <= columns - 3  # ^C comes behind it


def test_the_width_is_the_terminals() -> None:
    assert module._width(io.StringIO()) == 80  # no terminal at all
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        assert module._width(stream) == 80  # a terminal that does not know
        os.set_blocking(master, False)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 33, 0, 0))
        assert module._width(stream) == 33
    os.close(master)


def test_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    make(quiet=True).idle()
    assert terminal.getvalue() == ""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    status = make()
    status.idle()
    status.clear()
    assert stream.getvalue() == ""


def test_it_is_not_mixed_with_what_a_pipes_reader_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = a_terminal(monkeypatch)
    reader, writer = os.pipe()
    with os.fdopen(reader), os.fdopen(writer, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        make().idle()
        assert terminal.getvalue() == ""
    with open(os.devnull, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        make().idle()
    monkeypatch.setattr("sys.stdout", io.StringIO())
    make().idle()
    assert terminal.getvalue().count("following") == 2


def said(stats: Stats, *times: float) -> list[str]:
    """Give what is said when it is idle at these times (seconds)."""
    with mock.patch("sys.stderr", io.StringIO()) as stream:
        clock = Clock()
        status = make(stats, clock=clock)
        for clock.now in times:
            status.idle()
    return stream.getvalue().splitlines()


def stats_of(lines: int = 0, requests: int = 0, malformed: int = 0) -> Stats:
    stats = Stats()
    stats.lines, stats.requests, stats.malformed = lines, requests, malformed
    return stats


def test_advice_comes_once_after_ten_seconds_without_requests() -> None:
    assert PATIENCE == 10
    assert said(stats_of(lines=5), 0, 9.9) == []
    (line,) = said(stats_of(lines=5), 100, 110, 120, 200)
    assert line.startswith("logreq: log lines, but no Request line")
    assert "'ispmgr.core_module 5'" in line
    assert CONFIG in line


@pytest.mark.parametrize("stats", [stats_of(), stats_of(5, 1), stats_of(5, 0, 1)])
def test_no_advice_where_the_level_is_not_to_blame(stats: Stats) -> None:
    assert said(stats, 0, 20, 40) == []


def test_advice_names_each_panel_and_clears_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = a_terminal(monkeypatch)
    assert "put 'ispmgr.core_module 5' and 'core.core_module 5' into" in hint(["ispmgr", "core"])
    clock = Clock()
    stats = stats_of(lines=1)
    status = make(stats, clock=clock)
    status.idle()
    clock.now = 20
    status.idle()
    text = terminal.getvalue()
    assert f"{CLEAR}logreq: log lines" in text
    assert text.count("following") == 2  # drawn again below


def test_tail_asks_for_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    reader, writer = os.pipe()
    os.write(writer, b"Feb  6 08:08:07 [1:2] core WARNING x\n")
    err = io.TextIOWrapper(io.BytesIO(), write_through=True)
    with os.fdopen(reader) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        monkeypatch.setattr("sys.stderr", err)
        monkeypatch.setattr("sys.argv", ["logreq", "tail", "-p", "bill", "-"])
        idle = Status.idle
        left = iter(range(4))

        def asked(status: Status) -> None:
            idle(status)
            # The stream ends when it has asked, or never will.
            if next(left, None) == 3:
                os.close(writer)

        monkeypatch.setattr(Status, "idle", asked)
        with pytest.raises(SystemExit) as end:
            main()
    err.seek(0)
    assert "'billmgr.core_module 5'" in err.read()
    assert end.value.code == 1


@pytest.mark.parametrize(
    ("args", "what"),
    [
        ([], "b.edit"),
        (["--script"], "the script of 2 calls"),
    ],
)
def test_copy_names_what_it_copied(
    args: list[str], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = io.BytesIO()
    copied.close = lambda: None  # type: ignore[method-assign]
    monkeypatch.setattr("logreq.cli.terminal.clipboard.open", lambda *a, **k: copied, raising=False)
    head = "Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][root] 'func="
    log = f"{head}a'\n{head}b.edit'\n"
    done = logreq("tail", "-t", "mgrctl", *args, "--copy", "-", stdin=log)
    assert done.status == 0
    assert f"logreq: {what}: sent to the terminal to copy\n" in done.err
    texts = [base64.b64decode(part[7:]) for part in copied.getvalue().split(b"\x07")[:-1]]
    if args:
        assert texts == [done.out]
    else:
        assert b"\n".join(texts) == done.out


def test_a_script_without_copy() -> None:
    head = "Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][root] 'func="
    done = logreq("tail", "-q", "-t", "mgrctl", "--script", "-", stdin=f"{head}a'\n")
    assert done.status == 0
    assert done.text.startswith("#!/bin/sh\n")
    assert done.err == ""
