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
from tests.support.run import other_shells, requires, run_sh
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
@pytest.mark.parametrize("out", [None, *shell.FORMATS])
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_every_authorisation_and_format(auth: str, out: str | None, name: str) -> None:
    check_a_session_of_clicks(auth, out, name)


@pytest.mark.parametrize("name", other_shells())
@pytest.mark.parametrize("auth", ["authinfo", "session", "key"])
def test_other_shells(auth: str, name: str) -> None:
    check_a_session_of_clicks(auth, None, name)


def check_a_session_of_clicks(auth: str, out: str | None, name: str) -> None:
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
        restarts = out in (None, "json", "xml", "devel", "text", "csv")
        assert lines == [*wanted, "domain: ok", *(["restart: ok"] * restarts)]
        rows = panel.state.tables
        assert [row["name"] for row in rows["domain"]] == ["example.org"]
        assert rows["domain"][0]["ns"] == "ns1.example.org. ns2"
        assert rows["webdomain"][-1]["name"] == "www.example.org"
        assert panel.state.restarts == restarts
        assert b"example.org" in ran.out
        assert ran.out.startswith(b"<?xml") == (out in (None, "xml", "devel"))
        logins = [r for r in panel.requests if r.get(b"func") == b"auth"]
        assert len(logins) == (0 if auth == "authinfo" else 1)


pytestmark = pytest.mark.interpreter
FAILURES = ("fail.text", "fail.code", "fail.typed", "fail.string")
DETAILS = {
    "text": "it failed <&>",
    "code": '{"$code":"3","$obj":"site"}',
    "typed": "it exists <&>",
}


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("out", [None, *shell.FORMATS])
@pytest.mark.parametrize("func", FAILURES)
def test_error_documents_end_the_script(func: str, out: str | None, name: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, out=out)
        calls = [shell.call([], b"domain"), shell.call([], func.encode()), shell.call(SITE)]
        ran = run_sh(shell.script(made, calls), name, env=VARIABLES["authinfo"])
        assert [call.func for call in panel.calls] == ["domain", func]
    assert ran.status == 1
    first, second = ran.err.decode().splitlines()
    assert first == "domain: ok"
    if out in (None, "xml", "devel"):
        assert second == f"{func}: {DETAILS.get(func[5:], DETAILS['text'])}"
    else:
        assert second.startswith(f"{func}: ")
        assert func == "fail.code" or "<&>" in second


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize(
    ("out", "body"),
    [
        *itertools.product(
            ["json", "xml", None], [b"", b"<html><body>Log in</body></html>", b"oo\x1bps"]
        ),
        ("json", b'"doc"'),
        ("xml", b"<doc><elem>"),
        (None, b"<document><error/>"),
    ],
)
def test_answers_that_are_no_document(out: str | None, body: bytes, name: str) -> None:
    with RecordingServer(lambda _request: Reply(body)) as server:
        made = shell.emitter("curl", url=server.base, out=out, auth="none")
        ran = run_sh(shell.script(made, [shell.call(SITE)]), name)
    assert (ran.status, ran.out) == (1, b"")
    begin, _, shown = ran.err.decode().partition(": no document in the answer: ")
    assert begin == "domain.edit"
    assert shown.strip() in body.decode().replace("\x1b", "")
    assert len(shown) > len(body) // 2


def test_http_errors_end_the_script() -> None:
    with RecordingServer(lambda _request: Reply(b'{"doc":{"ok":{}}}', status=500)) as server:
        made = shell.emitter("curl", url=server.base, auth="none")
        ran = run_sh(shell.script(made, [shell.call(SITE)] * 2))
        assert len(server.requests) == 1
    assert (ran.status, ran.err) == (1, b"domain.edit: HTTP status 500\n")
    ran = run_sh(shell.script(made, [shell.call(SITE)]))
    assert ran.status == 1
    assert ran.err.endswith(f"domain.edit: no answer: {server.base}/ispmgr\n".encode())


