"""Several processes give what one gives, byte for byte; what goes wrong in one is not lost."""

from __future__ import annotations

import datetime
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logreq import emitters
from logreq.convert import parallel, pipeline, ranges
from logreq.convert.ranges import NoVariables, Ranges
from logreq.convert.render import Renderer
from logreq.errors import LogreqError, Problem, Report
from logreq.log import chunks
from logreq.log import files as sources
from logreq.log.files import LogFile
from logreq.log.scan import Stats
from logreq.model.chunk import Source
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.profile import examples

HEAD = b"Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] "
LINES = [
    b"Feb  6 08:08:07 [1:2] core DEBUG nothing\n",
    b"\n",
    b"<doc>\n  <x>INFO Request</x>\n",
    HEAD + b"'func=user.edit&elid=%d&sok=ok'\n",
    HEAD + b"'func=user.edit&elid=%d&passwd=secret%d&confirm=secret%d'\n",
    HEAD + b"'func=user.edit&passwd=*&elid=%d\n",
    HEAD + b"'elid=%d'\n",
    HEAD + b"'func=-user&elid=%d'\n",
    b"y" * 700 + b"\n",
]

Seen = tuple[bytes, list[Problem], tuple[int, int, int]]


def make(lines: list[int], ended: bool = True) -> bytes:
    texts = [LINES[kind].replace(b"%d", b"%d" % number) for number, kind in enumerate(lines)]
    data = b"".join(texts)
    return data if ended else data[:-1]


def renderer_of(to: str, report: Report) -> Renderer:
    emitter = emitters.load(to)(Connection())
    decider = Decider(
        rule_set([], user=None), notes=emitter.tells_request, kinds=emitter.needs_kind
    )
    return Renderer(decider, emitter, report)


def by(jobs: int, path: Path, to: str, needs_lines: bool = True) -> Seen:
    problems: list[Problem] = []
    stats = Stats()
    file = LogFile(str(path), Source("x.log", "ispmgr"))
    renderer = renderer_of(to, problems.append)
    separator = renderer.emitter.separator
    if jobs > 1:
        made = parallel.batches(file, renderer, problems.append, stats, jobs, counted=needs_lines)
        texts = [text for batch, _ in made for text in batch]
    else:
        dated = renderer.emitter.tells_when
        plain = pipeline.batches([file], problems.append, stats, counted=needs_lines, dated=dated)
        texts = [text for batch in plain for text in renderer.batch(batch)]
    data = separator.encode().join(texts)
    return data, problems, (stats.lines, stats.requests, stats.malformed)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(parallel, "RANGE", 512)
    monkeypatch.setattr(sources, "BLOCK", 300)
    monkeypatch.setattr(chunks, "MAX_LINE", 600)
    return 512


@pytest.mark.parametrize("to", ["url", "curl", "mgrctl", "json"])
def test_any_number_of_processes_gives_the_same(small: int, to: str, tmp_path: Path) -> None:
    chance = random.Random(7)
    for ended in (True, False):
        path = tmp_path / "a.log"
        path.write_bytes(make([chance.randrange(len(LINES)) for _ in range(150)], ended))
        one = by(1, path, to)
        assert one[0].count(b"user.edit") > 10
        assert one[2][0] == path.read_bytes().count(b"\n") + (not ended)
        for jobs in (2, 3):
            assert by(jobs, path, to) == one


@settings(max_examples=examples(25))
@given(st.lists(st.integers(0, 300 * 86_400), min_size=1, max_size=25), st.integers(0, 30))
@example([200 * 86_400] * 8, 3)
def test_every_process_knows_the_year(gaps: list[int], late: int) -> None:
    times = [datetime.datetime(2001, 12, 30)]
    for gap in gaps:
        times.append(times[-1] + datetime.timedelta(seconds=gap))
    rest = " [1:2] core INFO Request [192.0.2.1][root] 'func=user.edit&passwd=x'\n"
    changed = (times[-1] + datetime.timedelta(days=late)).timestamp()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(parallel, "RANGE", 100)
        patch.setattr(sources, "BLOCK", 70)
        path = Path(folder, "x.log")
        path.write_text("".join(f"{time:%b %d %H:%M:%S}{rest}" for time in times))
        os.utime(path, (changed, changed))
        one = by(1, path, "json")
        whens = [json.loads(record)["when"] for record in one[0].splitlines()]
        assert whens == [time.isoformat() for time in times]
        assert by(2, path, "json") == one


