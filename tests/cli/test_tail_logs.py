"""Which logs tail follows, which clicks it shows, and how several logs are told apart."""

from __future__ import annotations

import gzip
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from logreq.cli.live import short_names
from logreq.cli.terminal.clipboard import Copier
from logreq.cli.terminal.colour import LOGS
from tests.support.cli import logreq
from tests.support.tails import tail

URL = "https://localhost:1500"


def line(query: str, second: int = 7) -> str:
    head = f"Feb  6 08:08:{second:02} [2346:23826] core_module INFO Request [192.0.2.1][root] "
    return f"{head}'func={query}'\n"


CLICK, POLL = line("user.edit&sok=ok"), line("periodic")


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log directory with the logs of two panels."""
    for second, panel in ((7, "ispmgr"), (8, "billmgr")):
        clicks = (line(f"{panel}{n}", second + 2 * n) for n in range(2))
        (tmp_path / f"{panel}.log").write_text("".join(clicks))
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(tmp_path))
    return tmp_path


def test_background_requests_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(CLICK + POLL * 2)
    done = tail("-n", "1", "-t", "url", log)
    assert done == (
        130,
        f"{URL}/ispmgr?func=user.edit&sok=ok\n".encode(),
        "logreq: 2 background requests not shown: --all shows them\n"
        "logreq: 3 lines, 3 requests, 1 converted, 0 malformed\n",
    )
    log.write_text(CLICK + POLL)
    assert "1 background request not shown" in tail("-n", "1", log).err


@pytest.mark.parametrize("option", ["--all", "-wkind == background"])
def test_background_requests_that_are_wanted(option: str, tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(POLL)
    done = tail("-n", "1", "-t", "url", option, log)
    assert done.text == f"{URL}/ispmgr?func=periodic\n"
    assert "--all" not in done.err


def test_no_log_at_all_is_every_panels(var: Path) -> None:
    """What is there already comes in the order of time; headings are short."""
    done = tail("-n", "2")
    headings = [text for text in done.text.splitlines() if text.startswith("#")]
    assert headings == [
        "# Feb  6 08:08:07  root from 192.0.2.1  ispmgr0  ispmgr.log:1",
        "# Feb  6 08:08:08  root from 192.0.2.1  billmgr0  billmgr.log:1",
        "# Feb  6 08:08:09  root from 192.0.2.1  ispmgr1  ispmgr.log:2",
        "# Feb  6 08:08:10  root from 192.0.2.1  billmgr1  billmgr.log:2",
    ]
    assert done.err == "logreq: 4 lines, 4 requests, 4 converted, 0 malformed\n"


def test_each_log_has_its_colour(var: Path) -> None:
    done = tail("-n", "1", "--color", "always", "isp", "bill")
    found = re.findall(r"\x1b\[38;5;(\d+)m# Feb.*? (\w+\.log):2\x1b\[0m\n", done.text)
    assert found == [(LOGS[0], "ispmgr.log"), (LOGS[1], "billmgr.log")]
    alone = tail("-n", "1", "--color", "always", "isp").text
    assert alone.startswith("\x1b[38;5;243m# Feb")
    urls = tail("-n", "1", "--color", "always", "-t", "url", "isp", "bill").text
    plain = tail("-n", "1", "-t", "url", "isp", "bill").text
    assert re.sub(r"\x1b\[[0-9;]*m", "", urls) == plain


def test_logs_that_are_named_alike_keep_their_directories() -> None:
    assert short_names(["a/x.log", "b/x.log", "b/y.log"]) == {"b/y.log": "y.log"}
    assert short_names(["a/x.log"]) == {}


def test_what_cannot_be_followed_is_told_at_once(var: Path, monkeypatch: Any) -> None:
    packed = var / "ispmgr.log.gz"
    packed.write_bytes(gzip.compress(CLICK.encode()))
    done = logreq("tail", var, packed)
    assert done == (
        2,
        b"",
        f"logreq: {var}: this is a directory; `logreq convert {var}` reads the logs in it\n"
        f"logreq: {packed}: this is packed and does not grow; `logreq convert {packed}` reads it\n",
    )
    # Where no panel is, none comes to be there.
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(var / "none"))
    message = f"logreq: {var}/none/ispmgr.log: there is no directory {var}/none\n"
    assert logreq("tail", "isp") == (2, b"", message)
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(var))
    opened = open

    def no_bill(path: Any, *args: Any, **kwargs: Any) -> Any:
        if str(path).endswith("billmgr.log"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr("builtins.open", no_bill)
    done = tail("-n", "1", "-t", "url", "bill", "isp")
    assert done == (
        2,
        f"{URL}/ispmgr?func=ispmgr1\n".encode(),
        f"logreq: {var}/billmgr.log: cannot read: Permission denied; run as root or with sudo\n"
        "logreq: 1 line, 1 request, 1 converted, 0 malformed\n",
    )


def test_wrong_names_and_places(var: Path) -> None:
    wrong = "'ipsmgr' is neither a file nor a panel; a path has a / or a ."
    assert logreq("tail", "ipsmgr").err == f"logreq: {wrong}; did you mean 'ispmgr'?\n"
    assert logreq("tail", "isp:2").err == (
        "logreq: isp:2 is one click's place: `logreq convert isp:2` converts it\n"
    )


def test_ctrl_c_is_the_end_of_recording(var: Path) -> None:
    done = tail("-n", "2", "--script", "-t", "mgrctl", "isp", "bill")
    assert done.status == 0
    assert [*re.findall(r"recorded: (\w+);", done.err)] == [
        "ispmgr0", "billmgr0", "ispmgr1", "billmgr1",
    ]  # fmt: skip
    assert tail("-n", "1", "--script", "isp", end=signal.SIGTERM).status == 128 + signal.SIGTERM
    assert tail("--script", "isp").status == 1


def test_tmux_is_told_how(monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("builtins.open", lambda *args, **kwargs: opened(os.devnull, "wb"))
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    copier = Copier()
    copier("a", "user.edit")
    copier("b", "site.delete")
    assert capsys.readouterr().err == (
        "logreq: user.edit: sent to the terminal to copy\n"
        "logreq: `tmux set -g set-clipboard on` lets it through to the clipboard\n"
        "logreq: site.delete: sent to the terminal to copy\n"
    )


opened = open
