"""JavaScript: what runs in Node sends each byte, logs in, tells results from errors."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from logreq.emitters import javascript
from logreq.emitters.javascript import JavaScript
from logreq.errors import EmitError
from logreq.log.line import parse_line
from logreq.model.call import Argument, Call
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support import run
from tests.support.documents import Failure
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
PARSED = ("json", "xml", "devel", "bjson", "JSONdata")


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
    text: bytes, *args: str, env: Optional[Mapping[str, str]] = None, suffix: str = ".mjs"
) -> run.Ran:
    return run.run("node", text, args=args, env=ENV if env is None else env, suffix=suffix)


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_each_authorisation_and_format(auth: str) -> None:
    with FakePanel() as panel:
        calls = [call(LIST), call(AGAIN), call(FORM)]
        text = b"".join(emit(Connection(panel.base, auth, out), *calls) for out in PARSED)
        ran = node(text)
    assert (ran.status, ran.err, ran.files) == (0, b"", [])
    results = [json.loads(line) for line in ran.out.splitlines()]
    assert results[::3] == [ROWS] * len(PARSED)
    assert results[1::3] == ["ok", "ok", "ok", "ok", []]  # JSONdata tells no success
    form = {"elid": "example.com", **ROWS[0]}
    got = [one[0] if isinstance(one, list) else one for one in results[2::3]]
    assert got == [{**dict.fromkeys(("ns", "maildomain", "webdomain"), ""), **form}] * len(PARSED)
    funcs = [one.func for one in panel.calls if one.func != "session.newkey"]
    assert funcs == ["domain", "domain.edit", "domain.edit"] * len(PARSED)


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


def test_bytes_that_are_no_text_pass_through() -> None:
    with RecordingServer(lambda request: Reply(b"\xff\0\r\n", "image/png")) as server:
        ran = node(emit(Connection(server.base, "none", "png"), call(LIST)))
    assert (ran.status, ran.out) == (0, b"\xff\0\r\n")


@pytest.mark.parametrize("out", ["json", "xml", "bjson"])
@pytest.mark.parametrize("form", ["text", "code", "typed", "string"])
def test_error_documents_stop_it(form: str, out: str) -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure(
            "it \x07failed \u202e<&>", form, type="exists", object="user", code=3
        )
        ran = node(emit(Connection(panel.base, out=out), call(LIST), call(FORM)))
    assert ran.status == 1
    assert [one.func for one in panel.calls] == ["domain"]
    said = ran.err.decode()
    assert "\x07" not in said
    assert "\u202e" not in said
    if out in ("json", "xml"):
        told = {
            "code": "Error: 3(user)",
            "typed": "Error: exists(user): it ",
            "text": "Error: it ",
            "string": "Error: it ",
        }[form]
        assert told in said
    if form != "code":
        assert "failed \\u{202e}<&>" in said


def test_an_error_in_text_stops_it() -> None:
    with FakePanel() as panel:
        panel.fail["domain"] = Failure("no", "typed", type="exists", object="user")
        ran = node(emit(Connection(panel.base, out="text"), call(LIST)))
    assert ran.status == 1
    assert b"Error: ERROR exists(user): no" in ran.err


@pytest.mark.parametrize("fail_with", ["authfail", "error"])
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
@pytest.mark.parametrize("out", ["json", "xml"])
def test_a_failed_login_stops_it(auth: str, out: str, fail_with: str) -> None:
    env = {"PANEL_AUTHINFO": "root:wrong", "PANEL_USER": "root", "PANEL_PASSWORD": "wrong"}
    with FakePanel() as panel:
        panel.auth.fail_with = fail_with
        ran = node(emit(Connection(panel.base, auth, out), call(LIST)), env=env)
    assert ran.status == 1
    assert (b"login failed" if fail_with == "authfail" else b"auth(badpassword)") in ran.err
    assert b"wrong" not in ran.err
    assert panel.calls == []


@pytest.mark.parametrize("key", ["$id", "$", "id"])
def test_the_session_stands_in_several_places(key: str) -> None:
    with FakePanel() as panel:
        panel.auth.json_key = key
        ran = node(emit(Connection(panel.base, "session"), call(LIST)))
    assert (ran.status, ran.err) == (0, b"")
    assert dict(panel.calls[0].params)[b"auth"].decode() in panel.auth.sessions


def test_the_session_of_the_fourth_generation_is_a_bare_word() -> None:
    with FakePanel(generation=4) as panel:
        ran = node(emit(Connection(panel.base, "session"), call(LIST)))
    assert (ran.status, json.loads(ran.out)) == (0, ROWS)


def test_a_login_without_a_session_stops_it() -> None:
    with RecordingServer() as server:
        ran = node(emit(Connection(server.base, "session"), call(LIST)))
    assert ran.status == 1
    assert b"login failed: the answer has no session" in ran.err
    assert len(server.requests) == 1


def test_a_cookie_alone_is_a_session() -> None:
    cookie = (("Set-Cookie", "ses=a1; path=/"), ("Set-Cookie", "lang=en"))
    with RecordingServer(lambda request: Reply(b'{"doc":{}}', headers=cookie)) as server:
        ran = node(emit(Connection(server.base, "session", lang="ru"), call(LIST)))
    assert (ran.status, ran.err) == (0, b"")
    assert server.requests[1].headers["Cookie"] == "ses=a1; lang=en"
    assert server.pairs[1] == [(b"func", b"domain"), (b"out", b"json"), (b"lang", b"ru")]


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


def test_users_without_number_are_not_all_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(javascript, "MAX_ENDS", 2)
    emitter = JavaScript(Connection(auth="key"))
    texts = [emitter.snippet(call(LIST, user=b"u%d" % number)) for number in range(5)]
    assert [f'"u{number}"' in text for number, text in enumerate(texts)] == [True] * 5
    assert len(emitter._ends) <= 2


def test_a_key_wants_a_user() -> None:
    emitter = JavaScript(Connection(auth="key"))
    with pytest.raises(EmitError, match="--su"):
        emitter.snippet(call(LIST, user=b""))
    with pytest.raises(EmitError, match="not UTF-8"):
        emitter.snippet(call(LIST, user=b"\xff"))


@pytest.mark.parametrize(
    ("auth", "missing"),
    [("authinfo", "PANEL_AUTHINFO"), ("session", "PANEL_USER"), ("key", "PANEL_PASSWORD"),
     ("none", "PASSWD")],
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
    assert f"the environment variable {missing} must be set".encode() in ran.err
    assert server.requests == []


def test_secrets_come_from_the_environment() -> None:
    with RecordingServer() as server:
        query = b"func=user.edit&passwd=topsecret&confirm=topsecret"
        ran = node(
            emit(Connection(server.base), call(query)),
            env={"PASSWD": "p&=+% \u0436", "PANEL_AUTHINFO": "u:&+#%:"},
        )
    assert ran.status == 0, ran.err
    assert server.pairs == [[
        (b"func", b"user.edit"),
        (b"passwd", "p&=+% \u0436".encode()),
        (b"confirm", "p&=+% \u0436".encode()),
        (b"out", b"json"),
        (b"authinfo", b"u:&+#%:"),
    ]]  # fmt: skip


@pytest.mark.parametrize("whole", [True, False])
def test_certificates_are_checked_unless_told_otherwise(whole: bool) -> None:
    make = script if whole else emit
    with FakePanel(tls=True) as panel:
        strict = node(make(Connection(panel.base), call(LIST)))
        assert strict.status == 1
        assert b"certificate" in strict.err
        assert panel.requests == []
        loose = node(make(Connection(panel.base, insecure=True), call(LIST)))
    assert (loose.status, json.loads(loose.out)) == (0, ROWS)


@pytest.mark.parametrize("out", ["json", "xml"])
def test_a_restart_is_told(out: str) -> None:
    with FakePanel() as panel:
        ran = node(emit(Connection(panel.base, out=out), call(RESTART)))
    assert (ran.status, ran.out) == (0, b'"ok"\n')
    assert ran.err == b"the panel's web server has to be restarted: func=restart\n"
    assert panel.state.restarts == 0


def test_it_holds_no_character_that_hides_or_drives() -> None:
    query = panel_encode([(b"func", b"x" + b"".join(HOSTILE)), *((v, v) for v in HOSTILE)])
    text = emit(Connection(lang="\u202e\x1b"), call(query, user=b"\x1b[2J\xff", keep=True)).decode()
    assert [c for c in text if not c.isprintable() and c != "\n"] == []


# Starting Node takes far longer than a call: several in a file, which is to be shown as well.
@settings(max_examples=examples(12), suppress_health_check=[HealthCheck.too_slow])
@example([[(value, value) for value in HOSTILE]])
@given(st.lists(pairs(), min_size=1, max_size=8))
def test_any_bytes_arrive(given_pairs: list[Pairs]) -> None:
    queries = [[(b"func", b"x\xff;'"), *some] for some in given_pairs]
    with RecordingServer() as server, tempfile.TemporaryDirectory() as directory:
        canaries = run.Canaries(Path(directory))
        text = emit(
            Connection(server.base, "none", ""),
            *[call(panel_encode(query), keep=True) for query in queries],
        )
        ran = run.run("node", text, path_first=canaries.path)
    assert ran.status == 0, ran.err
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
    assert (ran.status, ran.out.splitlines()[1]) == (0, b'"ok"')
