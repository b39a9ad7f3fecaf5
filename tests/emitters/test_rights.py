"""As whom a call runs: `su` by the log's user, for whom it is none, and what a script says."""

from __future__ import annotations

import re
from typing import Optional

import pytest

from logreq.emitters.context import Context, clicker, extra_pairs, key_user, su_of
from logreq.model.call import Env
from logreq.model.connection import AUTO, Connection
from tests.support.cli import logreq
from tests.support.strategies import log_line

USERS = [
    ("web", "192.0.2.1", "web"),
    ("client@example.com", "192.0.2.1", "client@example.com"),
    ("a.b+c@mail.example", "mgrctl", "a.b+c@mail.example"),
    ("4711", "192.0.2.1", "4711"),
    ("webmaster", "192.0.2.1", "webmaster"),
    ("ispmaster", "192.0.2.1", "ispmaster"),
    ("webmaster", "ispmgr", "webmaster"),
    ("web", "ispmgr", "web"),
    ("ispmaster", "ispmgr", ""),
    ("billmaster", "billmgr", ""),
    ("root", "192.0.2.1", ""),
    ("", "192.0.2.1", ""),
    ("root#admin(1)", "192.0.2.1", ""),
    ("a@b@c", "192.0.2.1", ""),
    ("@example.com", "192.0.2.1", ""),
    ("a b", "192.0.2.1", ""),
    ("a\n", "192.0.2.1", ""),
    ("-a", "192.0.2.1", ""),
    ("a=b", "192.0.2.1", ""),
]


def context(user: str = "web", caller: str = "192.0.2.1", **own: str) -> Context:
    """Give the context of somebody's call."""
    return Context("ispmgr", "x.log", "", caller, user, "f", own=tuple(own.items()))


@pytest.mark.parametrize(("user", "caller", "expected"), USERS)
def test_whom_su_can_name(user: str, caller: str, expected: str) -> None:
    assert clicker(user, caller) == expected
    assert su_of(Connection(su=AUTO), context(user, caller)) == expected


@pytest.mark.parametrize(
    ("said", "default", "own", "expected"),
    [
        (None, None, {}, ""),
        (None, AUTO, {}, "web"),
        (AUTO, None, {}, "web"),
        ("", AUTO, {}, ""),
        ("other", AUTO, {}, "other"),
        ("other", None, {}, "other"),
        (AUTO, None, {"su": "x"}, ""),
        (None, AUTO, {"su": ""}, ""),
        (AUTO, None, {"out": "x"}, "web"),
    ],
)
def test_who_says_it(
    said: Optional[str], default: Optional[str], own: dict[str, str], expected: str
) -> None:
    assert su_of(Connection(su=said), context(**own), default) == expected


def test_the_pairs_of_a_connection() -> None:
    connection = Connection(out="json", lang="en", su=AUTO, auth="authinfo")
    login = ("authinfo", Env("PANEL_AUTHINFO"))
    assert extra_pairs(connection, context()) == [
        ("out", "json"), ("lang", "en"), ("su", "web"), login,
    ]  # fmt: skip
    assert extra_pairs(connection, context("root"))[2:] == [login]
    assert extra_pairs(connection, context(out="csv", su="x")) == [("lang", "en"), login]
    named = connection._replace(su="other")
    assert extra_pairs(named, context("root"))[2] == ("su", "other")
    assert connection.extra == [("out", "json"), ("lang", "en")]
    assert ("su", "other") in named.extra


def test_a_key_logs_in_as_the_user_himself() -> None:
    connection = Connection(su=AUTO, auth="key")
    assert extra_pairs(connection, context()) == []
    assert key_user(connection, context()) == "web"
    assert key_user(connection._replace(su="other"), context()) == "other"
    assert key_user(connection, context(su="mine")) == "mine"


CLICKS = (
    log_line(b"elid=user1&func=user.su&sfrom=ajax")
    + log_line(b"func=ftp.user.edit&name=b&sok=ok", user=b"user1")
    + log_line(b"func=user.edit&name=c&sok=ok")
    + log_line(b"func=user.edit&name=d&sok=ok&su=own", user=b"user1")
)
BILL = log_line(b"elid=3&func=vds.edit&autoprolong=1&sok=ok", user=b"client@example.com")


