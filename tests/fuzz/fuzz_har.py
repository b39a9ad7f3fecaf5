"""Any bytes as an HTTP Archive: what `json` reads is read the same, whatever the blocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from logreq.browser.har import sent
from logreq.browser.json_stream import JsonError, Reader
from logreq.browser.recognise import recognise, undecided
from tests.fuzz.fuzz_copied import check_recording
from tests.support.recordings import archive, entry

WORDS = (
    b'{"log": {"entries": [',
    b"]}}",
    b'"request": {',
    b'"method": "POST"',
    b'"url": "https://h/ispmgr?func=a"',
    b'"postData": {',
    b'"mimeType": "multipart/form-data; boundary=X"',
    b'"mimeType": "application/x-www-form-urlencoded"',
    b'"text": "func=a&b=%20"',
    b'"params": [{"name": "func", "value": "a", "fileName": "f"}]',
    b'"queryString": [{"name": "func", "value": "a"}]',
    b'"startedDateTime": "2018-02-06T08:08:07Z"',
    b'"response": {"status": 500, "content": {"text": "<doc><error/></doc>"}}',
    b'"encoding": "base64"',
    b"--X\\r\\nContent-Disposition: form-data; name=\\\"a\\\"\\r\\n\\r\\n",
    b"\\ud800",
    b"\\u0000",
    b"\\",
    b'"',
    b"\xff",
    b"{{X}}",
    b"null",
    b"-0.1e9",
    b"NaN",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
)  # fmt: skip


def seeds() -> Iterator[bytes]:
    answer = '{"doc": {"error": {"$type": "a", "$object": "b", "msg": {"$": "c"}}}}'
    multipart = (
        '--X\r\nContent-Disposition: form-data; name="func"\r\n\r\na\r\n--X\r\nContent-Disposition:'
        ' form-data; name="f"; filename="g"\r\n\r\n1\r\n--X--\r\n'
    )
    items = [
        entry(text="func=user.edit&name=%D0%B8+x&x=*&sok=ok"),
        entry(text="func=auth&username=bob&password=x", answer=answer),
        entry("https://h/manager/billmgr?func=a", method="GET", answer="<doc><ok/></doc>"),
        entry(text=multipart, kind="multipart/form-data; boundary=X"),
        entry(postData={"params": [{"name": "func", "value": "a"}]}, bodySize=3),
        entry("https://h/x.png", queryString=[{"name": "func", "value": "\u0438"}], status=0),
        entry(postData={"text": "ZnVuYz1h", "encoding": "base64"}, answer="ERROR a(b): c"),
    ]
    for number, item in enumerate(items):
        yield bytes((number * 9,)) + archive(item)
        yield bytes((number * 5,)) + json.dumps(json.loads(archive(item, item)), indent=1).encode()
    whole = archive(*items)
    yield b"\x07" + whole
    yield from (b"\x03" + whole[:end] for end in range(0, len(whole), 150))
    for path in Path(__file__).parents[1].glob("golden/har/*.log"):
        yield b"\x1f" + path.read_bytes()[:3000]


def check(data: bytes) -> None:
    if not data:
        return
    size, content = data[0] + 1, data[1:]
    problems: list[JsonError] = []
    found = _entries(content, size, problems)
    try:
        whole: Any = json.loads(content.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        assert problems or _is_odd(content), content
    else:
        if isinstance(whole, dict) and content.count(b'"log"') == 1:
            log = whole.get("log")
            entries = log.get("entries") if isinstance(log, dict) else None
            if isinstance(entries, list) and content.count(b'"entries"') == 1:
                expected = [one for one in entries if one is not None]
                assert repr(found) == repr(expected)
                assert not problems
    for problem in problems:
        assert problem.line >= 1
        assert problem.column is None or problem.column >= 1
    list(sent([content], "x", lambda problem: None))
    check_recording(content, "har", size)
    assert not undecided(content) or recognise(content) in (None, "curl", "url", "access")


def _is_odd(content: bytes) -> bool:
    """Tell whether the reader may be content where `json` is not: a mark of the byte order."""
    return content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))


def _entries(content: bytes, size: int, problems: list[JsonError]) -> list[Any]:
    blocks = (content[at : at + size] for at in range(0, len(content), size))
    reader = Reader(blocks, problems.append)
    found: list[Any] = []
    try:
        found += reader.entries()
    except JsonError as error:
        problems.append(error)
    return found
