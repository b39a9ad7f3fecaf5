"""Values that are longer than an argument of a program can be, and calls of very many."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from logreq.convert.render import Renderer
from logreq.errors import EmitError, Problem
from logreq.log.scan import Scanner
from logreq.model.call import Arg, Argument, Env
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from logreq.text.codec import decode
from tests.support import shell
from tests.support.mgrctl import Mgrctl
from tests.support.panel import FakePanel
from tests.support.recorder import Pairs, RecordingServer, Reply
from tests.support.run import Ran, Text, each, execute, requires, run, run_sh, search_path
from tests.support.strategies import log_line, panel_encode

# Linux: MAX_ARG_STRLEN without the NUL.
MOST = 131_071
LONG = 150 * 1024
ODD = b"'$x \"\\\n\r&%+=\0\xff" * (LONG // 13)
ENV = {
    "PANEL_AUTHINFO": b"root:s3cret",
    "PANEL_USER": b"root",
    "PANEL_PASSWORD": b"s3cret",
    "PASSWD": b"pass'\n&",
    "N" * 60: b"pass'\n&",
}
# By what is too long in it.
CALLS: dict[str, Pairs] = {
    "text": [(b"x", b"ok"), (b"long", b"a b'" * (LONG // 4)), (b"y", b"ok")],
    "bytes": [(b"x", b"ok"), (b"long", ODD), (b"y", b"ok")],
    "letters": [(b"long", "ж".encode() * (LONG // 2))],
    "name": [(b"n" * LONG, b"x"), (b"y", b"z")],
    "secret": [(b"passwd", b"p"), (b"long", b"-" * LONG), (b"y", b"z")],
    "secret's name": [(b"n" * LONG + b"_passwd", b"p"), (b"y", b"z")],
    "all": [(b"n%d" % n, b"v" * 100_000) for n in range(24)],
    "number": [(b"n%d" % n, b"") for n in range(20_000)],
}
ZSH = pytest.param(
    "zsh", marks=pytest.mark.skipif(not shutil.which("zsh"), reason="not on this machine: zsh")
)
BUSYBOX = pytest.param(
    "busybox sh",
    marks=pytest.mark.skipif(not shutil.which("busybox"), reason="not on this machine: busybox"),
)


def run_any(name: str, text: bytes) -> Ran:
    if name in ("dash", "bash"):
        return run_sh(text, name, env=ENV)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "snippet").write_bytes(text)
        command = [*name.split(), f"{folder}/snippet"]
        env: dict[str, Text] = {**ENV, "PATH": search_path()}
        return Ran(*execute(command, env, Path(folder), None, 60), [])


def arriving(params: Pairs, out: bytes = b"json") -> Pairs:
    kept = [(n, ENV["PASSWD"] if n.endswith(b"passwd") else v) for n, v in params]
    return [(b"func", b"domain.edit"), *kept, (b"out", out)]


@pytest.mark.interpreter
@pytest.mark.parametrize("what", CALLS)
@pytest.mark.parametrize("name", [*each("dash", "bash"), ZSH, BUSYBOX])
def test_a_curl_snippet(name: str, what: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base)
        ran = run_any(name, shell.snippet(made, shell.call(CALLS[what])))
        assert (ran.status, ran.err) == (0, b"")
    assert server.pairs == [[*arriving(CALLS[what]), (b"authinfo", b"root:s3cret")]]


@pytest.mark.interpreter
@pytest.mark.parametrize("what", ["text", "secret"])
@pytest.mark.parametrize("auth", ["session", "key", "none"])
def test_a_curl_snippet_with_a_login(auth: str, what: str) -> None:
    with FakePanel() as panel:
        made = shell.emitter("curl", url=panel.base, auth=auth)
        text = shell.snippet(made, shell.call(CALLS[what]))
        ran = run_sh(text, env={**ENV, "PANEL_PASSWORD": b"secret"})
        assert (ran.status, ran.err) == (0, b"")
        sent = panel.requests[-1].pairs
    assert sent[: len(sent) - (auth != "none")] == arriving(CALLS[what])


@pytest.mark.interpreter
def test_what_is_as_long_as_can_be_stays_an_argument() -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth="none")
        for value, option in (
            (b"v" * (MOST - 2), b"--data-urlencode x=v"),
            ("ж".encode() * (MOST // 2 - 1), "--data-urlencode x='ж".encode()),
            (b"\x01" * (MOST // 3 - 1), b"--data x=%01%01"),
        ):
            for more in (b"", value[-3:]):
                text = shell.snippet(made, shell.call([(b"x", value + more)]))
                assert (option in text) == (not more)
                assert run_sh(text).status == 0
                assert server.requests[-1].get(b"x") == value + more
        # The function is a parameter like others.
        func = b"f" * MOST
        assert run_sh(shell.snippet(made, shell.call([(b"x", b"y")], func))).status == 0
        assert server.pairs[-1][:2] == [(b"func", func), (b"x", b"y")]


def test_a_user_that_no_argument_can_be() -> None:
    call = shell.call([], user=b"u" * (MOST + 1))
    with pytest.raises(EmitError, match="131072 bytes is longer than a command line argument"):
        shell.snippet(shell.emitter("curl", auth="key"), call)
    with pytest.raises(EmitError, match="131075 bytes is longer than a command line argument"):
        shell.snippet(shell.emitter("mgrctl"), call)


@pytest.mark.parametrize("name", ["curl", "mgrctl"])
def test_the_renderer_gives_the_same(name: str) -> None:
    given = [(b"domain.edit", params[:2_000]) for params in (*CALLS.values(), [(b"x", b"y")], [])]
    given += [(b"f" * LONG, params) for params in ([], [(b"x", b"y")])]
    lines = [log_line(panel_encode([(b"func", func), *params])) for func, params in given]
    chunk = Chunk(b"\n".join(lines), Source("x.log", "ispmgr"), 1)
    problems: list[Problem] = []
    quick, slow = (
        (shell.emitter(name), Decider(rule_set(user=None, keep_empty=True))) for _ in range(2)
    )
    renderer = Renderer(quick[1], quick[0], problems.append)
    expected = []
    refused = 0
    for request in Scanner().scan(chunk):
        assert isinstance(request, Request)
        call = slow[1].whole(request)
        try:
            expected.append(slow[0].snippet(call))
        except EmitError as error:
            refused += 1
            expected.append(slow[0].refusal(call, str(error)))
    found = [one for one in Scanner().scan(chunk) if isinstance(one, Request)]
    assert list(map(decode, renderer.batch(found))) == expected
    assert len(problems) == refused == (9 if name == "mgrctl" else 0)


@pytest.mark.parametrize("what", [what for what in CALLS if what != "number"])
def test_mgrctl_has_no_other_way(what: str) -> None:
    made = shell.emitter("mgrctl")
    call = shell.call(CALLS[what])
    message = {
        "bytes": r"NUL byte|a parameter of \d{6} bytes is longer",
        "all": r"parameters of 2400302 bytes are longer than a command line can be \(1500000",
    }.get(what, r"a parameter of 15\d{4} bytes is longer than a command line argument can be")
    with pytest.raises(EmitError, match=message):
        made.snippet(call)
    with pytest.raises(EmitError, match=message):
        shell.script(made, [call])


@pytest.mark.interpreter
def test_what_mgrctl_can_be_told(tmp_path: Path) -> None:
    stand_in = Mgrctl(tmp_path / "mgrctl")
    made = shell.emitter("mgrctl")
    for params in (
        [(b"x", b"'" * (MOST - 2))],
        [(b"x", "ж".encode() * (MOST // 2 - 1))],
        [(b"n%d" % n, b"v" * 100_000) for n in range(12)],
        CALLS["number"],
    ):
        call = shell.call(params)
        for text in (shell.snippet(made, call), shell.script(made, [call])):
            ran = run_sh(stand_in.redirect(text))
            assert ran.status == 0
            assert stand_in.calls[-1].pairs == [(b"func", b"domain.edit"), *params]


def test_parts_of_a_value_for_mgrctl() -> None:
    made = shell.emitter("mgrctl")
    call = shell.joined(shell.call([(b"x", b"")]), "v" * (MOST - 2), Arg("a"))
    assert "v" * (MOST - 2) in "".join(made.script([call], [Argument("a", "b")]))
    for part in (Arg("a"), Env("PASSWD")):
        call = shell.joined(shell.call([(b"x", b"")]), "v" * MOST, part)
        with pytest.raises(EmitError, match="a parameter of 131073 bytes"):
            made.script([call], [Argument("a", "b")])


@pytest.mark.interpreter
# Shells are slow at cutting a long name off.
@pytest.mark.parametrize("what", [what for what in CALLS if "name" not in what])
@pytest.mark.parametrize("name", [*each("dash", "bash"), ZSH, BUSYBOX])
def test_a_curl_script(name: str, what: str) -> None:
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base)
        ran = run_any(name, shell.script(made, [shell.call(CALLS[what])]))
        assert ran.status == 0, ran.err
    assert server.pairs == [[*arriving(CALLS[what], b"xml"), (b"authinfo", b"root:s3cret")]]


@pytest.mark.parametrize("what", CALLS)
@pytest.mark.parametrize(
    ("to", "interpreter"),
    [
        pytest.param(to, interpreter, marks=requires(interpreter), id=to)
        for to, interpreter in {
            "python": f"python3.{sys.version_info[1]}",
            "perl": "perl",
            "php": "php",
            "javascript": "node",
        }.items()
    ],
)
def test_programs(to: str, interpreter: str, what: str) -> None:
    with RecordingServer(lambda _: Reply(b'{"doc":{"ok":{}}}', "application/json")) as server:
        made = shell.emitter(to, url=server.base)
        call = shell.call(CALLS[what])
        for text in (shell.snippet(made, call), shell.script(made, [call])):
            ran = run(interpreter, text, env=ENV)
            assert ran.status == 0, ran.err
    assert server.pairs == 2 * [[*arriving(CALLS[what]), (b"authinfo", b"root:s3cret")]]
