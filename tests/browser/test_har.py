"""Archives of browsers and proxies: which entries are calls, and what they sent."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logreq.browser.har import NO_BODY
from logreq.convert.render import Renderer
from logreq.emitters.har import Har
from logreq.log.line import parse_line
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.rules.model import RuleSet
from tests.support import strategies
from tests.support.cli import logreq
from tests.support.hostile import lines
from tests.support.recorder import Pairs
from tests.support.recordings import BASE, FORM, archive, entry, found, pairs


def one(item: dict[str, Any]) -> Pairs:
    (only,) = found(archive(item))
    return pairs(only)


def test_a_form_becomes_a_request() -> None:
    item = entry(text="func=user.edit&name=a%20b+c&name=%D0%B8&x=*&y&&=z&w=100%")
    (only,) = found(archive(item))
    assert only.request == Request(
        "Feb  6 08:08:07", 0, None, "", "", "",
        "func=user.edit&name=a%20b%20c&name=%D0%B8&x=%2A&y=&=z&w=100%25", "user.edit", "ispmgr",
        "x", 1, when="2018-02-06T08:08:07",
    )  # fmt: skip
    assert only.base == BASE
    assert only.request.outcome is None


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("func=a&x=1", None, [("func", "a"), ("x", "1")]),
        ("func=a&x=1", "x=2&y=3", [("func", "a"), ("x", "2"), ("y", "3")]),
        ("x=1&x=2&y=1#z", "func=a&x=3&x=4", [("y", "1"), ("func", "a"), ("x", "3"), ("x", "4")]),
        ("func=a", "func=b", [("func", "b")]),
    ],
)
def test_the_body_is_stronger_than_the_url(
    query: str, text: Optional[str], expected: list[tuple[str, str]]
) -> None:
    item = entry(f"{BASE}/ispmgr?{query}", text)
    assert one(item) == [(n.encode(), v.encode()) for n, v in expected]


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=XX", "multipart/form-data"])
def test_multipart_forms(kind: str, end: str) -> None:
    text = end.join([
        "--XX", 'Content-Disposition: form-data; name="func"', "", "file.upload",
        "--XX", 'content-disposition: form-data; name="a%22b\\"c%0D%0A"', "X: y", "",
        "1", "--XXX", "",
        "--XX", "Content-Disposition: form-data; name=plain", "", "",
        "--XX", 'Content-Disposition: form-data; name="f"; filename="a\x1b.txt"',
        "Content-Type: text/plain", "", "content",
        "--XX", "Content-Disposition: form-data", "", "no name",
        "--XX", "broken",
        "--XX--", "epilogue",
    ])  # fmt: skip
    (only,) = found(archive(entry(text=text, kind=kind)))
    inner = f"1{end}--XXX{end}".encode()
    assert pairs(only) == [
        (b"func", b"file.upload"), (b'a"b"c\r\n', inner), (b"plain", b"")
    ]  # fmt: skip
    assert only.request.doubt == "f (a\\x1b.txt) is a file, which the call does not send"


def test_a_multipart_form_without_a_boundary() -> None:
    item = entry(f"{BASE}/ispmgr?func=a", "\n", kind="multipart/form-data")
    (only,) = found(archive(item))
    assert only.request.doubt == (
        "the body has no boundary between its fields: what it holds is missing"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"mimeType": FORM, "params": [{"name": "func", "value": "a%20"}, {"name": "x"}]},
         [(b"func", b"a%20"), (b"x", b"")]),
        ({"text": "", "params": [{"name": "func", "value": "a"}, {"value": "b"}, 1]},
         [(b"func", b"a")]),
        ({"text": "func=a&b=%FF"}, [(b"func", b"a"), (b"b", b"\xff")]),
        ({"mimeType": "text/plain;charset=UTF-8", "text": "func=a\r\n"}, [(b"func", b"a")]),
        ({"mimeType": FORM, "encoding": "base64", "text": base64.b64encode(b"func=a").decode()},
         [(b"func", b"a")]),
        ({"mimeType": FORM, "text": "func=a&passwd={{PASSWD}}&b=%7B%7BX%7D%7D"},
         [(b"func", b"a"), (b"passwd", b"(masked)"), (b"b", b"{{X}}")]),
        ({"mimeType": FORM, "text": "func=a&b=\ud800"}, [(b"func", b"a"), (b"b", b"\xef\xbf\xbd")]),
    ],
)  # fmt: skip
def test_bodies_of_other_programs(data: dict[str, Any], expected: Pairs) -> None:
    assert one(entry(postData=data)) == expected


def test_the_body_of_a_type_that_a_header_tells() -> None:
    text = '--X\r\nContent-Disposition: form-data; name="func"\r\n\r\na\r\n--X--'
    headers = [{"name": "x"}, {"name": "Content-Type", "value": "multipart/form-data; boundary=X"}]
    assert one(entry(postData={"text": text}, headers=headers)) == [(b"func", b"a")]


def test_names_and_values_are_written_as_panels_write_them() -> None:
    (only,) = found(archive(entry(text="func=a_b-c&zoom-ip=~._-")))
    assert only.request.query == "func=a%5Fb%2Dc&zoom%2Dip=%7E.%5F%2D"


def test_files_in_parameters_are_noted() -> None:
    params = [{"name": "func", "value": "a"}, {"name": "f", "fileName": "g", "value": "content"}]
    (only,) = found(archive(entry(postData={"mimeType": "multipart/form-data", "params": params})))
    assert pairs(only) == [(b"func", b"a")]
    assert only.request.doubt == "f (g) is a file, which the call does not send"


def test_the_url_counts_more_than_its_list() -> None:
    query = [{"name": "func", "value": "b"}]
    assert one(entry(f"{BASE}/ispmgr?func=a", queryString=query)) == [(b"func", b"a")]


def test_a_query_that_stands_as_a_list_only() -> None:
    query = [{"name": "func", "value": "a"}, {"name": "b", "value": "1&2"}]
    assert one(entry(queryString=query, method="GET")) == [(b"func", b"a"), (b"b", b"1&2")]


@pytest.mark.parametrize(
    "request_",
    [
        {"bodySize": 10},
        {"postData": {"mimeType": FORM, "text": None}},
        {"postData": {"mimeType": FORM, "text": ""}, "bodySize": 5},
    ],
)
def test_a_missing_body_is_told(request_: dict[str, Any]) -> None:
    (only,) = found(archive(entry(f"{BASE}/ispmgr?func=a", **request_)))
    assert only.request.doubt == NO_BODY
    problems: list[str] = []
    assert found(archive(entry(**request_)), problems) == []
    assert problems == ["x: left out: 1 entry, sent to a panel without what was posted"]


@pytest.mark.parametrize("request_", [{}, {"bodySize": -1}, {"bodySize": 5, "method": "GET"}])
def test_no_body_was_sent(request_: dict[str, Any]) -> None:
    (only,) = found(archive(entry(f"{BASE}/ispmgr?func=a", **request_)))
    assert only.request.doubt == ""


@pytest.mark.parametrize("kind", ["application/json", "text/xml; charset=utf-8"])
def test_a_body_that_is_no_form_is_told(kind: str) -> None:
    (only,) = found(archive(entry(f"{BASE}/ispmgr?func=a", "{}", kind=kind)))
    assert only.request.doubt.endswith("and no form: what it holds is missing")


def test_entries_that_are_no_calls_are_counted() -> None:
    problems: list[str] = []
    kept = found(
        archive(
            entry(f"{BASE}/manimg/logo.png", method="GET"),
            entry("data:image/png;base64,AAAA", method="GET"),
            entry("https://other.example/?func=track", method="GET"),
            entry(f"{BASE}/ispmgr", method="GET"),
            entry(f"{BASE}/billmgr/?func=a", method="GET"),
            entry("https://other.example/?func=track", method="GET"),
            entry(f"{BASE}/?func=b", method="GET"),
            entry(f"{BASE}/ispmgr?func=", method="GET"),
            {"request": 1},
            [],
            None,
        ),
        problems,
    )
    # Before a panel's server is known, a function's name is all there is to tell.
    assert [(f.request.func, f.request.panel, f.base) for f in kept] == [
        ("track", "ispmgr", "https://other.example"),
        ("a", "billmgr", BASE),
        ("b", "ispmgr", BASE),
    ]
    assert [f.request.doubt for f in kept] == ["", *[f"this was sent to {BASE}"] * 2]
    assert problems == [
        "x: left out: 5 entries, no call of a panel",
        "x: left out: 2 entries, a panel's page without a function",
    ]


@pytest.mark.parametrize(
    ("url", "panel", "base"),
    [
        ("https://h:1500/ispmgr", "ispmgr", "https://h:1500"),
        ("HTTPS://H/manager/billmgr", "billmgr", "https://h/manager"),
        ("https://h/a/b/dnsmgr/", "dnsmgr", "https://h/a/b/"),
        ("https://u:p@[2001:db8::1]:1500/core", "core", "https://[2001:db8::1]:1500"),
        ("https://h/newmgr", "newmgr", "https://h"),
        ("https://h", "ispmgr", "https://h"),
        ("https://h/api/x", "ispmgr", "https://h/api/x"),
        ("https://h$(touch pwned)/ispmgr", "ispmgr", ""),
        ("https://h/'$(x)/ispmgr", "ispmgr", ""),
        ("https:///ispmgr", "ispmgr", ""),
        ("https://\u0438.example/ispmgr", "ispmgr", ""),
    ],
)
def test_addresses(url: str, panel: str, base: str) -> None:
    (only,) = found(archive(entry(f"{url}?func=a")))
    assert (only.request.panel, only.base) == (panel, base)
    if base and panel != "ispmgr":
        assert Connection(base).address(panel) == url.lower().rstrip("/").replace("u:p@", "")
    (only,) = found(archive(entry(f"{url}?func=a")), panel="vmmgr")
    assert only.request.panel == "vmmgr"


def test_another_server_is_told() -> None:
    made = found(
        archive(
            entry(text="func=a"),
            entry("https://h'/ispmgr?func=b"),
            entry("https://h/ispmgr?func=c"),
        )
    )
    assert [f.request.doubt for f in made] == [
        "", "this was sent to another server", "this was sent to https://h"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("started", "time"),
    [
        ("2018-02-06T08:08:07.123Z", "Feb  6 08:08:07"),
        ("2018-12-31T23:59:59+03:00", "Dec 31 23:59:59"),
        ("2018-02-10 08:08:07", "Feb 10 08:08:07"),
    ],
)
def test_times_are_those_of_their_zone(started: str, time: str) -> None:
    (only,) = found(archive(entry(text="func=a", started=started)))
    assert only.request.time == time


@pytest.mark.parametrize(
    "started", ["", "x", "2018-13-06T08:08:07", "2018-02-00T08:08:07", "2018-02-06T24:08:07"]
)
def test_what_is_no_time_is_now(started: str) -> None:
    (only,) = found(archive(entry(text="func=a", started=started)))
    line = strategies.log_line(b"func=a", time=only.request.time.encode())
    assert isinstance(parse_line(line), Request)


def test_logins_tell_the_user() -> None:
    refused = '{"doc": {"error": {"$type": "auth"}}}'
    made = found(
        archive(
            entry(text="func=a"),
            entry(text="func=auth&username=bob&password=x", answer=refused),
            entry(text="func=b"),
            entry(text="func=auth&username=bob&password=x"),
            entry(text="func=c"),
            entry("https://other/ispmgr?func=d"),
            entry(text="func=e&authinfo=root%3Asecret"),
            entry(text="func=user.su&elid=alice"),
            entry(text="func=f"),
        )
    )
    assert [f.request.user for f in made] == ["", "", "", "", "bob", "", "root", "bob", ""]


@pytest.mark.parametrize("encoding", ["", "base64"])
def test_answers_are_outcomes(encoding: str) -> None:
    answer = '{"doc": {"error": {"$type": "exists", "$object": "user"}}}'
    text = base64.b64encode(answer.encode()).decode() if encoding else answer
    item = entry(text="func=a", answer=text)
    item["response"]["content"]["encoding"] = encoding
    (only,) = found(archive(item))
    assert only.request.outcome is not None
    assert only.request.outcome.words == "exists(user)"


def test_base64_that_is_none() -> None:
    item = entry(text="func=a", answer="A")
    item["response"] = {"status": "x", "content": {"text": "A", "encoding": "base64"}}
    (only,) = found(archive(item))
    assert only.request.outcome is None


def test_broken_json_is_told_with_its_place() -> None:
    problems: list[str] = []
    data = archive(entry(text="func=a"))[:-2] + b', {"a": }\n, '
    assert [f.request.func for f in found(data, problems)] == ["a"]
    assert len(problems) == 1
    assert problems[0].startswith("x:1:")


def emitted(requests: list[Request], rules: RuleSet) -> bytes:
    """Make an archive of requests."""
    emitter = Har(Connection(auth="none", out=""))
    renderer = Renderer(Decider(rules, secrets="keep"), emitter, lambda problem: None)
    made = [renderer.text(request) for request in requests]
    text = emitter.opening + emitter.separator.join(map(str, made)) + emitter.closing
    return text.encode()


def sent(request: Request) -> Pairs:
    """Give what a call without rules sends: all but credentials and what is masked."""
    found = [p for p in request.params if not p.masked]
    encoded = [(p.name.encode("utf-8", "surrogateescape"), p.value) for p in found]
    kept = [pair for pair in encoded if pair[0] not in (b"auth", b"authinfo", b"sesid")]
    func = (b"func", request.func)
    kept.remove(func)
    return [(n, v.encode("utf-8", "surrogateescape")) for n, v in [func, *kept]]


@given(st.lists(strategies.pairs(), min_size=1, max_size=4))
def test_what_is_written_as_an_archive_comes_back(calls: list[Pairs]) -> None:
    requests = []
    for call in calls:
        query = strategies.panel_encode([(b"func", b"x"), *call])
        request = parse_line(strategies.log_line(query))
        assert isinstance(request, Request)
        requests.append(request)
    data = emitted(requests, rule_set(user=None, keep=["*"]))
    assert [pairs(f) for f in found(data)] == [sent(request) for request in requests]


def test_hostile_values_come_back() -> None:
    requests = [parse_line(one.line) for one in lines()]
    known = [request for request in requests if isinstance(request, Request)]
    data = emitted(known, rule_set(user=None, keep=["*"]))
    assert [pairs(f) for f in found(data)] == [sent(request) for request in known]


def test_it_is_recognised_by_its_content(tmp_path: Path) -> None:
    data = archive(entry(text="func=user.edit&name=a&passwd=T0psecret&sok=ok"))
    plain, packed = tmp_path / "x.log", tmp_path / "session.har"
    plain.write_bytes(b"\xef\xbb\xbf" + data)
    packed.write_bytes(gzip.compress(json.dumps(json.loads(data), indent=2).encode("utf-16")))
    for path in (plain, packed):
        done = logreq("convert", "-t", "url", "-q", path)
        assert (done.status, done.err) == (0, "")
        assert done.text.startswith(f"{BASE}/ispmgr?func=user.edit&name=a&")
        assert "PASSWD" in done.text
        assert "T0psecret" not in done.text
