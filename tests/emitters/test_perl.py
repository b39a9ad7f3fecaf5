"""Perl: the contract of all such emitters in a real perl, and what is Perl's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from logreq.emitters.perl import _perl_quote
from tests.emitters.program_answers import Answers
from tests.emitters.program_base import AUTHS, ENV, OUTS, calls
from tests.emitters.program_calls import Calls
from tests.emitters.program_logins import Logins
from tests.emitters.program_scripts import Scripts
from tests.support.panel import FakePanel
from tests.support.run import find, requires, run

pytestmark = requires("perl")


def has_tls() -> bool:
    perl = find("perl")
    done = perl and subprocess.run([perl, "-MIO::Socket::SSL", "-e1"], capture_output=True)
    return bool(done and done.returncode == 0)


class TestPerl(Calls, Logins, Answers, Scripts):
    name = "perl"
    show = "\nuse JSON::PP; print JSON::PP->new->ascii->allow_nonref->encode($result);"
    show_bytes = "\nbinmode STDOUT; print $result;"

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_perl_finds_no_fault(self, auth: str, out: str, tmp_path: Path) -> None:
        found = calls(b"func=a&passwd=x", b"func=b", secrets="env")
        url = "https://[::1]:1500/it's/$x@y"
        texts = [self.text(url, [call], auth=auth, out=out, insecure=True) for call in found]
        for text in ("\n".join(texts), texts[0], self.script(url, found, auth=auth, out=out)):
            path = tmp_path / "x.pl"
            path.write_text(text)
            options = ["-c"] if text.count("my @call") == 2 else ["-wc"]
            done = subprocess.run(
                [find("perl") or "", *options, path], capture_output=True, text=True, check=True
            )
            assert done.stderr == f"{path} syntax OK\n"

    def test_values_survive_utf8_source_and_arguments(self) -> None:
        found = calls(b"func=a&x=%D0%BF%D1%80&y=%FF&z=%C3%A9")
        with FakePanel() as panel:
            panel.auth.accounts["root"] = panel.auth.accounts["root"]._replace(password="\u043f")
            text = "use utf8;\nuse strict;\nuse warnings;\n"
            text += self.text(panel.base, found, auth="authinfo")
            env = {**ENV, "PANEL_AUTHINFO": "root:\u043f", "PERL_UNICODE": "SDA"}
            self.run(text, env)
        assert panel.requests[0].pairs[1:4] == [
            (b"x", "\u043f\u0440".encode()),
            (b"y", b"\xff"),
            (b"z", b"\xc3\xa9"),
        ]

    def test_a_comment_sets_no_line_number(self) -> None:
        emitter = self.emitter("http://127.0.0.1:1")
        text = emitter.comment('line 5 "evil"') + emitter.comment(" line 6") + "die 'x'"
        assert b" line 3." in run("perl", text.encode()).err
        assert emitter.comment("domain.online") == "# domain.online\n"

    def test_https_needs_a_module_and_says_so(self, tmp_path: Path) -> None:
        module = tmp_path / "IO" / "Socket" / "SSL.pm"
        module.parent.mkdir(parents=True)
        module.write_text("die 'absent';")
        text = self.text("https://127.0.0.1:1", calls(b"func=a"))
        ran = self.run(text, {**ENV, "PERL5LIB": str(tmp_path)})
        assert ran.status == 1
        assert ran.err.startswith(b"a: https needs the Perl module IO::Socket::SSL (Debian:")
        assert "IO::Socket::SSL" not in self.text("http://127.0.0.1:1", calls(b"func=a"))

    @pytest.mark.skipif(not has_tls(), reason="no IO::Socket::SSL for perl on this machine")
    def test_certificates_are_checked_unless_told_otherwise(self) -> None:
        with FakePanel(tls=True) as panel:
            checked = self.one(panel.base, b"func=domain")
            assert not panel.requests
            unchecked = self.one(panel.base, b"func=domain", insecure=True)
        assert checked.status == 1
        assert b"domain: HTTP 599" in checked.err
        assert unchecked.status == 0

    def test_an_error_ends_with_status_1(self) -> None:
        with FakePanel() as panel:
            assert self.one(panel.base, b"func=fail.typed").status == 1


@pytest.mark.parametrize("insecure", [False, True])
def test_verification_is_always_told(insecure: bool) -> None:
    text = TestPerl().text("https://x", calls(b"func=a"), insecure=insecure)
    assert ("verify_SSL => 0" in text) == insecure
    assert ("verify_SSL => 1" in text) == (not insecure)


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("", "''"),
        ("plain", "'plain'"),
        ("it's \\ $x @y %z", "'it\\'s \\\\ $x @y %z'"),
        ("\u043f\u0440\u0438", "'\u043f\u0440\u0438'"),
        ("$x\n", '"\\x24x\\x0a"'),
        ("@{[`id`]}\0", '"\\x40\\x7b\\x5b\\x60id\\x60\\x5d\\x7d\\x00"'),
        ('\udcff"\\1', '"\\xff\\x22\\x5c1"'),
        ("\u202ea", '"\\xe2\\x80\\xaea"'),
    ],
)
def test_quote(text: str, literal: str) -> None:
    assert _perl_quote(text) == literal
