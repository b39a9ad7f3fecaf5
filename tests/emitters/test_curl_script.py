"""Scripts of curl calls: arguments, checked answers, sessions that end, several panels."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from logreq.model.call import Call
from tests.emitters.test_curl import AUTHS, PASSWORD, SECRETS, SHELLS, SITE, VARIABLES, a_panel
from tests.support import shell
from tests.support.documents import AuthFail, Failure, render
from tests.support.recorder import Pairs, Recorded, RecordingServer, Reply
from tests.support.run import run_sh
from tests.support.shellcheck import complaints, shellcheck


def session_of_clicks() -> list[Call]:
    site: Pairs = [(b"name", b"www.example.com"), (b"owner", b"www-root"), (b"sok", b"ok")]
    return [
        shell.call(SITE),
        shell.call(site, b"webdomain.edit"),
        shell.call([(b"elid", b"www.example.com")], b"webdomain.edit"),
        shell.call([], b"domain"),
    ]


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("out", shell.FORMATS)
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_every_authorisation_and_format(auth: str, out: str, name: str) -> None:
    with a_panel() as panel:
        panel.state.tables["domain"].clear()
        made = shell.emitter("curl", url=panel.base, auth=auth, out=out)
        text = shell.script(made, session_of_clicks(), domain="example.com")
        args = ["--domain", "example.org", "--restart"]
        ran = run_sh(text, name, args=args, env=VARIABLES[auth])
        wanted = [f"{func}: ok" for func in ("domain.edit", "webdomain.edit", "webdomain.edit")]
        lines = [line for line in ran.err.decode().splitlines() if "has to be" not in line]
        if out == "print":  # for lists only, the guide says
            assert (ran.status, len(lines)) == (1, 1)
            assert "print is for lists only" in lines[0]
            return
        assert (ran.status, ran.files) == (0, [])
        restarts = out in ("json", "xml", "devel", "text", "csv")
        assert lines == [*wanted, "domain: ok", *(["restart: ok"] * restarts)]
        rows = panel.state.tables
        assert [row["name"] for row in rows["domain"]] == ["example.org"]
        assert rows["domain"][0]["ns"] == "ns1.example.org. ns2"
        assert rows["webdomain"][-1]["name"] == "www.example.org"
        assert panel.state.restarts == restarts
        assert b"example.org" in ran.out
        logins = [r for r in panel.requests if r.get(b"func") == b"auth"]
        assert len(logins) == (0 if auth == "authinfo" else 1)


pytestmark = pytest.mark.interpreter
FAILURES = ("fail.text", "fail.code", "fail.typed", "fail.string")
DETAILS = {
    "text": "it failed <&>",
    "code": "code 3 (site)",
    "typed": "exists (user): it exists <&>",
}


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("out", shell.FORMATS)
@pytest.mark.parametrize("func", FAILURES)
def test_error_documents_end_the_script(func: str, out: str, name: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, out=out)
        calls = [shell.call([], b"domain"), shell.call([], func.encode()), shell.call(SITE)]
        ran = run_sh(shell.script(made, calls), name, env=VARIABLES["authinfo"])
        assert [call.func for call in panel.calls] == ["domain", func]
    assert ran.status == 1
    first, second = ran.err.decode().splitlines()
    assert first == "domain: ok"
    assert second.startswith(f"{func}: error ")
    if out in ("json", "xml", "devel"):
        assert second == f"{func}: error {DETAILS.get(func[5:], DETAILS['text'])}"


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize(
    ("out", "body"),
    [
        *itertools.product(["json", "xml"], [b"", b"<html><body>Log in</body></html>", b"oops"]),
        ("json", b'{"doc":{"elem":['),
        ("xml", b"<doc><elem>"),
    ],
)
def test_answers_in_another_format_are_errors(out: str, body: bytes, name: str) -> None:
    with RecordingServer(lambda _request: Reply(body)) as server:
        made = shell.emitter("curl", url=server.base, out=out, auth="none")
        ran = run_sh(shell.script(made, [shell.call(SITE)]), name)
    message = f"domain.edit: error the answer is no {out.upper()} document\n"
    assert (ran.status, ran.out, ran.err.decode()) == (1, b"", message)


def test_http_errors_end_the_script() -> None:
    with RecordingServer(lambda _request: Reply(b'{"doc":{"ok":{}}}', status=500)) as server:
        made = shell.emitter("curl", url=server.base, auth="none")
        ran = run_sh(shell.script(made, [shell.call(SITE)] * 2))
        assert len(server.requests) == 1
    assert ran.status == 1
    assert f"domain.edit: no answer from {server.base}/ispmgr" in ran.err.decode()


@pytest.mark.parametrize("out", ["json", "xml"])
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_session_that_is_over_is_renewed_once(auth: str, name: str, out: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth, out=out)
        calls = [shell.call([], func) for func in (b"domain", b"user", b"user", b"domain.edit")]
        answer = panel.answer

        def forget(request: Recorded) -> Reply:
            if [r.get(b"func") for r in panel.requests[-2:]] == [b"domain", b"user"]:
                panel.auth.sessions.clear()
            if request.get(b"func") == b"domain.edit":
                return render(AuthFail(), out)
            reply: Reply = answer(request)
            return reply

        panel.answer = forget
        ran = run_sh(shell.script(made, calls), name, env=VARIABLES[auth])
        sent = [request.get(b"func") for request in panel.requests]
    login = [b"auth"] if auth == "session" else [b"session.newkey", b"auth"]
    assert sent == [
        *login,
        *(b"domain", b"user"),
        *login,
        *(b"user", b"user", b"domain.edit"),
        *login,
        b"domain.edit",
    ]
    assert (ran.status, ran.err) == (
        1,
        b"domain: ok\n" + b"user: ok\n" * 2 + b"domain.edit: error authfail\n",
    )


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_failed_login(auth: str, name: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        env = {"PANEL_USER": "root", "PANEL_PASSWORD": "wrong"}
        ran = run_sh(shell.script(made, [shell.call(SITE)]), name, env=env)
        assert panel.calls == []
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err.startswith(b"login: " + panel.url().encode() + b" refused PANEL_USER")


def test_each_call_goes_to_its_own_panel_and_user() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base + "/manager", auth="key")
        calls = [
            shell.call([], b"user", user=user, panel=name)
            for name, user in (
                *(("ispmgr", b"root"), ("billmgr", b"root"), ("ispmgr", b"client")),
                *(("ispmgr", b"root"), ("billmgr", b"root")),
            )
        ]
        ran = run_sh(shell.script(made, calls), env=VARIABLES["key"])
        assert ran.status == 0
        done = [(call.panel, call.login) for call in panel.calls if call.func == "user"]
        logins = [r.get(b"username") for r in panel.requests if r.get(b"func") == b"auth"]
    assert done == [(call.request.panel, call.request.user) for call in calls]
    assert logins == [b"root", b"root", b"client"]


def test_sessions_are_kept_for_each_panel() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth="session")
        calls = [shell.call([], b"user", panel=name) for name in ("ispmgr", "billmgr") * 2]
        ran = run_sh(shell.script(made, calls), env=VARIABLES["session"])
        assert ran.status == 0
        funcs = [request.get(b"func") for request in panel.requests]
    assert funcs == [b"auth", b"user", b"auth", b"user", b"user", b"user"]


@pytest.mark.parametrize("path", ["", "/", "/manager", "/manager/", "/ispmgr"])
def test_another_address(path: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url="https://panel.example:1500", auth="none")
        text = shell.script(made, [shell.call([], b"user")])
        assert run_sh(text, args=["--url", server.base + path]).status == 0
        wanted = "/manager/ispmgr" if "manager" in path else "/ispmgr"
        assert server.requests[0].path == wanted


@pytest.mark.parametrize("name", SHELLS)
def test_usage_and_misuse(name: str) -> None:
    made = shell.emitter("curl", url="https://panel.example")
    text = shell.script(made, [shell.call(SECRETS)], my_name="it's\n$(touch x)")
    for option in ("-h", "--help"):
        ran = run_sh(text, name, args=[option])
        assert (ran.status, ran.err) == (0, b"")
        assert "--my-name VALUE  instead of it's\\x0a$(touch x)" in ran.out.decode()
        for word in (b"--restart", b"--url", b"PANEL_AUTHINFO", b"PASSWD", b"IPMIPASS"):
            assert word in ran.out
    for args, message in (
        (["--my-name"], b"--my-name needs a value"),
        (["--other=1"], b"unknown argument: --other=1"),
        (["word"], b"unknown argument: word"),
    ):
        ran = run_sh(text, name, args=args)
        assert (ran.status, ran.out, ran.files) == (2, b"", [])
        assert message in ran.err


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", AUTHS)
def test_unset_variables_stop_the_script(auth: str, name: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth=auth)
        text = shell.script(made, [shell.call(SITE), shell.call(SECRETS)])
        env = {"PASSWD": b"one", "IPMIPASS": b"two", **VARIABLES[auth]}
        for missing in env:
            some = {key: value for key, value in env.items() if key != missing}
            ran = run_sh(text, name, env=some)
            assert ran.status != 0
            assert f"{missing}: must hold" in ran.err.decode()
        assert server.requests == []


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", AUTHS)
def test_no_secret_in_arguments_or_files(auth: str, name: str, tmp_path: Path) -> None:
    watched = shell.Watched(tmp_path)
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        text = shell.script(made, [shell.call(SECRETS), shell.call(SECRETS, b"user")])
        env = {
            "PASSWD": b"s3cret-\n" + PASSWORD + b"\n",
            "IPMIPASS": b"@/etc/hosts",
            **VARIABLES[auth],
        }
        ran = run_sh(text, name, env=env, path_first=watched.path)
        assert ran.files == []
        # There is no such field; what counts is that it was sent.
        sent = [request.get(b"passwd") for request in panel.requests]
        private = {value for r in panel.requests for n, value in r.pairs if n in (b"auth", b"key")}
    assert env["PASSWD"] in sent
    assert b"curl\0-qfsS\0" in watched.arguments
    assert bool(private) == (auth in ("session", "key"))
    for secret in (PASSWORD, b"s3cret", b"@/etc/hosts", *private):
        assert secret not in watched.arguments
        assert secret not in text


def test_messages_cannot_drive_the_terminal() -> None:
    hostile = "\x1b]52;c;x\x07\u202e\x9b\x7fend"
    for out in ("json", "xml", "text"):
        with a_panel() as panel:
            panel.fail["domain.edit"] = Failure(hostile, "typed", type="exists", object="user")
            made = shell.emitter("curl", url=panel.base, out=out)
            ran = run_sh(shell.script(made, [shell.call(SITE)]), env=VARIABLES["authinfo"])
        message = ran.err.decode()
        assert message[:-1].isprintable(), message
        assert "end" in message


def test_a_form_with_a_field_named_error_is_no_error() -> None:
    for out in ("json", "xml"):
        with a_panel() as panel:
            panel.state.tables["longtask"][0]["error"] = "disk full"
            made = shell.emitter("curl", url=panel.base, out=out)
            ran = run_sh(
                shell.script(made, [shell.call([], b"longtask")]), env=VARIABLES["authinfo"]
            )
        assert (ran.status, ran.err) == (0, b"longtask: ok\n")


@shellcheck
@pytest.mark.parametrize("out", ["json", "xml", "text"])
@pytest.mark.parametrize("auth", AUTHS)
def test_shellcheck_is_content(auth: str, out: str) -> None:
    made = shell.emitter("curl", auth=auth, out=out, insecure=True, lang="ru")
    text = shell.script(made, [*session_of_clicks(), shell.call(SECRETS)], domain="example.com")
    assert complaints(text) == ""
