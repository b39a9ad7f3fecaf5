"""Recordings of browsers and web servers on the command line, in a log's place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from unittest import mock

import pytest

import logreq as library
from logreq.browser import opened
from logreq.browser.recording import Recording
from logreq.model.chunk import Source
from tests.support.cli import logreq
from tests.support.recordings import BASE, archive, entry
from tests.support.strategies import log_line

SESSION = archive(
    entry(f"{BASE}/manimg/logo.png", method="GET"),
    entry(text="func=auth&username=bob&password=T0psecret"),
    entry(text="func=user&out=xjson&sfrom=ajax"),
    entry(f"{BASE}/ispmgr?func=user.edit", "name=a%2Ab&sok=ok&passwd=T0psecret&empty=",
          cookies=[{"name": "ispmgrses5", "value": "0123abcd"}]),
    entry(text="func=user.edit&auth=0123abcd&x=0123abcd"),
)  # fmt: skip
URLS = (
    f"{BASE}/ispmgr?func=user&out=xjson\n{BASE}/ispmgr?func=user.edit&name=a%2Ab&sok=ok"
    "&passwd=${PASSWD}\n"
)


@pytest.fixture
def session(tmp_path: Path) -> Path:
    path = tmp_path / "session.har"
    path.write_bytes(SESSION)
    return path


def test_list(session: Path) -> None:
    done = logreq("list", session)
    assert done.status == 0
    rows = [line.split() for line in done.text.splitlines()]
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert [row[4:7] for row in rows][1:3] == [["bob", "-", "user"], ["bob", "-", "user.edit"]]
    assert "passwd=$PASSWD" in done.text
    assert "T0psecret" not in done.text
    assert done.err == (
        f"logreq: {session}: left out: 1 entry, no call of a panel\n"
        "logreq: 5 lines, 4 requests, 4 listed, 0 malformed\n"
    )


@pytest.mark.parametrize("target", ["url", "json", "curl", "mgrctl", "har", "python"])
def test_convert_a_file_and_standard_input(session: Path, target: str) -> None:
    where = ("-w", "func like 'user*'", "--keep", "*")
    by_file = logreq("convert", "-q", "-t", target, *where, session)
    by_pipe = logreq("convert", "-q", "-t", target, *where, "-", stdin=SESSION)
    assert (by_file.status, by_file.err, by_pipe.err) == (0, "", "")
    assert by_file.text.replace(str(session), "-") == by_pipe.text
    assert "T0psecret" not in by_file.text
    assert "0123abcd" not in by_file.text
    if target not in ("json", "mgrctl"):
        assert BASE in by_file.text


def test_json_tells_the_place(session: Path) -> None:
    done = logreq("convert", "-q", "-t", "json", "--nth", "3", session)
    told = json.loads(done.text)
    assert (told["source"], told["line"], told["user"]) == (str(session), 4, "bob")
    assert (told["time"], told["when"]) == ("Feb  6 08:08:07", "2018-02-06T08:08:07")
    assert told["params"] == [["name", "a*b"], ["sok", "ok"], ["passwd", {"env": "PASSWD"}]]


def test_the_address_that_is_asked_for_is_stronger(session: Path) -> None:
    url = "https://other.example"
    for options, environment in (
        (("-u", url), {}),
        ((), {"LOGREQ_URL": url}),
        (("-u", "https://localhost:1500"), {}),
    ):
        with mock.patch.dict(os.environ, environment):
            done = logreq("convert", "-q", "-t", "url", "--nth", "2", *options, session)
        assert done.text.partition("/ispmgr")[0] == (options[1] if options else url)


def test_the_panel_that_is_asked_for_is_stronger(session: Path) -> None:
    done = logreq("convert", "-q", "-t", "url", "-p", "vm", "--nth", "2", session)
    assert done.text == f"{BASE}/vmmgr?func=user&out=xjson\n"


def test_nothing_is_assumed_of_a_recording(session: Path) -> None:
    done = logreq("convert", "-t", "url", "-u", f"{BASE}/billmgr", session)
    assert done.err == (
        f"logreq: {session}: left out: 1 entry, no call of a panel\n"
        "logreq: 5 lines, 4 requests, 4 converted, 0 malformed\n"
    )


def test_refusals_are_told(session: Path) -> None:
    refused = '{"doc": {"error": {"$type": "exists", "$object": "user"}}}'
    session.write_bytes(archive(
        entry(text="func=user.edit&name=a&sok=ok", answer=refused),
        entry(text="func=user.edit&name=b&sok=ok", answer='{"doc": {"ok": {}}}'),
    ))  # fmt: skip
    done = logreq("convert", "-q", "-t", "curl", session)
    assert done.text.count("exists(user)") == 1
    assert "! exists(user)" in logreq("list", "-q", session).text
    for options in (["--worked"], ["-w", "outcome != failed"]):
        done = logreq("convert", "-q", "-t", "url", *options, session)
        assert done.text == f"{BASE}/ispmgr?func=user.edit&name=b&sok=ok\n"
    done = logreq("convert", "-q", "-t", "json", session)
    assert [json.loads(line)["outcome"]["failed"] for line in done.text.splitlines()] == [
        True, False
    ]  # fmt: skip


def test_the_name_of_a_file_is_the_panel_where_no_path_tells(tmp_path: Path) -> None:
    path = tmp_path / "billmgr.txt"
    path.write_text("https://my.example/?func=a\n")
    done = logreq("convert", "-q", "-t", "json", path)
    assert json.loads(done.text)["panel"] == "billmgr"


def test_what_has_no_time_is_as_old_as_its_file(tmp_path: Path) -> None:
    path = tmp_path / "urls"
    path.write_text(f"{BASE}/ispmgr?func=a\n")
    os.utime(path, (1_517_904_487, 1_517_904_487))
    with mock.patch.dict(os.environ, {"TZ": "UTC"}):
        done = logreq("convert", "-q", "-t", "json", path)
    told = json.loads(done.text)
    assert told["time"].startswith("Feb  6 ")
    assert told["when"] == f"2018-02-06T{told['time'][-8:]}"


def test_an_access_log_has_its_years(tmp_path: Path) -> None:
    path = tmp_path / "access.log.2026-02-07"
    rest = '"GET /ispmgr?func=a HTTP/1.1" 200 5\n'
    stamps = ("06/Feb/2018:08:08:07 +0300", "31/Dec/2017:23:59:59 +0300", "30/Feb/2018:00:00:00 +0")
    path.write_text("".join(f"192.0.2.1 - - [{stamp:0<26}] {rest}" for stamp in stamps))
    done = logreq("convert", "-q", "-t", "json", path)
    whens = [json.loads(line)["when"] for line in done.text.splitlines()]
    assert whens == ["2018-02-06T08:08:07", "2017-12-31T23:59:59", None]
    done = logreq(
        "list", "-q", "-t", "json", "--since", "2018-01-01", "--until", "6 Feb 2018", path
    )
    assert [json.loads(line)["line"] for line in done.text.splitlines()] == [1]


def test_several_files_in_the_order_of_time(session: Path, tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(log_line(b"func=early", time=b"Feb  6 08:08:06")
                    + log_line(b"func=late", time=b"Feb  6 08:08:08"))  # fmt: skip
    for file in (log, session):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    done = logreq("convert", "-q", "-t", "url", log, session)
    funcs = [line.partition("func=")[2].partition("&")[0] for line in done.text.splitlines()]
    assert funcs == ["early", "auth", "user", "user.edit", "user.edit", "late"]
    assert done.text.startswith(BASE)


def test_a_pipe_gives_its_bytes_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    for data, expected in (
        (SESSION, f"{BASE}/ispmgr?func=user&out=xjson\n"),
        (log_line(b"func=a") * 2, "https://localhost:1500/ispmgr?func=a\n"),
    ):
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(data,))
        writer.start()
        done = logreq("convert", "-q", "-t", "url", "--nth", "2", path)
        writer.join()
        path.unlink()
        assert (done.text, done.err) == (expected, "")


def test_little_by_little() -> None:
    command = [sys.executable, "-m", "logreq", "convert", "-q", "-t", "url", "--nth", "2-3"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for size, begin in ((1, 0), (1, 1), (1, 2), (20, 3), (10_000, 23)):
            process.stdin.write(SESSION[begin : begin + size])
            process.stdin.flush()
            threading.Event().wait(0.02)
        process.stdin.close()
        assert process.stdout.read().decode() == URLS
        assert process.wait() == 0


def test_a_large_recording_is_read_by_one_process(tmp_path: Path) -> None:
    path = tmp_path / "large.har"
    answer = "x" * 100_000
    path.write_bytes(archive(*(entry(text=f"func=a&n={n}", answer=answer) for n in range(30))))
    one = logreq("convert", "-t", "url", "-j", "1", path)
    four = logreq("convert", "-t", "url", "-j", "4", path)
    assert one == four
    assert one.text.count("\n") == 30


def test_an_address_far_behind_in_a_pipe_is_not_found() -> None:
    far = archive(
        *(entry("https://x/", answer="x" * 300_000) for _ in range(3)), entry(text="func=a")
    )
    with mock.patch.object(opened, "_HELD", 100_000):
        done = logreq("convert", "-q", "-t", "url", stdin=far)
    assert done.text == "https://localhost:1500/ispmgr?func=a\n"
    done = logreq("convert", "-q", "-t", "url", stdin=far)
    assert done.text == f"{BASE}/ispmgr?func=a\n"


def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    path.write_bytes(SESSION[:-20])
    done = logreq("convert", "-t", "url", path)
    assert done.status == 2
    assert f"logreq: {path}:1:" in done.err
    assert "4 lines, 3 requests, 3 converted, 1 malformed" in done.err
    done = logreq("convert", "-t", "url", stdin=f"curl '{BASE}/ispmgr?func=a' -d @x\n")
    assert done.status == 1
    assert "-:1:1: this curl command is left out: --data sends a file" in done.err
    done = logreq("convert", "-t", "url", "-j", "4", tmp_path / "absent")
    assert done.status == 2
    assert "cannot read" in done.err


def test_what_lies_beside_a_log_is_no_recording_but_for_archives(
    session: Path, tmp_path: Path
) -> None:
    (tmp_path / "ispmgr.log").write_bytes(log_line(b"func=a"))
    log = '192.0.2.1 - - [06/Feb/2018:08:08:07 +0300] "GET /ispmgr?func=a HTTP/1.1" 200 5\n'
    (tmp_path / "access.log").write_text(log)
    (tmp_path / "urls").write_text(f"{BASE}/ispmgr?func=b\n")
    done = logreq("list", tmp_path)
    assert [line.split()[6] for line in done.text.splitlines()].count("a") == 1
    assert "5 requests" in done.err


def test_lines_are_counted() -> None:
    log = '192.0.2.1 - - [06/Feb/2018:08:08:07 +0300] "GET {} HTTP/1.1" 200 5\n'
    text = "".join(map(log.format, ("/x.png", "/ispmgr?func=a", "/", "/?a=func=1")))
    done = logreq("convert", "-t", "url", stdin=text)
    assert done.err == (
        "logreq: -: left out: 3 lines, no call of a panel\n"
        "logreq: 4 lines, 1 request, 1 converted, 0 malformed\n"
    )


def test_rules_kinds_and_scripts(session: Path) -> None:
    done = logreq("convert", "-q", "-a", "-t", "curl", "--script", session)
    assert done.status == 0
    assert "name='a*b'" in done.text
    assert "empty=" not in done.text
    assert BASE in done.text
    done = logreq("convert", "-q", "--unique", "--last", "1", "-t", "url", session)
    assert done.text.count("\n") == 1


def test_the_library_reads_it_too(session: Path) -> None:
    problems: list[str] = []
    found = list(library.read(session, report=lambda problem: problems.append(str(problem))))
    assert [request.func for request in found] == ["auth", "user", "user.edit", "user.edit"]
    assert problems == [f"{session}: left out: 1 entry, no call of a panel"]


def test_the_sample() -> None:
    path = Path(__file__).parents[2] / "samples/session.har"
    done = logreq("list", path)
    rows = [line.split()[:7] for line in done.text.splitlines()]
    assert [(row[4], row[6]) for row in rows] == [
        ("-", "auth"),
        ("reseller", "webdomain"),
        ("reseller", "webdomain.edit"),
        ("reseller", "user.edit"),
        ("reseller", "dashboard.info"),
    ]
    assert "2018%21" not in done.text
    found = Recording([path.read_bytes()], "har", Source("x", "-"), lambda problem: None)
    outcomes = [one.request.outcome.words for one in found if one.request.outcome]
    assert outcomes == ["ok", "ok", "ok", "exists(user)", "ok"]
