"""Any bytes as a log: scanning equals line by line, and nothing is lost on the way out."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Union
from urllib.parse import unquote_to_bytes

from logreq import emitters
from logreq.errors import Problem
from logreq.log.line import Fault, parse_line
from logreq.log.scan import AFTER_CUT, Scanner
from logreq.model.call import Call, Env
from logreq.model.chunk import Chunk, Source
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.model import RuleSet
from logreq.rules.secret import CREDENTIALS
from logreq.text.codec import encode
from logreq.text.escape import visible
from tests.support.hostile import lines

ROOT = Path(__file__).parents[2]
SOURCE = Source("x.log", "ispmgr")
WORDS = (
    b"INFO Request ",
    b"Feb  6 08:08:07 ",
    b"[2346:23826] ",
    b"core_module ",
    b"[192.0.2.33][root] '",
    b"func=",
    b"'\n",
    b"%00",
    b"%27",
    b"%0A",
    b"&func=",
    b"*",
    b"&&",
    b"\x1b[1;32m",
    b"\x1b[0m",
    b"auth=",
    b"%66unc=",
    b"\xff",
)
_CREDENTIALS = frozenset(map(encode, CREDENTIALS))
_FOUND = Union[Request, Problem]
_EMITTERS = {
    name: emitters.load(name)(Connection("http://h", auth="none", out=""))
    for name in ("url", "curl")
}


def seeds() -> Iterator[bytes]:
    for path in sorted(ROOT.glob("samples/**/*.log")):
        for line in path.read_bytes().splitlines(keepends=True):
            if len(line) < 2000:
                yield line
    # Found by fuzzing: a colour within the words; a piece that is but a sign.
    yield b"Feb  6 08:08:00 [2346:23820] core_module INFO Re\x1b[0mquest [x][root] 'func=a'\n"
    yield b"Feb  6 08:08:00 [2346:1] c INFO Request [x][root] 'func=a&sesid=0f1&b=0f1&c=1'\n"
    yield b"Feb  6 08:04:07 [2346:23] core_module INFO Request [\xff][root] 'func=a&=&s\xff'"
    for hostile in lines()[::7]:
        if len(hostile.line) < 2000:
            yield hostile.line


def check(data: bytes) -> None:
    found = Scanner().scan(Chunk(data, SOURCE, 1))
    assert found == line_by_line(data)
    for item in found:
        if isinstance(item, Problem):
            # What is wrong is told, never what was logged.
            assert visible(str(item)) == str(item)
            continue
        assert isinstance(item, Request)
        # The plain way for each, and the one that remembers.
        decider = Decider(RuleSet([]), secrets="keep")
        for _ in range(2):
            check_request(item, decider(item))


def line_by_line(data: bytes) -> list[_FOUND]:
    found: list[_FOUND] = []
    cut = False
    for number, line in enumerate(data.split(b"\n"), 1):
        result = parse_line(line, "ispmgr", "x.log", number)
        if isinstance(result, Request):
            found.append(result._replace(doubt=AFTER_CUT) if cut else result)
            cut = False
        elif isinstance(result, Fault):
            found.append(Problem("x.log", number, result.column, result.message))
            cut = result.cut
    return found


def check_request(request: Request, call: Call) -> None:
    sent = expected(request)
    hidden = {encode(o.param.value) for o in call.decisions if isinstance(o.value, Env)}
    if hidden:
        # A session id in another parameter, which is not repeated there either.
        pairs = [decoded(piece) for piece in encode(request.query).split(b"&")]
        assert hidden <= {value for name, value in pairs if name in _CREDENTIALS}
        return
    assert [(encode(n), encode(str(v))) for n, v in call.arguments] == sent[1:]
    url = _EMITTERS["url"].snippet(call)
    assert url.isascii()
    assert url[:-1].isprintable()
    query = url[:-1].partition("?")[2].encode()
    assert [decoded(piece) for piece in query.split(b"&")] == sent
    text = _EMITTERS["curl"].snippet(call)
    assert all(visible(line) == line for line in text.split("\n"))
    # No value holds a line end; shlex does not know this one.
    words = iter(shlex.split(text.replace(" \\\n", " "), comments=True))
    assert [next(words) for _ in range(3)] == ["curl", "-fsS", "http://h/ispmgr"]
    assert [by_curl(option, next(words)) for option in words] == sent


def expected(request: Request) -> list[tuple[bytes, bytes]]:
    """Tell what a call without rules sends: all but the function, credentials and masked ones."""
    pairs = [decoded(piece) for piece in encode(request.query).split(b"&")]
    func = (b"func", encode(request.func))
    kept = []
    for piece, pair in zip(encode(request.query).split(b"&"), pairs):
        credential = pair[0] in _CREDENTIALS
        masked = piece.partition(b"=")[2] == b"*"
        if (piece and not credential and not masked) or pair == func:
            kept.append(pair)
    kept.remove(func)
    return [func, *kept]


def decoded(piece: bytes) -> tuple[bytes, bytes]:
    name, _, value = piece.replace(b"+", b" ").partition(b"=")
    return unquote_to_bytes(name), unquote_to_bytes(value)


def by_curl(option: str, text: str) -> tuple[bytes, bytes]:
    """Tell what curl sends for an option."""
    name, _, value = encode(text).partition(b"=")
    if option == "--data":
        return unquote_to_bytes(name), unquote_to_bytes(value)
    assert option == "--data-urlencode"
    # `@` before any `=` would be a file; an empty name would make all of it the value.
    assert name
    assert b"@" not in name
    return unquote_to_bytes(name), value
