"""Hostile lines through every emitter, executed: only what was asked for arrives, nothing runs.

The corpus is written out as one log; each emitter's snippets run as one file in an empty
directory, with canaries for the usual commands first in PATH.
"""

from __future__ import annotations

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

import pytest

from logreq import emitters
from logreq.text.escape import visible
from tests.emitters.test_ansible import sent, tasks
from tests.support.cli import logreq
from tests.support.hostile import TEXTS, Hostile, Pairs, lines
from tests.support.mgrctl import REAL, interpret
from tests.support.recorder import RecordingServer, decode_form
from tests.support.run import Canaries, execute, find, requires, run, search_path
from tests.support.strategies import log_line, panel_encode

CORPUS = lines()
# For what takes long and has seen all of it elsewhere.
SOME = CORPUS[::5]
OUT = [(b"out", b"json")]


class Work(NamedTuple):
    """A converted corpus: the text, what was asked for, where it goes."""

    text: bytes
    asked: list[Pairs]
    server: RecordingServer
    canaries: Canaries


def asked(hostile: Hostile, more: Pairs) -> Pairs:
    return [(b"func", hostile.func), *hostile.pairs, *more]


def convert(
    folder: Path, name: str, *options: str, corpus: list[Hostile] = CORPUS, status: int = 0
) -> bytes:
    # Its name is hostile too.
    log = folder / "a'$(touch pwned)\n`touch pwned`\x1b[2J ?> *.log"
    log.write_bytes(b"".join(hostile.line for hostile in corpus))
    rules = folder / "all.yaml"
    rules.write_text("extends: none\n")
    done = logreq("convert", "-q", "-t", name, "-r", rules, "-p", "ispmgr", *options, log)
    assert done.status == status, done.err
    return done.out


def expressible(hostile: Hostile) -> bool:
    """Tell whether mgrctl can be asked for it at all."""
    names = [name for name, _ in hostile.pairs]
    everything = b"".join([hostile.func, *names, *(value for _, value in hostile.pairs)])
    return not (
        b"\0" in everything
        or hostile.func.startswith(b"-")
        or b"=" in hostile.func
        or any(name.startswith(b"-") or b"=" in name or not name for name in names)
    )


def test_the_corpus_is_what_it_says() -> None:
    assert len(CORPUS) >= 700
    assert len({hostile.line for hostile in CORPUS}) == len(CORPUS)


def test_url(tmp_path: Path) -> None:
    found = convert(tmp_path, "url", "-u", "http://h").splitlines()
    assert [decode_form(url.partition(b"?")[2]) for url in found] == [
        asked(hostile, []) for hostile in CORPUS
    ]
    assert all(url.isascii() and url.decode().isprintable() for url in found)


def test_json(tmp_path: Path) -> None:
    found = [json.loads(text) for text in convert(tmp_path, "json").split(b"\n") if text]
    assert len(found) == len(CORPUS)
    for got, hostile in zip(found, CORPUS):
        for (name, value), pair in zip(got["params"], hostile.pairs):
            for text, data in zip((name, value), pair):
                assert data in (text.encode("utf-8", "surrogatepass"), unquote_to_bytes(text))


def test_har(tmp_path: Path) -> None:
    found = json.loads(convert(tmp_path, "har", "--auth", "none"))["log"]["entries"]
    bodies = [entry["request"]["postData"]["text"].encode() for entry in found]
    assert [decode_form(body) for body in bodies] == [asked(hostile, OUT) for hostile in CORPUS]


def test_ansible(tmp_path: Path) -> None:
    """YAML sees two tasks for each; what is no constant in them can mean nothing to Ansible."""
    text = convert(tmp_path, "ansible", "--auth", "none")
    posts, checks = (tasks(text.decode())[start::2] for start in (0, 1))
    assert [sent(post) for post in posts] == [asked(hostile, OUT) for hostile in CORPUS]
    frames = set()
    for post, check, hostile in zip(posts, checks, CORPUS):
        name = post["name"]
        assert unquote_to_bytes(name) == hostile.func
        del post["ansible.builtin.uri"]["body"]
        if "%" in name:  # not a word that the constant text holds too
            frames.add(json.dumps([post, check]).replace(name, "FUNC"))
    assert len(frames) == 1
    check_shown(text)


INTERPRETERS = {
    "curl": ["dash", "bash"],
    "python": ["python3.11"],
    "requests": ["python3.11"],
    "perl": ["perl"],
    "php": ["php"],
    "javascript": ["node"],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "program"),
    [
        pytest.param(name, program, marks=requires(program))
        for name, programs in INTERPRETERS.items()
        for program in programs
    ],
)
def test_executed(name: str, program: str, tmp_path: Path) -> None:
    canaries = Canaries(tmp_path)
    with RecordingServer() as server:
        # One process per call: the second shell gets a part.
        corpus = SOME if program == "bash" else CORPUS
        text = convert(tmp_path, name, "--auth", "none", "-u", server.base, corpus=corpus)
        check_shown(text)
        ran = run(program, text, path_first=canaries.path, timeout=300)
        assert (ran.status, ran.err[-2000:], ran.files) == (0, b"", [])
        assert canaries.sprung == []
        expected = [asked(hostile, OUT) for hostile in corpus]
        assert len(server.pairs) == len(expected)
        for got, wanted in zip(server.pairs, expected):
            assert got == wanted


