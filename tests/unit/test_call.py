"""Connections and panels."""

from __future__ import annotations

import pytest

from logreq.errors import UsageError
from logreq.model.call import Decision
from logreq.model.connection import Connection, check_url
from logreq.model.panels import check_panel
from logreq.model.request import Param


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://localhost:1500", "https://localhost:1500/ispmgr"),
        ("https://localhost:1500/", "https://localhost:1500/ispmgr"),
        ("https://host/manager", "https://host/manager/ispmgr"),
        ("https://host/manager/", "https://host/manager/ispmgr"),
        ("https://host/billmgr", "https://host/billmgr"),
        ("https://host/a/b/", "https://host/a/b/ispmgr"),
        ("https://[2001:db8::1]:1500", "https://[2001:db8::1]:1500/ispmgr"),
    ],
)
def test_address(url: str, address: str) -> None:
    assert Connection(check_url(url)).address("ispmgr") == address


@pytest.mark.parametrize(
    ("panel", "path"),
    [("billmgr", "billmgr"), ("my_mgr", "my_mgr"), ("a b?", "a%20b%3F"), ("é", "%C3%A9"), ("", "")],
)
def test_the_panel_in_an_address(panel: str, path: str) -> None:
    assert Connection("https://a").address(panel) == f"https://a/{path}"


@pytest.mark.parametrize(
    "url",
    ["", "host", "ftp://host", "https://", "https://h/?a=b", "https://h/#a", "https://h h", "https://h/é",
     "https://h\x1b/"],
)  # fmt: skip
def test_bad_urls(url: str) -> None:
    with pytest.raises(UsageError, match="is no panel address; expected http"):
        check_url(url)


def test_a_password_in_the_url_is_refused() -> None:
    for url in (
        "https://root:s3c@host", "root:s3/c@host", "https://root:s3/c@host:1", "https://a:s3c@b@h/",
        "https://h/?authinfo=root:s3c", "http://h#s3c", "a:s3c@h\n/x",
    ):  # fmt: skip
        with pytest.raises(UsageError, match=r"panel address|PANEL_AUTHINFO") as caught:
            check_url(url)
        assert "s3" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "name"),
    [("isp", "ispmgr"), ("ispmgr", "ispmgr"), ("core", "core"), ("newmgr", "newmgr")],
)
def test_panels(given: str, name: str) -> None:
    assert check_panel(given) == name


@pytest.mark.parametrize("given", ["", "-x", "a/b", "a b"])
def test_bad_panels(given: str) -> None:
    with pytest.raises(UsageError, match="is no panel's name"):
        check_panel(given)


def test_extra_pairs_in_the_order_they_are_sent() -> None:
    connection = Connection(out="xml", lang="en", su="bob")
    assert connection.extra == [("out", "xml"), ("lang", "en"), ("su", "bob")]
    assert Connection(out="", su="").extra == []


def test_outcomes_show_themselves() -> None:
    decision = Decision(Param("a=b"), True, "x.yaml:1")
    assert repr(decision) == "Decision('a', keep=True, rule='x.yaml:1')"
    assert repr(decision.param) == "Param('a=b')"
    assert decision.param.pair == ("a", "b")
    assert decision.having("c").value == "c"
