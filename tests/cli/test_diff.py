"""`logreq diff`: the whole output of commands as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import logreq

HEAD = "core_module INFO Request [192.0.2.1]"
LINES = (
    f"Feb  6 08:00:01 [1:2] {HEAD}[root] 'func=user.edit&name=bob&passwd=abc&a=1&ip=1&ip=2&old=x'",
    "Feb  6 08:00:01 [1:2] libmgr EXTINFO Thread 2 finished",
    f"Feb  6 08:00:02 [1:3] {HEAD}[root]"
    " 'func=user.edit&name=%1b[2Jann&passwd=xyz&a=1&ip=1&ip=3&n=abc'",
    f"Feb  6 08:00:03 [1:4] {HEAD}[www]"
    " 'func=user.edit&a=1&name=bob&ip=1&operafake=7&old=x&passwd=abc'",
    "Feb  6 08:00:03 [1:4] err ERROR Error: Type: 'exists' Object: 'user' Value: ''",
    f"Feb  6 08:00:04 [1:5] {HEAD}[root] 'func=user.delete&elid=bob&auth=123456'",
    f"Feb  6 08:00:05 [1:6] {HEAD}[root] 'func=user.delete&elid=bob'",
)
TITLE = "Feb  6 08:00:0{}  {} from 192.0.2.1  {}  ispmgr.log:{}"


@pytest.fixture
def _log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ispmgr.log").write_text("".join(f"{line}\n" for line in LINES))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGREQ_LOG_DIR", str(tmp_path))


@pytest.mark.usefixtures("_log")
@pytest.mark.parametrize(
    "words", [["1", "2", "isp"], ["ispmgr.log:1", "isp:3"], ["isp:1", "2", "./ispmgr.log"]]
)
def test_two_calls(words: list[str]) -> None:
    done = logreq("diff", *words)
    name = "ispmgr.log"
    assert done.status == 1
    lines = done.text.splitlines()
    assert lines[0].startswith("A  Feb  6 08:00:01  root from 192.0.2.1  user.edit  ")
    assert lines[0].endswith(f"{name}:1")
    assert lines[1].startswith("B  Feb  6 08:00:02  root from 192.0.2.1  user.edit  ")
    assert lines[1].endswith(f"{name}:3")
    assert lines[2:] == [
        "differs  name    bob -> \\x1b[2Jann",
        "differs  passwd  (secret, not shown) -> (secret, not shown)",
        "differs  ip      2 -> 3",
        "only A   old     x",
        # The value of the other one's secret.
        "only B   n       (secret, not shown)",
    ]
    assert done.err == "logreq: 2 parameters of A are the same in B\n"


@pytest.mark.usefixtures("_log")
def test_more_than_parameters() -> None:
    done = logreq("diff", "ispmgr.log:1", "ispmgr.log:4")
    assert (done.status, done.text) == (
        1,
        f"A  {TITLE.format(1, 'root', 'user.edit', 1)}\n"
        f"B  {TITLE.format(3, 'www', 'user.edit', 4)}\n"
        "differs  (user)     root -> www\n"
        "differs  (outcome)  not known -> failed: exists(user)\n"
        "differs  (order)    the parameters stand in another order\n"
        "only A   ip         2\n",
    )
    assert done.err == (
        "logreq: 5 parameters of A are the same in B\n"
        "logreq: dropped by the rules, and different: operafake; --keep NAME compares them\n"
    )
    done = logreq("diff", "ispmgr.log:1", "ispmgr.log:4", "--keep", "operafake", "-q")
    assert done.text.endswith("only A   ip         2\nonly B   operafake  7\n")
    assert done.err == ""


@pytest.mark.usefixtures("_log")
def test_the_same() -> None:
    done = logreq("diff", "5", "4", "ispmgr.log")
    assert (done.status, done.text) == (
        0,
        f"A  {TITLE.format(5, 'root', 'user.delete', 7)}\n"
        f"B  {TITLE.format(4, 'root', 'user.delete', 6)}\n",
    )
    assert done.err == (
        "logreq: 1 parameter of A is the same in B\n"
        "logreq: dropped by the rules, and different: auth; --keep NAME compares them\n"
    )


@pytest.mark.usefixtures("_log")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["1", "2"], "1 is a number of a log's request: which log? diff 3 7 LOG"),
        (["1", "9", "isp"], "9: there are only 5 requests; logreq list shows them"),
        (["x", "isp:1"], "'x' is neither a place such as ispmgr.log:1603 nor a number"),
        (["isp:2", "isp:1"],
         "isp:2: no request begins in this line; the nearest ones begin in 1 and 3"),
        (["isp:99", "isp:1"],
         "isp:99: no request begins in this line; the nearest ones begin in 7"),
        (["/dev/null:1", "isp:1"], "/dev/null:1: no request begins in this line"),
    ],
)  # fmt: skip
def test_what_is_not_there(words: list[str], message: str) -> None:
    done = logreq("diff", *words)
    assert (done.status, done.text, done.err) == (2, "", f"logreq: {message}\n")


@pytest.mark.usefixtures("_log")
def test_one_that_worked() -> None:
    line = "Feb  6 08:00:05 [1:6] core_module DEBUG Result of user.delete\n<doc><ok/></doc>\n"
    with Path("ispmgr.log").open("a") as file:
        file.write(line)
    done = logreq("diff", "-q", "4", "5", "ispmgr.log")
    assert done.text.splitlines()[2:] == ["differs  (outcome)  not known -> ok"]
