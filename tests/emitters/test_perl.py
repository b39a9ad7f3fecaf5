"""Perl: the contract of all such emitters in a real perl, and what is Perl's own."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import logreq
from logreq.errors import EmitError
from tests.emitters.program_answers import Answers
from tests.emitters.program_base import AUTHS, ENV, OUTS, calls
from tests.emitters.program_calls import Calls
from tests.emitters.program_logins import Logins
from tests.emitters.program_scripts import Scripts
from tests.support.panel import FakePanel
from tests.support.recorder import RecordingServer
from tests.support.run import Ran, find, requires, run

pytestmark = requires("perl")
CODE = Path(logreq.__file__).parent / "emitters" / "code" / "perl"


def has_tls() -> bool:
    perl = find("perl")
    done = perl and subprocess.run([perl, "-MIO::Socket::SSL", "-e1"], capture_output=True)
    return bool(done and done.returncode == 0)


class TestPerl(Calls, Logins, Answers, Scripts):
    name = "perl"

    @pytest.mark.parametrize("auth", AUTHS)
    @pytest.mark.parametrize("out", OUTS)
    def test_perl_finds_no_fault(self, auth: str, out: str, tmp_path: Path) -> None:
        found = calls(b"func=a&passwd=x", b"func=b&x=%FF", secrets="env")
        url = "https://[::1]:1500/it's/$x@y"
        texts = [self.text(url, [call], auth=auth, out=out, insecure=True) for call in found]
        texts += ["\n".join(texts), self.script(url, found, auth=auth, out=out)]
        for text in (*texts[-3:], self.again(url, auth=auth, out=out)):
            path = tmp_path / "x.pl"
            path.write_text(text)
            done = subprocess.run(
                [find("perl") or "", "-wc", path], capture_output=True, text=True, check=True
            )
            assert done.stderr == f"{path} syntax OK\n"

    def test_values_survive_utf8_source_and_arguments(self) -> None:
        found = calls(b"func=a&x=%D0%BF%D1%80&y=%FF&z=%C3%A9")
        with FakePanel() as panel:
            panel.auth.accounts["root"] = panel.auth.accounts["root"]._replace(password="\u043f")
            env = {**ENV, "PANEL_AUTHINFO": "root:\u043f", "PERL_UNICODE": "SDA"}
            self.run(self.text(panel.base, found), env)
            self.run("use utf8;\n" + self.script(panel.base, found), env)
        for request in panel.requests:
            assert request.pairs[1:4] == [
                (b"x", "\u043f\u0440".encode()),
                (b"y", b"\xff"),
                (b"z", b"\xc3\xa9"),
            ]
        assert [call.user for call in panel.calls] == ["root", "root"]

    def test_a_comment_sets_no_line_number(self) -> None:
        emitter = self.emitter("http://127.0.0.1:1")
        text = emitter.comment('line 5 "evil"') + emitter.comment(" line 6") + "die 'x'"
        assert b" line 3." in run("perl", text.encode()).err
        assert emitter.comment("domain.online") == "# domain.online\n"

    def test_https_needs_a_module_and_says_so(self, tmp_path: Path) -> None:
        module = tmp_path / "IO" / "Socket" / "SSL.pm"
        module.parent.mkdir(parents=True)
        module.write_text("die 'absent';")
        env = {**ENV, "PERL5LIB": str(tmp_path)}
        found = calls(b"func=a")
        said = re.compile(r"^a: .*IO::Socket::SSL [\d.]+ must be installed for https support")
        for text in (self.text("https://[::1]:1", found), self.script("https://[::1]:1", found)):
            assert said.search(self.failure(self.run(text, env)))
        assert "(Debian: libio-socket-ssl-perl; " in self.failure(self.run(text, env))

    @pytest.mark.skipif(not has_tls(), reason="no IO::Socket::SSL for perl on this machine")
    def test_certificates_are_checked_unless_told_otherwise(self) -> None:
        with FakePanel(tls=True) as panel:
            checked = self.one(panel.base, b"func=domain")
            assert not panel.requests
            made = [
                self.one(panel.base, b"func=domain", insecure=True, auth=auth) for auth in AUTHS[:3]
            ]
        assert "domain: 599 " in self.failure(checked)
        assert "certificate verify failed" in self.failure(checked)
        assert [ran.status for ran in made] == [0, 0, 0], made

    def test_a_secret_that_is_no_utf8_is_told(self) -> None:
        """It would arrive as something else; a script sends it as it is."""
        found = calls(b"func=a")
        with RecordingServer() as server:
            text = self.text(server.base, found)
            ran = execute_with(text, {"PANEL_AUTHINFO": b"r:\xe9"})
            assert ran.status != 0
            assert b"does not map to Unicode" in ran.err
            assert not server.requests
            done = execute_with(self.script(server.base, found), {"PANEL_AUTHINFO": b"r:\xe9"})
        assert done.status == 0, done.err
        assert server.pairs[0][-1] == (b"authinfo", b"r:\xe9")

    def test_names_that_mean_something(self) -> None:
        """Before `=>` a word is a word."""
        names = [
            b"y",
            b"q",
            b"s",
            b"m",
            b"tr",
            b"x",
            b"v1",
            b"if",
            b"print",
            b"__END__",
            b"sub",
            b"-e",
        ]
        query = b"&".join([b"func=a", *(name + b"=1" for name in names)])
        with RecordingServer() as server:
            for ran in self.both(server.base, query, auth="none"):
                assert ran.status == 0, ran.err
        for pairs in server.pairs:
            assert [name for name, _ in pairs[1:-1]] == names

    def test_a_user_that_is_no_utf8_has_no_key(self) -> None:
        with pytest.raises(EmitError, match="not UTF-8"):
            self.text("http://h", calls(b"func=a", user=b"\xff"), auth="key")


def execute_with(text: str, env: dict[str, bytes]) -> Ran:
    return run("perl", text.encode(), env=env)


@pytest.mark.parametrize("insecure", [False, True])
def test_verification_is_always_told(insecure: bool) -> None:
    text = TestPerl().text("https://x", calls(b"func=a"), insecure=insecure)
    assert ("verify_SSL => 0" in text) == insecure
    assert ("verify_SSL => 1" in text) == (not insecure)


@pytest.mark.parametrize("name", sorted(path.name for path in CODE.iterdir()))
def test_the_code_has_no_fault(name: str) -> None:
    done = subprocess.run([find("perl") or "", "-c", CODE / name], capture_output=True)
    assert done.returncode == 0


def test_the_code_itself() -> None:
    tests = Path(__file__).parent / "code" / "panel.t"
    command = [find("perl") or "", str(tests), str(CODE)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
