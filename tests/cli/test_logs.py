"""LOG arguments as a user types them: panels' names, places of clicks, nothing at all."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from logreq.cli import logs as module
from tests.support.cli import Done, logreq
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]
CLICK = "Feb  6 08:08:07 [2346:23826] core_module INFO Request [192.0.2.1][root] 'func={}'\n"
VIEW, FIRST, SECOND = map(CLICK.format, ("user", "user.edit&elid=ann&sok=ok", "site.delete&elid=x"))
URL = "https://localhost:1500"


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log directory with logs of three panels; the working directory is another one."""
    var, here = tmp_path / "var", tmp_path / "here"
    var.mkdir()
    here.mkdir()
    (var / "ispmgr.log").write_text(VIEW + FIRST + SECOND)
    (var / "billmgr.log").write_text(VIEW)
    (var / "ourmgr.log").write_text(VIEW)
    (var / "nginx.log").write_text("nothing\n")
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(var))
    monkeypatch.chdir(here)
    return var


def urls(*args: object) -> Done:
    return logreq("convert", "-t", "url", *args)


@pytest.mark.parametrize("name", ["isp", "ispmgr", "ispmgr.log"])
def test_a_panels_name(name: str, var: Path) -> None:
    done = urls("-a", name)
    assert done == (
        0,
        f"{URL}/ispmgr?func=user.edit&elid=ann&sok=ok\n"
        f"{URL}/ispmgr?func=site.delete&elid=x\n".encode(),
        "logreq: --actions left out 1 view and 0 background requests\n"
        "logreq: 3 lines, 3 requests, 2 converted, 0 malformed\n",
    )
    assert logreq("list", "-q", name).text.count("\n") == 3
    assert logreq("rules", "explain", "-q", name).text.startswith("Feb  6 08:08:07  root")


@pytest.mark.parametrize("name", ["ISP", "Ispmgr", "ISPmanager"])
def test_a_panels_name_in_any_case(name: str, var: Path) -> None:
    assert urls("-q", name) == urls("-q", "isp")
    assert urls("-q", name).status == 0


def test_a_name_of_the_family(var: Path) -> None:
    assert urls("-q", "ourmgr").text == f"{URL}/ourmgr?func=user\n"


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("ipsmgr", "; did you mean 'ispmgr'?"),  # ipmgr is as near
        ("bilmgr", "; did you mean 'billmgr'?"),
        ("bil", "; did you mean 'bill'?"),
        ("zzzz", ""),
    ],
)
def test_a_wrong_name_costs_itself_only(name: str, advice: str, var: Path) -> None:
    (var / "ipmgr.log").touch()
    wrong = f"neither a file nor a panel; a path has a / or a .{advice}"
    assert urls(name, "ourmgr") == (
        2,
        f"{URL}/ourmgr?func=user\n".encode(),
        f"logreq: {name}: {wrong}\nlogreq: 1 line, 1 request, 1 converted, 0 malformed\n",
    )


def run(*args: str, stdin: int = subprocess.DEVNULL) -> Done:
    """Run a command in a process of its own, whose standard input is no file and no pipe."""
    ran = subprocess.run(
        [sys.executable, "-m", "logreq", *args], stdin=stdin, capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120,
    )  # fmt: skip
    return Done(ran.returncode, ran.stdout, ran.stderr.decode())


def test_no_log_at_all(var: Path) -> None:
    done = run("list")
    assert done.err == "logreq: 5 lines, 5 requests, 5 listed, 0 malformed\n"
    assert run("convert") == (
        2,
        b"",
        f"logreq: name a LOG: {var} has those of bill, isp, ourmgr. `logreq convert -a bill`"
        " makes calls of what was changed, `logreq list` lists all; - is standard input\n",
    )


def test_convert_on_a_terminal_says_what_to_type(var: Path) -> None:
    command = [sys.executable, "-m", "logreq", "convert"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with Terminal(command, env=environment, cwd=str(var), columns=300) as terminal:
        terminal.expect("name a LOG: .* has those of bill, isp, ourmgr")
        assert terminal.end() == 2


def test_no_panels_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "has_input", bool)
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(tmp_path))
    other = "LOGREQ_LOG_DIR names another directory"
    message = f"logreq: name a LOG: {tmp_path} holds no panel's log; {other}\n"
    assert logreq("list") == (2, b"", message)
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(tmp_path / "none"))
    missing = f"cannot read {tmp_path}/none: No such file or directory"
    message = f"logreq: name a LOG: {missing}; {other}\n"
    assert logreq("convert") == (2, b"", message)


