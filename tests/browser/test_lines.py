# ruff: noqa: E501 a corpus is read in long rows
"""Copied curl commands, bare URLs and access logs: what comes of each line."""

from __future__ import annotations

from typing import Any, Optional
from unittest import mock

import pytest

from logreq.browser import lines as lines_module
from logreq.browser.calls import Sent
from logreq.browser.lines import Lines
from logreq.browser.recognise import LOOK, recognise, undecided, utf8
from logreq.errors import Problem
from tests.support.recorder import Pairs
from tests.support.recordings import BASE, archive, entry, found, pairs

URL = f"{BASE}/ispmgr"


def read(text: str) -> tuple[list[Pairs], list[str]]:
    """Give the pairs of each call, and what was told."""
    problems: list[str] = []
    return [
        pairs(one) for one in found(text.encode("utf-8", "surrogateescape"), problems)
    ], problems


def form(text: str) -> Pairs:
    """Read a form in the simplest way."""
    return [(n.encode(), v.encode()) for n, _, v in (p.partition("=") for p in text.split("&"))]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (f"curl '{URL}' --data-raw 'func=a&b=c%20d'", "func=a&b=c d"),
        (f"curl {URL} -d func=a -d b=1", "func=a&b=1"),
        (f"curl {URL}?func=a", "func=a"),
        (f"curl '{URL}?func=a&b=1' -X POST -H 'a: b' -b 'ispmgrses5=0123' --compressed", "func=a&b=1"),
        (f"curl {URL} -d func=a&b=\u3000\x0b\x0c\x85".replace("&", "\\&"), "func=a&b=\u3000\x0b\x0c\x85"),
        (f"curl '{URL}' -d $'func=a&b=\\xd0\\xb8\\320\\270'", "func=a&b=\u0438\u0438"),
        (f"curl '{URL}?func=a' $X ${{Y:+z}} -H @/dev/fd/3 3<<-'END'\n'\n\tEND\n", "func=a"),
        (f"curl '{URL}?func=a' <<END 2>&1\r\n'\r\nEND\r\n", "func=a"),
        (f"curl '{URL}?func=a' <<< x <<END\n", "func=a"),
        (f'curl "{URL}" -d "func=a" -d "b=\\"c\\\\ \\x"', 'func=a&b="c\\ \\x'),
        (f"curl '{URL}' --data-raw $'func=a&b=\\'\\u0021\\x41\\101\\n\\cA\\e\\U0001f600\\z'",
         "func=a&b='!AA\n\x01\x1b\U0001f600\\z"),
        (f"curl '{URL}' --data-raw $'func=a&b=\\ud83d\\ude00\\ud800'", "func=a&b=\U0001f600\ufffd"),
        (f"curl '{URL}' \\\n  -d func=a \\\r\n  -d b=1", "func=a&b=1"),
        (f"curl '{URL}' -d fu\\\nnc=a -d b=\\ c", "func=a&b= c"),
        (f'curl "{URL}" -d "func=\\\na"', "func=a"),
        (f"curl '{URL}' -d 'func=a&b=1\n2'", "func=a&b=1\n2"),
        (f"curl -sSkd func=a -XPOST '{URL}'", "func=a"),
        (f"curl -Gd func=a '{URL}?x=1'", "x=1&func=a"),
        (f"curl --get --url '{URL}' --data func=a --url-query 'b=1 2' --url-query +c=%203",
         "b=1 2&c= 3&func=a"),
        (f"curl '{URL}' --data-urlencode func=a --data-urlencode '=b=c d'", "func=a&b%3Dc%20d="),
        (f"curl '{URL}' --data-urlencode func=a --data-urlencode 'x@y=c;d'", "func=a&x@y=c;d"),
        (f"curl '{URL}' --data-urlencode func=a --data-urlencode 'b c'", "func=a&b c="),
        (f"curl '{URL}' -d func=a --data-urlencode 'passwd@/dev/fd/3'", "func=a&passwd=(masked)"),
        (f"curl '{URL}' -d func=a -d \"passwd=$PASSWD\" -d x=${{Y}}z", "func=a&passwd=(masked)&x=(masked)"),
        (f"curl '{URL}' -d func=a -d 'b=$x' -d \"c=$ d\" -d e=$", "func=a&b=$x&c=$ d&e=$"),
        (f"curl '{URL}' -F func=a -F 'b=1;type=text/plain' -F 'c=\"x;\\\"y\\z\"' -F 'd=\"e' "
         "--form-string 'f=@g;h'", 'func=a&b=1&c=x;"y\\z&d="e&f=@g;h'),
        (f"curl '{URL}' -H 'Content-Type: multipart/form-data; boundary=X' --data-raw "
         "$'--X\\r\\nContent-Disposition: form-data; name=\"func\"\\r\\n\\r\\na\\r\\n--X--\\r\\n'",
         "func=a"),
        (f"curl -g '{URL}?func=a&b=\\[1\\]'", "func=a&b=\\[1\\]"),
        (f"curl --globoff '{URL}?func=a&b=\\[1\\]'", "func=a&b=\\[1\\]"),
        (f"curl '{URL}?func=a&b=\\[1\\]#c' -I -o /dev/null", "func=a&b=[1]"),
        (f"sudo PATH=x /usr/bin/curl '{URL}?func=a' 2>/dev/null >&2 | jq . && echo", "func=a"),
        (f"curl '{URL}?func=a' > out.json 2>&1", "func=a"),
        (f"curl '{URL}?func=a' &>out # comment ' \"", "func=a"),
        (f"curl -- '{URL}?func=a'", "func=a"),
        (f"CURL.EXE \"{URL}?func=a\"", "func=a"),
        (f"curl $'{URL}?func=a'", "func=a"),
    ],
)  # fmt: skip
def test_bash(command: str, expected: str) -> None:
    raw = [(n, v.replace(b"%3D", b"=").replace(b"%20", b" ")) for n, v in form(expected)]
    raw = [(n.replace(b"%3D", b"=").replace(b"%20", b" "), v) for n, v in raw]
    assert read(command) == ([raw], [])
    # One of many, as "copy all" joins them.
    assert read(f"{command} ;\n{command}") == ([raw, raw], [])


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        # Today's: carets everywhere.
        (f'curl ^"{URL}^" ^\n  -H ^"a: b^" ^\n  --data-raw ^"func=a^&b=c^%^20d^&e=^\\^"f^\\^"^"',
         'func=a&b=c d&e="f"'),
        (f'curl --url ^"{URL}^" ^\r\n --data-raw ^"func=a^&b=^\\^\\x^\\^\\^\\^"y^^^"',
         'func=a&b=\\x\\"y^'),
        (f'curl ^"{URL}^" --data-raw ^"func=a^&b=1^\n\n2^"', "func=a&b=1\n2"),
        (f'curl ^"{URL}^" --data-raw ^"func=a (b) \t|^"', "func=a (b) \t|"),
        # From about 2020 on: carets in plain quotes.
        (f'curl "{URL}" ^\n  --data-raw "func=a^&b=c^%^20d^&e=^\\^"f^\\^"^\\^\\" ^\n  --compressed',
         'func=a&b=c d&e="f"\\'),
        (f'curl "{URL}?func=a^&b=%^20c"', "func=a&b= c"),
        # Before: doubled quotes, percent signs outside.
        (f'curl "{URL}" -H "a: ""b""" --data "func=a&b=""c""&d="%"20e&f=\\\\g\\"h"',
         'func=a&b="c"&d= e&f=\\g"h'),
        (f'curl "{URL}" --data "func=a"%"20b" -X "^\n"POST', "func=a b"),
        (f'curl "{URL}?func=a" ^', "func=a"),
        (f"curl {URL}?func=a^", "func=a"),
        (f"curl {URL} -d func=a^&b=\u3000\x0b\x0c\x85 ^\n -s", "func=a&b=\u3000\x0b\x0c\x85"),
        (f"curl {URL}?func=a\\b ^\n -s", "func=a\\b"),
        (f'curl "{URL}" -d "func=a^b=1%" ^\n-s', "func=a^b=1%"),
    ],
)  # fmt: skip
def test_cmd(command: str, expected: str) -> None:
    assert read(command) == ([form(expected)], [])
    if not command.endswith("^"):
        assert read(f"{command} &\n\n{command}\r\n") == ([form(expected)] * 2, [])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("curl 'x", "1:6: this quote has no end"),
        ("curl $'x\\", "1:6: this quote has no end"),
        ('curl "x', "1:6: this quote has no end"),
        ('# a\ncurl ^"x', "2:6: this quote has no end"),
        ('curl -s "a""b ^', "1:9: this quote has no end"),
        ("curl `date`", "1:6: the result of a command is not known here"),
        ('curl "a$(date)"', "1:8: the result of a command is not known here"),
        ("curl -d @- <<EOF\nx\nEOF", "1:1: this curl command is left out: --data sends a file, which is not read"),
        ("curl", "1:1: this curl command is left out: it has no address"),
        ("curl -s -H", "1:1: this curl command is left out: -H has no value"),
        ("curl --data", "1:1: this curl command is left out: --data has no value"),
        (f"curl {URL} -d @f", "1:1: this curl command is left out: --data sends a file, which is not read"),
        (f"curl {URL} -T f", "1:1: this curl command is left out: --upload-file takes a file, which is not read"),
        (f"curl -K f {URL}", "1:1: this curl command is left out: --config takes a file of options, which is not read"),
        (f"curl {URL} --json '{{}}'", "1:1: this curl command is left out: the body is application/json and no form"),
        (f"curl {URL} -F x", "1:1: this curl command is left out: a field of --form has no ="),
        ("curl $URL", "1:1: this curl command is left out: its address is in a variable"),
        ("curl 'a b'", "1:1: this curl command is left out: its address has blanks: is a quote missing?"),
        (f"curl {URL}?func=a&b=1", f"1:{len(URL) + 13}: an & without quotes ends the command"),
        (f"fetch('{URL}?func=a', {{\n  'x': 1\n}});", "1:1: this is for PowerShell or a browser; use its copy as cURL"),
        ("Invoke-WebRequest -Uri x", "1:1: this is for PowerShell or a browser; use its copy as cURL"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told(text: str, problem: str) -> None:
    made, problems = read(f"{text}\n\nset -e\ncurl {URL}?func=last\n{URL}?func=url\n")
    assert problems[0] == f"x:{problem}"
    assert made[-2:] == [form("func=last"), form("func=url")]
    assert len(made) == (3 if "&b" in text else 2)


def test_a_missing_quote_costs_its_line() -> None:
    made, problems = read(f"curl 'x\ncurl '{URL}?func=a' ; curl y\ncurl '{URL}?func=b'\n")
    assert made == [form("func=a"), form("func=b")]
    assert problems == [
        "x:3:47: this quote has no end",
        "x: left out: 1 line, no call of a panel",
    ]


def test_an_address_of_two_lines_is_a_missing_quote() -> None:
    made, problems = read(f"curl 'x\ncurl y' ; curl z\ncurl '{URL}?func=a'\n")
    assert made == [form("func=a")]
    assert problems == [
        "x:1:1: this curl command is left out: its address has blanks: is a quote missing?",
        "x:3:47: this quote has no end",
    ]


def test_other_commands_are_counted() -> None:
    text = f"#!/bin/sh\nset -e\n: x &&\nprintf y | {{\ncurl {URL}?func=a\n}} 3<&0\nls; (cd x)\n\\\n"
    made, problems = read(text)
    assert made == [form("func=a")]
    assert problems == ["x: left out: 3 lines, no call of a panel"]


def test_several_addresses_and_transfers() -> None:
    made, problems = read(
        f"curl {URL} {URL} -d func=a --next {URL} -d func=b -: h:1500/ispmgr?func=c"
    )
    assert made == [form("func=a")] * 2 + [form("func=b"), form("func=c")]
    assert problems == []


def test_files_and_unknown_parameters_are_noted() -> None:
    (one,) = found(f"curl {URL} -F func=a -F 'f=@g.txt;type=x' -F 'h=<i'".encode())
    assert one.request.doubt == (
        "f (g.txt) is a file, which the call does not send;"
        " h (i) is a file, which the call does not send"
    )
    (one,) = found(f'curl {URL} -d func=a -d "$REST" -d "x"'.encode())
    assert one.request.doubt == "what a variable holds is not known: parameters are missing"
    assert pairs(one) == form("func=a&x=")
    problems: list[str] = []
    assert found(f"curl {URL} -d func=$F".encode(), problems) == []
    assert problems == ["x: left out: 1 line, no call of a panel"]


def test_places_are_lines() -> None:
    text = f"\n# a\n{URL}?func=a\ncurl \\\n {URL}?func=b\n\n{URL}?func=c"
    assert [one.request.line for one in found(text.encode())] == [3, 4, 7]


def test_urls() -> None:
    made, problems = read(
        f"  {URL}?func=a&b=%20+c#d  \r\nHTTP://H/billmgr?func=\u0438\n{BASE}/x.png\n"
    )
    assert made == [form("func=a&b=  c"), form("func=\u0438")]
    assert problems == ["x: left out: 1 line, no call of a panel"]


ACCESS = '192.0.2.1 - bob [06/Feb/2018:08:08:07 +0300] "GET /ispmgr?func=a&b=%20\\x22\\"\\\\ HTTP/1.1" 200 5'


def test_access_logs() -> None:
    text = "\n".join(
        [
            ACCESS + ' "-" "Mozilla"',
            "h.example:443 " + ACCESS.replace("bob", "-").replace(" 200 ", " 500 "),
            ACCESS.replace("GET", "POST"),
            ACCESS.replace("GET", "HEAD"),
            ACCESS.replace("/ispmgr?func=a", "/x.png"),
            ACCESS.replace("192.0.2.1", "-").replace("/ispmgr", f"{BASE}/billmgr"),
            ACCESS.replace("Feb", "Foo"),
        ]
    )
    problems: list[str] = []
    made = found(text.encode(), problems)
    first = made[0].request
    assert first[:6] == ("Feb  6 08:08:07", 0, None, "", "192.0.2.1", "bob")
    assert pairs(made[0]) == form('func=a&b= ""\\')
    assert made[0].base == ""
    assert made[0].request.outcome is None
    assert made[1].request.user == ""
    assert made[1].request.outcome is not None
    assert made[1].request.outcome.text == "HTTP status 500"
    assert (
        made[2].request.doubt
        == "the access log does not hold what was posted: parameters are missing"
    )
    assert (made[3].request.panel, made[3].request.caller, made[3].base) == ("billmgr", "", BASE)
    assert len(made) == 5
    assert problems == ["x: left out: 2 lines, no call of a panel"]


def test_logins_in_an_access_log_are_their_callers() -> None:
    login = ACCESS.replace("bob", "-").replace("func=a", "func=auth&username=root")
    other = ACCESS.replace("bob", "-").replace("192.0.2.1", "192.0.2.2")
    made = found("\n".join([login, other, ACCESS.replace("bob", "-")]).encode())
    assert [one.request.user for one in made] == ["", "", "root"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_blocks_and_encodings(size: int) -> None:
    text = f"{URL}?func=a&b=\u0438\U0001f600\ncurl '{URL}' \\\n -d 'func=b&c=\u0438'\n"
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        blocks = [data[at : at + size] for at in range(0, len(data), size)] if size > 1 else [data]
        problems: list[Problem] = []
        made = list(Lines(utf8(iter(blocks)), "x", problems.append).sent())
        assert [one.pairs for one in made] == [[], [("func", "b"), ("c", "\u0438")]]
        assert made[0].url.endswith("\u0438\U0001f600")
        assert problems == []


def limited(data: str, limit: int) -> tuple[list[Sent], list[str]]:
    problems: list[str] = []
    blocks = (data[at : at + 10].encode() for at in range(0, len(data), 10))
    with mock.patch.multiple(lines_module, MAX_LINE=limit, _STEP=10):
        reader = Lines(blocks, "x", lambda problem: problems.append(str(problem)))
        return list(reader.sent()), problems


@pytest.mark.parametrize("end", ["\n", "\nhttp://h/c\n", ""])
def test_an_overlong_line_is_passed_over(end: str) -> None:
    made, problems = limited("http://h/a\nhttp://h/b" + "x" * 100 + end, 60)
    assert [one.url for one in made] == ["http://h/a", "http://h/c"][: 1 + ("c" in end)]
    assert [one.place for one in made] == [1, 3][: len(made)]
    assert problems == ["x:2:1: a line longer than 0 MiB is passed over"]


def test_an_overlong_command_is_told() -> None:
    made, problems = limited("curl 'a" + "\nb" * 100 + "\nhttp://h/c\n", 60)
    assert [one.url for one in made] == ["http://h/c"]
    assert problems == ["x:1:6: this quote has no end"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (archive(entry()).decode(), "har"),
        (' \n{"log" : {', "har"),
        ('{"a": 1, "entries": [', "har"),
        ("curl x", "curl"),
        ("\n# a\n: x &&\nprintf y |\ncurl x\n", "curl"),
        ("fetch('x')", "curl"),
        ("\ufeffhttps://h", "url"),
        (ACCESS, "access"),
        ("", None),
        ("{}", None),
        ('{"a": 1}', None),
        ("curly\ncurl x", None),
        ("/usr/local/mgr5/var/logs/x.gz\ncurl x\n", None),
        ("Feb  6 08:08:07 [1:2] x INFO Request [a][b] 'func=a'\ncurl x\n", None),
        ("# a\n# b\n", None),
        (": x &&\nurlencode() { x; } &&\ncurl x", "curl"),
    ],
)
def test_recognition(text: str, kind: Optional[str]) -> None:
    assert recognise(text.encode()) == kind
    assert recognise(text.lstrip("\ufeff").encode("utf-16")) == kind


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", True),
        (b"{", True),
        (b'{"log": {', False),
        (b"{" + b" " * LOOK, False),
        (b"cur", True),
        (b"x\n", False),
        (b"x", True),
        (b"# a\n", True),
        (b"curl x\n", False),
    ],
)
def test_more_may_be_needed(data: bytes, expected: bool) -> None:
    assert undecided(data) is expected


def test_nothing_is_nothing() -> None:
    def never(problem: Any) -> None:
        raise AssertionError(problem)

    assert list(Lines(iter([]), "x", never).sent()) == []
