"""HTTP Archive: valid by the schema, byte for byte, and what a generator makes of it arrives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Optional

import pytest
from hypothesis import given

from logreq.emitters.har import Har, moment
from logreq.log.line import parse_line
from logreq.model.call import Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support import run
from tests.support.recorder import Pairs, RecordingServer, decode_form
from tests.support.strategies import log_line, pairs, panel_encode

MODULES = os.environ.get("LOGREQ_TEST_NODE_MODULES", "")
INSTALLED = Path(MODULES, "httpsnippet").is_dir() and Path(MODULES, "har-schema").is_dir()
if not INSTALLED and run.required("npm"):
    raise run.AbsentError("npm packages, wanted by LOGREQ_TEST_REQUIRE: .ci/interpreters")
needs_modules = pytest.mark.skipif(
    not INSTALLED, reason="not on this machine: npm packages (LOGREQ_TEST_NODE_MODULES)"
)
VALIDATE = """
const Ajv = require("ajv");
const ajv = new Ajv({ allErrors: true });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json"));
ajv.addSchema(Object.values(require("har-schema")));
const valid = ajv.validate("har.json#", JSON.parse(require("fs").readFileSync(0)));
console.log(JSON.stringify(valid ? [] : ajv.errors));
"""
CONVERT = """
const { HTTPSnippet } = require("httpsnippet");
const made = new HTTPSnippet(JSON.parse(require("fs").readFileSync(0)));
console.log(JSON.stringify([].concat(made.convert(process.argv[1], process.argv[2]))));
"""


def call(query: bytes, time: bytes = b"Feb  6 08:08:07", *, secrets: str = "env") -> Call:
    request = parse_line(log_line(query, time=time), source="ispmgr.log")
    assert isinstance(request, Request)
    return Decider(rule_set(user=None), secrets=secrets)(request)


def archive(*calls: Call, connection: Optional[Connection] = None) -> dict[str, Any]:
    emitter = Har(connection or Connection())
    entries = emitter.separator.join([emitter.snippet(one) for one in calls])
    made: dict[str, Any] = json.loads(emitter.opening + entries + emitter.closing)
    return made


def posted(entry: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = entry["request"]["postData"]
    return data


def node(code: str, text: str, *args: str) -> Any:
    program = run.find("node")
    assert program is not None
    ran = subprocess.run(
        [program, "-e", code, *args],
        input=text.encode(),
        capture_output=True,
        env={"PATH": os.environ["PATH"], "NODE_PATH": MODULES},
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_an_entry_tells_text_and_parameters() -> None:
    connection = Connection("https://panel.example:1500", lang="en", su="www-root")
    entry = archive(call(b"func=domain.edit&name=a%20b.c&sok=ok"), connection=connection)["log"][
        "entries"
    ][0]
    assert entry["request"]["method"] == "POST"
    assert entry["request"]["url"] == "https://panel.example:1500/ispmgr"
    assert entry["request"]["headers"] == [
        {"name": "Content-Type", "value": "application/x-www-form-urlencoded"}
    ]
    assert posted(entry) == {
        "mimeType": "application/x-www-form-urlencoded",
        "text": "func=domain.edit&name=a%20b.c&sok=ok&out=json&lang=en&su=www-root"
        "&authinfo={{PANEL_AUTHINFO}}",
        "params": [
            {"name": "func", "value": "domain.edit"},
            {"name": "name", "value": "a b.c"},
            {"name": "sok", "value": "ok"},
            {"name": "out", "value": "json"},
            {"name": "lang", "value": "en"},
            {"name": "su", "value": "www-root"},
            {"name": "authinfo", "value": "{{PANEL_AUTHINFO}}"},
        ],
    }
    assert entry["comment"] == "Feb  6 08:08:07  root from 192.0.2.33  domain.edit  ispmgr.log:1"


def test_no_secret_gets_in() -> None:
    made = archive(call(b"func=user.edit&name=x&passwd=Topsecret&confirm=Topsecret&auth=0123abcd"))
    text = json.dumps(made)
    assert "Topsecret" not in text
    assert "0123abcd" not in text
    assert "&passwd={{PASSWD}}&confirm={{PASSWD}}&" in text
    assert {"name": "passwd", "value": "{{PASSWD}}"} in posted(made["log"]["entries"][0])["params"]


def test_notes_stand_in_the_comment() -> None:
    entry = archive(call(b"func=user.edit&name=x&passwd=*"))["log"]["entries"][0]
    assert "; passwd was masked in the log" in entry["comment"]


@pytest.mark.parametrize(
    "query",
    [
        b"x=%7B%7BPANEL_AUTHINFO%7D%7D",  # would become the secret on import
        b"x=%7B%25%20file%20%27%2Fetc%2Fshadow%27%20%25%7D",
        b"%7B%7Bx%7D%7D=1",
        b"x=%24%7BHOME%7D",
        b"x=%FF",
        b"x=1&x=2",  # importers hold parameters in objects
        b"out1=a&func=b",
        b"7=a",
        b"%5F%5Fproto%5F%5F=a",
    ],
)
def test_what_importers_would_change_stands_as_text_only(query: bytes) -> None:
    data = posted(archive(call(b"func=x&" + query))["log"]["entries"][0])
    assert "params" not in data
    assert data["mimeType"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert "{{" not in data["text"].replace("&authinfo={{PANEL_AUTHINFO}}", "")


@given(pairs())
def test_any_bytes_stand_in_the_text(given_pairs: Pairs) -> None:
    query = panel_encode([(b"func", b"x"), *given_pairs])
    emitter = Har(Connection(auth="none", out=""))
    rules = rule_set(user=None, keep=["*"])
    request = parse_line(log_line(query))
    assert isinstance(request, Request)
    text = emitter.snippet(Decider(rules, secrets="keep")(request))
    assert text.isascii()
    data = json.loads(text)["request"]["postData"]
    # Credentials are never repeated; the strategy makes no such names.
    assert decode_form(data["text"].encode()) == [(b"func", b"x"), *given_pairs]
    if "params" in data:
        shown = [(p["name"].encode(), p["value"].encode()) for p in data["params"]]
        assert shown == [(b"func", b"x"), *given_pairs]


@pytest.mark.parametrize(
    ("now", "logged", "expected"),
    [
        ("2019-02-10", "Feb  6 08:08:07", "2019-02-06T08:08:07"),
        ("2019-02-05", "Feb  6 08:08:07", "2019-02-06T08:08:07"),  # a zone ahead
        ("2019-02-04", "Feb  6 08:08:07", "2018-02-06T08:08:07"),
        ("2018-12-31", "Jan  1 00:00:01", "2019-01-01T00:00:01"),
        ("2019-01-02", "Dec 31 23:59:59", "2018-12-31T23:59:59"),
        ("2019-03-10", "Feb 29 12:00:00", "2016-02-29T12:00:00"),
        ("2019-07-02", "Jun 31 12:00:00", "2019-06-30T12:00:00"),
    ],
)
def test_a_time_gets_the_latest_year_that_can_be(
    monkeypatch: pytest.MonkeyPatch, now: str, logged: str, expected: str
) -> None:
    noon = time.mktime(time.strptime(now + " 12:00", "%Y-%m-%d %H:%M"))
    monkeypatch.setattr(time, "time", lambda: noon)
    assert moment(logged)[:19] == expected


def test_each_entry_has_its_own_minute_and_second() -> None:
    times = (b"Jan  3 01:02:03", b"Jan  3 01:59:60", b"Jan  3 02:00:00", b"Jan  4 02:00:00")
    entries = archive(*[call(b"func=x", time=time) for time in times])["log"]["entries"]
    assert [entry["startedDateTime"][5:19] for entry in entries] == [
        "01-03T01:02:03",
        "01-03T01:59:60",
        "01-03T02:00:00",
        "01-04T02:00:00",
    ]


def test_a_time_has_this_machines_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "TST-05:30")
            time.tzset()
            assert moment("Jan  3 01:02:03").endswith("-01-03T01:02:03+05:30")
    finally:
        time.tzset()


def test_the_command_line_writes_one_document(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(log_line(b"func=domain") + log_line(b"func=user", time=b"Feb  7 01:02:03"))
    command = [sys.executable, "-m", "logreq", "convert", "-t", "har", "-q", str(log)]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    made = json.loads(ran.stdout)
    assert [posted(e)["params"][0]["value"] for e in made["log"]["entries"]] == ["domain", "user"]
    assert made["log"]["version"] == "1.2"


def test_a_logs_date_gives_the_years(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log.2011-01-03.log"
    lines = [log_line(b"func=a", time=time) for time in (b"Dec 31 23:59:59", b"Jan  2 01:02:03")]
    log.write_bytes(b"".join(lines))
    command = [sys.executable, "-m", "logreq", "convert", "-t", "har", "-q", str(log)]
    made = json.loads(subprocess.run(command, capture_output=True, timeout=60, check=True).stdout)
    days = [entry["startedDateTime"][:10] for entry in made["log"]["entries"]]
    assert days == ["2010-12-31", "2011-01-02"]


def test_nothing_found_is_a_document_too(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(b"nothing\n")
    command = [sys.executable, "-m", "logreq", "convert", "-t", "har", "-q", str(log)]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["log"]["entries"] == []


ODD = (
    b"func=a&x=%FF",
    b"func=b&x=1&y=2&x=3",
    b"func=c&x=%7B%7BA%7D%7D&passwd=secret",
    b"func=d&9=a&name=%D0%B6%20%22%27%5C%0A",
    b"func=e",
)


@run.requires("node")
@needs_modules
def test_it_is_valid_by_the_schema() -> None:
    made = archive(*map(call, ODD))
    assert node(VALIDATE, json.dumps(made)) == []
    del made["log"]["entries"][0]["response"]
    assert node(VALIDATE, json.dumps(made)) != []


@run.requires("node")
@needs_modules
@pytest.mark.parametrize(
    ("target", "client", "program"),
    [
        ("shell", "curl", "sh"),
        ("python", "python3", f"python3.{sys.version_info[1]}"),
        ("javascript", "fetch", "node"),
    ],
)
def test_what_a_generator_makes_of_it_arrives(target: str, client: str, program: str) -> None:
    with RecordingServer() as server:
        calls = [call(query, secrets="keep") for query in ODD]
        made = archive(*calls, connection=Connection(server.base, auth="none"))
        snippets = node(CONVERT, json.dumps(made), target, client)
        for snippet in snippets:
            ran = run.run(program, snippet.encode())
            assert ran.status == 0, ran.err
    expected = [[*decode_form(query), (b"out", b"json")] for query in ODD]
    assert server.pairs == expected
