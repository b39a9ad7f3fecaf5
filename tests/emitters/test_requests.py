"""What is particular to snippets that use the `requests` package."""

from __future__ import annotations

import sys

import pytest

from tests.support import run
from tests.support.panel import FakePanel
from tests.support.pysnippets import EMITTERS, ENV, make_call, snippet
from tests.support.recorder import RecordingServer

pytestmark = pytest.mark.interpreter
HERE = f"python3.{sys.version_info[1]}"


def test_it_is_requests_that_sends() -> None:
    with RecordingServer() as server:
        text = snippet("requests", make_call([(b"a", b"b c")]), server.base)
        done = run.run(HERE, text.encode())
        assert done == (0, b'{"ok": {}}\n', b"", [])
        (request,) = server.requests
        assert request.headers["User-Agent"].startswith("python-requests/")
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert request.body == b"func=domain&a=b+c&out=json"


def test_the_other_one_does_without() -> None:
    text = snippet("python", make_call([]), "https://panel.example", auth="key", insecure=True)
    assert "requests" not in text
    assert "urllib3" not in text


def test_unchecked_certificates_are_no_reason_for_warnings() -> None:
    with FakePanel(tls=True) as panel:
        text = snippet("requests", make_call([]), panel.base, auth="key", insecure=True)
        env = {**ENV, "PYTHONWARNINGS": "always", "REQUESTS_CA_BUNDLE": "/dev/null"}
        done = run.run(HERE, text.encode(), env=env)
        assert (done.status, done.err) == (0, b"")


@pytest.mark.parametrize("name", EMITTERS)
def test_an_error_ends_a_snippet_with_1(name: str) -> None:
    with FakePanel() as panel:
        text = snippet(name, make_call([], b"fail.typed"), panel.base, auth="session")
        done = run.run(HERE, f"{text}\n{text}".encode(), env=ENV)
        assert (done.status, done.out) == (1, b"")
        assert done.err.startswith(b"fail.typed: {'error': {'$type': 'exists', '$object': 'user',")
        assert done.err.count(b"\n") == 1
