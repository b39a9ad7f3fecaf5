"""Ansible runs the tasks: bytes arrive, logins, errors, secrets stay hidden, templates asleep."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Optional

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from logreq.model.connection import Connection
from tests.emitters.test_ansible import EDIT, LIST, RESTART, TEMPLATES, call, emit
from tests.support import run
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.profile import examples
from tests.support.recorder import Pairs, RecordingServer, Reply
from tests.support.strategies import HOSTILE, log_line, pairs, panel_encode

PLAYBOOK = os.environ.get("LOGREQ_TEST_ANSIBLE") or shutil.which("ansible-playbook")
if PLAYBOOK is None and run.required("ansible-playbook"):
    raise run.AbsentError("ansible-playbook, wanted by LOGREQ_TEST_REQUIRE")
pytestmark = [
    pytest.mark.interpreter,
    pytest.mark.skipif(
        PLAYBOOK is None, reason="not on this machine: ansible-playbook (LOGREQ_TEST_ANSIBLE)"
    ),
]
ENV = {"PANEL_AUTHINFO": "root:secret", "PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
PLAY = "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - import_tasks: tasks.yml\n"


def play(tmp: Path, text: str, env: Optional[Mapping[str, str]] = None) -> tuple[int, str]:
    """Run a file of tasks as verbosely as one debugs it; give status and all that it shows."""
    assert PLAYBOOK is not None
    (tmp / "tasks.yml").write_text(text, "utf-8")
    (tmp / "play.yml").write_text(PLAY)
    status, out, err = run.execute(
        [PLAYBOOK, "-vvv", "-c", "local", "-i", "localhost,", "play.yml"],
        {
            "PATH": os.pathsep.join((str(Path(PLAYBOOK).parent), run.search_path())),
            "HOME": str(tmp),
            "LC_ALL": "C.UTF-8",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            **(ENV if env is None else env),
        },
        tmp,
        None,
        300.0,
    )
    assert not (tmp / "pwned").exists()
    return status, (out + err).decode()


@settings(max_examples=examples(2), suppress_health_check=[HealthCheck.too_slow])
@example([[(value, value) for value in (*HOSTILE, *TEMPLATES)], [(b"a", b"1"), (b"a", b"2")]])
@given(st.lists(pairs(), min_size=3, max_size=3))
def test_any_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, given_pairs: list[Pairs]
) -> None:
    funcs = (b"{{x}}\xff", b"{{x}}")
    queries = [[(b"func", func), *some] for some in given_pairs for func in funcs]
    with RecordingServer() as server:
        calls = [call(panel_encode(query), keep=True) for query in queries]
        status, shown = play(
            tmp_path_factory.mktemp("play"), emit(Connection(server.base, "none", ""), *calls)
        )
    assert status == 0, shown
    assert server.pairs == queries


@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_each_authorisation_and_format(auth: str, tmp_path: Path) -> None:
    with FakePanel() as panel:
        calls = (("json", RESTART), ("xml", RESTART), ("text", LIST), ("JSONdata", LIST))
        text = "".join(
            emit(Connection(panel.base, auth, out), call(query, user=b"www-root"))
            for out, query in calls
        )
        status, shown = play(tmp_path, text)
    assert status == 0, shown
    funcs = [one.func for one in panel.calls if one.func != "session.newkey"]
    assert funcs == ["webdomain.edit", "webdomain.edit", "domain", "domain"]
    assert shown.count("webdomain.edit: HTTP 200 ") == 2
    assert "name=example.com owner=www-root" in shown
    user = "www-root" if auth == "key" else "root"
    assert {one.user for one in panel.calls if one.func != "session.newkey"} == {user}
    # Hidden even where everything is shown.
    for secret in ("secret", *panel.auth.sessions):
        assert secret not in shown.replace("root:secret@", "")
    keys = [dict(c.params)[b"key"].decode() for c in panel.calls if c.func == "session.newkey"]
    assert len(set(keys)) == len(keys) == (4 if auth == "key" else 0)
    assert all(len(key) == 32 and key not in shown for key in keys)


@pytest.mark.parametrize(
    ("form", "out"),
    [("typed", "json"), ("typed", "xml"), ("typed", "text"), ("code", "json"), ("string", "json")],
)
def test_error_documents_stop_it(form: str, out: str, tmp_path: Path) -> None:
    message = "it \x1bfailed\u202e {{ lookup('pipe', 'touch pwned') }}"
    with FakePanel() as panel:
        panel.fail["domain"] = Failure(message, form, type="exists", object="user", code=3)
        text = emit(Connection(panel.base, out=out), call(LIST), call(EDIT))
        status, shown = play(tmp_path, text)
    assert status == 2, shown
    assert [one.func for one in panel.calls] == ["domain"]
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "user" in shown if form == "code" else "failed" in shown


@pytest.mark.parametrize(
    ("auth", "fail_with"), [("authinfo", "authfail"), ("session", "authfail"), ("key", "error")]
)
def test_a_failed_login_stops_it(auth: str, fail_with: str, tmp_path: Path) -> None:
    env = {"PANEL_AUTHINFO": "root:wr0ng", "PANEL_USER": "root", "PANEL_PASSWORD": "wr0ng"}
    with FakePanel() as panel:
        panel.auth.fail_with = fail_with
        status, shown = play(tmp_path, emit(Connection(panel.base, auth), call(LIST)), env)
    assert status == 2
    assert ("authfail" if fail_with == "authfail" else "badpassword") in shown
    assert "wr0ng" not in shown
    assert panel.calls == []


@pytest.mark.parametrize(
    ("auth", "missing", "unset"),
    [
        ("authinfo", "PANEL_AUTHINFO", True),
        ("key", "PANEL_PASSWORD", False),
        ("none", "PASSWD", True),
    ],
)
def test_an_unset_variable_stops_it(auth: str, missing: str, unset: bool, tmp_path: Path) -> None:
    env = {**ENV, "PASSWD": "x", missing: ""}
    if unset:
        del env[missing]
    with RecordingServer() as server:
        query = b"func=user.edit&passwd=topsecret"
        status, shown = play(tmp_path, emit(Connection(server.base, auth), call(query)), env)
    assert (status, server.requests) == (2, [])
    assert f"{missing} is not set" in shown
    assert "root:secret" not in shown


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    env = {"PASSWD": "p&=+% /\u0436{{ 7 * 7 }}", "PANEL_AUTHINFO": "u:&+#%:"}
    with RecordingServer() as server:
        query = b"func=user.edit&passwd=topsecret&confirm=topsecret"
        status, shown = play(tmp_path, emit(Connection(server.base), call(query)), env)
    assert status == 0, shown
    assert "p&" not in shown
    assert server.pairs == [[
        (b"func", b"user.edit"),
        (b"passwd", env["PASSWD"].encode()),
        (b"confirm", env["PASSWD"].encode()),
        (b"out", b"json"),
        (b"authinfo", b"u:&+#%:"),
    ]]  # fmt: skip


def test_certificates_are_checked_unless_told_otherwise(tmp_path: Path) -> None:
    with FakePanel(tls=True) as panel:
        status, shown = play(tmp_path, emit(Connection(panel.base), call(LIST)))
        assert (status, panel.requests) == (2, [])
        assert "CERTIFICATE_VERIFY_FAILED" in shown
        status, shown = play(tmp_path, emit(Connection(panel.base, insecure=True), call(LIST)))
    assert status == 0, shown


@pytest.mark.parametrize(
    ("out", "reply"),
    [
        ("json", Reply(b"<html></html>")),
        ("json", Reply(b"")),
        ("xml", Reply(b"{}")),
        ("json", Reply(b'{"doc":{"ok":{}}}', status=500)),
        ("xml", Reply(b"<doc/>", status=302, headers=(("Location", "/elsewhere"),))),
        ("bjson", Reply(b'{"ok":false}')),
    ],
)
def test_other_answers_stop_it(out: str, reply: Reply, tmp_path: Path) -> None:
    with RecordingServer(lambda request: reply) as server:
        status, _ = play(tmp_path, emit(Connection(server.base, out=out), call(LIST)))
    assert (status, len(server.requests)) == (2, 1)


def test_the_session_stands_in_several_places(tmp_path: Path) -> None:
    with FakePanel(generation=4) as old:
        status, shown = play(tmp_path, emit(Connection(old.base, "session"), call(LIST)))
        assert status == 0, shown
    for key in ("$", "id"):
        with FakePanel() as panel:
            panel.auth.json_key = key
            status, shown = play(tmp_path, emit(Connection(panel.base, "session"), call(LIST)))
        assert status == 0, shown


def test_the_command_line_makes_it(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_bytes(log_line(LIST) + log_line(EDIT))
    with FakePanel() as panel:
        command = [sys.executable, "-m", "logreq", "convert", "-q", "-t", "ansible"]
        made = subprocess.run(
            [*command, "-u", panel.base, str(log)], capture_output=True, timeout=60, check=True
        ).stdout
        status, shown = play(tmp_path, made.decode())
    assert status == 0, shown
    assert [one.func for one in panel.calls] == ["domain", "domain.edit"]
