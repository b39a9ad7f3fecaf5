"""The rows of the table: what is measured, against what, and what it should reach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Callable, NamedTuple

from tests.bench import logs, peers
from tests.bench.measure import compare

MB = 1_000_000
WHERE = "func like '*.edit' and user != nobody and param.sok == ok"
GOALS = {"url": 1.0, "curl": 1.2, "mgrctl": 1.2, "python": 1.2, "json": 1.5}
EMITTERS = tuple(GOALS)


class Size(NamedTuple):
    """How much is measured: bytes of the mixed log, requests, sizes for memory, runs."""

    mixed: int
    requests: int
    memory: tuple[int, ...]
    runs: int


FULL = Size(500 * MB, 200_000, (10 * MB, 2000 * MB), 5)
QUICK = Size(1 * MB, 2_000, (1 * MB,), 1)


class Row(NamedTuple):
    """A line of the table: `value` is held against `goal`, which it should not exceed."""

    what: str
    measured: str
    value: float
    goal: float
    unit: str = "x"

    @property
    def reached(self) -> bool:
        """Whether the goal is met."""
        return self.value <= self.goal


def convert(to: str, log: Path, *options: str) -> list[str]:
    """Give the command that converts a log."""
    return peers.logreq("convert", "-q", "-t", to, *options, str(log))


def mixed(size: Size, folder: Path) -> Iterator[Row]:
    """Measure a log with few requests."""
    log = logs.mixed_log(folder, size.mixed)
    found = compare(
        {
            "perl": peers.perl(log),
            "guide": peers.guide(log),
            "url": convert("url", log),
        },
        size.runs,
    )
    ours, shown = found["url"].wall, _seconds(found["url"].wall)
    name = f"-t url, {size.mixed // MB} MB, {logs.SHARE} % requests"
    yield _row(f"{name} / Perl", shown, ours, found["perl"].wall, 0.5)
    yield _row(f"{name} / the guide's grep and sed", shown, ours, found["guide"].wall, 1)


def requests(size: Size, folder: Path) -> Iterator[Row]:
    """Measure a log of requests only, with every emitter."""
    log = logs.request_log(folder, size.requests)
    commands = {to: convert(to, log, "-j", "1") for to in EMITTERS}
    commands["all"] = convert("url", log)
    commands["plain"] = convert(
        "curl", logs.request_log(folder, size.requests, colour=False), "-j", "1"
    )
    found = compare({"perl": peers.perl(log), **commands}, size.runs)
    perl = found["perl"].wall
    for to in EMITTERS:
        name = f"-t {to}, {size.requests:,} requests, one process / Perl that prints URLs"
        yield _row(name, _seconds(found[to].wall), found[to].wall, perl, GOALS[to])
    every, one = found["all"].wall, found["url"].wall
    yield _row("-t url, all cores / one process", _seconds(every), every, one, 0.65)
    name, curl = "-t curl, coloured / plain lines", found["curl"].wall
    yield _row(name, _seconds(curl), curl, found["plain"].wall, 1.1)


def where(size: Size, folder: Path) -> Iterator[Row]:
    """Measure an expression with three conditions, which most requests pass."""
    log = logs.request_log(folder, size.requests)
    found = compare(
        {
            "with": convert("curl", log, "-j", "1", "--where", WHERE),
            "without": convert("curl", log, "-j", "1"),
        },
        size.runs,
    )
    name, ours = "--where with three conditions / without", found["with"].wall
    yield _row(name, _seconds(ours), ours, found["without"].wall, 1.3)


def memory(size: Size, folder: Path) -> Iterator[Row]:
    """Measure the peak memory of every emitter, plain and packed: the largest one's."""
    for bytes_ in size.memory:
        log = logs.mixed_log(folder, bytes_)
        for path in (log, logs.packed(log)):
            commands = {to: convert(to, path) for to in EMITTERS}
            peaks = {to: times.peak / MB for to, times in compare(commands, 1).items()}
            to = max(peaks, key=peaks.__getitem__)
            kind = "gz" if path.suffix == ".gz" else "plain"
            name = f"peak memory of a process, any of these, {bytes_ // MB} MB {kind}"
            yield Row(name, f"{peaks[to]:.0f} MB ({to})", peaks[to], 40, "MB")


def start(size: Size, folder: Path) -> Iterator[Row]:
    """Measure what it takes to do next to nothing."""
    log = logs.request_log(folder, 1)
    found = compare(
        {
            "click": peers.click(),
            "version": peers.logreq("--version"),
            "line": convert("curl", log),
        },
        size.runs * 4,
    )
    click = found["click"].wall
    for name, what, goal in (
        ("logreq --version", "version", 1.2),
        ("converting one line", "line", 1.6),
    ):
        ours = found[what].wall
        yield _row(f"{name} / import click", _seconds(ours), ours, click, goal)


def linear(size: Size, folder: Path) -> Iterator[Row]:
    """Measure four times the log."""
    small, large = (logs.mixed_log(folder, n) for n in (size.mixed // 4, size.mixed))
    found = compare(
        {
            "small": convert("url", small, "-j", "1"),
            "large": convert("url", large, "-j", "1"),
        },
        size.runs,
    )
    ours = found["large"].cpu
    yield _row("four times the log / 4", _seconds(ours), ours / 4, found["small"].cpu, 1.1)


ROWS: dict[str, Callable[[Size, Path], Iterator[Row]]] = {
    "mixed": mixed,
    "requests": requests,
    "where": where,
    "memory": memory,
    "start": start,
    "linear": linear,
}


def table(rows: Sequence[Row]) -> str:
    """Lay rows out as a Markdown table."""
    lines = ["| what | measured | ratio | goal | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        verdict = "reached" if row.reached else "**missed**"
        value = f"{row.value:.0f} MB" if row.unit == "MB" else f"{row.value:.2f}"
        goal = f"{row.goal:.0f} MB" if row.unit == "MB" else f"{row.goal:.2f}"
        lines.append(f"| {row.what} | {row.measured} | {value} | {goal} | {verdict} |")
    return "\n".join(lines)


def _row(what: str, measured: str, ours: float, other: float, goal: float) -> Row:
    return Row(what, measured, ours / other, goal)


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
