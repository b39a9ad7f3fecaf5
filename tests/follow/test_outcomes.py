"""Live logs: requests at once or when their thread is done, refusals when they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Union

from logreq.errors import Problem
from logreq.live.follow import follow, follow_stream
from logreq.live.outcomes import Late, Outcomes
from logreq.log.scan import Stats
from logreq.model.chunk import Chunk, Source
from logreq.model.request import Request
from tests.follow.followkit import Clock, Waits
from tests.unit.test_outcome import click, document, error, line

SOURCE, OTHER = Source("x.log", "ispmgr"), Source("y.log", "ispmgr")
END = line("libmgr EXTINFO Thread 7f finished")
Step = tuple[float, str]


def told(*steps: Union[Step, tuple[float, str, Source]], wait: bool) -> list[tuple[float, str]]:
    """Give when what was told: requests by their numbers, `late` and the number of refusals."""
    clock, lines = Clock(), {SOURCE: 1, OTHER: 1}
    problems: list[Problem] = []
    stats = Stats()
    outcomes = Outcomes(problems.append, stats, wait=wait, clock=clock)
    start = clock.now

    def chunks() -> Iterator[Chunk]:
        for seconds, text, *source in steps:
            clock.now += seconds
            where = source[0] if source else SOURCE
            yield Chunk(text.encode(), where, lines[where])
            lines[where] += text.count("\n")

    found = []
    for event in outcomes.events(chunks()):
        request = event.request if isinstance(event, Late) else event
        known = "late " if isinstance(event, Late) else ""
        if isinstance(event, Request) and event.outcome:
            known = f"{event.outcome.words} "
        found.append((round(clock.now - start, 1), known + str(request.get("elid"))))
    assert stats.requests == sum("late" not in text for _, text in found)
    assert stats.malformed == len(problems)
    assert outcomes.due() == float("inf")
    return found


def test_at_once() -> None:
    other = click(2, "1:3")
    steps = ((0, click(1) + error()), (1, other), (5, error(key="1:3")), (1, error()))
    assert told(*steps, wait=False) == [(0, "1"), (0, "late 1"), (1, "2"), (6, "late 2")]


def test_logs_have_threads_of_their_own() -> None:
    steps = ((0, click(1)), (0, click(2), OTHER), (0, error(), OTHER), (0, click(3)[:-9] + "\n"))
    assert told(*steps, wait=False) == [(0, "1"), (0, "2"), (0, "late 2")]


def test_waiting() -> None:
    """In order: what is done waits for what came before it, but no longer than two seconds."""
    other, end = click(2, "1:3"), END.replace("1:2", "1:3")
    assert told((0, click(1)), (0.5, other + end), (1, ""), (0.5, ""), wait=True) == [
        (2.0, "1"), (2.0, "2"),
    ]  # fmt: skip
    assert told((0, click(1)), (0.5, other + end), (1, END), wait=True) == [(1.5, "1"), (1.5, "2")]
    assert told((0, click(1) + error()), wait=True) == [(0, "exists(user) 1")]
    assert told((0, click(1)), (0.5, document("<ok/>") + click(2)), wait=True) == [
        (0.5, "ok 1"), (0.5, "2"),
    ]  # fmt: skip
    assert told((0, click(1)), (2, ""), (1, error()), wait=True) == [(2, "1"), (3, "late 1")]
    assert told((0, click(1)), (1.9, ""), (0, error()), wait=True) == [(1.9, "exists(user) 1")]


def test_due() -> None:
    clock = Clock()
    outcomes = Outcomes(print, Stats(), wait=True, clock=clock)
    assert outcomes.due() == float("inf")
    chunks = iter([Chunk(click().encode(), SOURCE, 1), Chunk(b"", SOURCE, 2)])
    dues = []

    def fed() -> Iterator[Chunk]:
        for chunk in chunks:
            yield chunk
            dues.append(outcomes.due())
            clock.now += 1.5

    assert len(list(outcomes.events(fed()))) == 1
    assert dues == [2.0, 0.5]
    clock.now += 9
    late = Outcomes(print, Stats(), wait=True, clock=clock)
    events = late.events(iter([Chunk(click().encode(), SOURCE, 1)]))
    assert next(events).query.startswith("elid=1")  # type: ignore[union-attr]


def test_the_follower_ticks_when_something_is_due(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"")
    clock = Clock()
    waits = Waits(clock, [lambda: None] * 3, 0.5)
    due = iter([0.3, 0.3, 0.1, 0.0, 0.0])
    found = follow(
        [log], panel_of=lambda path: "ispmgr", report=print, stop=waits, clock=clock,
        waits=waits, due=lambda: next(due, 9.0),
    )  # fmt: skip
    assert [chunk.data for chunk in found] == [b""]
    assert waits.delays[:2] == [0.3, 0.1]


def test_a_stream_ticks_when_something_is_due() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"x\n")
    found: list[bytes] = []
    for chunk in follow_stream(reading, source=SOURCE, report=print, due=lambda: 0.0):
        found.append(chunk.data)
        if len(found) == 3:
            os.close(writing)
    os.close(reading)
    assert found == [b"x\n", b"", b""]