@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_told_and_not_followed(status: int, auth: str) -> None:
    where = (("Location", "/else\x1bwhere"),)
    with RecordingServer(lambda _request: Reply(b"<doc/>", "x/y", status, where)) as server:
        made = shell.emitter("curl", url=server.base, auth=auth)
        ran = run_sh(shell.script(made, [shell.call(SITE)]), env=VARIABLES[auth])
        assert [request.path for request in server.requests] == ["/ispmgr"]
    func = {"session": "auth", "key": "session.newkey"}.get(auth, "domain.edit")
    told = f"{func}: HTTP status {status} (redirected to "
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err.decode().startswith(told)
    assert ran.err.endswith(b"/elsewhere)\n")


@pytest.mark.parametrize("out", ["json", "xml"])
@pytest.mark.parametrize("name", [*SHELLS, *other_shells()])
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
        b"domain: ok\n" + b"user: ok\n" * 2 + b"domain.edit: login failed\n",
    )


PAGE = Reply(b"<!doctype HTML>\n<html><body>Log in</body></html>", "text/html")
TO_LOGIN = Reply(b"", "text/html", 302, (("Location", "/login"),))
OTHERS: dict[str, Failure | Reply] = {
    "words": Failure("FTP access for this user already exists", type="exists", object="session"),
    "type": Failure("Off", type="limit", object="auth"),
    "odd": Reply(b"<session/>"),
    "done": Reply(b'{"doc":{"ok":{"$type":"auth"},"elem":[{"error":{"$type":"session"}}]}}'),
    "status": Reply(b"<html>", "text/html", 502),
}


def funcs_sent(
    auth: str, name: str, replies: dict[bytes, Reply], out: str = "xml", first: bytes = b"domain"
) -> tuple[bytes, list[bytes | None]]:
    """Run two calls, the first answers to some functions given; give errors and what was sent."""
    with a_panel() as panel:
        answer = panel.answer
        panel.answer = lambda request: (
            replies.pop(request.get(b"func") or b"", None) or answer(request)
        )
        made = shell.emitter("curl", url=panel.base, auth=auth, out=out)
        ran = run_sh(
            shell.script(made, [shell.call([], first), shell.call([], b"user")]),
            name, env=VARIABLES[auth],
        )  # fmt: skip
        assert ran.status == (not ran.err.endswith(b"user: ok\n"))
        return ran.err, [request.get(b"func") for request in panel.requests]


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_page_or_a_redirect_is_a_session_that_is_over(auth: str, name: str) -> None:
    login = [b"auth"] if auth == "session" else [b"session.newkey", b"auth"]
    for reply in (PAGE, TO_LOGIN):
        for out in ("xml", "json", "text"):
            err, sent = funcs_sent(auth, name, {b"user": reply}, out)
            assert err == b"domain: ok\nuser: ok\n"
            assert sent == [*login, b"domain", b"user", *login, b"user"]
        # Not in a session that is new.
        err, sent = funcs_sent(auth, name, {b"domain": reply})
        told = b"domain: no document" if reply is PAGE else b"domain: HTTP status 302"
        assert (err[: len(told)], sent) == (told, [*login, b"domain"])


@pytest.mark.parametrize("out", shell.FORMATS[:6])
@pytest.mark.parametrize("case", OTHERS)
def test_other_answers_are_no_session_that_is_over(case: str, out: str) -> None:
    reply = OTHERS[case]
    if case == "odd" and out == "text":
        return
    if isinstance(reply, Failure):
        reply = render(reply, out)
    err, sent = funcs_sent("session", "dash", {b"user": reply}, out)
    assert err.startswith(b"domain: ok\nuser: ")
    assert sent == [b"auth", b"domain", b"user"]


@pytest.mark.parametrize("out", ["xml", "json", "devel", "text"])
@pytest.mark.parametrize("type_", ["auth", "session", "access"])
def test_types_of_errors_of_a_session_that_is_over(type_: str, out: str) -> None:
    reply = render(Failure("No", type=type_, object="x"), out)
    err, sent = funcs_sent("session", "dash", {b"user": reply}, out)
    assert (err, sent[2:]) == (b"domain: ok\nuser: ok\n", [b"user", b"auth", b"user"])
    err, sent = funcs_sent("session", "dash", {b"domain": reply}, out)
    assert err.startswith(b"domain: ")
    assert sent == [b"auth", b"domain"]