def test_mgrctl_runs_as_an_email_address() -> None:
    for options, expected in (
        ([], " su=client@example.com\n"),
        (["--su", "auto"], " su=client@example.com\n"),
        (["--su", ""], " sok=ok\n"),
        (["--su", "x"], " su=x\n"),
    ):
        done = logreq("convert", "-q", "-p", "bill", "-t", "mgrctl", *options, stdin=BILL)
        assert done.text.endswith(expected)


def test_mgrctl_does_not_run_as_a_master() -> None:
    line = log_line(b"func=role.sync&roles=mainweb", caller=b"ispmgr", user=b"ispmaster")
    assert "su=" not in logreq("convert", "-q", "-t", "mgrctl", stdin=line).text


def test_one_option_gives_each_call_its_user() -> None:
    done = logreq("convert", "-q", "-a", "-t", "url", "--su", "auto", "-p", "isp", stdin=CLICKS)
    base = "https://localhost:1500/ispmgr?func="
    assert done.text.splitlines() == [
        f"{base}ftp.user.edit&name=b&sok=ok&su=user1",
        f"{base}user.edit&name=c&sok=ok",
        f"{base}user.edit&name=d&sok=ok&su=own",
    ]


def test_the_same_call_of_two_users_is_two() -> None:
    log = log_line(b"func=a&sok=ok") + log_line(b"func=a&sok=ok", user=b"web")
    for options, count in (([], 1), (["--su", "auto"], 2), (["--su", "x"], 1)):
        done = logreq("convert", "-q", "-t", "url", "--unique", *options, stdin=log)
        assert len(done.text.splitlines()) == count


def test_su_of_another_session_is_told() -> None:
    done = logreq("convert", "-q", "-w", "func == user.su", stdin=CLICKS)
    assert "# note: from here on the session was that of user1\n" in done.text


def said(*options: str, log: bytes = CLICKS) -> list[str]:
    """Give what a run says on standard error, but for the summary."""
    done = logreq("convert", "-p", "isp", *options, stdin=log)
    assert done.status == 0
    return [line[len("logreq: ") :] for line in done.err.splitlines()[:-1]]


MANY = "clicks of 2 users (root, user1): "


@pytest.mark.parametrize(
    ("options", "rest", "notes"),
    [
        (["-t", "curl"], "all calls run as the one who logs in; --su auto adds su=USER", 1),
        (["-t", "python"], "all calls run as the one who logs in; --su auto adds su=USER", 1),
        (["-t", "curl", "--su", "auto"], "each call runs as the one who clicked", 0),
        (["-t", "curl", "--auth", "key"], "each call runs as the one who clicked", 0),
        (["-t", "curl", "--su", "x"], "all calls run as the same user", 0),
        (["-t", "mgrctl"], "each call runs as the one who clicked", 0),
        (["-t", "mgrctl", "--su", ""], "all calls run as the same user", 0),
    ],
)
def test_a_script_of_several_users_says_so(options: list[str], rest: str, notes: int) -> None:
    assert said("-a", "--script", *options)[0] == MANY + rest
    done = logreq("convert", "-a", "-q", "-p", "isp", "--script", *options, stdin=CLICKS)
    assert done.err == ""
    assert done.text.count("note: user1 clicked this: --su auto adds su=user1\n") == notes


@pytest.mark.parametrize("to", ["curl", "python", "requests", "perl", "php", "javascript"])
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_each_call_of_a_script_has_its_user(to: str, auth: str) -> None:
    log = log_line(b"func=a&sok=ok", user=b"web+1@example.com") + log_line(b"func=b&sok=ok")
    options = ["-q", "--script", "-t", to, "--su", "auto", "--auth", auth]
    text = logreq("convert", *options, "-p", "isp", stdin=log).text
    code = "\n".join(line for line in text.splitlines() if line[:1] not in ("#", "/"))
    assert len(re.findall(r"\bsu\W{1,6}web(\+|%2B)1(@|%40)example", code)) == (auth != "key")
    assert not re.search(r"\bsu\W{1,6}(auto|root)", code)


def test_a_script_of_one_user_says_nothing() -> None:
    log = log_line(b"func=a&sok=ok", user=b"web") * 2
    assert said("-a", "--script", "-t", "curl", log=log) == []
    done = logreq("convert", "-a", "-q", "--script", "-t", "curl", stdin=log)
    assert "clicked this" not in done.text
