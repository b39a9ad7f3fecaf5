"""curl itself, the command as it is read, and the snippet made of it: the same pairs arrive."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings

from logreq.log.line import parse_line
from logreq.model.request import Request
from tests.support import run, strategies
from tests.support.cli import logreq
from tests.support.hostile import Hostile, lines
from tests.support.recorder import Pairs, Recorded, RecordingServer, decode_form
from tests.support.recordings import found, pairs

# As people and their tools write them; ADDRESS is the server's.
COMMANDS = [
    "curl ADDRESS -d func=a -d b=1",
    "curl 'ADDRESS?func=a&b=%20+c&d[]=1' --globoff",
    "curl 'ADDRESS?func=a&b=\\[1\\]\\{x\\}'",
    "curl -X POST ADDRESS --data 'func=a&b=%26' --data-raw '@c=d' --data-binary e=f"
    " --data-ascii g",
    "curl -G ADDRESS -d func=a --data-urlencode 'b= c&d' --data-urlencode '=e=f'"
    " --data-urlencode g",
    "curl ADDRESS --data-urlencode func=a --data-urlencode 'x@y=z' --data-urlencode 'q=@z'",
    "curl 'ADDRESS?x=1' -dfunc=a -sSk -o/dev/null -w '' --max-time 20 -A 'b c' -e x -H 'A: b'",
    "curl ADDRESS --data-raw $'func=a&b=\\'\\u0438\\x41\\101\\n\\t\\\\\\cA\\e'",
    'curl ADDRESS --data-raw "func=a&b=\\"c\\" \\x \\\\ `" \\\n  --compressed'.replace("`", "\\`"),
    "curl ADDRESS --data-raw 'func=a&b=1\n2'",
    "curl --url ADDRESS --data-raw func=a\\&b=c\\ d -- ADDRESS",
    "curl ADDRESS -d func=a --next ADDRESS -d func=b",
    "curl ADDRESS -F func=a -F 'b=c; d' -F 'e=f;type=text/plain' -F 'g=\"h;i\\\"j\\\\k\"'"
    " --form-string 'l=@m;n' -F 'o=  p  ' -F 'q=\"r' -F 's= \" t \"; u'",
]  # fmt: skip


def received(one: Recorded) -> Pairs:
    """Give the pairs of a request, multipart forms taken apart by the standard library."""
    if one.headers.get_content_type() != "multipart/form-data":
        return one.pairs
    import email

    head = f"Content-Type: {one.headers['Content-Type']}\r\n\r\n".encode()
    found = []
    for part in email.message_from_bytes(head + one.body).get_payload():
        assert not isinstance(part, str)
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((str(name).encode(), content))
    return found


@run.requires("curl", "bash")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_same_arrives(command: str) -> None:
    with RecordingServer() as server:
        text = command.replace("ADDRESS", f"{server.base}/ispmgr").encode()
        ran = run.run_sh(text, "bash")
        assert ran.status == 0, ran.err
        by_curl = [received(one) for one in server.requests]
        assert [pairs(one) for one in found(text)] == by_curl
        server.requests.clear()
        done = logreq("convert", "-q", "--auth", "none", "-o", "", "--keep", "*", stdin=text)
        assert (done.status, done.err) == (0, "")
        ran = run.run_sh(done.out)
        assert ran.status == 0, ran.err
        assert [sorted(one) for one in server.pairs] == [sorted(one) for one in by_curl]


def snippets(log: bytes, *options: str) -> bytes:
    done = logreq("convert", "-q", "-p", "ispmgr", "--auth", "none", "-o", "", "--keep", "*",
                  "--secrets", "keep", *options, stdin=log)  # fmt: skip
    return done.out


@settings(deadline=None)
@given(strategies.pairs(nul=False))
def test_what_is_written_as_curl_comes_back(given_pairs: Pairs) -> None:
    log = strategies.log_line(strategies.panel_encode([(b"func", b"x"), *given_pairs]))
    (one,) = found(snippets(log))
    assert pairs(one) == [(b"func", b"x"), *given_pairs]


def test_hostile_values_come_back() -> None:
    sure: list[Hostile] = []
    odd: list[Hostile] = []
    for one in lines():
        request = parse_line(one.line)
        if b"\x00" in b"".join([one.func, *(part for pair in one.pairs for part in pair)]):
            continue  # no argument of a program can hold it
        assert isinstance(request, Request)
        (odd if request.func.startswith(("-", "@")) else sure).append(one)
    assert len(sure) > 700
    made = found(snippets(b"".join(one.line for one in sure)), [])
    assert list(map(pairs, made)) == [[(b"func", one.func), *one.pairs] for one in sure]
    for one in odd:
        made = found(snippets(one.line), [])
        assert list(map(pairs, made)) in ([], [[(b"func", one.func), *one.pairs]])


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_credentials_do_not_come_back(auth: str) -> None:
    log = strategies.log_line(b"func=user.edit&name=a&sok=ok")
    done = logreq("convert", "-q", "-p", "ispmgr", "--auth", auth, stdin=log)
    made = [pairs(one) for one in found(done.out, [])]
    assert [one[1:4] for one in made if one[0] == (b"func", b"user.edit")] == [
        [(b"name", b"a"), (b"sok", b"ok"), (b"out", b"json")]
    ]
    credentials = {b"auth", b"authinfo", b"password", b"key"}
    assert all(v == b"(masked)" for one in made for n, v in one if n in credentials)


def test_a_secret_that_comes_by_a_pipe_is_told() -> None:
    log = strategies.log_line(b"func=user.edit&name=a&passwd=T0psecret&sok=ok")
    done = logreq("convert", "-q", "-p", "ispmgr", stdin=log)
    problems: list[str] = []
    assert found(done.out, problems) == []
    assert "--data sends a file, which is not read" in problems[-1]


def test_a_form_is_decoded_the_same_way() -> None:
    text = "func=a&b=%zz%2&c=+%2B&=d&e==f&%66=%"
    (one,) = found(f"curl http://h/ispmgr --data-raw {shlex.quote(text)}".encode())
    assert pairs(one) == decode_form(text.encode())
