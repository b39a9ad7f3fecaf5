"""JavaScript: what runs in Node sends each byte, logs in, tells results from errors."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from logreq.emitters.javascript import JavaScript
from logreq.errors import EmitError
from logreq.log.line import parse_line
from logreq.model.call import Argument, Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support import run
from tests.support.certificate import certificate
from tests.support.documents import Failure, Form, Listing, tree, xml
from tests.support.panel import FakePanel
from tests.support.profile import examples
from tests.support.recorder import Pairs, RecordingServer, Reply
from tests.support.strategies import HOSTILE, log_line, pairs, panel_encode

pytestmark = run.requires("node")
ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
ROWS = [
    {"name": "example.com", "owner": "www-root", "ip": "192.0.2.1"},
    {"name": "example.net", "owner": "client", "ip": "192.0.2.2"},
]
LIST = b"func=domain"
FORM = b"func=domain.edit&elid=example.com"
EDIT = b"func=domain.edit&name=new.example&ip=192.0.2.1&sok=ok"
AGAIN = b"func=domain.edit&elid=example.com&name=example.com&owner=www-root&ip=192.0.2.1&sok=ok"
RESTART = b"func=webdomain.edit&elid=example.com&sok=ok"
FRAME = 12  # lines that are neither comment, blank nor a pair


def call(query: bytes, *, user: bytes = b"root", panel: str = "ispmgr", keep: bool = False) -> Call:
    request = parse_line(log_line(query, user=user), panel, f"{panel}.log")
    assert isinstance(request, Request)
    rules = rule_set(user=None, keep=["*"] if keep else [])
    return Decider(rules, secrets="keep" if keep else "env")(request)


def emit(connection: Connection, *calls: Call) -> bytes:
    emitter = JavaScript(connection)
    return emitter.separator.join([emitter.snippet(one) for one in calls]).encode()


def script(connection: Connection, *calls: Call, arguments: Sequence[Argument] = ()) -> bytes:
    return "".join(JavaScript(connection).script(calls, arguments)).encode()


def node(
    text: bytes, *args: str, env: Optional[Mapping[str, run.Text]] = None, suffix: str = ".mjs"
) -> run.Ran:
    return run.run("node", text, args=args, env=ENV if env is None else env, suffix=suffix)


def frame_of(text: str) -> list[str]:
    """Give the lines that are neither comment, blank nor a pair."""
    lines = text.splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("var call = "))
    end = lines.index(lines[begin].replace("var call = ", "").translate({123: 125, 91: 93}) + ";")
    around = lines[: begin + 1] + lines[end:]
    return [line for line in around if line and not line.startswith("//")]


def test_a_snippet_reads_as_one_would_write_it() -> None:
    query = (
        b"func=user.edit&fullname=Web%20Master&zoom-ip=&passwd=x&sok=ok&new=%D0%B6%22&progressid=1"
    )
    text = emit(Connection("https://panel.example:1500"), call(query)).decode()
    assert text.startswith(
        "// Feb  6 08:08:07  root from 192.0.2.33  user.edit  ispmgr.log:1\n"
        'for (var name of ["PASSWD", "PANEL_AUTHINFO"]) '
        'if (/^$|\\ufffd/.test(process.env[name] ?? "")) '
        'throw new Error(name + " is not set, or not UTF-8");\n'
        "var call = {\n"
        '  func: "user.edit",\n'
        '  fullname: "Web Master",\n'
        "  passwd: process.env.PASSWD,\n"
        '  sok: "ok",\n'
        '  new: "\u0436\\"",\n'
        '  out: "json",\n'
        "  authinfo: process.env.PANEL_AUTHINFO, // user:password\n"
        "};\n"
    )
    assert len(frame_of(text)) <= FRAME


@pytest.mark.parametrize(
    "query",
    [LIST, EDIT, b"func=a&x=1&x=2", b"func=a&passwd=1&b_passwd=2&c_passwd=3", b"func=a&7=b",
     b"func=a&x=%FF&passwd=1", b"func=%FF&x=1&x=2&passwd=1", b"func=a&%FF=1&passwd=1"],
)  # fmt: skip
@pytest.mark.parametrize("out", ["json", "bjson", "xml", "devel", "text", ""])
@pytest.mark.parametrize("insecure", [False, True])
def test_the_frame_is_short(query: bytes, out: str, insecure: bool) -> None:
    connection = Connection(out=out, lang="ru", su="x", insecure=insecure)
    text = emit(connection, call(query)).decode()
    assert len(frame_of(text)) <= FRAME, text
    assert max(map(len, text.splitlines())) <= 180


def test_what_only_some_calls_need_is_only_there() -> None:
    plain = emit(Connection(auth="none"), call(LIST)).decode()
    assert "process.env" not in plain
    assert "headers" not in plain
    assert len(frame_of(plain)) < FRAME
    assert '\n  x_: "1",\n  "x-": "2",\n' in emit(Connection(), call(b"func=a&x_=1&x-=2")).decode()
    assert (
        '\n  ["x", "1"],\n  ["x", "2"],\n' in emit(Connection(), call(b"func=a&x=1&x=2")).decode()
    )
    assert '\n  "x=%FF",\n' in emit(Connection(), call(b"func=a&x=%FF")).decode()
    one = emit(Connection(), call(LIST)).decode()
    assert (
        '\nif (/^$|\\ufffd/.test(process.env.PANEL_AUTHINFO ?? "")) '
        'throw new Error("PANEL_AUTHINFO is not set, or not UTF-8");\n'
    ) in one


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_each_authorisation_and_format(auth: str) -> None:
    outs = ("json", "bjson", "JSONdata", "xml", "devel")
    with FakePanel() as panel:
        calls = [call(LIST), call(AGAIN), call(FORM)]
        ran = node(b"\n".join(emit(Connection(panel.base, auth, out), *calls) for out in outs))
    assert (ran.status, ran.err, ran.files) == (0, b"", [])
    lines = ran.out.decode().splitlines()
    fields = {
        **dict.fromkeys(("ns", "maildomain", "webdomain"), ""),
        "elid": "example.com",
        **ROWS[0],
    }
    assert [json.loads(line) for line in lines[:9]] == [
        tree(Listing(ROWS)), {"ok": {}}, tree(Form(fields)),
        {"ok": True, "elem": ROWS}, {"ok": True}, {"ok": True, **fields},
        ROWS, [], [fields],
    ]  # fmt: skip
    assert xml(Listing(ROWS)) in ran.out.decode()
    assert "".join(lines).count("<doc><ok/></doc>") == 1
    funcs = [one.func for one in panel.calls if one.func != "session.newkey"]
    assert funcs == ["domain", "domain.edit", "domain.edit"] * len(outs)


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_other_formats_pass_through(auth: str) -> None:
    with FakePanel() as panel:
        outs = ("text", "csv", "print", "")
        ran = node(b"".join(emit(Connection(panel.base, auth, out), call(LIST)) for out in outs))
    assert (ran.status, ran.err) == (0, b"")
    rest = ran.out
    for part in (
        b"name=example.net owner=",
        b"example.net;client",
        b"example.net\tclient",
        b"</html>",
    ):
        before, found, rest = rest.partition(part)
        assert found, before


def test_an_own_format_is_kept() -> None:
    with FakePanel() as panel:
        ran = node(emit(Connection(panel.base), call(LIST + b"&out=csv")))
    assert (ran.status, ran.out.splitlines()[0]) == (0, b"name;owner;ip")


def test_bytes_that_are_no_text_pass_through() -> None:
    with RecordingServer(lambda request: Reply(b"\xff\0\r\n", "image/png")) as server:
        ran = node(emit(Connection(server.base, "none", "png"), call(LIST)))
    assert (ran.status, ran.out) == (0, b"\xff\0\r\n")


@pytest.mark.parametrize("out", ["json", "xml", "devel", "bjson", "JSONdata"])
@pytest.mark.parametrize("form", ["text", "code", "typed", "string"])
def test_error_documents_stop_it(form: str, out: str) -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure(
            "\u043d\u0435 \x07 \x9b \u202e<&>", form, type="exists", object="user", code=3
        )
        ran = node(emit(Connection(panel.base, out=out), call(LIST), call(FORM)))
    assert (ran.status, ran.out) == (1, b"")
    assert [one.func for one in panel.calls] == ["domain"]
    said = ran.err.decode()
    assert not {"\x07", "\x9b", "\u202e"} & {*said}
    assert "Error: domain: HTTP 200 " in said
    if out in ("json", "xml"):
        assert {
            "code": "user",
            "typed": "exists",
            "text": "\u043d\u0435",
            "string": "\u043d\u0435",
        }[form] in said
    if form != "code":
        assert "\u043d\u0435" in said


@pytest.mark.parametrize("out", ["text", "csv", "print"])
def test_an_error_in_another_format_stops_it(out: str) -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no\x1b", "typed", type="exists", object="user")
        ran = node(emit(Connection(panel.base, out=out), call(LIST)))
    assert (ran.status, ran.out) == (1, b"")
    assert b"Error: domain: HTTP 200 ERROR exists(user): no\\u{1b}" in ran.err


@pytest.mark.parametrize("fail_with", ["authfail", "error"])
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("out", ["json", "xml"])
def test_a_failed_login_stops_it(auth: str, out: str, fail_with: str) -> None:
    env = {"PANEL_AUTHINFO": "root:wrong", "PANEL_USER": "root", "PANEL_PASSWORD": "wrong"}
    with FakePanel() as panel:
        panel.auth.fail_with = fail_with
        ran = node(emit(Connection(panel.base, auth, out), call(LIST)), env=env)
    assert ran.status == 1
    assert (b"authfail" if fail_with == "authfail" else b"badpassword") in ran.err
    assert b"wrong" not in ran.err
    assert panel.calls == []


@pytest.mark.parametrize("key", ["$id", "$", "id"])
def test_the_session_stands_in_several_places(key: str) -> None:
    with FakePanel() as panel:
        panel.auth.json_key = key
        ran = node(emit(Connection(panel.base, "session"), call(LIST)))
    assert (ran.status, ran.err) == (0, b"")
    assert dict(panel.calls[0].params)[b"auth"].decode() in panel.auth.sessions


@pytest.mark.parametrize("query", [LIST, b"func=domain&x=1&x=2", b"func=domain&x=%FF"])
def test_the_session_of_the_fourth_generation_is_a_bare_word(query: bytes) -> None:
    with FakePanel(generation=4) as panel:
        ran = node(emit(Connection(panel.base, "session"), call(query)))
    assert (ran.status, json.loads(ran.out)) == (0, {"elem": ROWS})


@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(b'{"doc":{"ok":{}}}'),
        Reply(b"<html>\x1b[2J"),
        Reply(b'{"doc":{"auth":{"$id":"1"},"ok":{}}}', status=307, headers=(("Location", "/x"),)),
    ],
)
def test_a_login_without_a_session_stops_it(auth: str, reply: Reply) -> None:
    with RecordingServer(lambda request: reply) as server:
        ran = node(emit(Connection(server.base, auth), call(LIST)))
    assert ran.status == 1
    assert b"login failed: HTTP " in ran.err or b"session.newkey: HTTP " in ran.err
    assert b"\x1b" not in ran.err
    assert {dict(sent)[b"func"] for sent in server.pairs} <= {b"auth", b"session.newkey"}


def test_a_key_logs_the_logged_user_in() -> None:
    with FakePanel() as panel:
        ran = node(emit(Connection(panel.base, "key"), call(LIST, user=b"client")))
        again = node(emit(Connection(panel.base, "key", su="www-root"), call(LIST)))
    assert (ran.status, again.status) == (0, 0)
    assert [(c.func, c.user) for c in panel.calls] == [
        ("session.newkey", "root"),
        ("domain", "client"),
        ("session.newkey", "root"),
        ("domain", "www-root"),
    ]
    assert b"su" not in dict(panel.calls[3].params)
    keys = [dict(c.params)[b"key"] for c in panel.calls[::2]]
    assert len(set(keys)) == 2
    assert all(len(key) >= 16 for key in keys)


def test_a_key_wants_a_user() -> None:
    emitter = JavaScript(Connection(auth="key"))
    with pytest.raises(EmitError, match="--su"):
        emitter.snippet(call(LIST, user=b""))
    with pytest.raises(EmitError, match="not UTF-8"):
        emitter.snippet(call(LIST, user=b"\xff"))


@pytest.mark.parametrize(
    ("auth", "missing"),
    [("authinfo", "PANEL_AUTHINFO"), ("session", "PANEL_USER"), ("key", "PANEL_PASSWORD"),
     ("none", "PASSWD"), ("authinfo", "PASSWD")],
)  # fmt: skip
@pytest.mark.parametrize("unset", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_an_unset_variable_stops_it(auth: str, missing: str, unset: bool, whole: bool) -> None:
    env = {**ENV, "PASSWD": "x", missing: ""}
    if unset:
        del env[missing]
    with RecordingServer() as server:
        made = (script if whole else emit)(
            Connection(server.base, auth), call(b"func=user.edit&passwd=topsecret")
        )
        ran = node(made, env=env)
    assert b"topsecret" not in made
    assert ran.status == 1
    assert f"{missing} is not set".encode() in ran.err
    assert server.requests == []


def test_secrets_come_from_the_environment() -> None:
    with RecordingServer() as server:
        query = b"func=user.edit&passwd=topsecret&confirm=topsecret"
        env = {"PASSWD": "p&=+% \u0436", "PANEL_AUTHINFO": "u:&+#%:"}
        ran = node(emit(Connection(server.base), call(query), call(query + b"&%FE=1")), env=env)
    assert ran.status == 0, ran.err
    first, second = server.pairs
    assert first == [
        (b"func", b"user.edit"),
        (b"passwd", "p&=+% \u0436".encode()),
        (b"confirm", "p&=+% \u0436".encode()),
        (b"out", b"json"),
        (b"authinfo", b"u:&+#%:"),
    ]
    assert second == [*first[:3], (b"\xfe", b"1"), *first[3:]]


@pytest.mark.parametrize("whole", [True, False])
def test_certificates_are_checked_unless_told_otherwise(whole: bool) -> None:
    make = script if whole else emit
    with FakePanel(tls=True) as panel:
        strict = node(make(Connection(panel.base), call(LIST)))
        assert strict.status == 1
        assert b"certificate" in strict.err
        assert panel.requests == []
        loose = node(make(Connection(panel.base, insecure=True), call(LIST)))
    assert (loose.status, json.loads(loose.out)) == (0, {"doc": tree(Listing(ROWS))}["doc"])


# A server that answers all alike and lets its clients stay; it tells its port.
KEEPING = """
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
const [cert, key] = process.argv.slice(-2).map((file) => readFileSync(file));
const server = createServer({ cert, key }, (request, reply) => {
  request.resume().on("end", () => reply.end('{"doc":{"auth":{"$id":"s"}}}'));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
"""


@pytest.fixture
def keeping() -> Iterator[str]:
    """Give the address of that server."""
    command = [run.find("node") or "", "--input-type=module", "-e", KEEPING]
    with subprocess.Popen([*command, *map(str, certificate())], stdout=subprocess.PIPE) as server:
        assert server.stdout
        try:
            yield f"https://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def test_only_an_insecure_snippet_goes_unchecked(keeping: str) -> None:
    """Node keeps connections; the next snippet in a file must not use one that was not checked."""
    loose, strict = Connection(keeping, insecure=True), Connection(keeping)
    wait = b"await new Promise((done) => setTimeout(done, 200));\n"
    for query in (LIST, b"func=domain&x=%FF"):
        for auth in ("authinfo", "session"):
            first = emit(loose._replace(auth=auth), call(query), call(query))
            ran = node(first + wait + emit(strict, call(LIST)))
            assert (ran.status, ran.out.count(b"\n")) == (1, 2)
            assert b"certificate" in ran.err
    # A request that fails leaves nothing behind, either.
    text = emit(Connection("https://127.0.0.1:9", insecure=True), call(LIST)).decode()
    text = f"try {{ {text} }} catch {{}}\n{emit(strict, call(LIST)).decode()}"
    assert b"certificate" in node(text.encode()).err


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("variable", ["PASSWD", "PANEL_AUTHINFO"])
def test_a_variable_that_is_no_text_stops_it(variable: str, whole: bool) -> None:
    make = script if whole else emit
    with RecordingServer() as server:
        for query in (LIST, b"func=user.edit&passwd=x", b"func=user.edit&passwd=x&a=%FF"):
            env: dict[str, run.Text] = {"PASSWD": "x", "PANEL_AUTHINFO": "a:b"}
            env[variable] = b"a:\xffb"
            ran = node(make(Connection(server.base), call(query)), env=env)
            if variable == "PASSWD" and query == LIST:
                assert ran.status == 0
                server.requests.clear()
                continue
            assert (ran.status, server.requests) == (1, [])
            told = f"{variable} is not UTF-8" if whole else f"{variable} is not set, or not UTF-8"
            assert told.encode() in ran.err


def test_it_holds_no_character_that_hides_or_drives() -> None:
    query = panel_encode([(b"func", b"x" + b"".join(HOSTILE)), *((v, v) for v in HOSTILE)])
    text = emit(Connection(lang="\u202e\x1b"), call(query, user=b"\x1b[2J\xff", keep=True)).decode()
    assert [c for c in text if not c.isprintable() and c != "\n"] == []


# Starting Node takes far longer than a call: several in a file, which is to be shown as well.
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.too_slow])
@example([[(value, value) for value in HOSTILE]])
@example([[(b"__proto__", b"1"), (b"2", b"x"), (b"1", b"y")], [(b"a", b"1"), (b"a", b"2")], []])
@given(st.lists(pairs(), min_size=1, max_size=8))
def test_any_bytes_arrive(given_pairs: list[Pairs]) -> None:
    funcs = (b"x\xff;'", b"x`${1}\x1b", b"x")
    queries = [[(b"func", funcs[n % 3]), *some] for n, some in enumerate(given_pairs * 3)]
    with RecordingServer() as server, tempfile.TemporaryDirectory() as directory:
        canaries = run.Canaries(Path(directory))
        calls = [call(panel_encode(query), keep=True) for query in queries]
        text = emit(Connection(server.base, "none", ""), *calls)
        ran = run.run("node", text, path_first=canaries.path)
        assert ran.status == 0, ran.err
        assert server.pairs == queries
        server.requests.clear()
        whole = run.run("node", script(Connection(server.base, "none", ""), *calls))
    assert whole.status == 0, whole.err
    assert server.pairs == queries
    assert (ran.files, canaries.sprung) == ([], [])


@pytest.mark.parametrize("auth", ["authinfo", "session", "key", "none"])
@pytest.mark.parametrize("out", ["json", "xml", "text"])
def test_node_finds_no_fault_in_it(auth: str, out: str, tmp_path: Path) -> None:
    calls = [call(LIST), call(EDIT), call(b"func=x&passwd=y&z=%FF")]
    connection = Connection(auth=auth, out=out, insecure=True, su="www-root", lang="ru")
    program = run.find("node")
    assert program is not None
    for name, text in (
        ("snippets.mjs", emit(connection, *calls)),
        ("script.mjs", script(connection, *calls)),
        ("script.cjs", script(connection, *calls)),
    ):
        (tmp_path / name).write_bytes(text)
        subprocess.run([program, "--check", tmp_path / name], check=True, timeout=60)


def test_the_command_line_makes_it(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(log_line(LIST) + log_line(EDIT))
    with FakePanel() as panel:
        command = [sys.executable, "-m", "logreq", "convert", "-q", "-t", "javascript"]
        made = subprocess.run(
            [*command, "--auth", "session", "-u", panel.base, str(log)],
            capture_output=True,
            timeout=60,
            check=True,
        ).stdout
        ran = node(made)
    assert (ran.status, json.loads(ran.out.splitlines()[1])) == (0, {"ok": {}})
