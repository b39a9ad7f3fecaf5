"""`logreq tail`, as a user runs it."""

from __future__ import annotations

import base64
import datetime
import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from array import array
from pathlib import Path
from typing import Any, Optional

import pytest

from logreq.cli.logs import path_of
from logreq.cli.terminal.clipboard import Copier
from logreq.emitters.base import Emitter
from logreq.errors import UsageError
from tests.support.cli import logreq
from tests.support.tails import tail

ROOT = Path(__file__).parents[2]


def line(query: str, caller: str = "192.0.2.1", user: str = "root") -> str:
    head = "Feb  6 08:08:07 [2346:23826] core_module INFO Request "
    return f"{head}[{caller}][{user}] '{query}'\n"


class Tail:
    """`logreq tail` as a process of its own, its output read line by line."""

    def __init__(self, *args: object, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "logreq", "tail", *map(str, args)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip

    def __enter__(self) -> Tail:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()

    def read(self) -> str:
        assert self.process.stdout
        return str(self.process.stdout.readline(), "utf-8")

    def said(self) -> str:
        assert self.process.stderr
        return str(self.process.stderr.readline(), "utf-8")

    def end(self, number: int = signal.SIGINT) -> tuple[int, bytes, bytes]:
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


@pytest.mark.parametrize(
    ("log", "path"),
    [
        ("isp", "/logs/ispmgr.log"),
        ("ispmgr", "/logs/ispmgr.log"),
        ("core", "/logs/core.log"),
        ("x.log", "x.log"),
        ("./isp", "./isp"),
        ("-", "-"),
    ],
)
def test_logs(log: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGREQ_LOG_DIR", "/logs")
    assert path_of(log) == path


def test_the_panels_own_folder_is_the_default() -> None:
    assert path_of("bill") == "/usr/local/mgr5/var/billmgr.log"


def test_an_unknown_name() -> None:
    with pytest.raises(UsageError, match=r"neither a file nor a panel.*did you mean 'bill'"):
        path_of("bil")


def test_standard_input_beside_others() -> None:
    done = logreq("tail", "-", "isp")
    assert done.status == 2
    assert "cannot be followed beside other logs" in done.err


def test_the_last_requests_first(tmp_path: Path) -> None:
    log = tmp_path / "billmgr.log"
    log.write_text("".join(line(f"func=f{n}&sok=ok") + line("func=view") for n in range(9)))
    done = tail("-n", "2", "-a", "-t", "url", log)
    assert done.text == "".join(
        f"https://localhost:1500/billmgr?func=f{n}&sok=ok\n" for n in (7, 8)
    )
    assert done.status == 130
    assert done.err.startswith("logreq: ")


def test_only_the_end_of_a_log_of_years_is_read(tmp_path: Path) -> None:
    log = tmp_path / "x.log.2026-02-07"
    days = ("Feb  5", "Oct  5", "Feb  5", "Oct  5", "Feb  5")
    log.write_text("".join(line("func=f").replace("Feb  6", day) for day in days))
    done = tail("-n", "1", "-q", "-t", "url", "--since", "2026-02-05", log)
    assert len(done.text.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a"))
    summary = b"logreq: 1 line, 1 request, 1 converted, 0 malformed\n"
    with Tail("-p", "isp", "-t", "url", "-n1", log) as run:
        assert run.read() == "https://localhost:1500/ispmgr?func=a\n"
        assert run.end(number) == (128 + number, b"", summary)


def test_what_was_looked_at_for_a_beginning_counts_once(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(line("func=a.delete") + line("func=user") * 3)
    with Tail("-a", "-t", "url", "-n1", log) as run:
        assert run.read() == "https://localhost:1500/ispmgr?func=a.delete\n"
        _, _, err = run.end()
    assert err.startswith(b"logreq: --actions left out 3 views and 0 background requests\n")


@pytest.mark.parametrize("folder", ["", "not/yet"])
def test_each_request_as_it_comes(folder: str, tmp_path: Path) -> None:
    log = tmp_path / folder / "ispmgr.log"
    with Tail("-t", "url", "-p", "vm", log) as run:
        assert run.said() == f"logreq: {log}: does not exist yet; waiting for it\n"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            for number in range(3):
                file.write(line(f"func=f{number}"))
                file.flush()
                assert run.read() == f"https://localhost:1500/vmmgr?func=f{number}\n"
        assert run.end()[0] == 130


def test_several_logs_keep_their_panels(tmp_path: Path) -> None:
    logs = [tmp_path / "ispmgr.log", tmp_path / "billmgr.log"]
    for log in logs:
        log.write_text(line(f"func={log.stem}"))
    done = tail("-n", "1", "-t", "url", *logs)
    assert sorted(done.text.split()) == [
        "https://localhost:1500/billmgr?func=billmgr",
        "https://localhost:1500/ispmgr?func=ispmgr",
    ]


def test_json_tells_the_year(tmp_path: Path) -> None:
    turn = ("Dec 31 23:59:58", "Jan  1 00:00:02", "Jan  1 00:00:03")
    logs = [tmp_path / "ispmgr.log.2019-01-02", tmp_path / "billmgr.log.2019-01-02"]
    logs[0].write_text("".join(line("func=a").replace("Feb  6 08:08:07", time) for time in turn))
    logs[1].write_text(line("func=b").replace("Feb  6 08:08:07", "Jan  1 00:00:01"))
    done = tail("-n", "9", "-q", "-t", "json", *logs)
    assert [json.loads(text)["when"] for text in done.text.splitlines()] == [
        "2018-12-31T23:59:58",
        "2019-01-01T00:00:01",
        "2019-01-01T00:00:02",
        "2019-01-01T00:00:03",
    ]


def test_a_live_log_is_of_this_year(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    today = datetime.datetime.now()
    log.write_text(line("func=a").replace("Feb  6", f"{today:%b %d}"))
    with Tail("-n1", "-q", "-t", "json", log) as run:
        assert json.loads(run.read())["when"] == f"{today:%Y-%m-%d}T08:08:07"


def test_standard_input_line_by_line() -> None:
    with Tail("-t", "url", "-", stdin=subprocess.PIPE) as run:
        stdin = run.process.stdin
        assert stdin
        for number in range(3):
            stdin.write(line(f"func=f{number}").encode())
            stdin.flush()
            assert run.read() == f"https://localhost:1500/ispmgr?func=f{number}\n"
        stdin.close()
        run.process.stdin = None
        assert run.process.wait(30) == 0


def test_the_end_of_standard_input() -> None:
    assert logreq("tail", "-q", "-t", "url", "-", stdin=line("func=a")).status == 0
    assert logreq("tail", "-q", "-", stdin="nothing\n").status == 1
    done = logreq("tail", "-t", "mgrctl", "-", stdin=line("func=-i"))
    assert (done.status, ", 0 converted, " in done.err) == (1, True)


def test_script_at_the_end(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a&x=example.com") + line("func=b"))
    done = tail("-n", "9", "-t", "mgrctl", "--script", "--param", "d=example.com", "--copy", log)
    assert done.status == 0
    assert "logreq: 2 recorded: b; Ctrl-C writes the script\n" in done.err
    assert done.text.startswith("#!/bin/sh\n")
    assert "  panel=ispmgr\n  out=xml\n  step a \\\n" in done.text


def test_a_lost_line_is_an_error(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a") + "x" * (5 * 1024 * 1024) + "\n" + line("func=b"))
    with Tail("-n1", "-t", "url", log) as run:
        # From then on it follows.
        assert run.read() == "https://localhost:1500/ispmgr?func=b\n"
        with log.open("a") as file:
            file.write("x" * (5 * 1024 * 1024) + "\n" + line("func=c"))
        assert run.read() == "https://localhost:1500/ispmgr?func=c\n"
        status, _, err = run.end()
    assert status == 2
    assert b"x.log:4: a line longer than 4 MiB" in err


def test_copy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(line("func=a&b=%1B]52;c;eA==%07"))
    master, slave = pty.openpty()
    try:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(
            [sys.executable, "-m", "logreq", "tail", "--copy", "-n1", "-t", "url", str(log)],
            stdin=slave, stdout=subprocess.PIPE, stderr=slave, env=environment,
            start_new_session=True, preexec_fn=lambda: _terminal(slave),
        )  # fmt: skip
        assert process.stdout
        text = process.stdout.readline()
        data = b""
        while b"sent to the terminal" not in data:
            data += os.read(master, 4096)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        os.close(master)
        os.close(slave)
    _, _, rest = data.partition(b"\x1b]52;c;")
    copied, bell, _ = rest.partition(b"\x07")
    assert bell
    assert base64.b64decode(copied) == text
    assert data.count(b"\x1b]52") == 1


def _terminal(fd: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)


@pytest.mark.parametrize(
    ("text", "message"),
    [("x" * 80_000, "the snippet is too long for the clipboard"), ("x", "needs a terminal")],
)
def test_what_cannot_be_copied(
    text: str, message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.open", _refuse)
    Copier()(text, "the snippet")
    assert message in capsys.readouterr().err


def _refuse(*args: object, **kwargs: object) -> Optional[Emitter]:
    raise OSError("no such device")


def test_the_second_signal_ends_at_once(tmp_path: Path) -> None:
    """Nobody reads the output: writing it would never end."""
    log = tmp_path / "x.log"
    log.write_text(line("func=a&x=" + "y" * 1000) * 1000)
    with Tail("-n", "1000", log) as run:
        assert run.process.stdout
        waiting = array("i", [0])
        while waiting[0] < 40_000:  # a few more and the pipe is full
            time.sleep(0.02)
            fcntl.ioctl(run.process.stdout, termios.FIONREAD, waiting)
        for _ in range(300):
            # Two that come at once are one.
            run.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
            if run.process.poll() is not None:
                break
        assert run.process.wait(1) == 130
