"""The stand-in for mgrctl: its command line, what it writes down, what it answers."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import strategies
from tests.support.mgrctl import REAL, Invocation, Mgrctl, MgrctlError, interpret, run_mgrctl
from tests.support.profile import examples
from tests.support.recorder import Pairs
from tests.support.run import SHELLS, Canaries, each, run_sh


@pytest.fixture
def mgrctl(tmp_path: Path) -> Mgrctl:
    return Mgrctl(tmp_path / "mgrctl")


def test_command_line() -> None:
    line = [
        b"-m",
        b"ispmgr",
        b"-o",
        b"xml",
        b"user.edit",
        b"name=a=b",
        b"name=",
        b"-e",
        b"passwd=$P",
    ]
    assert interpret(line, {b"P": b"\xff$P"}) == Invocation(
        b"ispmgr",
        b"xml",
        "call",
        [(b"func", b"user.edit"), (b"name", b"a=b"), (b"name", b""), (b"passwd", b"\xff$P")],
        {b"passwd": b"P"},
    )
    assert interpret([b"user"], {}) == (b"core", b"text", "call", [(b"func", b"user")], {})
    # Resolved where it stands.
    pairs = interpret([b"f", b"-e", b"a=$A", b"b=2"], {b"A": b"1"}).pairs
    assert pairs == [(b"func", b"f"), (b"a", b"1"), (b"b", b"2")]


@pytest.mark.parametrize(
    ("line", "mode", "pairs"),
    [
        ([b"-i"], "i", []),
        ([b"-i", b"lang=ru"], "i", [(b"lang", b"ru")]),
        ([b"-i", b"user", b"lang=ru"], "i", [(b"func", b"user"), (b"lang", b"ru")]),
        ([b"-l"], "l", []),
        ([b"-u"], "u", []),
        ([b"-R"], "R", []),
    ],
)
def test_other_modes(line: list[bytes], mode: str, pairs: Pairs) -> None:
    assert interpret([b"-m", b"ispmgr", *line], {})[2:4] == (mode, pairs)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ([], "no function"),
        ([b""], "no function"),
        ([b"-m"], "nothing after b'-m'"),
        ([b"-m", b"ispmgr"], "no function"),
        ([b"user", b"name"], "not name=value: b'name'"),
        ([b"user", b"=x"], "not name=value: b'=x'"),
        ([b"user", b""], "not name=value: b''"),
        ([b"user", b"-x=1"], "no such option: b'-x=1'"),
        ([b"--help"], "no such option"),
        ([b"-mispmgr", b"user"], "no such option"),
        ([b"-o", b"html", b"user"], "no such format"),
        ([b"user", b"-e"], "nothing after b'-e'"),
        ([b"user", b"-e", b"passwd=P"], "not name=$VARIABLE"),
        ([b"user", b"-e", b"passwd=$P x"], "not name=$VARIABLE"),
        ([b"user", b"-e", b"=$P"], "not name=$VARIABLE"),
        ([b"user", b"-e", b"passwd=$Q"], "not in the environment: b'Q'"),
    ],
)
def test_command_line_refused(line: list[bytes], message: str) -> None:
    with pytest.raises(MgrctlError) as caught:
        interpret(line, {b"P": b"secret"})
    assert message in str(caught.value)


def test_dump_and_answer(mgrctl: Mgrctl) -> None:
    def call(*words: str) -> tuple[int, bytes]:
        done = subprocess.run(
            [mgrctl.path, *words], env={"P": "x"}, capture_output=True, timeout=30
        )
        assert done.stderr == b""
        return done.returncode, done.stdout

    assert mgrctl.dumps == []
    assert call("user") == (0, b"OK\n")
    assert call("-o", "json", "user") == (0, b'{"doc":{"ok":{}}}\n')
    assert call("-o", "xml", "user")[1].endswith(b"<doc><ok/></doc>\n")
    mgrctl.answer(b"id=1\n")
    mgrctl.answer(b"ERROR exists(user)\n", 1, func=b"user.edit")
    assert call("user") == (0, b"id=1\n")
    assert call("user.edit", "name=x") == (1, b"ERROR exists(user)\n")
    assert [dump.argv for dump in mgrctl.dumps][-1] == [b"user.edit", b"name=x"]
    assert mgrctl.dumps[0].environ[b"P"] == b"x"
    assert mgrctl.calls[-1].pairs == [(b"func", b"user.edit"), (b"name", b"x")]


def test_a_bad_command_line_fails_the_snippet_and_is_kept(mgrctl: Mgrctl) -> None:
    ran = run_sh(mgrctl.redirect(REAL + b" user --bad"))
    assert ran.status == 1
    assert ran.out.startswith(b"ERROR usage(")
    assert mgrctl.dumps[0].argv == [b"user", b"--bad"]
    with pytest.raises(MgrctlError, match="--bad"):
        _ = mgrctl.calls


def test_snippet_must_name_the_program(mgrctl: Mgrctl) -> None:
    with pytest.raises(AssertionError, match="does not name"):
        mgrctl.redirect(b"mgrctl user")


@pytest.mark.parametrize(
    "snippet",
    [
        b"%s user; exit 1" % REAL,
        b"%s user; echo trouble >&2" % REAL,
        b"%s user; : >left" % REAL,
        b"%s user name" % REAL,
    ],
)
def test_trouble_is_not_overlooked(mgrctl: Mgrctl, snippet: bytes) -> None:
    with pytest.raises(AssertionError, match="status"):
        run_mgrctl(snippet, mgrctl)


@pytest.mark.parametrize("shell", each(*SHELLS))
@given(data=st.data())
@settings(
    max_examples=examples(12),
    # One stand-in serves all examples: run_mgrctl gives only the calls of its own run.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_bytes_arrive(mgrctl: Mgrctl, shell: str, data: st.DataObject) -> None:
    pair = st.tuples(
        strategies.values(nul=False, min_size=1).filter(
            lambda name: b"=" not in name and not name.startswith(b"-")
        ),
        strategies.values(nul=False),
    )
    calls = data.draw(st.lists(st.lists(pair, max_size=4), min_size=1, max_size=2))
    secret = data.draw(strategies.values(nul=False))
    snippet = b""
    for pairs in calls:
        words = [b"%s=%s" % pair for pair in pairs]
        quoted = [b"'" + word.replace(b"'", b"'\"'\"'") + b"'" for word in words]
        snippet += b" ".join([REAL, b"-m ispmgr f", *quoted, b"-e 'passwd=$PASSWD'"]) + b"\n"
    expected = [[(b"func", b"f"), *pairs, (b"passwd", secret)] for pairs in calls]
    assert run_mgrctl(snippet, mgrctl, shell, env={"PASSWD": secret}) == expected


def test_canaries_do_not_hinder_it(mgrctl: Mgrctl, tmp_path: Path) -> None:
    canaries = Canaries(tmp_path)
    snippet = REAL + b" user name=" + shlex.quote("$(id)").encode()
    seen = run_mgrctl(snippet, mgrctl, path_first=canaries.path)
    assert seen == [[(b"func", b"user"), (b"name", b"$(id)")]]
    assert canaries.sprung == []
