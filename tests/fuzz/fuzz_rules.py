"""Any bytes as a rules file: a layer that works, or a RulesError; no code, no file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from logreq.errors import RulesError
from logreq.log.line import parse_line
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.model import RuleSet
from logreq.rules.parse import parse

ROOT = Path(__file__).parents[2]
WORDS = (
    b"params:\n",
    b"secrets:",
    b"kinds:\n",
    b"extends:",
    b"- drop: ",
    b"- keep: ",
    b"  value: ",
    b"  when: ",
    b"  why: ",
    b"- action: ",
    b"- view: ",
    b"none",
    b"default",
    b"!!python/object/apply:os.system",
    b"&a",
    b"*a",
    b"<<: ",
    b"[a, b]",
    b"{a: b}",
    b'"\\x00"',
    b"|\n",
    b">-\n",
    b"func == a",
    b"param.",
    b" ~ ",
    b"[!",
    b"]",
    b"*",
    b"\xef\xbb\xbf",
    b"---\n",
    b"%YAML 1.1\n",
    b"? ",
    b"null",
    b"~",
    b"\xff\xfe",
)


def seeds() -> Iterator[bytes]:
    for folder in ("rules", "samples/rules"):
        for path in sorted((ROOT / folder).glob("*.yaml")):
            data = path.read_bytes()
            yield data
            for piece in data.split(b"\n- "):
                yield b"params:\n- " + piece
            lines = data.splitlines(keepends=True)
            yield from (b"".join(lines[n : n + 12]) for n in range(0, len(lines), 12))


def _requests() -> list[Request]:
    found = [
        parse_line(line) for line in (ROOT / "samples" / "ispmgr.log").read_bytes().splitlines()
    ]
    return [request for request in found if isinstance(request, Request)][:3]


_REQUESTS = _requests()


def check(data: bytes) -> None:
    try:
        layer = parse(data, "r.yaml")
    except RulesError as error:
        message = str(error)
        assert message.startswith("r.yaml")
        assert all(line.isprintable() for line in message.split("\n")), message
        return
    rules = RuleSet([layer])
    decider = Decider(rules, kinds=True, advice=rules)
    for request in _REQUESTS:
        assert decider(request).decisions
