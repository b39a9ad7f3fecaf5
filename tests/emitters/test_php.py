"""PHP: the contract of all such emitters in a real php, and what is PHP's own."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from logreq.emitters.php import _php_quote
from logreq.model.call import Call
from tests.emitters.program_answers import Answers
from tests.emitters.program_base import AUTHS, ENV, OUTS, Programs, calls
from tests.emitters.program_calls import Calls
from tests.emitters.program_logins import Logins
from tests.emitters.program_scripts import Scripts
from tests.support.panel import FakePanel
from tests.support.run import find, requires, run

pytestmark = requires("php")


class TestPhp(Calls, Logins, Answers, Scripts):
    name = "php"
    show = "\n<?php ob_end_clean(); echo json_encode($result);"
    show_bytes = "\n<?php ob_end_clean(); echo $result;"

    def text(self, url: str, found: Sequence[Call], **connection: Any) -> str:
        # What stands between two snippets is printed; it is not what the tests look at.
        return "<?php ob_start(); ?>" + self.bare(url, found, **connection)

    bare = Programs.text

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_php_finds_no_fault(self, auth: str, out: str, tmp_path: Path) -> None:
        found = calls(b"func=a&passwd=x", b"func=b", secrets="env")
        url = "https://[::1]:1500/it's/$x@y"
        script = self.script(url, found, auth=auth, out=out)
        for text in (self.bare(url, found, auth=auth, out=out, insecure=True), script):
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
            unchecked = self.one(panel.base, b"func=domain", insecure=True)
        assert "certificate verify failed" in self.failure(checked)
        assert unchecked.status == 0, unchecked.err

    def test_a_snippet_may_stand_in_a_namespace(self) -> None:
        with FakePanel() as panel:
            text = self.bare(panel.base, calls(b"func=fail.typed")).replace(
                "<?php ", "<?php namespace a\\b; ", 1
            )
            ran = self.run(text)
        assert "RuntimeException: fail.typed: error exists(user)" in self.failure(ran)

    def test_a_trace_shows_no_password(self) -> None:
        # As it is where no php.ini says otherwise.
        arguments = "<?php ini_set('zend.exception_ignore_args', '0'); ?>"
        env = {**ENV, "PANEL_PASSWORD": "pa55", "PANEL_AUTHINFO": "root:pa55"}
        for auth in ("authinfo", "session", "key"):
            with FakePanel() as panel:
                text = self.bare(panel.base, calls(b"func=a"), auth=auth)
                ran = self.run(arguments + text, env)
            assert "(Array" in self.failure(ran)
            assert "pa55" not in self.failure(ran)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("plain", "'plain'"),
        ("it's \\ $x {$y} ?>", "'it\\'s \\\\ $x {$y} ?>'"),
        ("\u043f\u0440\u0438", "'\u043f\u0440\u0438'"),
        ("$x\n", '"\\x24x\\x0a"'),
        ("{$x}\0", '"\\x7b\\x24x\\x7d\\x00"'),
        ('\udcff"\\1', '"\\xff\\x22\\x5c1"'),
        ("\u202ea", '"\\xe2\\x80\\xaea"'),
    ],
)
def test_quote(text: str, literal: str) -> None:
    assert _php_quote(text) == literal
