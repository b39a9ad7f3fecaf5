"""Any text as an expression: one that ends and can be written again, or an ExprError."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from logreq import expr
from logreq.errors import ExprError
from logreq.model.request import Request

CASES = Path(__file__).parents[1] / "cases" / "expr"
WORDS = (
    b"func",
    b"user",
    b"caller",
    b"panel",
    b"module",
    b"kind",
    b"time",
    b"pid",
    b"tid",
    b"param.",
    b" == ",
    b" != ",
    b" like ",
    b" ~ ",
    b" !~ ",
    b" in (",
    b" < ",
    b" >= ",
    b" and ",
    b" or ",
    b" not ",
    b"(",
    b")",
    b'"',
    b"\\",
    b"'",
    b".*",
    b"(a+)+",
    b"{2,9}",
    b"(?:",
    b"(?=",
    b"(?P<a>",
    b"(?i)",
    b"\\1",
    b"[^a]",
    b"|",
    b"$",
    b"10.0.0.0/8",
    b"::1/64",
    b"08:08",
    b"Feb 6",
    b"1e9",
    b"\xe2\x80\xa8",
    b"\x00",
)


def _request(query: str) -> Request:
    return Request(
        "Feb  6 08:08:07",
        2346,
        23826,
        "core_module",
        "192.0.2.33",
        "root",
        query,
        "domain.edit",
        "ispmgr",
        "x.log",
        1,
    )


_REQUESTS = [
    _request("func=domain.edit&sok=ok&a=" + "a" * 30_000 + "!"),
    _request("func=domain.edit&a=%E3%80%80&b=1&%FF=%00&a=" + "ab" * 500)._replace(tid=None),
]


def seeds() -> Iterator[bytes]:
    for name in ("errors.yaml", "truth.yaml"):
        yield from _texts(yaml.safe_load((CASES / name).read_text()))
    for word in WORDS:
        yield b'param.a ~ "' + word + b'" or func like ' + word


def check_message(message: str) -> None:
    assert all(line.isprintable() for line in message.split("\n")), message


def _texts(node: object) -> Iterator[bytes]:
    if isinstance(node, str):
        yield node.encode("utf-8", "surrogatepass")
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def check(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    try:
        compiled = expr.compile(text)
    except ExprError as error:
        check_message(str(error))
        return
    written = expr.unparse(compiled.tree)
    if len(written) <= expr.MAX_LENGTH:
        again = expr.compile(written)
        assert again.tree == compiled.tree, written
        assert again.fields == compiled.fields
    for request in _REQUESTS:
        assert isinstance(compiled(request, lambda _: "view"), bool)
