"""Requests of several logs in the order of time, texts as they come, numbers for the summary."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest

from logreq import emitters
from logreq.convert import merge, pipeline
from logreq.convert.filter import Unique
from logreq.convert.render import Renderer
from logreq.errors import Problem, Report
from logreq.log import scan
from logreq.log.files import LogFile
from logreq.log.line import parse_line
from logreq.log.scan import Stats
from logreq.model.chunk import Chunk, Source
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.rules.load import rule_set
from tests.support.cli import impatient


def line(number: int, time: str = "Feb  6 08:08:07", query: str = "func=user.edit") -> bytes:
    return f"{time} [1:2] core INFO Request [192.0.2.1][root] '{query}&elid={number}'\n".encode()


def renderer(to: str, report: Report, **options: object) -> Renderer:
    emitter = emitters.load(to)(Connection())
    decider = Decider(rule_set([], user=None))
    return Renderer(decider, emitter, report, **options)  # type: ignore[arg-type]


def files(folder: Path, *logs: bytes) -> list[LogFile]:
    found = []
    for number, data in enumerate(logs):
        path = folder / f"{number}.log"
        path.write_bytes(data)
        found.append(LogFile(str(path), Source(path.name, "ispmgr")))
    return found


def elids(found: object) -> list[str]:
    return [str(request.get("elid")) for request in found]  # type: ignore[attr-defined]


def test_several_logs_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    logs = files(
        tmp_path,
        line(1, "Feb  6 08:00:00") + line(4, "Feb  6 08:00:03"),
        b"no record\n",
        line(2, "Feb  6 08:00:01") + line(3, "Feb  6 08:00:02") + line(5, "Feb  6 08:00:04"),
        b"",
    )
    stats = Stats()
    assert elids(pipeline.read(logs, print, stats)) == ["1", "2", "3", "4", "5"]
    assert (stats.lines, stats.requests, stats.malformed) == (6, 5, 0)
    assert elids(pipeline.read(logs[:1], print)) == ["1", "4"]
    assert elids(r for _, r in merge.by_time(logs, print, Stats())) == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]


def test_a_log_that_is_rotated_within_a_second_goes_on_where_it_ended(tmp_path: Path) -> None:
    live = line(3, "Feb  6 08:00:01") + line(4, "Feb  6 08:00:01") + line(5, "Feb  6 08:00:02")
    archive = line(1, "Feb  6 08:00:00") + line(2, "Feb  6 08:00:01")
    for order in ((live, archive), (archive, live)):
        logs = files(tmp_path, *order)
        assert elids(pipeline.read(logs, print)) == ["1", "2", "3", "4", "5"]


def test_a_log_of_years_among_others(tmp_path: Path) -> None:
    times = ["Feb  5", "Oct  5", "Feb  5", "Oct  5", "Feb  5"]
    logs = files(
        tmp_path,
        b"".join(line(n, f"{t} 08:00:00") for n, t in zip((1, 2, 4, 5, 7), times)),
        line(3, "Dec  1 00:00:00"),
        # What else is logged is not always of the first request's day.
        b"Jan  1 00:00:00 [1:2] core INFO begun\n" + line(6, "Dec 31 23:59:59"),
    )
    for file, date in zip(logs, ("2026-02-06", "2024-12-01", "2026-01-01")):
        stamp = datetime.datetime.fromisoformat(date).timestamp()
        os.utime(file.path, (stamp, stamp))
    assert elids(pipeline.read(logs, print)) == list("1234567")


def test_damaged_ones_are_reported_in_their_place(tmp_path: Path) -> None:
    data = line(1) + line(2)[:-2] + b"\n" + line(3)
    problems: list[Problem] = []
    stats = Stats()
    chunk = [Chunk(data, Source("x", "ispmgr"), 1), Chunk(b"", Source("x", "ispmgr"), 4)]
    found = list(scan.requests(chunk, problems.append, stats))
    assert elids(found) == ["1", "3"]
    assert [problem.line for problem in problems] == [2]
    assert (stats.lines, stats.requests, stats.malformed) == (3, 2, 1)
    texts = [
        t
        for batch in pipeline.batches(files(tmp_path, data), print, stats)
        for t in renderer("json", print).batch(batch)
    ]
    assert len(texts) == 2


def test_batches_of_one_log_and_of_several(tmp_path: Path) -> None:
    logs = files(tmp_path, line(1) + line(2), line(3))
    for some, number in ((logs[:1], 2), (logs, 3)):
        assert sum(map(len, pipeline.batches(some, print, Stats()))) == number


def test_wanted_and_different_ones_only() -> None:
    found = [
        request
        for number in (1, 2, 1, 3)
        for request in scan.requests(
            [Chunk(line(number), Source("x", "ispmgr"), 1)], print, Stats()
        )
    ]
    decider, emitter = Decider(rule_set([], user=None)), emitters.load("url")(Connection())

    def wanted(request: Request) -> bool:
        return request.get("elid") != "3"

    def texts(new: Optional[Unique]) -> list[str]:
        made = Renderer(decider, emitter, print, wanted, new).batch(found)
        return [text.decode().strip()[-1] for text in made]

    assert texts(Unique()) == ["1", "2"]
    assert len(texts(None)) == 3
    assert len(list(pipeline.calls(found, decider, wanted, Unique()))) == 2
    assert len(list(pipeline.calls(found, decider))) == 4


def test_what_a_target_cannot_express_is_said(tmp_path: Path) -> None:
    problems: list[Problem] = []
    (log,) = files(tmp_path, line(1, query="func=-user"))
    (found,) = pipeline.batches([log], print, Stats())
    (text,) = renderer("mgrctl", problems.append).batch(found)
    assert b"no call here" in text
    assert text.startswith(b"# ")
    assert [str(p)[:21] for p in problems] == ["0.log:1: no call here"]


def test_a_live_pipe_gives_each_request_as_it_comes() -> None:
    child = subprocess.Popen(
        impatient(0.1, "convert", "-t", "json", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    for number in range(3):
        whole = line(number)
        child.stdin.write(whole[:50])
        child.stdin.flush()
        child.stdin.write(whole[50:])
        child.stdin.flush()
        # Blocks for ever if the request waits for more input.
        assert f'["elid", "{number}"]'.encode() in child.stdout.readline()
    out, err = child.communicate(timeout=20)
    assert (out, child.returncode) == (b"", 0)
    assert err == b"logreq: 3 lines, 3 requests, 3 converted, 0 malformed\n"


def test_a_reader_that_goes_ends_the_stage_quietly() -> None:
    child = subprocess.Popen(
        impatient(0.1, "convert", "-t", "json", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin
    assert child.stdout
    assert child.stderr
    child.stdout.close()
    child.stdin.write(line(1))
    child.stdin.flush()
    assert child.wait(timeout=20) == 0
    assert child.stderr.read() == b""
    child.stderr.close()
    child.stdin.close()


# What a start may import: more makes every call slower.
LEAN = {
    "_version", "cli", "cli.help", "cli.main", "cli.settings", "errors", "text", "text.escape",
}  # fmt: skip


def test_what_a_start_imports() -> None:
    code = (
        "import sys\nfrom logreq.cli.main import main\n"
        "sys.argv = ['logreq', *sys.argv[1:]]\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)\n"
    )

    def modules(*arguments: str) -> set[str]:
        command = [sys.executable, "-c", code, *arguments]
        shown = subprocess.run(command, capture_output=True, check=False, text=True)
        return set(shown.stdout.splitlines()[-1].split())

    version = modules("--version")
    assert {m[7:] for m in version if m.startswith("logreq.")} == LEAN
    heavy = {"yaml", "pyparsing", "json", "urllib", "pickle", "multiprocessing", "unicodedata"}
    assert not heavy & version
    converted = modules("convert", "-q", "-t", "url", os.devnull)
    assert not {"pyparsing", "json", "pickle", "multiprocessing", "bz2", "lzma"} & converted
    late = ("logreq.expr", "logreq.convert.parallel", "logreq.convert.ranges")
    assert not {m for m in converted if m.startswith(late)}


@pytest.mark.parametrize("to", ["javascript", "ansible"])
def test_a_frame_that_makes_its_own_pairs_gets_no_others(to: str) -> None:
    """A function that is not UTF-8 changes how all pairs of its calls are told."""
    problems: list[Problem] = []
    made = renderer(to, problems.append)
    found = [parse_line(line(n, query="func=x%FF")) for n in range(3)]
    requests = [one for one in found if isinstance(one, Request)]
    assert len(requests) == 3
    expected = [made.emitter.snippet(made.decider(request)) for request in requests]
    assert [*made.texts(requests)] == expected
    assert problems == []
