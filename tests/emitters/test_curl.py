"""curl snippets in real shells: what arrives, who is logged in, what nobody may see."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings

from logreq.errors import EmitError
from tests.support import shell
from tests.support.documents import Failure
from tests.support.panel import FakePanel
from tests.support.profile import examples
from tests.support.recorder import Pairs, Recorded, RecordingServer, Reply, ok_document
from tests.support.run import each, other_shells, run_sh
from tests.support.strategies import HOSTILE, pairs

SHELLS = each("dash", "bash")
AUTHS = ("authinfo", "session", "key", "none")
SITE: Pairs = [(b"name", b"example.com"), (b"ns", b"ns1.example.com. ns2"), (b"sok", b"ok")]
# A password of all that means something to forms and shells.
PASSWORD = b"p:&+#%= $x`\\'\"!~\xd1\x8f"
VARIABLES = {
    "authinfo": {"PANEL_AUTHINFO": b"root:" + PASSWORD},
    "session": {"PANEL_USER": b"root", "PANEL_PASSWORD": PASSWORD},
    "key": {"PANEL_USER": b"root", "PANEL_PASSWORD": PASSWORD},
    "none": {},
}


def a_panel() -> FakePanel:
    panel = FakePanel()
    accounts = panel.auth.accounts
    accounts["root"] = accounts["root"]._replace(password=PASSWORD.decode())
    return panel


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("out", shell.FORMATS)
@pytest.mark.parametrize("auth", AUTHS)
def test_every_authorisation_and_format(auth: str, out: str, name: str) -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth, out=out, lang="ru")
        text = shell.snippet(made, shell.call(SITE, user=b"www-root"))
        ran = run_sh(text, name, env=VARIABLES[auth])
        assert (ran.status, ran.err, ran.files) == (0, b"", [])
        if auth == "none":
            assert panel.calls == []
            return
        done = panel.calls[-1]
    assert (done.panel, done.func) == ("ispmgr", "domain.edit")
    assert done.login == ("www-root" if auth == "key" else "root")
    sent = [(b"func", b"domain.edit"), *SITE, (b"out", out.encode()), (b"lang", b"ru")]
    assert done.params[:-1] == sent
    assert done.params[-1][0] == (b"authinfo" if auth == "authinfo" else b"auth")
    assert ran.out


@pytest.mark.interpreter
def test_key_logs_in_whom_su_names_and_sends_the_cookie() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth="key", su="client")
        text = shell.snippet(made, shell.call(SITE, user=b"www-root"))
        ran = run_sh(text, env=VARIABLES["key"])
        assert (ran.status, ran.err) == (0, b"")
        assert (panel.calls[-1].user, panel.calls[-1].login) == ("client", "client")
        assert b"su" not in dict(panel.calls[-1].params)
        session = panel.requests[-1].get(b"auth") or b""
        assert panel.requests[-1].headers["Cookie"] == f"ispmgrses5={session.decode()};"
        key = panel.requests[0].get(b"key") or b""
        assert len(key) == 32
        run_sh(text, env=VARIABLES["key"])
        assert panel.requests[3].get(b"key") != key


@pytest.mark.interpreter
def test_key_goes_on_with_a_cookie_alone() -> None:
    def answer(request: Recorded) -> Reply:
        if request.get(b"func") == b"auth":
            cookies = (("SET-Cookie".title(), "a=1; path=/"), ("Set-Cookie", "b=2"))
            return Reply(b"<doc><ok/></doc>", "text/xml", 200, cookies)
        return ok_document(request)

    with RecordingServer(answer) as server:
        made = shell.emitter("curl", url=server.base, auth="key")
        ran = run_sh(shell.snippet(made, shell.call(SITE)), env=VARIABLES["key"])
        assert (ran.status, ran.err) == (0, b"")
        assert server.requests[-1].headers["Cookie"] == "a=1;b=2;"
        assert b"auth" not in dict(server.requests[-1].pairs)


def test_key_needs_a_user() -> None:
    made = shell.emitter("curl", auth="key")
    with pytest.raises(EmitError, match="names no user whom a key could log in: --su"):
        made.snippet(shell.call(SITE, user=b""))


@pytest.mark.interpreter
@pytest.mark.parametrize("fail_with", ["authfail", "error"])
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", ["session", "key"])
def test_failed_login(auth: str, name: str, fail_with: str) -> None:
    with a_panel() as panel:
        panel.auth.fail_with = fail_with
        made = shell.emitter("curl", url=panel.base, auth=auth)
        text = b"set -eu\n" + shell.snippet(made, shell.call(SITE)) + b"echo went on\n"
        ran = run_sh(text, name, env={"PANEL_USER": "root", "PANEL_PASSWORD": "wrong"})
        assert panel.calls == []
    assert ran.status == 1
    assert ran.out == b""
    who = b"the panel refused the " + (b"key\n" if auth == "key" else b"login: ")
    assert who in ran.err
    assert (b"Wrong name or password" if fail_with == "error" else b"<authfail/>") in ran.err


@pytest.mark.interpreter
def test_key_that_is_refused_at_the_login() -> None:
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth="key")
        panel.fail["session.newkey"] = Failure("no", "text")
        panel.answer = lambda request: (
            ok_document(request)
            if request.get(b"func") == b"session.newkey"
            else Reply(b"<doc><authfail/></doc>", headers=(("Set-Cookie", "lang=en"),))
        )
        ran = run_sh(shell.snippet(made, shell.call(SITE)), env=VARIABLES["key"])
        assert len(panel.requests) == 2
    told = b"the panel refused the login: <doc><authfail/></doc>\n"
    assert (ran.status, ran.err) == (1, told)


@pytest.mark.interpreter
@pytest.mark.parametrize("options", ["", "set -eu\n", "set -euo pipefail\n"])
def test_status_is_curls_own(options: str) -> None:
    with RecordingServer(lambda _request: Reply(b"no", status=500)) as server:
        made = shell.emitter("curl", url=server.base)
        call = shell.call([(b"passwd", b"x")])
        env = {"PANEL_AUTHINFO": "a:b", "PASSWD": "c"}
        ran = run_sh(options.encode() + shell.snippet(made, call), "bash", env=env)
    assert ran.status == 22
    assert b"500" in ran.err


SECRETS: Pairs = [(b"passwd", b"one"), (b"ipmipass", b"two"), (b"confirm", b"one")]


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", AUTHS)
def test_no_secret_in_arguments_or_files(auth: str, name: str, tmp_path: Path) -> None:
    watched = shell.Watched(tmp_path)
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        text = shell.snippet(made, shell.call(SECRETS))
        env = {
            "PASSWD": b"s3cret-\n" + PASSWORD + b"\n",
            "IPMIPASS": b"@/etc/hosts",
            **VARIABLES[auth],
        }
        ran = run_sh(text, name, env=env, path_first=watched.path)
        assert (ran.status, ran.err, ran.files) == (0, b"", [])
        sent = panel.requests[-1].pairs[1:4]
        private = {value for r in panel.requests for n, value in r.pairs if n in (b"auth", b"key")}
    assert sent == [
        (b"passwd", b"s3cret-\n" + PASSWORD + b"\n"),
        (b"ipmipass", b"@/etc/hosts"),
        (b"confirm", b"s3cret-\n" + PASSWORD + b"\n"),
    ]
    assert b"curl\0-fsSL\0" in watched.arguments
    assert bool(private) == (auth in ("session", "key"))
    for secret in (PASSWORD, b"s3cret", b"@/etc/hosts", *private):
        assert secret not in watched.arguments
        assert secret not in text


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", AUTHS)
@pytest.mark.parametrize("number", [6, 7, 8, 9, 12])
def test_more_secrets_than_pipes(number: int, auth: str, name: str, tmp_path: Path) -> None:
    params: Pairs = [
        (b"first", b"\x00 &"),
        *((b"p%d_passwd" % n, b"%d" % n) for n in range(number)),
    ]
    params += [(b"last", b"=")] * (number % 2)
    watched = shell.Watched(tmp_path)
    with a_panel() as panel:
        out = "json" if number % 2 else ""
        made = shell.emitter("curl", url=panel.base, auth=auth, out=out)
        text = shell.snippet(made, shell.call(params))
        env = {f"P{n}_PASSWD": b"s3cret %d" % n + PASSWORD for n in range(number)}
        ran = run_sh(text, name, env={**env, **VARIABLES[auth]}, path_first=watched.path)
        assert (ran.status, ran.err) == (0, b"")
        sent = panel.requests[-1].pairs
        assert len(panel.calls) == {"none": 0, "key": 2}.get(auth, 1)
    wanted = [(b"func", b"domain.edit"), params[0]]
    wanted += [(b"p%d_passwd" % n, env[f"P{n}_PASSWD"]) for n in range(number)]
    wanted += [*params[number + 1 :], *[(b"out", b"json")] * (number % 2)]
    assert sent[: len(wanted)] == wanted
    assert len(sent) == len(wanted) + (auth != "none")
    assert b"s3cret" not in watched.arguments


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
@pytest.mark.parametrize("auth", AUTHS)
def test_unset_and_empty_variables_stop_everything(auth: str, name: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth=auth)
        call = shell.call(SECRETS)
        text = shell.snippet(made, call, call) + b"echo went on\n"
        env = {"PASSWD": b"one", "IPMIPASS": b"two", **VARIABLES[auth]}
        for missing in env:
            for empty in ({}, {missing: b""}):
                some = {key: value for key, value in env.items() if key != missing}
                ran = run_sh(text, name, env={**some, **empty})
                assert ran.status != 0
                assert ran.out == b""
                assert f"{missing}: must hold" in ran.err.decode()
        assert server.requests == []


def check_arrives(name: str, batch: list[Pairs], auth: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth=auth, out="")
        calls = [shell.call(params, secrets="keep") for params in batch]
        ran = run_sh(shell.snippet(made, *calls), name, env=VARIABLES[auth])
        assert (ran.status, ran.err, ran.files) == (0, b"", [])
        login = [(b"authinfo", VARIABLES[auth]["PANEL_AUTHINFO"])] if auth == "authinfo" else []
        for params, sent in zip(batch, server.pairs):
            kept = [pair for pair in params if pair[0] not in shell.NOT_SENT]
            assert sent == [(b"func", b"domain.edit"), *kept, *login]
        assert len(server.pairs) == len(batch)


@pytest.mark.interpreter
@pytest.mark.parametrize("name", SHELLS)
def test_hostile_text_arrives(name: str) -> None:
    check_arrives(name, [[(text, text), (b"x", text)] for text in HOSTILE], "none")


@pytest.mark.interpreter
@settings(max_examples=examples(40))
@given(pairs())
def test_any_bytes_arrive_from_dash(params: Pairs) -> None:
    check_arrives("dash", [params], "authinfo")


@pytest.mark.interpreter
@settings(max_examples=examples(40))
@given(pairs())
def test_any_bytes_arrive_from_bash(params: Pairs) -> None:
    check_arrives("bash", [params], "none")


def test_words_are_what_shlex_sees() -> None:
    made = shell.emitter("curl", url="https://[::1]:1500", insecure=True, su="o'brien")
    text = shell.snippet(made, shell.call([(b"a b", b"c'd\"$x"), (b"n", b"1\n2"), (b"", b"v")]))
    words = shlex.split(text.decode().replace("\\\n", ""), comments=True)
    assert words == [
        ":",
        "${PANEL_AUTHINFO:?must hold user:password}",
        "&&",
        *("printf", "%s", "$PANEL_AUTHINFO", "|"),
        *("curl", "-fsSL", "--max-redirs", "0", "--max-time", "600", "--insecure", "--globoff"),
        *("https://[::1]:1500/ispmgr", "--data-urlencode", "func=domain.edit"),
        *("--data-urlencode", "a%20b=c'd\"$x", "--data", "n=1%0A2", "--data", "=v"),
        *("--data-urlencode", "out=json", "--data-urlencode", "su=o'brien"),
        *("--data-urlencode", "authinfo@-"),
    ]


ALONE = """\
: "${PANEL_AUTHINFO:?must hold user:password}" &&
printf %s "$PANEL_AUTHINFO" |
curl -fsSL --max-redirs 0 --max-time 600 https://localhost:1500/ispmgr \\
  --data-urlencode func=user.edit \\
  --data-urlencode fullname='It'\\''s a name' \\
  --data-urlencode sok=ok \\
  --data-urlencode out=json \\
  --data-urlencode authinfo@-
