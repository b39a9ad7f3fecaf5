"""Values in scripts of curl calls: any bytes, arguments in their places, secrets in longer ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from logreq.errors import EmitError
from logreq.model.call import Env
from tests.emitters.test_curl import PASSWORD, SHELLS
from tests.support import shell
from tests.support.profile import examples
from tests.support.recorder import Pairs, RecordingServer
from tests.support.run import run_sh
from tests.support.strategies import HOSTILE, pairs

pytestmark = pytest.mark.interpreter


def check_arrives(name: str, params: Pairs, old: bytes, new: bytes) -> None:
    """Run a script with an argument in the place of a text and compare what arrives."""
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth="none", out="text")
        call = shell.call(params, secrets="keep")
        text = shell.script(made, [call], thing=old.decode("utf-8", "surrogateescape"))
        assert run_sh(text, name).status == 0
        assert run_sh(text, name, args=["--thing", new]).status == 0
        assert run_sh(text, name, args=[b"--thing=" + new]).status == 0
        kept = [(n, v) for n, v in params if n not in shell.NOT_SENT]
        for sent, value in zip(server.pairs, (old, new, new)):
            wanted = [(n, v.replace(old, value)) for n, v in kept]
            assert sent == [(b"func", b"domain.edit"), *wanted, (b"out", b"text")]
        assert len(server.pairs) == 3


@pytest.mark.parametrize("name", SHELLS)
def test_hostile_arguments_arrive(name: str) -> None:
    params = [(b"n%d" % n, text + b"<here>" + text) for n, text in enumerate(HOSTILE)]
    check_arrives(name, params, b"<here>", b"".join(HOSTILE))
    for text in (b"-n", b"", b"trailing\n\n", b"a:=b::c", b"100%25"):
        check_arrives(name, [(b"x", b"<here>"), (b"y", b"::<here>:")], b"<here>", text)
    check_arrives(name, [(b"x", text) for text in HOSTILE[8:16]], HOSTILE[12], b"other")


@settings(max_examples=examples(15))
@given(pairs())
def test_any_bytes_arrive_from_dash(params: Pairs) -> None:
    check_arrives("dash", params, b"a", b"\xff'$x\n")


@settings(max_examples=examples(10))
@given(pairs())
def test_any_bytes_arrive_from_bash(params: Pairs) -> None:
    check_arrives("bash", params, b"\xff", b"\xd1\x8f\n")


def test_a_default_that_no_shell_can_hold() -> None:
    made = shell.emitter("curl")
    with pytest.raises(EmitError, match="NUL"):
        shell.script(made, [shell.call([(b"x", b"a\0b")])], thing="a\0b")


def test_a_secret_inside_a_longer_value(tmp_path: Path) -> None:
    watched = shell.Watched(tmp_path)
    with RecordingServer() as server:
        made = shell.emitter("curl", url=server.base, auth="none")
        call = shell.joined(
            shell.call([(b"x", b"")]), "user:", Env("PASSWD"), "\x01", Env("PASSWD")
        )
        env = {"PASSWD": PASSWORD}
        assert run_sh(shell.script(made, [call]), env=env, path_first=watched.path).status == 0
        assert server.requests[0].get(b"x") == b"user:" + PASSWORD + b"\x01" + PASSWORD
    assert PASSWORD not in watched.arguments
