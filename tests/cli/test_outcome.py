"""Whether a click succeeded, wherever the tool shows it."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Union

import pytest

from logreq import emitters
from logreq.cli.terminal.colour import RESET, STYLES
from logreq.convert import parallel
from logreq.live.outcomes import Outcomes
from logreq.log.hold import PATIENCE
from tests.support.cli import Done, impatient, logreq
from tests.support.outcomes import Maker
from tests.support.profile import examples
from tests.support.tails import tail as run_tail
from tests.support.terminal import Terminal, screen

ROOT = Path(__file__).parents[2]
TIME = "Feb  6 14:02:11"
NOTE = "note: the panel refused this: exists(user)"
LATE = "# failed: 14:02:11 user.edit: exists(user)"


def click(query: str, tid: int = 1) -> str:
    return f"{TIME} [9:{tid}] core_module INFO Request [192.0.2.1][root] 'func={query}'\n"


def error(tid: int = 1, text: str = "Error: Type: 'exists' Object: 'user' Value: 'bob'") -> str:
    return f"{TIME} [9:{tid}] err ERROR {text}\n"


def end(tid: int = 1) -> str:
    return f"{TIME} [9:{tid}] libmgr EXTINFO Thread 7f00 finished\n"


EDIT, VIEW, GONE = click("user.edit&name=bob"), click("user", 2), click("user.delete&elid=x", 3)
LOG = EDIT + VIEW + error() + GONE


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "ispmgr.log"
    path.write_text(LOG)
    return path


@pytest.mark.parametrize("to", [name for name in emitters.names() if name not in ("url", "json")])
def test_a_note_in_snippets(to: str, log: Path) -> None:
    done = logreq("convert", "-q", "-t", to, log)
    assert done.text.count("the panel refused this: exists(user)") == 1
    assert (NOTE in done.text) == (to != "har")  # whose notes have no heading
    assert "the panel refused" not in logreq("convert", "-q", "-t", to, "--worked", log).text


def test_urls_stay_urls(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing looks for outcomes where nobody sees them."""
    command = [sys.executable, "-X", "importtime", "-m", "logreq", "convert", "-q", "-t", "url"]
    run = subprocess.run([*command, log], capture_output=True, check=True, text=True)
    assert run.stdout.count("\n") == 3
    assert "failed" not in run.stdout
    assert "logreq.log.outcome" not in run.stderr
    worked = subprocess.run([*command, "--worked", log], capture_output=True, check=True, text=True)
    assert worked.stdout.count("\n") == 2
    assert "logreq.log.outcome" in worked.stderr