"""
SEVERAL = """\
: "${PANEL_AUTHINFO:?must hold user:password}" "${PASSWD:?must hold the value}" &&
urlencode() { printf %s "$1" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g'; } &&
printf '%s\\n' \\
  func=user.edit \\
  confirm=$(urlencode "$PASSWD") \\
  fullname=$(urlencode 'It'\\''s a name') \\
  passwd=$(urlencode "$PASSWD") \\
  x='%00~' \\
  out=json \\
  authinfo=$(urlencode "$PANEL_AUTHINFO") |
paste -sd '&' - |
curl -fsSL --max-redirs 0 --max-time 600 --data @- https://localhost:1500/ispmgr
"""


def test_how_snippets_read() -> None:
    made = shell.emitter("curl")
    call = shell.call([(b"fullname", b"It's a name"), (b"sok", b"ok")], b"user.edit")
    assert shell.snippet(made, call).decode().partition("\n")[2] == ALONE
    params = [(b"confirm", b"p"), (b"fullname", b"It's a name"), (b"passwd", b"p"), (b"x", b"\0~")]
    text = shell.snippet(made, shell.call(params, b"user.edit"))
    assert text.decode().partition("\n")[2] == SEVERAL


@pytest.mark.parametrize("number", range(3))
def test_a_frame_is_short(number: int) -> None:
    """Lines that are neither comment, blank nor a pair."""
    call = shell.call([(b"a", b"b")] * 3 + SECRETS[:number])
    lines = shell.snippet(shell.emitter("curl"), call).decode().splitlines()
    frame = [line for line in lines if line and line[0] not in " #"]
    assert len(frame) == (3 if number == 0 else 5)


@pytest.mark.interpreter
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("params", [SITE, [(b"passwd", b"x")]])
def test_a_redirect_is_told_and_not_followed(params: Pairs, status: int) -> None:
    def answer(request: Recorded) -> Reply:
        return Reply(b"moved", "text/html", status, (("Location", "/elsewhere"),))

    with RecordingServer(answer) as server:
        made = shell.emitter("curl", url=server.base)
        env = {"PASSWD": b"x", **VARIABLES["authinfo"]}
        ran = run_sh(shell.snippet(made, shell.call(params)), env=env)
        assert [request.path for request in server.requests] == ["/ispmgr"]
    assert (ran.status, ran.out) == (47, b"")
    assert b"redirects" in ran.err


@pytest.mark.interpreter
@pytest.mark.parametrize("auth", ["session", "key"])
def test_a_redirect_is_no_login(auth: str) -> None:
    redirect = Reply(b"", "text/html", 307, (("Location", "/elsewhere"),))
    with RecordingServer(lambda request: redirect) as server:
        made = shell.emitter("curl", url=server.base, auth=auth)
        ran = run_sh(shell.snippet(made, shell.call(SITE)), env=VARIABLES[auth])
        assert {request.path for request in server.requests} == {"/ispmgr"}
        assert b"domain.edit" not in {request.get(b"func") for request in server.requests}
    assert (ran.status, ran.out) == (1, b"")
    assert b"the panel refused the login" in ran.err


@pytest.mark.interpreter
@pytest.mark.parametrize("name", other_shells())
@pytest.mark.parametrize("auth", AUTHS)
def test_other_shells(auth: str, name: str) -> None:
    """Two in a row, one with a pipe for a secret and one with a form; odd bytes in both."""
    odd: Pairs = [(b"a", b"\xff\0'\n"), (b"~b", b"~root $x `y` \\"), (b"c", "\u044f =".encode())]
    odd += [(b"", b"e"), (b"d", b"=ls")]
    with a_panel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        calls = shell.call([*SITE, *odd]), shell.call([*SITE, *odd, *SECRETS])
        env = {"PASSWD": b"it's\n100%\n", "IPMIPASS": "\u044f".encode(), **VARIABLES[auth]}
        ran = run_sh(shell.snippet(made, *calls), name, env=env)
        assert (ran.status, ran.err, ran.files) == (0, b"", [])
        sent = [r.pairs for r in panel.requests if r.get(b"func") == b"domain.edit"]
    secrets = [(b"passwd", env["PASSWD"]), (b"ipmipass", env["IPMIPASS"])]
    secrets.append((b"confirm", env["PASSWD"]))
    for pairs_, wanted in zip(sent, ([*SITE, *odd], [*SITE, *odd, *secrets])):
        wanted = [(b"func", b"domain.edit"), *wanted, (b"out", b"json")]
        assert pairs_[: len(wanted)] == wanted
        assert len(pairs_) == len(wanted) + (auth != "none")
    assert len(sent) == 2


@pytest.mark.interpreter
def test_certificate_is_checked_unless_told_otherwise() -> None:
    with FakePanel(tls=True) as panel:
        for insecure, status in ((False, 60), (True, 0)):
            made = shell.emitter("curl", url=panel.base, auth="session", insecure=insecure)
            env = {"PANEL_USER": "root", "PANEL_PASSWORD": "secret"}
            ran = run_sh(
                b"set -eo pipefail\n" + shell.snippet(made, shell.call(SITE)), "bash", env=env
            )
            assert ran.status == status, ran
        assert [call.func for call in panel.calls] == ["domain.edit"]