@pytest.mark.slow
@pytest.mark.parametrize("shell", [pytest.param(s, marks=requires(s)) for s in ("dash", "bash")])
def test_mgrctl(shell: str, tmp_path: Path) -> None:
    canaries = Canaries(tmp_path)
    corpus = [hostile for hostile in CORPUS if expressible(hostile)]
    # One process of Python for each call would take minutes: this one is a shell's.
    dumps, program = tmp_path / "dumps", tmp_path / "mgrctl"
    program.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$#\" \"$@\" >>'{dumps}'\n")
    program.chmod(0o755)
    text = convert(tmp_path, "mgrctl", "--su", "", corpus=corpus)
    text = text.replace(REAL, bytes(program))
    ran = run(shell, text, path_first=canaries.path, timeout=300)
    assert (ran.status, ran.err[-2000:], ran.files, canaries.sprung) == (0, b"", [], [])
    words = iter(dumps.read_bytes().split(b"\0")[:-1])
    calls = [[next(words) for _ in range(int(count))] for count in words]
    assert [interpret(call, {}).pairs for call in calls] == [
        asked(hostile, []) for hostile in corpus
    ]


def test_mgrctl_refuses_the_rest(tmp_path: Path) -> None:
    corpus = [hostile for hostile in CORPUS if not expressible(hostile)]
    assert len(corpus) > 10
    text = convert(tmp_path, "mgrctl", corpus=corpus, status=1)
    assert b"sbin/mgrctl -m" not in text
    assert text.count(b"note: no call here") == len(corpus)


def check_shown(text: bytes) -> None:
    """Nothing in the text drives or deceives a terminal."""
    for line in text.decode().split("\n"):
        assert visible(line) == line


SYNTAX: dict[str, Callable[[bytes], object]] = {
    "curl": lambda text: [shlex.split(line) for line in [text.decode()]],
    "python": lambda text: ast.parse(text),
    "requests": lambda text: ast.parse(text),
}
CHECKS = {
    "curl": ["bash", "-n"],
    "perl": ["perl", "-c"],
    "php": ["php", "-l"],
    "javascript": ["node", "--check"],
}


@pytest.mark.parametrize("name", sorted(SYNTAX))
def test_lexers(name: str, tmp_path: Path) -> None:
    SYNTAX[name](convert(tmp_path, name, corpus=SOME))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=requires(CHECKS[name][0])) for name in CHECKS]
)
def test_interpreters_own_check(name: str, tmp_path: Path) -> None:
    program, option = CHECKS[name]
    file = tmp_path / ("x.mjs" if name == "javascript" else "x")
    file.write_bytes(convert(tmp_path, name, corpus=SOME if name == "perl" else CORPUS))
    command = [find(program) or program, option, str(file)]
    done = subprocess.run(command, capture_output=True, timeout=120, cwd=tmp_path)
    assert done.returncode == 0, done.stderr


def test_every_emitter_is_here() -> None:
    covered = {"url", "json", "har", "ansible", "mgrctl", *INTERPRETERS}
    assert covered == set(emitters.names())


PLAYBOOK = os.environ.get("LOGREQ_TEST_ANSIBLE") or shutil.which("ansible-playbook")


@pytest.mark.interpreter
@pytest.mark.slow
@pytest.mark.skipif(PLAYBOOK is None, reason="not on this machine: ansible-playbook")
def test_ansible_runs_it(tmp_path: Path) -> None:
    """A task takes most of a second: all texts in one call, and a few lines of their own."""
    assert PLAYBOOK is not None
    pairs = [(b"p%d" % number, text) for number, text in enumerate(TEXTS) if len(text) < 1000]
    query = panel_encode([(b"func", b"all"), *pairs])
    corpus = [Hostile(log_line(query), b"all", pairs), *CORPUS[2 : len(CORPUS) : 60]]
    canaries = Canaries(tmp_path, names=("touch", "curl", "wget", "reboot"))
    (tmp_path / "play").mkdir()
    with RecordingServer() as server:
        text = convert(tmp_path, "ansible", "--auth", "none", "-u", server.base, corpus=corpus)
        (tmp_path / "play" / "tasks.yml").write_bytes(text)
        (tmp_path / "play" / "play.yml").write_text(
            "- hosts: localhost\n  gather_facts: false\n  tasks:\n    - import_tasks: tasks.yml\n"
        )
        status, out, err = execute(
            [PLAYBOOK, "-c", "local", "-i", "localhost,", "play.yml"],
            {
                "PATH": os.pathsep.join(
                    (str(canaries.path), str(Path(PLAYBOOK).parent), search_path())
                ),
                "HOME": str(tmp_path),
                "LC_ALL": "C.UTF-8",
                "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            },
            tmp_path / "play",
            None,
            300.0,
        )
        assert status == 0, (out + err)[-3000:]
        assert server.pairs == [asked(hostile, OUT) for hostile in corpus]
    assert canaries.sprung == []
    assert not list(tmp_path.rglob("pwned"))
