# ruff: noqa: E501 a corpus is read in long rows
"""Any bytes as copied commands, URLs or an access log: requests like any other, or a problem."""

from __future__ import annotations

from collections.abc import Iterator

from logreq import emitters
from logreq.browser.recognise import recognise
from logreq.browser.recording import Recording
from logreq.errors import Problem
from logreq.log.line import parse_line
from logreq.model.chunk import Source
from logreq.model.connection import Connection, check_url
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.model import RuleSet
from logreq.text.clock import parse
from logreq.text.escape import visible
from tests.support.strategies import log_line

SOURCE = Source("x", "ispmgr")
WORDS = (
    b"curl ", b"'https://h:1500/ispmgr?func=a'", b"https://h/manager/billmgr?func=a&b=%20",
    b" --data-raw ", b" -d ", b" -d @f", b" --data-urlencode ", b" -F ", b" --form-string ", b" -G ",
    b" -H 'content-type: multipart/form-data; boundary=X'", b" --url-query ", b" --next ", b" -X POST",
    b"$'", b"\\u0438", b"\\x41", b"\\'", b"\\\n", b"^\n", b"^\"", b"^\\^\"", b"%^20", b"\"\"", b"\"%\"",
    b" ;\n", b" &\n\n", b" | ", b" && ", b"$X", b"${X}", b"$(", b"`", b" 2>&1 ", b"<<", b"# ", b"func=a&b=1",
    b'1.2.3.4 - - [06/Feb/2018:08:08:07 +0300] "GET /ispmgr?func=a HTTP/1.1" 200 1\n', b"\\x22",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xff", b"\r\n",
)  # fmt: skip
_SEEDS = (
    b"curl 'https://h:1500/ispmgr' -H 'a: b' --data-raw $'func=a&b=\\'\\u0438\\n' --compressed ;\n",
    b'curl ^"https://h/ispmgr^" ^\n  --data-raw ^"func=a^&b=^%^20^\\^"c^\\^"^\n\nd^" &\n\n',
    b'curl "https://h/ispmgr" -H "a: ""b""" --data "func=a&b="%"20""c""^\n\n"\n',
    b'curl "https://h/ispmgr" ^\n --data-raw "func=a^&b=^%^20^\\^"c^\\^"^^"\n',
    b"curl -G h/ispmgr -d func=a --data-urlencode 'b=c d' --url-query +e=f -F 'g=\"h;i\";type=x'\n",
    b": \"${A:?x}\" &&\nprintf %s \"$A\" | {\ncurl -fsS 'https://h/ispmgr' \\\n  -d func=a \\\n"
    b"  --data-urlencode authinfo@-\n} 3<&0\n",
    b"https://h/ispmgr?func=a&b=%20+*#c\n\n# x\nhttp://h/billmgr?func=b",
    b'h:443 1.2.3.4 - bob [06/Feb/2018:08:08:07 +0300] "GET /ispmgr?func=a&b=\\x22\\" HTTP/1.1" 500 1\n'
    b'::1 - - [31/Dec/2018:23:59:59 -0000] "POST https://h/ispmgr?func=a HTTP/2" 200 -\n',
    b"curl 'https://h/ispmgr' -H 'Content-Type: multipart/form-data; boundary=X' --data-raw $'--X\\r\\n"
    b"Content-Disposition: form-data; name=\"func\"\\r\\n\\r\\na\\r\\n--X--\\r\\n'\n",
    b"fetch('https://h');\ncurl 'x\ncurl `y`\ncurl z -d @f\nls -l; curl $A\ncurl h?a=b&c=d\n",
)  # fmt: skip
_DECIDER = Decider(RuleSet([]), secrets="keep")
_URL = emitters.load("url")(Connection("http://h", auth="none", out=""))


def seeds() -> Iterator[bytes]:
    for seed in _SEEDS:
        for mode in (0, 7, 255):
            yield bytes((mode,)) + seed
        yield b"\x01" + seed.decode().encode("utf-16")
        yield from (b"\x05" + seed[:end] for end in range(0, len(seed), 29))
    yield b"\x40" + b"".join(_SEEDS)


def check(data: bytes) -> None:
    if data:
        check_recording(data[1:], "curl", data[0] + 1)
        recognise(data[1:])


def check_recording(content: bytes, kind: str, size: int) -> None:
    """Read it in blocks and at once: the same, sound and without a session's address."""
    blocks = [content[at : at + size] for at in range(0, len(content), size)]
    if content[:1] in (b"\xef", b"\xff", b"\xfe"):
        blocks = [content]  # a mark of the byte order comes in one piece
    problems: list[Problem] = []
    same: list[Problem] = []
    found = list(Recording(blocks, kind, SOURCE, problems.append, undated=0.0))
    assert found == list(Recording([content], kind, SOURCE, same.append, undated=0.0))
    assert problems == same
    for problem in problems:
        assert visible(str(problem)) == str(problem)
    for one in found:
        if one.base:
            assert check_url(one.base) == one.base
        check_request(one.request)


def check_request(request: Request) -> None:
    """A request is what a panel could have logged, and goes through rules and emitters."""
    parse(request.time)
    assert request.func
    assert request.line >= 1
    assert visible(request.doubt) == request.doubt
    line = log_line(request.query.encode(), time=request.time.encode(), tid=None, module=b"")
    logged = parse_line(line)
    assert isinstance(logged, Request)
    assert (logged.query, logged.func, logged.time) == (request.query, request.func, request.time)
    text = _URL.snippet(_DECIDER(request))
    assert text[:-1].isprintable()
