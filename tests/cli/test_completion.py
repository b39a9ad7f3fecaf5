"""Completion: what is offered, and in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from logreq import emitters
from logreq.model.panels import PANELS
from tests.support.cli import logreq
from tests.support.terminal import Terminal

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "zsh", "fish")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Make an environment with `logreq` in PATH, a config file, logs, and nothing of the user's."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "logreq"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m logreq "$@"\n')
    program.chmod(0o700)
    (tmp_path / "config" / "logreq").mkdir(parents=True)
    text = "connections: {prod: {url: http://p}, test: {url: http://t}}\n"
    (tmp_path / "config" / "logreq" / "config.yaml").write_text(text)
    (tmp_path / "logs").mkdir()
    for name in ("ispmgr.log", "billmgr.log"):
        (tmp_path / "logs" / name).touch()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "saved-panel.log").touch()
    (tmp_path / "work" / "own.yaml").touch()
    keep = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    return {
        **keep,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "LOGREQ_LOG_DIR": str(tmp_path / "logs"),
        "TERM": "xterm",
    }


def offered(environment: dict[str, str], *words: str) -> list[str]:
    """Give what is offered for the last word, as `type,value` (bash's protocol)."""
    done = subprocess.run(
        [sys.executable, "-m", "logreq"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **environment, "_LOGREQ_COMPLETE": "bash_complete", "COMP_CWORD": str(len(words)),
            "COMP_WORDS": "logreq " + " ".join(words),
        },
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_what_is_offered(environment: dict[str, str]) -> None:
    def plain(*words: str) -> list[str]:
        return [item[6:] for item in offered(environment, *words) if item.startswith("plain,")]

    assert {"convert", "tail", "list", "config", "completion"} <= set(plain(""))
    assert plain("con") == ["convert", "config"]
    assert set(emitters.names()) <= set(plain("convert", "-t", ""))
    assert plain("convert", "--to", "mg") == ["mgrctl"]
    assert plain("convert", "--whe") == ["--where"]
    assert plain("convert", "--auth", "s") == ["session"]
    assert plain("convert", "-p", "") == [p[:-3] if p.endswith("mgr") else p for p in PANELS]
    assert plain("convert", "-p", "ispm") == ["ispmgr"]
    assert plain("convert", "-r", "") == ["default", "careful", "minimal"]
    assert offered(environment, "convert", "-r", "own") == ["file,"]
    assert plain("convert", "--connection", "") == ["prod", "test"]
    assert plain("convert", "--connection", "t") == ["test"]
    assert plain("tail", "") == ["isp", "bill"]
    assert plain("tail", "billm") == ["billmgr"]
    assert offered(environment, "tail", "./x") == ["file,"]
    assert plain("completion", "") == list(SHELLS)


def test_what_is_offered_where_nothing_is_set_up(environment: dict[str, str]) -> None:
    environment["LOGREQ_LOG_DIR"] = "/nonexistent"
    assert "plain,vm" in offered(environment, "tail", "")
    Path(environment["XDG_CONFIG_HOME"], "logreq", "config.yaml").write_text("a: [\n")
    assert offered(environment, "convert", "--connection", "") == []


def test_a_broken_emitter_of_another_package_is_not_offered(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    from logreq import emitters
    from logreq.cli import completion as complete
    from logreq.emitters.base import Emitter
    from logreq.errors import EmitError

    really = emitters.load

    def broken(name: str) -> type[Emitter]:
        if name == "curious":
            raise EmitError(name)
        return really(name)

    monkeypatch.setattr(emitters, "plugin_names", lambda: ["curious"])
    monkeypatch.setattr(
        emitters, "load", lambda name: really(name) if name == "curl" else broken(name)
    )
    items = complete.emitters(None, None, "cur")  # type: ignore[arg-type]
    assert [item.value for item in items] == ["curl"]
    assert items[0].help


def test_in_this_process(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """The same questions where coverage sees the answers."""
    for name in ("XDG_CONFIG_HOME", "LOGREQ_LOG_DIR"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.setenv("_LOGREQ_COMPLETE", "bash_complete")
    for words, item in (
        ("tail i", "plain,isp"), ("convert -r ca", "plain,careful"), ("list -p vm", "plain,vm"),
        ("tail --connection pr", "plain,prod"), ("tail -t cu", "plain,curl"),
        ("tail ./x", "file,"),
    ):  # fmt: skip
        monkeypatch.setenv("COMP_WORDS", f"logreq {words}")
        monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
        assert item in logreq().text.split()
    monkeypatch.setenv("LOGREQ_LOG_DIR", "/nonexistent")
    monkeypatch.setenv("COMP_WORDS", "logreq tail v")
    assert "plain,vm" in logreq().text.split()
    Path(environment["XDG_CONFIG_HOME"], "logreq", "config.yaml").write_text("a: [\n")
    monkeypatch.setenv("COMP_WORDS", "logreq tail --connection p")
    monkeypatch.setenv("COMP_CWORD", "3")
    assert logreq().text.strip() == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_printed(shell: str) -> None:
    done = logreq("completion", shell)
    assert done.status == 0
    assert f"{shell}_complete" in done.text
    assert "did you mean 'bash'" in logreq("completion", "bsh").err


CASES = [
    ("logreq conv", "ert"),
    ("logreq convert --to mgr", "ctl"),
    ("logreq convert --rules mini", "mal"),
    ("logreq tail --connection pr", "od"),
    ("logreq tail bil", "l"),
    ("logreq tail saved-p", "anel.log"),
    ("logreq convert saved-p", "anel.log"),
    ("logreq convert -r ow", "n.yaml"),
]


@pytest.mark.interpreter
@pytest.mark.parametrize("shell", SHELLS)
def test_in_a_real_shell(shell: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Type half a word and the tabulator; the shell types the other half."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    script = logreq("completion", shell).text
    (tmp_path / "bashrc").write_text(f"PS1='ready> '\n{script}")
    zsh = "PS1='ready> '\nautoload -Uz compinit\ncompinit -u -D\n"
    (tmp_path / ".zshrc").write_text(zsh + script)
    (tmp_path / "init.fish").write_text(f"function fish_prompt; echo -n 'ready> '; end\n{script}")
    start = {
        "bash": ["bash", "--noprofile", "--rcfile", f"{tmp_path}/bashrc", "-i"],
        "zsh": ["zsh", "-d", "-i"],
        "fish": ["fish", "--no-config", "-C", f"source {tmp_path}/init.fish", "-i"],
    }[shell]
    environment["ZDOTDIR"] = str(tmp_path)
    out = tmp_path / "out"
    with Terminal(start, env=environment, cwd=str(tmp_path / "work"), columns=200) as terminal:
        terminal.expect("ready> ")
        for typed, rest in CASES:
            # The tabulator; then, around the completed line, what writes it to a file.
            terminal.type(f"{typed}\t\x01echo \x05>{out}; echo fin''ished\r")
            terminal.expect("finished")
            assert out.read_text().split() == (typed + rest).split()
            terminal.expect("ready> ")


def test_descriptions_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """No command's is cut, none ends at its first comma."""
    for shell in ("zsh", "fish"):
        monkeypatch.setenv("_LOGREQ_COMPLETE", f"{shell}_complete")
        for words, value, text in (
            ("logreq -", "--version", "Show the version and exit."),
            (
                "logreq com",
                "completion",
                "lets a shell complete options, emitters, panels and more.",
            ),
            ("logreq rules expl", "explain", "what becomes of them, by which rule, and why."),
        ):
            monkeypatch.setenv("COMP_WORDS", words)
            monkeypatch.setenv("COMP_CWORD", words.split()[-1] if shell == "fish" else "1")
            if shell == "zsh":
                monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
            out = logreq().text
            assert value in out
            assert text in out


@pytest.mark.interpreter
def test_fish_shows_a_description_with_commas(environment: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not on this machine")
    (tmp_path / "logreq.fish").write_text(logreq("completion", "fish").text)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {tmp_path}/logreq.fish; complete -C 'logreq com'"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == (
        "completion\tPrint the script that lets a shell complete options, emitters, panels and"
        " more.\n"
    )
