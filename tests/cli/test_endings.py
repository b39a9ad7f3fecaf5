"""How commands end: in each way that they can, with the status that says so."""

from __future__ import annotations

import errno
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from logreq.cli import main
from logreq.cli.commands import convert as convert_command
from logreq.cli.commands import tail as tail_command
from logreq.cli.terminal.output import Writer
from logreq.errors import Problem
from logreq.log import files as sources
from logreq.model.chunk import Source
from tests.cli.test_whole import full
from tests.support.cli import logreq

LINE = "Feb  6 08:08:07 [1:2] core_module INFO Request [192.0.2.1][root] 'func=a&x=example.com'\n"


def test_python_m(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["logreq", "--version"])
    with pytest.raises(SystemExit) as end:
        runpy.run_module("logreq", run_name="__main__")
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("logreq ")
    assert "main" in runpy.run_module("logreq", run_name="other")


def raising(error: BaseException) -> Callable[..., object]:
    def fail(*args: object, **kwargs: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (KeyboardInterrupt(), 130, "\n"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 0, ""),
        (OSError(errno.ENOSPC, "No space\x1b left"), 2, "logreq: [Errno 28] No space\\x1b left\n"),
    ],
)
def test_errors(
    error: BaseException, status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "dup2", lambda one, two: moved.append((one, two)))
    monkeypatch.setattr(convert_command, "_snippets", raising(error))
    done = logreq("convert", stdin=LINE)
    assert (done.status, done.err) == (status, message)
    assert [two for _, two in moved] == [1] * isinstance(error, OSError)
    for one, _ in moved:
        os.close(one)


def test_a_signal_ends_with_its_number() -> None:
    with pytest.raises(SystemExit) as end:
        sys.modules["logreq.cli.main"]._end(15, None)
    assert end.value.code == 143
    assert callable(main)


def test_the_second_signal_interrupts() -> None:
    stopper = tail_command._Stopper()
    stopper._handle(signal.SIGTERM, None)
    assert stopper.signal == signal.SIGTERM
    with pytest.raises(KeyboardInterrupt):
        stopper._handle(signal.SIGTERM, None)
    stopper.requested.close()


def test_what_is_lost_is_an_error_of_tail() -> None:
    done = logreq("tail", "-q", "-t", "url", "-", stdin="x" * 5_000_000 + "\n" + LINE)
    assert done.status == 2
    assert len(done.text.splitlines()) == 1


def test_several_processes_give_the_same(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(LINE * 300 + "nothing\n" * 400_000 + LINE * 300)
    one, two = (logreq("convert", "-j", jobs, log) for jobs in (1, 2))
    assert one.out.count(b"curl") == 600
    assert two == one


@pytest.mark.parametrize(("err", "out", "seen"), [(1, 0, True), (1, 1, False), (0, 0, False)])
def test_who_sees_progress(err: int, out: int, seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: bool(err)))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(isatty=lambda: bool(out)))
    assert convert_command.seen() == seen


def test_closed_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["logreq", "convert"])
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    monkeypatch.undo()
    problems: list[Problem] = []
    monkeypatch.setattr(sys, "stdin", None)
    source = sources.LogFile("-", Source("-", "ispmgr"))
    assert list(sources.read_file(source, problems.append)) == []
    assert [str(problem) for problem in problems] == ["-: cannot read: standard input is closed"]