def test_a_log_without_requests_has_no_years(small: int, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(make([0, 1] * 20))
    assert by(2, path, "json") == by(1, path, "json") == (b"", [], (40, 0, 0))


@pytest.mark.parametrize("to", ["url", "curl"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_lines_are_counted_only_where_somebody_needs_them(
    small: int, to: str, jobs: int, tmp_path: Path
) -> None:
    chance = random.Random(8)
    path = tmp_path / "a.log"
    path.write_bytes(make([chance.randrange(len(LINES)) for _ in range(150)]) + b"x\n\n")
    data, problems, (lines, requests, malformed) = by(jobs, path, to)
    quick = by(jobs, path, to, needs_lines=to == "curl")
    if to == "curl":  # it tells the line
        assert quick == (data, problems, (lines, requests, malformed))
        return
    assert (quick[0], quick[2]) == (data, (0, requests, malformed))
    lost = [problem for problem in quick[1] if problem.lost]
    assert len(lost) == sum(problem.lost for problem in problems) > 0
    assert {problem.line for problem in lost} == {None}


@settings(max_examples=examples(25))
@given(st.lists(st.integers(0, len(LINES) - 1), max_size=40), st.booleans())
def test_wherever_the_ranges_end(lines: list[int], ended: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "RANGE", 100)
        patch.setattr(sources, "BLOCK", 70)
        patch.setattr(chunks, "MAX_LINE", 600)
        path = Path(os.environ.get("TMPDIR", "/tmp")) / f"logreq-parallel-{os.getpid()}.log"
        try:
            path.write_bytes(make(lines, ended))
            assert by(2, path, "curl") == by(1, path, "curl")
            assert by(2, path, "url") == by(1, path, "url")
        finally:
            path.unlink()


def log_of(tmp_path: Path, requests: int) -> LogFile:
    path = tmp_path / "a.log"
    path.write_bytes(make([3] * requests))
    return LogFile(str(path), Source("x.log", "ispmgr"))


def test_progress_adds_up_to_the_size(small: int, tmp_path: Path) -> None:
    file = log_of(tmp_path, 50)
    seen: list[int] = []
    renderer = renderer_of("url", print)
    for _ in parallel.batches(file, renderer, print, Stats(), 2, seen.append):
        pass
    assert sum(seen) == file.size


def test_a_worker_that_dies_is_an_error(small: int, tmp_path: Path) -> None:
    file = log_of(tmp_path, 2_000)
    pages = parallel.batches(file, renderer_of("curl", print), print, Stats(), 2)
    next(pages)
    for pid in children():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(LogreqError, match="a worker process died"):
        for _ in pages:
            pass
    assert not children()


def test_who_stops_reading_leaves_no_process(small: int, tmp_path: Path) -> None:
    pages: Iterator[object] = parallel.batches(
        log_of(tmp_path, 2_000), renderer_of("curl", print), print, Stats(), 3
    )
    next(pages)
    assert len(children()) == 3
    pages.close()  # type: ignore[attr-defined]
    assert not children()


def children() -> list[int]:
    return [int(n) for n in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def test_a_log_that_vanishes_is_reported_once(small: int, tmp_path: Path) -> None:
    file = log_of(tmp_path, 50)
    problems: list[Problem] = []
    size = file.size
    os.unlink(file.path)
    gone = cast(LogFile, _Sized(file.path, file.source, size))
    pages = parallel.batches(gone, renderer_of("url", problems.append), problems.append, Stats(), 2)
    assert sum(number for _, number in pages) == 0
    assert [str(problem) for problem in problems] == [
        "x.log: cannot read: No such file or directory"
    ]


class _Sized:
    def __init__(self, path: str, source: Source, size: int) -> None:
        self.path, self.source, self.size = path, source, size


@pytest.mark.parametrize(
    ("count", "size", "wanted", "jobs"),
    [(1, 10, None, 1), (1, 10, 3, 3), (1, 10, 1, 1), (2, 10, 3, 1), (1, 0, 3, 1)],
)
def test_small_logs_and_several_need_one_process(
    count: int, size: int, wanted: int, jobs: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"x" * size)
    files = [LogFile(str(path), Source("x", "ispmgr"))] * count
    assert pipeline.jobs(files, wanted) == jobs


def test_a_big_log_takes_the_cores_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.log"
    with path.open("wb") as log:
        log.truncate(10 * pipeline.WORTH)
    files = [LogFile(str(path), Source("x", "ispmgr"))]
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1, 2, 3}, raising=False)
    assert pipeline.jobs(files) == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert pipeline.jobs(files) == 2
    with path.open("r+b") as log:
        log.write(b"\x1f\x8b")
    assert pipeline.jobs(files, 3) == 1


def test_the_command_line_gives_the_same_and_ctrl_c_ends_all(tmp_path: Path) -> None:
    file = log_of(tmp_path, 15_000)
    assert file.size > parallel.RANGE
    command = [sys.executable, "-m", "logreq", "convert", "-t", "curl", file.path, "--jobs"]
    one, two = (subprocess.run([*command, jobs], capture_output=True, check=True) for jobs in "12")
    assert one.stdout == two.stdout
    assert one.stderr == two.stderr
    child = subprocess.Popen(
        [*command, "2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    assert child.stdout
    child.stdout.read(100)  # the rest does not fit into the pipe: it is at work
    os.killpg(child.pid, signal.SIGINT)
    _, message = child.communicate(timeout=20)
    assert child.returncode == 130
    assert b"Traceback" not in message
    with pytest.raises(ProcessLookupError):
        os.killpg(child.pid, 0)


def test_a_log_that_cannot_be_read_any_further() -> None:
    failed: list[Exception] = []

    def blocks() -> Iterator[bytes]:
        yield b"one"
        raise OSError("gone")

    assert list(ranges._guarded(blocks(), failed)) == [b"one"]
    assert [str(error) for error in failed] == ["gone"]


@pytest.mark.parametrize("data", [b"", b"\0" * 5, parallel._HEAD.pack(10) + b"short"])
def test_half_an_answer_is_a_dead_worker(data: bytes) -> None:
    worker = object.__new__(parallel._Worker)
    worker.pipe = io.BytesIO(data)
    with pytest.raises(LogreqError, match="a worker process died"):
        worker.receive()


def test_ranges_hold_each_line_once(small: int, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    data = b"".join(b"x" * length + b"\n" for length in (5, small * 5, 0, small - 1, small * 2, 7))
    path.write_bytes(data)
    file = LogFile(str(path), Source("x.log", "ispmgr"))
    count = -(-len(data) // small)
    cut = Ranges(file, renderer_of("url", print), small, True, False)
    assert b"".join(b"".join(cut.blocks(number)) for number in range(count)) == data
    assert list(cut.blocks(2)) == []


@pytest.mark.parametrize("block", [50, 5_000])
@pytest.mark.parametrize(
    ("to", "query", "back"),
    [("url", "func=a", False), ("curl", "func=a&passwd=x", True), ("mgrctl", "func=-a", False)],
)
def test_a_request_that_depends_on_others_is_the_parents(
    to: str, query: str, back: bool, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BLOCK", block)
    path = tmp_path / "x.log"
    line = "Feb  6 08:08:07 [1:2] m INFO Request [][root] '{}'\n"
    path.write_text(line.format("func=b") + line.format(query) + line.format("func=c"))
    renderer = renderer_of(to, print)
    renderer.decider.variables = NoVariables()
    file = LogFile(str(path), Source("x.log", "ispmgr"))
    cut = Ranges(file, renderer, parallel.RANGE, True, False)
    result, parts = cut.render(0, 1, cut=False)
    assert [part.line for part in parts if isinstance(part, Request)] == [2] * back
    assert (result.number, result.lines) == (3 - back, 3)


def test_a_pipe_that_takes_little_at_a_time() -> None:
    class Pipe(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data[:3]))

    pipe = Pipe()
    parallel._write(pipe, b"0123456789")
    assert pipe.getvalue() == b"0123456789"
