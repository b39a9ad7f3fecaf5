"""Answers that are none, in scripts of all languages: a row fails, and the next one goes on."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.support.again import SITE, Bench, targets

_DEEP = b"[" * 100_000
_HEAD = b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n"
# What comes back; the panel of a row that is called `good` is well.
ANSWERS = {
    "nothing": b"",
    "other": b"SSH-2.0-OpenSSH_9.2\r\n",
    "cut": _HEAD % 500 + b'{"doc":{"ok"',
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
    "page": _HEAD % 24 + b"<html>\x1b[2Jlost</html>\n\n",
    "deep": _HEAD % len(_DEEP) + _DEEP,
    "status": b"HTTP/1.0 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad",
}
_GOOD = b'{"doc":{"ok":{}}}'


class _Answers(socketserver.StreamRequestHandler):
    """Answers a form with the bytes that its name stands for."""

    def handle(self) -> None:
        length = 0
        while (line := self.rfile.readline()).strip():
            header, _, value = line.partition(b":")
            length = int(value) if header.lower() == b"content-length" else length
        form = self.rfile.read(length).decode()
        for name, answer in ANSWERS.items():
            if f"name={name}&" in form:
                self.wfile.write(answer)
                return
        good = b"<doc><ok/></doc>" if "out=xml" in form else _GOOD
        self.wfile.write(_HEAD % len(good) + good)


@pytest.fixture
def base() -> Iterator[str]:
    """The address of what answers so."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("bench", targets("mgrctl"), indirect=True)
@pytest.mark.parametrize("out", ["json", "xml"])
def test_broken_answers_are_failures_of_their_row(bench: Bench, base: str, out: str) -> None:
    bench.script(SITE, out=out)
    names = [*ANSWERS, "good"]
    bench.rows("".join(f"{name}\n" for name in ["name", *names]))
    ran = bench.run("--each", "rows.csv", "--keep-going", "--url", base)
    assert ran.status == 1
    told = [line for line in ran.err if line.startswith("row")]
    failed = [f"row {number}: sslcert.edit: " for number in range(1, len(names))]
    assert [line[: len(start)] for line, start in zip(told, failed)] == failed
    assert told[len(failed) :] == [f"row {len(names)}: ok"]
    assert ran.err[-1] == f"{len(failed)} of {len(names)} rows failed; they are in rows.failed.csv"
    # A line for each, curl has one of its own; no traces of a language.
    assert len(ran.err) <= (2 if bench.name == "curl" else 1) * len(failed) + 3, ran.err
    assert bench.failed().replace(b'"', b"").decode().split() == ["name", *names[:-1]]
