"""One URL per call."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given

from logreq.errors import EmitError
from tests.support import shell
from tests.support.recorder import Pairs, decode_form
from tests.support.strategies import pairs


def test_the_guides_own_example() -> None:
    made = shell.emitter("url", url="https://HOST:1500")
    params: Pairs = [(b"ip", b"8.8.8.8"), (b"ns", b"ns1.example.com. ns2"), (b"x-_~", b"a+b*/")]
    assert shell.snippet(made, shell.call(params)) == (
        b"https://HOST:1500/ispmgr?func=domain.edit&ip=8.8.8.8&ns=ns1.example.com.%20ns2"
        b"&x-_~=a%2Bb%2A%2F\n"
    )


def test_connection_and_secrets_come_last() -> None:
    made = shell.emitter("url", url="https://h/", auth="authinfo", out="xml", lang="ru", su="it's")
    call = shell.call([(b"passwd", b"x"), (b"a", b"")])
    assert (
        shell.snippet(made, call, call).splitlines()
        == [
            b"https://h/ispmgr?func=domain.edit&passwd=${PASSWD}&a=&out=xml&lang=ru&su=it%27s"
            b"&authinfo=${PANEL_AUTHINFO}"
        ]
        * 2
    )


@given(pairs())
def test_any_bytes_stay(params: Pairs) -> None:
    line = shell.snippet(shell.emitter("url"), shell.call(params, secrets="keep"))
    assert line.isascii()
    assert line.count(b"\n") == 1
    kept = [pair for pair in params if pair[0] not in shell.NOT_SENT]
    query = urlsplit(line.rstrip(b"\n")).query
    assert decode_form(query) == [(b"func", b"domain.edit"), *kept]


def test_there_are_no_scripts() -> None:
    with pytest.raises(EmitError, match="no scripts"):
        shell.script(shell.emitter("url"), [shell.call([])])


def test_an_own_format_stays() -> None:
    made = shell.emitter("url", url="https://h/", out="xml", lang="en")
    line = shell.snippet(made, shell.call([(b"out", b"csv"), (b"x", b"1")]))
    assert line == b"https://h/ispmgr?func=domain.edit&out=csv&x=1&lang=en\n"
