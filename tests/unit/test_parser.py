"""One line -> a request, a fault, or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.convert import pipeline
from logreq.errors import Problem
from logreq.log.find import find
from logreq.log.line import QUOTED, Fault, parse_line
from logreq.log.scan import AFTER_CUT, Scanner, Stats
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from logreq.text.codec import decode, encode
from tests.support.cases import load_yaml
from tests.support.strategies import log_line, pairs, panel_encode

ROOT = Path(__file__).parents[2]
HEAD = "Feb  6 08:08:07 [2346:23826] core_module "
LINE = HEAD + "INFO Request [192.0.2.1][root] 'elid=1&func=user.edit&sok=ok'"


def request(line: str | bytes) -> Request:
    found = parse_line(line)
    assert isinstance(found, Request), found
    return found


def fault(line: str) -> Fault:
    found = parse_line(line)
    assert isinstance(found, Fault), found
    return found


def test_all_fields() -> None:
    found = parse_line(LINE + "\n", "billmgr", "a.log", 7)
    assert found == Request(
        "Feb  6 08:08:07", 2346, 23826, "core_module", "192.0.2.1", "root",
        "elid=1&func=user.edit&sok=ok", "user.edit", "billmgr", "a.log", 7, "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("head", "time", "pid", "tid", "module"),
    [
        ("Oct  5 00:00:00 [1:2] core_module ", "Oct  5 00:00:00", 1, 2, "core_module"),
        ("Feb 3 23:59:60 [1:2] core_module ", "Feb 3 23:59:60", 1, 2, "core_module"),
        ("Jun 09 12:00:00 [1:2] core_module ", "Jun 09 12:00:00", 1, 2, "core_module"),
        ("Dec 31 12:00:00 [12] php-x.y ", "Dec 31 12:00:00", 12, None, "php-x.y"),
        ("Mar 26 18:18:18 [ 7555:8] ", "Mar 26 18:18:18", 7555, 8, ""),
        ("\x1b[0mMar 26 18:18:18 \x1b[1m[1] \x1b[2mm \x1b[1;33m", "Mar 26 18:18:18", 1, None, "m"),
    ],
)
def test_headers(head: str, time: str, pid: int, tid: int | None, module: str) -> None:
    found = request(head + "INFO Request [][] 'func=x'\x1b[0m\r\n")
    assert (found.time, found.pid, found.tid, found.module) == (time, pid, tid, module)
    assert (found.caller, found.user, found.func) == ("", "", "x")


@pytest.mark.parametrize("caller", ["", "192.0.2.1", "2001:db8::1", "mgrctl", "backup2"])
@pytest.mark.parametrize("user", ["", "root", "root#admin(1)", "me@example.com", "a b"])
def test_callers_and_users(caller: str, user: str) -> None:
    found = request(f"{HEAD}INFO Request [{caller}][{user}] 'func=x'")
    assert (found.caller, found.user) == (caller, user)


@pytest.mark.parametrize("before", ["\ufeff", "\0" * 5_000, "\ufeff\x1b[0m"])
def test_a_byte_order_mark_and_the_zeros_of_a_hole_may_stand_before_a_line(before: str) -> None:
    found = parse_line((before + LINE).encode())
    assert isinstance(found, Request)
    assert found == parse_line(LINE)


def test_func_written_with_percent_signs() -> None:
    assert request(f"{HEAD}INFO Request [][] 'a=b&%66unc=x%2Ey'").func == "x.y"
    assert request(f"{HEAD}INFO Request [][] 'func=&func=y'").func == "y"


def test_a_raw_quote_stays_and_is_doubted() -> None:
    found = request(f"{HEAD}INFO Request [][] 'func=x&name=O'Brien'")
    assert found.get("name") == "O'Brien"
    assert found.doubt == QUOTED


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        (LINE[:-1], len(LINE), "expected the quote that ends the query: the line is cut off"),
        (LINE[:60], 55, "expected the caller's address in brackets"),
        (LINE.replace("[root]", "root"), 66, "expected the user's name in brackets"),
        (LINE.replace("[2346:23826]", "[2346"), 17, "expected a process such as '[2346:23826]'"),
        (LINE.replace(":07", ""), 1, "expected a date and time such as 'Feb  6 08:08:07'"),
        (LINE.replace("'elid", "elid"), 73, "expected the quote that begins the query"),
        (HEAD + "INFO Request", 42, "expected 'INFO Request'"),
        (HEAD + "INFO Request [][] ''", 61, "the query is empty"),
        (HEAD + "INFO Request [][] 'a=b'", 61, "the query has no func"),
        (HEAD + "INFO Request [][] 'func='", 61, "the query has no func"),
    ],
)
def test_faults(line: str, column: int, message: str) -> None:
    found = fault(line)
    assert (found.column, found.message) == (column, message)
    outside = ("caller", "user's", "quote")
    assert found.cut == any(word in message for word in outside)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "INFO Request",
        LINE[1:],
        f"> {LINE}",
        f"ispmgr.log:{LINE}",
        f"{HEAD}INFO Found: {LINE}",
        f"{HEAD}EXTINFO Request [][] 'func=x'",
        f"{HEAD}EXTINFO Internal [][] 'func=x'",
        f"{HEAD}INFO Requests served: 3",
        f"{HEAD}INFO Query('func=x INFO Request [][] ')",
        f"{HEAD}a b INFO Request [][] 'func=x'",
    ],
)
def test_other_lines_are_nothing(line: str) -> None:
    assert parse_line(line) is None


@given(pairs())
def test_any_bytes_survive(given_pairs: list[tuple[bytes, bytes]]) -> None:
    query = panel_encode([(b"func", b"f"), *given_pairs])
    found = request(log_line(query))
    got = [(encode(p.name), encode(p.value)) for p in found.params]
    assert got == [(b"func", b"f"), *[pair for pair in given_pairs if any(pair)]] or any(
        not any(pair) for pair in given_pairs
    )


@given(st.text(alphabet=st.sampled_from(list(LINE)), max_size=40), st.integers(0, len(LINE)))
def test_parser_and_explainer_agree(noise: str, at: int) -> None:
    """What is no request, but was one before noise came in, has a fault or is no Request line."""
    found = parse_line(LINE[:at] + noise + LINE[at:])
    if isinstance(found, Fault):
        assert 1 <= found.column <= len(LINE) + len(noise) + 1
        assert found.message


@given(st.binary())
def test_any_line_at_all(line: bytes) -> None:
    found = parse_line(line.replace(b"\n", b"") + b" INFO Request [][] 'func=x'")
    assert found is None or isinstance(found, (Fault, Request))


def scan(data: bytes, line: int = 1) -> list[Request | Problem]:
    found = Scanner().scan(Chunk(data, Source("x.log", "ispmgr"), line))
    return [one for one in found if not isinstance(one, bytes)]


def test_scan_counts_lines_and_reports_what_is_damaged() -> None:
    good = LINE.encode()
    data = b"\n".join([b"one", good, b"three", good[:-1], b"five", good])
    first, second, third = scan(data, 10)
    assert isinstance(first, Request)
    assert (first.line, first.doubt) == (11, "")
    message = "expected the quote that ends the query: the line is cut off"
    assert second == Problem("x.log", 13, len(good), message)
    assert isinstance(third, Request)
    assert (third.line, third.doubt) == (15, AFTER_CUT)


def test_a_request_inside_a_value_is_no_request() -> None:
    inner = LINE.replace("user.edit", "user.delete")
    encoded = panel_encode([(b"func", b"a"), (b"text", b"x\n" + inner.encode())])
    assert [r.func for r in scan(log_line(encoded)) if isinstance(r, Request)] == ["a"]
    raw = scan(f"{HEAD}INFO Request [][] 'func=a&text=x\n{inner}'\n".encode())
    assert [type(found) for found in raw] == [Problem, Request]
    assert [r.doubt != "" for r in raw if isinstance(r, Request)] == [True]


def expected() -> dict[str, Any]:
    data: dict[str, Any] = load_yaml("samples.yaml")["files"]
    return data


@pytest.mark.parametrize("name", expected())
def test_samples(name: str) -> None:
    """Each sample holds the requests and the damaged lines that its description says."""
    entry = expected()[name]
    problems: list[Problem] = []
    stats = Stats()
    files = find([str(ROOT / "samples" / name)], None, problems.append)
    calls = [request.func for request in pipeline.read(files, problems.append, stats)]
    assert calls == [func for func, _ in entry["calls"]]
    malformed = [bad["line"] for bad in entry.get("malformed") or []]
    assert [problem.line for problem in problems] == malformed
    assert (stats.lines, stats.requests) == (entry["lines"], entry["requests"])
    assert stats.malformed == len(malformed)


def test_bytes_that_are_not_utf8_come_back() -> None:
    line = LINE.encode().replace(b"root", b"r\xff\xfe")
    assert encode(request(line).user) == b"r\xff\xfe"
    assert decode(b"\xff") == "\udcff"
