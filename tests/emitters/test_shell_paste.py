"""Snippets typed into interactive shells, where comments may be commands and `!` is history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import shell
from tests.support.mgrctl import Mgrctl
from tests.support.panel import FakePanel
from tests.support.recorder import Pairs, RecordingServer
from tests.support.run import Canaries

pytestmark = pytest.mark.interpreter
SHELLS = shell.shells()
# Where a comment is none (zsh), its words are a command's: none of them may do anything.
COMMENTS = (
    b"$(touch pwned)",
    b"`touch pwned`",
    b"; touch pwned",
    b"| touch pwned",
    b"& touch pwned &",
    b"> pwned",
    b"<(touch pwned)",
    b"=touch",
    b"\\",
    b"x\\",
    b"'",
    b'"',
    b"!!",
    b"!touch",
    b"^a^touch pwned^",
    b"\n touch pwned",
    b"\r touch pwned",
    b"\x1b[201~\n touch pwned",
    b"\x03 touch pwned",
    b"{touch,pwned}",
    b"~root *?[a]",
    b"exists(user)",
    b"/etc/passwd(eztouchz)",
    b"# $x",
    b"\xff \xe2\x80\xae",
)
ODD: Pairs = [(b"n%d" % n, text + b"!") for n, text in enumerate(COMMENTS)]


@pytest.mark.parametrize("bracketed", [False, True])
@pytest.mark.parametrize("name", SHELLS)
def test_curl_with_hostile_comments_and_values(name: str, bracketed: bool, tmp_path: Path) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base)
        calls = [
            shell.call(ODD, user=b"u" + text)._replace(notes=[text.decode("utf-8", "replace")])
            for text in COMMENTS
        ]
        assert len(calls[0].notes) == 1
        env = {"PANEL_AUTHINFO": b"root:it's !$ \\"}
        canaries = Canaries(tmp_path, names=("touch", "root"))
        env["PATH"] = f"{canaries.path}:/usr/bin:/bin".encode()
        for call in calls[:: 6 if bracketed else 1]:
            before = len(server.requests)
            text = shell.snippet(made, call)
            shown = shell.paste(name, text, tmp_path, env, bracketed=bracketed)
            wanted = [(b"func", b"domain.edit"), *ODD, (b"out", b"json")]
            wanted.append((b"authinfo", env["PANEL_AUTHINFO"]))
            assert server.pairs[before:] == [wanted], shown
    assert canaries.sprung == []
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("auth", ["session", "key"])
@pytest.mark.parametrize("name", SHELLS)
def test_curl_with_logins_and_many_secrets(name: str, auth: str, tmp_path: Path) -> None:
    for number in (2, 12):
        params: Pairs = [(b"p%d_passwd" % n, b"%d" % n) for n in range(number)]
        with FakePanel() as panel:
            made = shell.emitter("curl", url=panel.base, auth=auth)
            text = shell.snippet(made, shell.call(params, b"user"), shell.call([], b"domain"))
            env = {f"P{n}_PASSWD": b"%d" % n for n in range(number)}
            env.update(PANEL_USER=b"root", PANEL_PASSWORD=b"secret")
            shown = shell.paste(name, text, tmp_path, env)
            calls = [call for call in panel.calls if call.func != "session.newkey"]
            assert [call.func for call in calls] == ["user", "domain"], shown
            assert calls[0].params[1 : number + 1] == params


@pytest.mark.parametrize("auth", ["authinfo", "session", "key", "none"])
@pytest.mark.parametrize("name", SHELLS)
def test_curl_without_its_variables(name: str, auth: str, tmp_path: Path) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth=auth)
        shown = shell.paste(name, shell.snippet(made, shell.call([(b"passwd", b"x")])), tmp_path)
        assert server.requests == []
    variables = {"authinfo": "PANEL_AUTHINFO", "none": "PASSWD"}
    # Once typed, once in the message.
    assert f"{variables.get(auth, 'PANEL_USER')}: must hold".encode() in shown


@pytest.mark.parametrize("name", SHELLS)
def test_mgrctl(name: str, tmp_path: Path) -> None:
    stand_in = Mgrctl(tmp_path / "bin")
    made = shell.emitter("mgrctl")
    params: Pairs = [(b"a", b"it's !! $(touch pwned) \\"), (b"passwd", b"x")]
    text = stand_in.redirect(shell.snippet(made, shell.call(params, user=b"u !!\\")))
    shown = shell.paste(name, text, tmp_path)
    assert stand_in.dumps == []
    assert b"PASSWD: must hold the value" in shown
    shown = shell.paste(name, text, tmp_path, {"PASSWD": b"s3cret"})
    assert [run.pairs for run in stand_in.calls] == [
        [(b"func", b"domain.edit"), params[0], (b"passwd", b"s3cret")]
    ], shown
    assert not (tmp_path / "pwned").exists()