def test_standard_input_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert not module.has_input()


@pytest.mark.parametrize("place", ["isp:3", "ispmgr.log:3", "{var}/ispmgr.log:3"])
def test_a_place(place: str, var: Path) -> None:
    done = urls("-q", place.format(var=var))
    assert done == (0, f"{URL}/ispmgr?func=site.delete&elid=x\n".encode(), "")


def test_what_a_heading_says_is_a_place(var: Path) -> None:
    heading = logreq("convert", "-q", "--nth", "2", "isp").text.partition("\n")[0]
    place = heading.rpartition("  ")[2]
    assert place == f"{var}/ispmgr.log:2"
    assert urls("-q", place).text == f"{URL}/ispmgr?func=user.edit&elid=ann&sok=ok\n"


def test_several_places_and_whole_logs(var: Path) -> None:
    assert urls("-q", "isp:1", "isp:3").text.count("\n") == 2
    assert urls("-q", "isp:1", "isp").text.count("\n") == 3
    assert urls("-q", "isp:1", "bill").text.count("\n") == 2
    (row,) = logreq("list", "-q", "isp:3").text.splitlines()
    assert row.startswith("3  ")
    assert (
        logreq("convert", "-q", "-t", "url", "--", "-:1", stdin=FIRST + VIEW).text.count("\n") == 1
    )


def test_a_file_that_is_named_like_a_place(var: Path) -> None:
    Path("x.log:3").write_text(FIRST)
    assert urls("-q", "x.log:3").text == f"{URL}/ispmgr?func=user.edit&elid=ann&sok=ok\n"


def test_a_place_in_a_log_that_was_rotated(var: Path) -> None:
    logs = var / "logs"
    logs.mkdir()
    log = var / "ispmgr.log"
    archives = {"ispmgr.log.old.gz": FIRST, "ispmgr.log.new.gz": SECOND, "billmgr.log.x.gz": VIEW}
    for number, (name, third) in enumerate(archives.items()):
        (logs / name).write_bytes(gzip.compress(f"{VIEW * 2}{third}".encode()))
        os.utime(logs / name, (number, number))
    log.write_text("-> an archive\n" + VIEW)
    assert urls("isp:3") == (
        0,
        f"{URL}/ispmgr?func=site.delete&elid=x\n".encode(),
        f"logreq: {log}:3: no request stands there now; taken from {logs}/ispmgr.log.new.gz\n"
        "logreq: 3 lines, 3 requests, 1 converted, 0 malformed\n",
    )
    assert urls("isp:1", "-q").text == f"{URL}/ispmgr?func=user\n"
    assert urls("isp:4") == (
        2,
        b"",
        f"logreq: {log}:4: no request stands here\n"
        "logreq: 2 lines, 1 request, 0 converted, 0 malformed\n",
    )


def test_a_place_in_a_log_that_is_not_there(var: Path) -> None:
    assert urls("-q", "./x.log:3").err == (
        "logreq: ./x.log: cannot read: No such file or directory\n"
    )


def test_numbers_that_a_filter_hides(var: Path) -> None:
    assert urls("--nth", "1", "--nth", "2-", "-a", "isp") == (
        0,
        f"{URL}/ispmgr?func=user.edit&elid=ann&sok=ok\n"
        f"{URL}/ispmgr?func=site.delete&elid=x\n".encode(),
        "logreq: --nth 1: left out by --actions\n"
        "logreq: --actions left out 1 view and 0 background requests\n"
        "logreq: 3 lines, 3 requests, 2 converted, 0 malformed\n",
    )
    assert logreq("list", "--nth", "1,2", "-w", "func == user", "isp").err == (
        "logreq: --nth 2: left out by --where\nlogreq: 3 lines, 3 requests, 1 listed, 0 malformed\n"
    )


def test_a_place_in_a_last_line_that_is_not_ended(var: Path) -> None:
    Path("x.log").write_text(VIEW + SECOND[:-1])
    assert urls("-q", "-p", "isp", "x.log:2").text == f"{URL}/ispmgr?func=site.delete&elid=x\n"


def test_the_advice_of_a_terminal_names_no_other_panel(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "has_input", bool)
    (var / "billmgr.log").unlink()
    (var / "ourmgr.log").unlink()
    assert urls().err == (
        f"logreq: name a LOG: {var} has those of isp. `logreq convert -a isp` makes calls of what"
        " was changed, `logreq list` lists all; - is standard input\n"
    )
