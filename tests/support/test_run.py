"""Running snippets: interpreters that really run, their bytes, limits, canaries."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.support import run as support
from tests.support import strategies
from tests.support.profile import examples
from tests.support.run import PYTHONS, SHELLS, Canaries, each, find, requires, run, run_sh

INTERPRETERS = (*SHELLS, *PYTHONS, "perl", "php", "node")
# Prints the first argument, the variable V and the standard input, as they are.
ECHO = {
    "perl": b'$/ = undef; print $ARGV[0], "|", $ENV{V}, "|", <STDIN>;',
    "php": b"<?php echo $argv[1], '|', getenv('V'), '|', file_get_contents('php://stdin');",
    "node": b"import fs from 'fs'; const o = (s) => fs.writeSync(1, s);\n"
    b"o(process.argv[2]); o('|'); o(process.env.V); o('|'); o(fs.readFileSync(0));",
    **dict.fromkeys(SHELLS, b'printf "%s|%s|" "$1" "$V"; cat'),
    **dict.fromkeys(
        PYTHONS,
        b"import os, sys\n"
        b"out = [os.fsencode(sys.argv[1]), os.environb[b'V'], sys.stdin.buffer.read()]\n"
        b"sys.stdout.buffer.write(b'|'.join(out))\n",
    ),
}


@pytest.mark.parametrize("name", each(*INTERPRETERS))
def test_interpreter_runs(name: str) -> None:
    text = "\u044f".encode() if name == "node" else b"\xff\xd1"
    ran = run(name, ECHO[name], args=[text], env={"V": text}, stdin=b"\xfe\x00")
    assert ran == (0, text + b"|" + text + b"|\xfe\x00", b"", [])


@pytest.mark.parametrize("name", each(*PYTHONS))
def test_python_is_the_version_named(name: str) -> None:
    ran = run(name, b"import sys; print('python%d.%d' % sys.version_info[:2])")
    assert ran.out.decode().strip() == name


@pytest.mark.parametrize("shell", each(*SHELLS))
@given(value=strategies.values(nul=False))
@settings(max_examples=examples(15))
def test_shell_gets_any_bytes(shell: str, value: bytes) -> None:
    script = b'printf "%s" "$V"; printf "|%s" "$1"'
    assert run_sh(script, shell, args=[value], env={"V": value}).out == value + b"|" + value


def test_environment_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANEL_PASSWORD", "the tester's own")
    names = {line.split(b"=")[0] for line in run_sh(b"env", env={"V": "1"}).out.splitlines()}
    assert names - {b"PWD", b"OLDPWD", b"SHLVL", b"_"} == {
        b"PATH",
        b"HOME",
        b"TMPDIR",
        b"LC_ALL",
        b"V",
    }


def test_directory_is_empty_and_watched() -> None:
    script = b'ls -A . "$HOME" "$TMPDIR"; touch a; mkdir b; touch b/c "$HOME/d" "$TMPDIR/e"'
    ran = run_sh(script)
    assert ran.files == ["home/d", "tmp/e", "work/a", "work/b", "work/b/c"]
    assert b"snippet" not in ran.out


def test_status_and_streams() -> None:
    assert run_sh(b"echo out; echo err >&2; exit 3") == (3, b"out\n", b"err\n", [])
    assert run_sh(b"cat", stdin=None).out == b""


def test_time_limit_reaches_children() -> None:
    began = time.monotonic()
    # The second sleep holds the output open when its parent is gone: only its own end frees us.
    with pytest.raises(TimeoutError, match="more than 1"):
        run_sh(b"sleep 50 & sleep 50", timeout=1)
    assert time.monotonic() - began < 25


def test_no_other_shell() -> None:
    with pytest.raises(ValueError, match="fish"):
        run_sh(b"", "fish")


def test_a_shim_that_fails_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    for directory, body in ((bad, "exit 127"), (good, "exit 0")):
        directory.mkdir()
        shim = directory / "php"
        shim.write_text(f"#!/bin/sh\n{body}\n")
        shim.chmod(0o755)
    unexecutable = tmp_path / "node"
    unexecutable.write_text("#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{bad}:{good}:{tmp_path}")
    find.cache_clear()
    try:
        assert find("php") == str(good / "php")
        assert find("node") is None
        monkeypatch.setenv("PATH", str(bad))
        find.cache_clear()
        assert find("php") is None
    finally:
        find.cache_clear()


def test_pyenv_versions_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    # What it says counts, not what its directory is called.
    for version, says in (("3.10.2", "/real/python 3 10"), ("3.12.0", "/real/python 3 11")):
        program = tmp_path / "versions" / version / "bin" / "python3"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
    find.cache_clear()
    try:
        assert find("python3.10") == "/real/python"
        assert find("python3.12") is None
        assert find("python3.9") is None
    finally:
        find.cache_clear()


def test_absent_interpreter_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "find", lambda name: None if name == "php" else "/bin/true")
    monkeypatch.delenv("LOGREQ_TEST_REQUIRE", raising=False)
    mark = requires("perl", "php")
    assert (mark.name, mark.args) == ("interpreter", ("perl", "php"))
    support.check(["perl"])
    with pytest.raises(pytest.skip.Exception, match=r"^not on this machine: php$"):
        support.check(mark.args)
    with pytest.raises(support.AbsentError, match="php"):
        run("php", b"")
    for wanted in ("all", "perl,php"):
        monkeypatch.setenv("LOGREQ_TEST_REQUIRE", wanted)
        with pytest.raises(support.AbsentError, match="wanted by LOGREQ_TEST_REQUIRE: php"):
            support.check(mark.args)
    monkeypatch.setenv("LOGREQ_TEST_REQUIRE", "perl")
    with pytest.raises(pytest.skip.Exception):
        support.check(mark.args)


def test_a_program_is_run_by_marked_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "marked", False)
    with pytest.raises(AssertionError, match="interpreter"):
        run_sh(b"true")


def test_canaries_sing(tmp_path: Path) -> None:
    canaries = Canaries(tmp_path)
    assert run_sh(b"echo $((1 + 1))", path_first=canaries.path).out == b"2\n"
    assert canaries.sprung == []
    run_sh(b"id; $(touch x); cat /dev/null; sh -c id", path_first=canaries.path)
    assert canaries.sprung == ["id", "touch", "cat", "sh"]


def test_canary_list_can_be_changed(tmp_path: Path) -> None:
    canaries = Canaries(tmp_path, names=("id", "cat", "curl"), allow=("cat", "curl"))
    ran = run_sh(b"echo text | cat; id; curl --version", path_first=canaries.path)
    assert ran.out.startswith(b"text\ncurl ")
    assert canaries.sprung == ["id"]


@requires("perl")
@pytest.mark.parametrize("name", ["id", "touch", "sh", "perl", "python3", "wget"])
def test_other_languages_spring_canaries_too(tmp_path: Path, name: str) -> None:
    canaries = Canaries(tmp_path)
    run("perl", f"system('{name}');".encode(), path_first=canaries.path)
    assert canaries.sprung == [name]
