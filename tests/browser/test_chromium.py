"""Clicks in a real browser, saved and copied by its own tools, come back as the same calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from logreq.browser.recording import Recording
from logreq.model.chunk import Source
from logreq.model.request import Request
from logreq.text.codec import encode
from tests.support import run
from tests.support.cli import logreq
from tests.support.devtools import Chromium
from tests.support.panel import Call, FakePanel
from tests.support.recorder import Answer, Pairs, Recorded, Reply
from tests.support.strategies import HOSTILE

pytestmark = [run.requires("chromium", "bash"), pytest.mark.slow]

PAGE = b"""<!DOCTYPE html><title>panel</title><link rel=icon href=data:,>
<img src="/manimg/logo.png"><script>
async function click(pairs, query = '') {
  const body = new URLSearchParams(pairs);
  const answer = await fetch('/ispmgr' + query, {method: 'POST', body});
  return await answer.text();
}
async function upload(pairs) {
  const form = new FormData();
  for (const [name, value] of pairs) form.append(name, value);
  form.append('file_1', new Blob(['content']), 'a "b".txt');
  await fetch('/ispmgr', {method: 'POST', body: form});
}
</script>"""
# What is text to a browser: it has no way to send other bytes.
TEXTS = [text.decode() for text in HOSTILE if b"\xff" not in text and text.isascii()] + [
    "\u202ekcart\u2028\u2029\ufeff\u0085",
    "\u043f\u0440\u0438\u043c\u0435\u0440 \U0001f600",
    "a\\b ^c %d% \"e\" 'f' !g",
]
NAMES = [f"p{number}" for number in range(len(TEXTS))]


class Session(NamedTuple):
    """What the panel saw of a session, and what the browser kept of it."""

    calls: list[Call]
    sent: list[Recorded]
    har: str
    unix: str
    win: str


@pytest.fixture(scope="module")
def panel() -> Iterator[FakePanel]:
    with FakePanel() as server:
        answer: Answer = server.answer

        def page_or_answer(request: Recorded) -> Reply:
            if request.path == "/ispmgr" and request.method == "GET" and not request.query:
                return Reply(PAGE, "text/html")
            return answer(request)

        server.answer = page_or_answer
        yield server


@pytest.fixture(scope="module")
def session(panel: FakePanel) -> Session:
    program = run.find("chromium")
    assert program is not None
    with Chromium(program) as browser:
        browser.go(panel.url())
        browser.run("click({func: 'auth', username: 'root', password: 'secret'})")
        browser.run("click({func: 'user', out: 'xjson', operafake: '1', sfrom: 'ajax', x: ''})")
        browser.run("click({name: 'www.new', owner: 'www-root', sok: 'ok', out: 'xml'},"
                    " '?func=webdomain.edit')")  # fmt: skip
        browser.run("click({func: 'user.edit', name: 'root', sok: 'ok', passwd: 'T0p+ secret',"
                    " confirm: 'T0p+ secret', out: 'json'})")  # fmt: skip
        browser.run(
            "fetch('/ispmgr?func=domain&out=json&a=%20b+c&b[]={1}[2-3]').then(a => a.text())"
        )
        pairs = [["func", "user"], ["out", "json"], *map(list, zip(NAMES, TEXTS))]
        browser.run(f"click({pairs!r})".replace("\\U0001f600", "\\u{1f600}"))
        browser.run("upload([['func', 'file.upload'], ['a\"b', ' x\\r\\n'], ['n', '\u0438']])")
        return Session(
            list(panel.calls), list(panel.requests), browser.har(),
            " ;\n".join(browser.curl("unix")), " &\n\n".join(browser.curl("win")),
        )  # fmt: skip


def read(data: str, kind: str) -> list[Request]:
    problems: list[str] = []
    recording = Recording(
        [data.encode()], kind, Source("x", "-"), lambda problem: problems.append(str(problem))
    )
    found = [one.request for one in recording]
    assert all("left out" in problem for problem in problems), problems
    return found


def pairs(request: Request) -> Pairs:
    return [(encode(p.name), encode(p.value)) for p in request.params]


def posted(session: Session) -> list[Pairs]:
    """Give what came in but for the upload, of which the recorder has the bare body."""
    return [one.pairs for one in session.sent if b"func=" in one.query + one.body]


@pytest.mark.parametrize("kind", ["har", "unix", "win"])
def test_all_that_was_sent_comes_back(session: Session, kind: str) -> None:
    found = read(getattr(session, kind), "har" if kind == "har" else "curl")
    assert [pairs(request) for request in found[:-1]] == posted(session)
    # In a command for cmd, browsers shorten line ends and leave out what is not ASCII.
    value, name = (b" x\n", b" ") if kind == "win" else (b" x\r\n", "\u0438".encode())
    upload = [(b"func", b"file.upload"), (b'a"b', value), (b"n", name)]
    assert pairs(found[-1]) == upload
    assert "file_1" in found[-1].doubt
    assert {request.panel for request in found} == {"ispmgr"}


def test_outcomes_users_and_address(session: Session, panel: FakePanel) -> None:
    found = list(Recording([session.har.encode()], "har", Source("x", "-"), lambda problem: None))
    outcomes = [one.request.outcome.words if one.request.outcome else None for one in found]
    # Pages and scripts for the browser say nothing.
    assert outcomes == [None, None, "ok", "exists(user)", "ok", "ok", "HTTP status 415"]
    assert [one.request.user for one in found] == ["", *["root"] * 6]
    assert {one.base for one in found} == {panel.base}


def test_the_session_is_replayed(session: Session, panel: FakePanel, tmp_path: Path) -> None:
    (tmp_path / "session.har").write_text(session.har)
    done = logreq(
        "convert", "-q", "-w", "func in (user, domain) and not param.p0",
        "--out", "xml", "--keep-empty", "--keep", "*", tmp_path / "session.har",
    )  # fmt: skip
    assert done.status == 0, done.err
    before = len(panel.calls)
    ran = run.run_sh(done.out, env={"PANEL_AUTHINFO": "root:secret"})
    assert ran.status == 0, ran.err
    again = panel.calls[before:]
    extra = {b"out", b"authinfo"}
    assert [(call.func, [p for p in call.params if p[0] not in extra]) for call in again] == [
        (call.func, [p for p in call.params if p[0] not in extra])
        for call in session.calls
        if call.func in ("user", "domain") and b"p0" not in dict(call.params)
    ]


def test_no_secret_and_no_session_is_repeated(session: Session, tmp_path: Path) -> None:
    assert "T0p" in session.har
    sessions = [p.split("=")[1] for p in session.har.split('"') if p.startswith("ispmgrses5=")]
    assert sessions
    (tmp_path / "session.har").write_text(session.har)
    for target in ("curl", "json", "har", "url", "python"):
        done = logreq("convert", "-q", "-t", target, "--keep", "*", tmp_path / "session.har")
        assert done.status == 0, done.err
        assert "T0p" not in done.text
        assert not any(one.partition(";")[0] in done.text for one in sessions)
