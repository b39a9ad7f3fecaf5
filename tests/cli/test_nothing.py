"""Why there is nothing: what the log is, what a filter left out; what cannot be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import logreq

CLICK = "Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.1][root] 'func=user'"
OTHER = "Feb  6 08:08:07 [2346:23826] core_module EXTINFO Internal [192.0.2.1][root] 'func=user'"
DOCKER = '{"log":"%s\\n","stream":"stdout","time":"2026-02-06T08:08:07Z"}' % CLICK  # noqa: UP031
LEVEL = (
    "log lines, but no Request line among them: panels log requests at level 5 and above;"
    " put 'ispmgr.core_module 5' into /usr/local/mgr5/etc/debug.conf"
)
BEFORE = "something stands before each line's date: "
NOT_ONE = "no line begins as those of a panel's log do: date, then [process]"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (OTHER, LEVEL),
        (f"{OTHER} {CLICK}", LEVEL),
        (f"12:{CLICK}", f"{BEFORE}grep -n numbers the lines: leave -n out"),
        (f"isp.log:{CLICK}", f"{BEFORE}grep names the file in each line: -h leaves that out"),
        (f"isp.log:12:{CLICK}", f"{BEFORE}grep names the file in each line: -h leaves that out"),
        (DOCKER, f"{BEFORE}this is a container's JSON: `jq -j .log FILE | logreq convert -`"),
        (
            f"2026-02-06T08:08:07.1Z stdout F {CLICK}",
            f"{BEFORE}a container runtime's words: `cut -d' ' -f4- FILE | logreq convert -`",
        ),
        (
            f"2026-02-06T08:08:07.1Z {CLICK}",
            f"{BEFORE}a time stamp: `cut -d' ' -f2- FILE | logreq convert -`",
        ),
        (f"host isp: {CLICK}", f"{BEFORE}cut it off"),
        (f"host isp: {CLICK[:-1]}", NOT_ONE),
        ("host isp: INFO Request", NOT_ONE),
        ("a\0b", "this is binary, no log"),
        ("\x1b[2J", NOT_ONE),
    ],
)
def test_what_the_log_is(line: str, reason: str, tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(f"{line}\n")
    counts = "logreq: 1 line, 0 requests, 0 listed, 0 malformed\n"
    assert logreq("list", log) == (1, b"", f"logreq: {log}: {reason}\n{counts}")
    assert logreq("list", "-q", log) == (1, b"", "")
    if "INFO Request" not in line or line == OTHER:
        done = logreq("list", stdin=f"{line}\n")
        assert done.err == f"logreq: standard input: {reason}\n{counts}"


def test_a_web_servers_log(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text('192.0.2.1 - - [06/Feb/2026:08:08:07 +0000] "GET / HTTP/1.1" 200 12\n')
    counts = "logreq: 1 line, 0 requests, 0 listed, 0 malformed\n"
    assert logreq("list", tmp_path).err == (
        f"logreq: {log}: this is a web server's access log, not a panel's log\n{counts}"
    )
    assert logreq("list", log).err == (
        f"logreq: {log}: left out: 1 line, no call of a panel\n{counts}"
    )


def test_an_empty_log_and_an_empty_pipe(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    counts = "logreq: 0 lines, 0 requests, 0 converted, 0 malformed\n"
    assert logreq("convert", log).err == f"logreq: {log}: this is empty\n{counts}"
    assert logreq("convert").err == counts
    assert logreq("convert", os.devnull).err == counts


def test_an_empty_directory(tmp_path: Path) -> None:
    counts = "logreq: 0 lines, 0 requests, 0 converted, 0 malformed\n"
    assert logreq("convert", tmp_path) == (
        1, b"", f"logreq: {tmp_path}: this directory holds no files\n{counts}"
    )  # fmt: skip


def test_damaged_lines_are_told_by_themselves(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(CLICK[:-1] + "\n")
    assert "1 malformed" in logreq("convert", log).err
    assert "debug.conf" not in logreq("convert", log).err


def test_what_the_options_left_out(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(f"{CLICK}\n{CLICK.replace(':07', ':09')}\n")
    counts = "logreq: 2 lines, 2 requests, 0 converted, 0 malformed\n"
    assert logreq("convert", "-w", "user == bob", "-a", log) == (
        1,
        b"",
        f"logreq: --where left out 2 requests\n{counts}",
    )
    assert logreq("convert", "--since", "2001-01-01", "--until", "2001-02-01", log).err == (
        "logreq: --since and --until left out 2 requests:"
        f" they were logged from Feb  6 08:08:07 to Feb  6 08:08:09\n{counts}"
    )
    assert logreq("convert", "-a", log).err == (
        f"logreq: --actions left out 2 views and 0 background requests\n{counts}"
    )


def test_unreadable_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("logs/ispmgr.log.1", "ispmgr.log", "billmgr.log"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{CLICK}\n")
    scandir, opened = os.scandir, os.open

    def no_archives(path: Any) -> Any:
        if str(path).endswith("logs"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def no_bill(path: Any, *args: Any, **kwargs: Any) -> int:
        if str(path).endswith("billmgr.log"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(os, "scandir", no_archives)
    monkeypatch.setattr(os, "open", no_bill)
    monkeypatch.setattr(os, "access", lambda *_args, **_kwargs: False)
    denied = "cannot read: Permission denied; run as root or with sudo"
    assert logreq("convert", "-t", "url", tmp_path) == (
        2,
        b"https://localhost:1500/ispmgr?func=user\n",
        f"logreq: {tmp_path}/logs: {denied}\n"
        f"logreq: {tmp_path}/billmgr.log: {denied}\n"
        "logreq: 1 line, 1 request, 1 converted, 0 malformed\n",
    )
    # The same where it is named itself, and click could ask beforehand.
    assert logreq("convert", "-t", "url", tmp_path / "billmgr.log", tmp_path / "ispmgr.log") == (
        2,
        b"https://localhost:1500/ispmgr?func=user\n",
        f"logreq: {tmp_path}/billmgr.log: {denied}\n"
        "logreq: 1 line, 1 request, 1 converted, 0 malformed\n",
    )
