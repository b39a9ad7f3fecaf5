"""PHP: the contract of all such emitters in a real php, and what is PHP's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import logreq
from tests.emitters.program_answers import Answers
from tests.emitters.program_base import AUTHS, ENV, OUTS, answering_bytes, calls
from tests.emitters.program_calls import Calls
from tests.emitters.program_logins import Logins
from tests.emitters.program_scripts import Scripts
from tests.support.panel import FakePanel
from tests.support.run import find, requires, run

pytestmark = requires("php")
CODE = Path(logreq.__file__).parent / "emitters" / "code" / "php"


class TestPhp(Calls, Logins, Answers, Scripts):
    name = "php"

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_php_finds_no_fault(self, auth: str, out: str, tmp_path: Path) -> None:
        found = calls(b"func=a&passwd=x", b"func=b&x=1&x=2", secrets="env")
        url = "https://[::1]:1500/it's/$x@y"
        scripts = [self.script(url, found, auth=auth, out=out), self.again(url, auth=auth, out=out)]
        for text in (self.text(url, found, auth=auth, out=out, insecure=True), *scripts):
            path = tmp_path / "x.php"
            path.write_text(text)
            done = subprocess.run([find("php") or "", "-l", path], capture_output=True, text=True)
            assert done.stdout == f"No syntax errors detected in {path}\n"

    def test_it_needs_no_extension(self) -> None:
        for auth, out in (("key", "xml"), ("session", "json"), ("authinfo", "text")):
            with FakePanel() as panel:
                text = self.script(panel.base, calls(b"func=domain"), auth=auth, out=out)
                # No php.ini: nothing that a system loads besides what php itself has.
                program = "<?php passthru('php -n ' . escapeshellarg($argv[1]), $s); exit($s);"
                ran = run("php", program.encode(), args=[self.saved(text)], env=ENV)
            assert ran.status == 0, ran.err
        program = program.replace("($argv[1])", "($argv[1]) . ' --dry-run'")
        text = self.again("http://127.0.0.1:1", auth="key", out="xml")
        ran = run("php", program.encode(), args=[self.saved(text)], env={})
        assert (ran.status, ran.out.splitlines()[0]) == (0, b"a"), ran

    @pytest.fixture(autouse=True)
    def _directory(self, tmp_path: Path) -> None:
        self.directory = tmp_path

    def saved(self, text: str) -> str:
        path = self.directory / "script.php"
        path.write_text(text)
        return str(path)

    def test_certificates_are_checked_unless_told_otherwise(self) -> None:
        with FakePanel(tls=True) as panel:
            checked = self.one(panel.base, b"func=domain")
            assert not panel.requests
            made = [
                self.one(panel.base, b"func=domain&x=1&x=2", insecure=True, auth=auth)
                for auth in AUTHS[:3]
            ]
        assert b"certificate verify failed" in checked.err + checked.out
        assert [ran.status for ran in made] == [0, 0, 0], made

    @pytest.mark.parametrize("auth", ["session", "key"])
    def test_an_answer_in_a_session_may_break_off(self, auth: str) -> None:
        with answering_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nname\n") as base:
            ran = self.one(base, b"func=f", auth=auth, out="csv")
        assert "f: the answer breaks off" in self.failure(ran)

    def test_a_snippet_may_stand_in_a_namespace(self) -> None:
        with FakePanel() as panel:
            text = self.text(panel.base, calls(b"func=fail.typed")).replace(
                "<?php ", "<?php namespace a\\b; ", 1
            )
            ran = self.run(text)
        assert b'RuntimeException: fail.typed: {"error":{"$type":"exists"' in ran.err + ran.out
        assert ran.status != 0

    def test_a_trace_shows_no_password(self) -> None:
        # As it is where no php.ini says otherwise.
        arguments = "<?php ini_set('zend.exception_ignore_args', '0'); ?>"
        env = {**ENV, "PANEL_PASSWORD": "pa55", "PANEL_AUTHINFO": "root:pa55"}
        for auth in ("authinfo", "session", "key"):
            with FakePanel() as panel:
                text = self.text(panel.base, calls(b"func=a"), auth=auth)
                ran = self.run(arguments + text, env)
            assert ran.status != 0
            assert b"pa55" not in ran.err + ran.out


@pytest.mark.parametrize("name", sorted(path.name for path in CODE.iterdir()))
def test_the_code_has_no_fault(name: str) -> None:
    done = subprocess.run([find("php") or "", "-l", CODE / name], capture_output=True)
    assert done.returncode == 0


def test_the_code_itself() -> None:
    tests = Path(__file__).parent / "code" / "panel.php"
    command = [find("php") or "", "-d", "display_errors=stderr", str(tests), str(CODE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