def test_a_pipe_that_does_not_block_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has opened it so; that there is nothing yet is not its end."""
    given = iter([None, None, b"a\n", None, b"b\n", b""])
    waits: list[object] = []
    monkeypatch.setattr("select.select", lambda *args: waits.append(args))
    patient = sources._Patient(SimpleNamespace(read=lambda size: next(given)))
    assert [patient.read(9) for _ in range(3)] == [b"a\n", b"b\n", b""]
    assert len(waits) == 3


def test_one_process_tells_the_years(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(LINE + LINE.replace("Feb  6", "Sep  3"))
    os.utime(log, (1_788_000_000, 1_788_000_000))  # the end of August 2026, and a little
    for jobs in (1, 2):
        done = logreq("convert", "-q", "-t", "url", "-j", jobs, "--since", "2025-01-01", log)
        assert len(done.text.splitlines()) == 2


def test_an_empty_log(tmp_path: Path) -> None:
    for log in ("/dev/null", tmp_path / "empty.log"):
        (tmp_path / "empty.log").touch()
        done = logreq("convert", log)
        assert (done.status, done.text) == (1, "")
        empty = f"logreq: {log}: this is empty\n" if log != "/dev/null" else ""
        assert done.err == f"{empty}logreq: 0 lines, 0 requests, 0 converted, 0 malformed\n"
    for log in ("/dev/stdin", "/dev/fd/0"):
        command = [sys.executable, "-m", "logreq", "convert", "-q", "-t", "url", log]
        ran = subprocess.run(command, input=LINE.encode(), capture_output=True, check=True)
        assert ran.stdout.endswith(b"func=a&x=example.com\n")


def test_a_log_of_years(tmp_path: Path) -> None:
    log = tmp_path / "x.log.2026-02-07"
    days = ("Feb  5", "Oct  5", "Feb  6", "Oct  6", "Feb  7")
    log.write_text("".join(LINE.replace("Feb  6", day) for day in days))
    for command in ("convert", "list"):
        done = logreq(command, "-q", "--since", "2025-10-01", log)
        assert [day for day in days if f"{day} " in done.text] == ["Oct  6", "Feb  7"]


def test_scripts() -> None:
    done = logreq("convert", "--script", "-t", "url", stdin=LINE)
    assert done.status == 2
    able = "curl, javascript, mgrctl, perl, php, python, requests make scripts"
    assert done.err == f"logreq: --script: url makes snippets only; {able}\n"
    done = logreq("convert", "--script", "-t", "ansible", stdin=LINE)
    told = "without --script, they are one file of tasks"
    refused = f"logreq: --script: ansible makes snippets only; {told}; {able}\n"
    assert (done.status, done.out, done.err) == (2, b"", refused)
    assert logreq("convert", "--script", "-w", "func == none", stdin=LINE).status == 1
    line = LINE.replace("x=example.com", "x=example.com&y=www.example.com&z=other")
    done = logreq("convert", "--script", "-t", "mgrctl", stdin=line * 3)
    assert done.status == 0
    suggested = [text for text in done.err.splitlines() if "makes an argument" in text]
    assert suggested == [
        "logreq: example.com stands in 6 places in 3 calls:"
        " --param x=example.com makes an argument",
        "logreq: other stands in 3 places in 3 calls: --param z=other makes an argument",
    ]


def test_a_call_that_cannot_be_told_among_the_last() -> None:
    line = LINE.replace("x=example.com", "x=%00")
    done = logreq("convert", "--last", "1", "-t", "mgrctl", stdin=LINE + line)
    assert "note: no call here" in done.text
    assert "no call here" in done.err


def test_a_log_without_requests_among_others(tmp_path: Path) -> None:
    for name, text in (("a.log", LINE), ("b.log", "nothing\n"), ("c.log", LINE)):
        (tmp_path / name).write_text(text)
    assert len(logreq("convert", "-q", "-t", "url", tmp_path).text.splitlines()) == 2
    for name in ("a.log", "c.log"):
        (tmp_path / name).write_text("nothing\n")
    assert logreq("convert", "-q", "-t", "url", tmp_path).status == 1


def test_a_page_on_a_disk_that_gets_full(tmp_path: Path) -> None:
    """The file ends where a call ends, within the page that did not fit."""
    log, out = tmp_path / "x.log", tmp_path / "out"
    log.write_text(LINE * 300)
    whole = logreq("convert", "-q", log).out
    with full(out, "wb", len(whole) // 2), pytest.raises(OSError, match="No space left"):
        convert(log)
    left = out.read_bytes()
    assert left.endswith(b"--data-urlencode authinfo@-\n")
    assert len(whole) // 2 - 1000 < len(left) <= len(whole) // 2
    assert whole.startswith(left)


def convert(log: Path) -> None:
    """Convert as the command does, without what it does about errors."""
    from logreq import api, emitters
    from logreq.model.connection import Connection

    writer = Writer(emitters.load("curl")(Connection()))
    writer.batch([text.encode() for text in api.render(api.read(log), "curl")])


def test_what_has_no_call_is_not_converted(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    nul, option = LINE.replace("func=a", "func=a&y=%00"), LINE.replace("func=a", "func=-i")
    log.write_text(nul + option)
    for options in (["-j", "1"], ["-j", "2"], ["--nth", "1-"], ["--unique"]):
        done = logreq("convert", "-t", "mgrctl", *options, log)
        assert (done.status, done.out.count(b"no call here")) == (1, 2)
        assert done.err.splitlines()[-2:] == [
            "logreq: 2 requests have no call here: comments say why",
            "logreq: 2 lines, 2 requests, 0 converted, 0 malformed",
        ]
        assert logreq("convert", "-t", "curl", *options, log).status == 0
    log.write_text(option + LINE)
    for jobs in "12":
        done = logreq("convert", "-t", "mgrctl", "-j", jobs, log)
        assert (done.status, done.err.count("1 request has no call here: comments")) == (0, 1)
        assert ", 1 converted, " in done.err


def test_a_script_names_the_click_that_has_no_call(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    long = LINE.replace("example.com", "x" * 200_000)
    for line, func, reason in (
        (LINE.replace("func=a", "func=-i%07"), "-i\\x07", "mgrctl would not take the function's"),
        (LINE.replace("func=a", "func=a&y=%00"), "a", "a value holds a NUL byte, which no word"),
        (long, "a", "a parameter of 200002 bytes is longer"),
    ):
        log.write_text(LINE * 2 + line + LINE)
        for options in ([], ["--safe"]):
            done = logreq("convert", "-t", "mgrctl", "--script", *options, log)
            assert (done.status, done.out) == (2, b"")
            assert f"logreq: {log}:3: {func}: {reason}" in done.err
    # What is an argument stands in no call.
    log.write_text(LINE.replace("com", "%00") + LINE.replace("com", "%00%00"))
    done = logreq("convert", "-t", "mgrctl", "--script", "--nth", "1", "--again", "2", log)
    assert (done.status, done.out) == (2, b"")
    assert "logreq: --x: a value holds a NUL byte, which no word of a shell can\n" in done.err