@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_failed_login_tells_the_panel_s_words(auth: str) -> None:
    reply = render(Failure("The user \x1bis <locked>", type="access", object="user"), "xml")
    for func in (b"auth", b"session.newkey")[: 1 + (auth == "key")]:
        err, _ = funcs_sent(auth, "dash", {func: reply})
        assert err == func + ": The user \ufffdis <locked>\n".encode()
    err, _ = funcs_sent(auth, "dash", {b"auth": Reply(b"<doc><ok/></doc>")})
    assert err == b"auth: no session in the answer: <ok/></doc>\n"
    err, _ = funcs_sent(auth, "dash", {b"auth": PAGE})
    assert err.startswith(b"auth: no document in the answer: <!doctype HTML>")


@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_failed_login(auth: str, name: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        env = {"PANEL_USER": "root", "PANEL_PASSWORD": "wrong"}
        ran = run_sh(shell.script(made, [shell.call(SITE)]), name, env=env)
        assert panel.calls == []
    assert (ran.status, ran.out) == (1, b"")
    func = b"session.newkey" if auth == "key" else b"auth"
    assert ran.err == func + b": login failed\n"


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
        call = shell.call([(b"a", b"b")], b"user")
        wanted = "/manager/ispmgr" if "manager" in path else "/ispmgr"
        env = {"PANEL_URL": server.base + path}
        assert run_sh(shell.script(made, [call]), env=env).status == 0
        text = shell.script(made, [call], a="b")
        assert run_sh(text, env=env).status == 0
        args = ["--url", server.base + path]
        assert run_sh(text, args=args, env={"PANEL_URL": "http://127.0.0.1:1"}).status == 0
        assert [request.path for request in server.requests] == [wanted] * 3


def test_a_certificate_that_is_not_checked() -> None:
    with RecordingServer(tls=True) as server:
        call = shell.call([(b"a", b"b")], b"user")
        for insecure in (False, True):
            made = shell.emitter("curl", url=server.base, auth="none", insecure=insecure)
            text = shell.script(made, [call])
            for value, status in (("1", 0), ("0", 1), (None, int(not insecure))):
                env = {} if value is None else {"PANEL_INSECURE": value}
                assert run_sh(text, env=env).status == status
            for option in ("-k", "--insecure"):
                assert run_sh(shell.script(made, [call], a="b"), args=[option]).status == 0
        assert len(server.requests) == 7


@pytest.mark.parametrize("name", SHELLS)
def test_usage_and_misuse(name: str) -> None:
    made = shell.emitter("curl", url="https://panel.example")
    text = shell.script(made, [shell.call(SECRETS)])
    for args in (["--help"], ["--url", "x"], ["--restart", "--restart"], ["x"]):
        ran = run_sh(text, name, args=args)
        assert (ran.status, ran.out, ran.files) == (2, b"", [])
        assert b"usage: sh " in ran.err
    text = shell.script(made, [shell.call(SECRETS)], my_name="it's\n$(touch x)")
    for option in ("-h", "--help"):
        ran = run_sh(text, name, args=[option])
        assert (ran.status, ran.err) == (0, b"")
        assert "--my-name VALUE  instead of it\\x27s\\x0a\\x24\\x28touch x\\x29" in ran.out.decode()
        assert ran.out.startswith(b"1 call made by logreq. Usage: ")
        for word in (b"--restart", b"--url", b"PANEL_AUTHINFO", b"PASSWD", b"IPMIPASS"):
            assert word in ran.out
    for args, message in (
        (["--my-name"], b"--my-name needs a value"),
        (["--other=1"], b"unknown argument: --other=1"),
        (["word"], b"unknown argument: word"),
        (["--"], b"unknown argument: --"),
        ([""], b"unknown argument: "),
        (["--my_name=x"], b"unknown argument: --my_name=x"),
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


@pytest.mark.parametrize("name", [*SHELLS, *other_shells()])
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
    assert b"curl\0-qsS\0" in watched.arguments
    assert bool(private) == (auth in ("session", "key"))
    for secret in (PASSWORD, b"s3cret", b"@/etc/hosts", *private):
        assert secret not in watched.arguments
        assert secret not in text


def test_messages_cannot_drive_the_terminal() -> None:
    hostile = "\x1b]52;c;x\x07\u202e\x9b\x7f\u200b\u200d\u2060\u2065\ufeffend"
    for out in ("json", "xml", "text", None):
        with a_panel() as panel:
            panel.fail["domain.edit"] = Failure(hostile, "typed", type="exists", object="user")
            made = shell.emitter("curl", url=panel.base, out=out)
            ran = run_sh(shell.script(made, [shell.call(SITE)]), env=VARIABLES["authinfo"])
        message = ran.err.decode()
        assert message[:-1].isprintable(), message
        assert "end" in message


def test_a_form_with_a_field_named_error_is_no_error() -> None:
    for out in ("json", None):
        with a_panel() as panel:
            panel.state.tables["longtask"][0]["error"] = "disk full"
            made = shell.emitter("curl", url=panel.base, out=out)
            ran = run_sh(
                shell.script(made, [shell.call([], b"longtask")]), env=VARIABLES["authinfo"]
            )
        assert (ran.status, ran.err) == (0, b"longtask: ok\n")


@shellcheck
@pytest.mark.parametrize("out", ["json", None])
@pytest.mark.parametrize("auth", AUTHS)
def test_shellcheck_is_content(auth: str, out: str | None) -> None:
    made = shell.emitter("curl", auth=auth, out=out, insecure=True, lang="ru")
    calls = [*session_of_clicks(), shell.call(SECRETS)]
    assert complaints(shell.script(made, calls, domain="example.com")) == ""
    assert complaints(shell.script(made, calls)) == ""


@pytest.mark.parametrize("to", ["curl", "mgrctl"])
def test_a_preamble_is_short(to: str) -> None:
    """Lines that are neither comment nor blank, up to the first call."""
    text = shell.script(shell.emitter(to), session_of_clicks()).decode()
    preamble = text[: text.index("# Feb  6")]
    code = [line for line in preamble.splitlines() if line.strip() and line.strip()[0] != "#"]
    assert 40 < len(code) <= 85


@requires("posh")
@pytest.mark.parametrize("to", ["curl", "mgrctl"])
def test_posh_is_refused_by_name(to: str) -> None:
    ran = run_sh(shell.script(shell.emitter(to), [shell.call(SITE)]), "posh")
    assert (ran.status, ran.err) == (2, b"this script does not work in posh\n")


def test_a_call_with_a_format_of_its_own() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, lang="ru")
        calls = [
            shell.call([], b"user"),
            shell.call([(b"out", b"csv"), (b"x", b"y")], b"user"),
            shell.call([], b"user"),
            shell.call([(b"out", b"csv")], b"fail.typed"),
        ]
        ran = run_sh(shell.script(made, calls), env=VARIABLES["authinfo"])
        sent = [request.pairs[1:-1] for request in panel.requests]
    assert sent[1] == [(b"out", b"csv"), (b"x", b"y"), (b"lang", b"ru")]
    assert sent[2] == sent[0] == [(b"lang", b"ru"), (b"out", b"xml")]
    assert (ran.status, ran.out.count(b"<?xml"), ran.out.count(b"\nname;")) == (1, 2, 1)
    assert ran.err.splitlines()[-1].startswith(b"fail.typed: ")


def test_a_restart_is_done_once_for_each_panel() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base)
        calls = [
            shell.call([(b"name", name), (b"sok", b"ok")], b"webdomain.edit", panel=where)
            for name, where in (
                *((b"a.example", "ispmgr"), (b"b.example", "billmgr")),
                *((b"c.example", "ispmgr"), (b"d.example", "billmgr")),
            )
        ]
        for name in ("dash", "bash"):
            panel.state.tables["webdomain"].clear()
            before = len(panel.calls)
            ran = run_sh(
                shell.script(made, calls), name, args=["--restart"], env=VARIABLES["authinfo"]
            )
            assert ran.status == 0, ran.err
            restarts = [call.panel for call in panel.calls[before:] if call.func == "restart"]
            assert restarts == ["ispmgr", "billmgr"]