def test_json_tells_what_is_known(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    ok = f"{TIME} [9:3] core_module DEBUG Result\n<doc><ok>restart</ok></doc>\n"
    log.write_text(LOG + ok)
    done = logreq("convert", "-q", "-t", "json", log)
    found = [json.loads(line) for line in done.text.splitlines()]
    assert [one.get("outcome") for one in found] == [
        {
            "failed": True, "type": "exists", "object": "user", "value": "bob",
            "text": "Error: Type: 'exists' Object: 'user' Value: 'bob'",
        },
        None,
        {"failed": False, "type": "", "object": "", "value": "", "text": "restart"},
    ]  # fmt: skip
    assert "outcome" not in found[1]
    assert list(found[0])[-1] == "outcome"


def test_a_secret_is_not_told_by_its_refusal(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text(
        click("user.edit&passwd=hunter22&other=%20hunter22%20")
        + error(text="Error: Type: 'value' Object: 'passwd' Value: 'hunter2222'")
        + click("user.edit&passwd=s3cr%26t", 2)
        + error(2, "Cannot set s3cr&t, that is s3cr%26t")
        + click("user.edit&passwd=*", 3)
        + error(3, "Cannot set * to *")
    )
    for to in emitters.names():
        if to not in ("url", "har"):
            text = logreq("convert", "-q", "-t", to, log).text
            assert "Value: 'hunter2" not in text
            assert "s3cr" not in text
    found = logreq("convert", "-q", "-t", "json", log).text.splitlines()
    first, second, third = (json.loads(line)["outcome"] for line in found)
    assert (first["object"], first["value"]) == ("passwd", "(hidden)")
    assert first["text"] == "Error: Type: 'value' Object: 'passwd' Value: '(hidden)'"
    assert second["text"] == "Cannot set (hidden), that is (hidden)"
    assert third["text"] == "Cannot set * to *"
    assert "s3cr" not in logreq("list", log).text


def test_hostile_reasons_stay_comments(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    hostile = "$(touch pwned) `x` '\\ \x1b[2J\u202e" + "y" * 300
    log.write_text(EDIT + error(text=hostile + "\n; touch pwned\n*/ touch") + EDIT)
    for to in emitters.names():
        text = logreq("convert", "-q", "-t", to, log).text
        assert not set(text) & {"\x1b", "\u202e"}
        lines = [line for line in text.splitlines() if "touch" in line and to != "json"]
        assert all(line.lstrip().startswith(("#", "//")) or to == "har" for line in lines)
        if to not in ("json", "url"):
            assert "y" * 180 not in text
            assert "yyy..." in text


def test_the_list_marks_refusals(log: Path) -> None:
    done = logreq("list", "-q", log)
    rows = done.text.splitlines()
    assert rows[0].endswith("  ! exists(user)  name=bob")
    assert "!" not in rows[1] + rows[2]
    coloured = logreq("list", "-q", "--color", "always", log).text
    assert f"{STYLES['failure']}! exists(user){RESET}" in coloured
    assert coloured.count(f"{STYLES['failure']}!") == 1
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == done.text.split()
    log.write_text(VIEW + GONE)
    assert "  view  \n" not in logreq("list", log).text


@pytest.mark.parametrize(
    ("where", "lines"),
    [
        ("outcome == failed", [1]),
        ("outcome != failed", [2, 4]),
        ("outcome ~ exists", [1]),
        ("outcome ~ 'Value: .bob.$'", [1]),
        ("outcome like exists(*)", []),
        ("outcome like 'exists(*)'", [1]),
        ("outcome", [1]),
        ("not outcome", [2, 4]),
        ("outcome in (failed, ok) or func == user", [1, 2]),
    ],
)
def test_expressions(where: str, lines: list[int], log: Path) -> None:
    done = logreq("convert", "-q", "-t", "json", "-w", where, log)
    if done.status == 2:
        assert "(" in where
        return
    assert [json.loads(line)["line"] for line in done.out.splitlines()] == lines
    urls = logreq("convert", "-q", "-t", "url", "-w", where, log)
    assert urls.out.count(b"\n") == len(lines)


def test_rules_can_look_at_outcomes(log: Path, tmp_path: Path) -> None:
    rules = tmp_path / "r.yaml"
    rules.write_text("params:\n  - drop: name\n    when: outcome == failed\n")
    done = logreq("convert", "-q", "-t", "url", "-r", rules, log)
    assert done.text.splitlines()[0].endswith("?func=user.edit")
    rules.write_text("kinds:\n  - background: outcome == failed\n")
    done = logreq("convert", "-t", "url", "-r", rules, "-w", "kind != background", log)
    assert "name=bob" not in done.text
    assert "func=user.delete" in done.text


def test_scripts_say_that_calls_were_refused(log: Path) -> None:
    done = logreq("convert", "--script", log)
    said = "logreq: 1 of these calls was refused by the panel when clicked: --worked"
    assert said in done.err
    log.write_text(LOG + error(3))
    assert "2 of these calls were refused" in logreq("convert", "--script", log).err
    worked = logreq("convert", "--script", "--worked", log)
    assert "refused" not in worked.err
    assert "bob" not in worked.text
    assert "refused" not in logreq("convert", "-q", "--script", log).err


def test_explain_shows_it(log: Path) -> None:
    assert f"\n  {NOTE}\n" in logreq("rules", "explain", log).text


def test_picked_requests_have_their_outcomes(log: Path) -> None:
    for options in (("--nth", "1"), ("--last", "3"), ("--unique",)):
        assert NOTE in logreq("convert", *options, log).text
    where = "func != user.delete"
    done = logreq("convert", "-q", "-t", "url", "--worked", "--last", "2", "-w", where, log)
    assert done.text == "https://localhost:1500/ispmgr?func=user\n"


def test_rotated_logs_are_one(tmp_path: Path) -> None:
    """The request is the last thing in an archive, its outcome the first in the next one."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ispmgr.log.1.gz").write_bytes(gzip.compress(EDIT.encode()))
    (tmp_path / "logs" / "ispmgr.log.2").write_text("Log moved\n" + VIEW)
    later = TIME.replace("14:02:11", "14:02:12")
    (tmp_path / "ispmgr.log").write_text(f"Log moved\n{later} [1:1] x INFO y\n" + error())
    (tmp_path / "billmgr.log").write_text(f"{later} [1:1] x INFO y\n" + error(2))
    done = logreq("convert", "-q", "-t", "mgrctl", tmp_path)
    assert done.text.count("refused") == 1
    assert "user.edit" in done.text.split(NOTE)[0]
    assert logreq("list", "-q", tmp_path).text.count("!") == 1


@pytest.mark.parametrize("seed", range(examples(3)))
def test_any_number_of_processes_gives_the_same(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "RANGE", 700)
    log = tmp_path / "x.log"
    maker = Maker(seed)
    log.write_text("".join(maker.log(150)))
    one = logreq("convert", "-t", "json", "-j", "1", log)
    found = [json.loads(line).get("outcome") for line in one.out.splitlines()]
    assert [outcome and outcome["failed"] for outcome in found] == [
        truth and truth.failed for truth in maker.truths
    ]
    assert logreq("convert", "-t", "json", "-j", "2", log) == one
    for options in (("-t", "url", "--worked"), ("-t", "mgrctl")):
        alone, three = (logreq("convert", "-j", n, *options, log) for n in "13")
        assert alone == three


class Pipe:
    """`logreq` as a process that reads a pipe; requests wait 0.2 s for their outcomes."""

    def __init__(self, *args: object) -> None:
        self.process = subprocess.Popen(
            impatient(0.2, *args), cwd=ROOT, bufsize=0,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def write(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())

    def read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().decode()

    def end(self) -> str:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.stdout
        rest = self.process.stdout.read().decode()
        self.process.stdout.close()
        assert self.process.stderr
        self.process.stderr.close()
        self.process.wait()
        return rest


def test_a_pipe_whose_writer_goes_on_is_not_waited_for() -> None:
    pipe = Pipe("convert", "-q", "-t", "json", "-")
    pipe.write(EDIT + error())
    began = time.monotonic()
    assert json.loads(pipe.read())["outcome"]["type"] == "exists"
    pipe.write(VIEW)
    assert "outcome" not in json.loads(pipe.read())
    assert time.monotonic() - began > 0.2
    assert pipe.end() == ""


# What is written to a log, or anything else that happens.
Step = Union[str, Callable[[], object]]


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self) -> None:
        """Let as many pass as a request waits for its outcome."""
        self.now += PATIENCE


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    defaults = Outcomes.__init__.__kwdefaults__
    assert defaults
    monkeypatch.setitem(defaults, "clock", made)
    return made


def tail(*args: object, log: Path, steps: Sequence[Step]) -> Done:
    """Run `logreq tail` in this process while a log grows; a signal ends it."""

    def written(text: str) -> None:
        with log.open("a") as file:
            file.write(text)

    done = (partial(written, one) if isinstance(one, str) else one for one in steps)
    return run_tail(*args, log, steps=done)


@pytest.mark.parametrize("to", ["curl", "mgrctl", "python", "javascript", "ansible"])
def test_tail_adds_a_comment(to: str, tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    done = tail("-t", to, log=log, steps=[EDIT, VIEW, error(), GONE + error(3) + error()])
    comment = LATE.replace("# ", "// ") if to == "javascript" else LATE
    lines = done.text.splitlines()
    assert lines.count(comment) == 1
    at = lines.index(comment)
    assert lines[at - 1] == lines[at + 1] == ""
    assert f"{comment[:2].strip()} failed: 14:02:11 user.delete: exists(user)" in lines
    heads = [n for n, text in enumerate(lines) if re.search("14:02:11  root", text)]
    assert heads[0] < heads[1] < at < heads[2]
    assert "the panel refused" not in done.text
    assert "3 requests, 3 converted" in done.err


def test_tail_of_targets_without_comments(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    done = tail("-t", "json", log=log, steps=[EDIT, error()])
    assert len(done.text.splitlines()) == 1
    assert "logreq: failed: 14:02:11 user.edit: exists(user)\n" in done.err
    log.write_text("")
    done = tail("-t", "url", log=log, steps=[EDIT, error()])
    assert (done.text.count("\n"), "failed" in done.err) == (1, False)


def test_tail_comments_only_on_what_it_showed(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    steps = [EDIT + VIEW + error() + error(2), EDIT + error()]
    done = tail("-t", "mgrctl", "-w", "func == user.edit", "--unique", log=log, steps=steps)
    assert done.text.count("failed:") == 1


def test_tail_remembers_the_last_that_it_showed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("logreq.cli.live._Shown.LIMIT", 2)
    log = tmp_path / "ispmgr.log"
    log.touch()
    steps = [EDIT + VIEW + GONE, error() + error(2) + error(3)]
    done = tail("-t", "mgrctl", log=log, steps=steps)
    failed = re.findall(r"# failed: \S+ (\S+):", done.text)
    assert failed == ["user", "user.delete"]


def test_tail_worked_waits(tmp_path: Path, clock: Clock) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    steps: list[Step] = [EDIT + VIEW, error() + end(2), GONE, clock.wait, error(3)]
    done = tail("-t", "mgrctl", "--worked", log=log, steps=steps)
    assert "user.edit" not in done.text
    assert done.text.index("ispmgr user\n") < done.text.index("ispmgr user.delete")
    # It came when nobody waited for it any more.
    assert done.text.endswith("\n# failed: 14:02:11 user.delete: exists(user)\n")


def test_tail_by_outcome(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.write_text(LOG)
    done = tail("-n", "3", "-t", "mgrctl", "-w", "outcome == failed", log=log, steps=[])
    assert done.text.count(NOTE) == done.text.count("mgrctl -m") == 1


def test_tail_records_a_script(tmp_path: Path, clock: Clock) -> None:
    log = tmp_path / "ispmgr.log"
    for options in ((), ("--worked",)):
        log.write_text("")
        # A view is not recorded, and so is its refusal not.
        steps: list[Step] = [EDIT + VIEW, clock.wait, GONE, error() + error(2)]
        done = tail(
            "--script", "-t", "mgrctl", "-w", "func != user", *options, log=log, steps=steps
        )
        assert "logreq: failed: 14:02:11 user.edit: exists(user)\n" in done.err
        assert done.err.count("failed:") == 1
        assert ("1 of these calls was refused" in done.err) == (not options)
        assert ("name=bob" in done.text) == (not options)
        assert "elid=x" in done.text


def test_a_stream_is_followed_too() -> None:
    pipe = Pipe("tail", "-q", "-t", "mgrctl", "--worked", "-")
    pipe.write(VIEW + EDIT)
    began = time.monotonic()
    assert "root from" in pipe.read()
    assert time.monotonic() - began > 0.1
    assert pipe.read().endswith("ispmgr user\n")
    pipe.write(error())
    assert LATE in pipe.end()


def test_tail_in_a_terminal(tmp_path: Path) -> None:
    log = tmp_path / "ispmgr.log"
    log.touch()
    env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "logreq", "tail", "-t", "mgrctl", str(log)]
    with Terminal(command, env=env, cwd=str(tmp_path), columns=100) as terminal:
        terminal.expect("0 requests seen")
        with log.open("a") as file:
            for text, shown in (
                (EDIT, r"mgrctl.*user\.edit.*1 request seen"),
                (VIEW, "2 requests seen"),
                (error(), re.escape(LATE)),
                (GONE, "3 requests seen, 3 shown"),
            ):
                file.write(text)
                file.flush()
                terminal.expect(shown)
        terminal.type("\x03")
        assert terminal.end() == 130
        assert f"{STYLES['comment']}{LATE}{RESET}" in terminal.text
    lines = [text for text in screen(terminal.text, 100) if text]
    order = [n for n, text in enumerate(lines) if text.startswith("/usr") or text == LATE]
    kinds = [lines[n].partition("ispmgr ")[2] or "late" for n in order]
    assert kinds == ["user.edit name=bob", "user", "late", "user.delete elid=x"]
    assert not any("seen" in text for text in lines)
    assert lines[-1].endswith("4 lines, 3 requests, 3 converted, 0 malformed")
