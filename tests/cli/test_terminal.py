"""Sessions in a real terminal: what the user sees while somebody clicks."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from logreq.cli.terminal.colour import STYLES
from tests.support.terminal import Terminal, screen

ROOT = Path(__file__).parents[2]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
IDLE = r"(\d+) requests? seen, (\d+) shown, (\d+) hidden"


def line(query: str, user: str = "root") -> str:
    head = "Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.1]"
    return f"{head}[{user}] '{query}'\n"


class Panel:
    """Plays the panel: writes what clicks leave in its log."""

    def __init__(self, log: Path) -> None:
        self.log = log
        log.touch()

    def write(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(text)

    def click(self, query: str) -> None:
        self.write("Feb  6 08:08:07 [2346:1] core_module EXTINFO Internal ...\n" + line(query))


@pytest.fixture
def panel(tmp_path: Path) -> Panel:
    return Panel(tmp_path / "ispmgr.log")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "logreq").write_text(f'#!/bin/sh\nexec {sys.executable} -m logreq "$@"\n')
    (tmp_path / "logreq").chmod(0o700)
    (tmp_path / "inputrc").write_text("set enable-bracketed-paste off\n")
    return {
        "INPUTRC": str(tmp_path / "inputrc"),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "none"),
        "LOGREQ_LOG_DIR": str(tmp_path),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PS1": "ready> ",
    }


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """Give a shell in a terminal, as an administrator has it."""
    command = ["bash", "--norc", "--noprofile", "-i"]
    with Terminal(command, env=environment, cwd=str(tmp_path), columns=100) as terminal:
        terminal.expect("ready> ")
        yield terminal


def test_clicks_become_coloured_snippets(shell: Terminal, panel: Panel) -> None:
    shell.type("logreq tail -a -t mgrctl isp\r")
    assert shell.expect(IDLE).groups() == ("0", "0", "0")
    panel.click("func=domain.edit&name=a.example&passwd=s3cret&sok=ok&sfrom=ajax")
    shell.expect(re.escape(f"{STYLES['comment']}# Feb  6 08:08:07"))
    shell.expect(re.escape(f"{STYLES['command']}/usr/local/mgr5/sbin/mgrctl"))
    shell.expect(re.escape(STYLES["parameter"]) + "name" + ".{4,9}" + re.escape(STYLES["value"]))
    shell.expect(re.escape(STYLES["reference"]) + "'passwd=\\$PASSWD'")
    assert shell.expect(IDLE).groups() == ("1", "1", "0")
    panel.click("func=dashboard.info")
    assert shell.expect(r"2 requests seen, 1 shown, 1 hidden")
    panel.click("func=user.delete&elid=bob&sok=ok")
    assert shell.expect(r"3 requests seen, 2 shown, 1 hidden")
    shell.type("\x03")
    shell.expect(r"logreq: 6 lines, 3 requests, 2 converted, 0 malformed\r\n")
    shell.expect("ready> ")
    shown = screen(shell.text, 100)
    start = next(n for n, text in enumerate(shown) if text.endswith("-t mgrctl isp"))
    text = "\n".join(shown[start + 1 :])
    assert "seen" not in text  # nothing of the status line is left
    assert "^C" not in text
    assert text.endswith("0 malformed\nready> ")
    assert "s3cret" not in shell.text


def test_ctrl_c_leaves_a_clean_prompt(shell: Terminal, panel: Panel) -> None:
    shell.type("logreq tail isp\r")
    shell.expect(IDLE)
    shell.type("\x03")
    shell.expect("malformed\r\n")
    shell.expect("ready> ")
    shell.type("echo status $?\r")
    shell.expect(r"status 130\r\n")
    shell.expect("ready> ")
    shown = screen(shell.text, 100)
    assert shown[-4:] == [
        "logreq: 0 lines, 0 requests, 0 converted, 0 malformed",
        "ready> echo status $?",
        "status 130",
        "ready> ",
    ]
    assert "following" not in "".join(shown)


def test_no_status_line_where_it_is_not_wanted(shell: Terminal, panel: Panel) -> None:
    for command in ("logreq tail -q -t url isp", "logreq tail -t url isp 2>err"):
        shell.type(f"{command}\r")
        shell.expect(r"isp[^\n]*\r\n")
        while shell.process.poll() is None:
            panel.click("func=a")  # until it follows
            try:
                shell.expect(r"\?func=|func.{0,30}=", timeout=0.5)
                break
            except AssertionError:
                continue
        shell.type("\x03")
        shell.expect("ready> ")
    assert "seen" not in shell.text


def test_messages_take_the_status_lines_place(shell: Terminal, panel: Panel) -> None:
    shell.type("logreq tail -t url isp\r")
    shell.expect(IDLE)
    panel.write("Feb  6 08:08:07 [2346:23826] core_module INFO Request [][\n")
    shell.expect(r"expected the user's name in brackets\r\n")
    shell.expect(IDLE)
    shell.type("\x03")
    shell.expect("ready> ")
    shown = screen(shell.text, 100)
    assert "logreq: " in next(text for text in shown if "expected the user's" in text)[:8]


def test_without_colours(shell: Terminal, panel: Panel) -> None:
    panel.click("func=a&b=1&sok=ok")
    for setting, option in (("NO_COLOR=1 ", ""), ("", " --color never"), ("TERM=dumb ", "")):
        shell.type(f"{setting}logreq convert -q{option} ispmgr.log; echo 'en''d'\r")
        found = shell.expect(r"\n(# Feb.*)end\r\n")
        assert "\x1b" not in found[1]
    shell.type("logreq convert -q ispmgr.log | cat; echo 'en''d'\r")
    assert "\x1b" not in shell.expect(r"\n(# Feb.*)end\r\n")[1]
    shell.type("logreq convert -q --color always ispmgr.log | cat; echo 'en''d'\r")
    assert STYLES["comment"] in shell.expect(r"\n(\S*# Feb.*)end\r\n")[1]


def test_hostile_logs_do_not_drive_the_terminal(shell: Terminal, panel: Panel) -> None:
    panel.click("func=a&b=%1B[2J%1B]0;owned%07&c=%C2%9B2J&sok=ok")
    panel.write(line("func=x\x1b]0;owned\x07&sok=ok", user="\x1b[2Jroot"))
    for emitter in ("mgrctl", "curl", "url", "python"):
        shell.type(f"logreq convert -q -t {emitter} ispmgr.log; echo 'en''d'\r")
        text = COLOUR.sub("", shell.expect(r"isp[^\n]*\r\n(.*)end\r\n")[1])
        assert "\x1b" not in text
        assert "\x9b" not in text
        assert "\x07" not in text


def test_copy_names_what_it_copied(shell: Terminal, panel: Panel) -> None:
    shell.type("logreq tail --copy -t url isp\r")
    shell.expect(IDLE)
    panel.click("func=user.edit&elid=bob&sok=ok")
    copied = shell.expect(r"\x1b\]52;c;([^\x07]*)\x07")[1]
    shell.expect(r"logreq: user.edit: sent to the terminal to copy\r\n")
    expected = b"https://localhost:1500/ispmgr?func=user.edit&elid=bob&sok=ok\n"
    assert base64.b64decode(copied) == expected


@pytest.mark.interpreter
def test_in_tmux(environment: dict[str, str], panel: Panel, tmp_path: Path) -> None:
    """A terminal by somebody else: what tmux shows in the end."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not on this machine")
    tmux = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]

    def shown(*wanted: str) -> str:
        until = time.monotonic() + 30
        while True:
            command = [*tmux, "capture-pane", "-p", "-J"]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            if all(word in done.stdout for word in wanted):
                return done.stdout
            assert time.monotonic() < until, done.stdout
            time.sleep(0.05)

    def keys(*names: str) -> None:
        subprocess.run([*tmux, "send-keys", *names], env=environment, check=True)

    start = [*tmux, "new-session", "-d", "-x", "90", "-y", "24",
             "exec env PS1='ready> ' bash --norc --noprofile -i"]  # fmt: skip
    subprocess.run(start, env=environment, cwd=tmp_path, check=True)
    try:
        shown("ready>")
        keys("logreq tail -t url isp", "Enter")
        shown("0 requests seen")
        panel.click("func=first&sok=ok")
        shown("1 request seen", "func=first&sok=ok")
        panel.click("func=second&sok=ok")
        shown("2 requests seen", "func=second&sok=ok")
        keys("C-c")
        text = shown("2 converted, 0 malformed\nready>")
        assert text.strip().splitlines() == [
            "ready> logreq tail -t url isp",
            "https://localhost:1500/ispmgr?func=first&sok=ok",
            "https://localhost:1500/ispmgr?func=second&sok=ok",
            "logreq: 4 lines, 2 requests, 2 converted, 0 malformed",
            "ready>",
        ]
    finally:
        subprocess.run([*tmux, "kill-server"], env=environment, check=False)
