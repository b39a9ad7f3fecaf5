"""`logreq list`: one line per request, to pick from."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple, Optional, Union

import click

from logreq.cli import completion as complete
from logreq.cli import numbering, options
from logreq.cli.functions import objects, seen
from logreq.cli.help import Choice, Helpful, grouped
from logreq.cli.job import Job
from logreq.cli.terminal.output import Lines
from logreq.cli.terminal.table import columns, cut, padded
from logreq.convert import pipeline
from logreq.model.call import Call, Env, Value
from logreq.model.connection import Connection
from logreq.model.outcome import Outcome
from logreq.rules import notes
from logreq.text.escape import visible

# Rows that are aligned together: nothing more is held.
BLOCK = 200
# Columns of a cell at most, where a terminal cuts them; of half a parameter.
WIDTHS = (9, 15, 10, 20, 39, 32, 10, 40)
VALUE = 30
# Between the parameters of a row, until they are cut: it stands in no visible text.
BETWEEN = "\0"
# The columns that a narrow terminal has no room for: caller, then user.
SPARED = (4, 3)
# Parameters that tell what a call is about stand first.
FIRST = (
    "elid", "elname", "name", "domain", "site_name", "username", "user", "email", "plid", "plname",
)  # fmt: skip
EXAMPLES = (
    ("What was changed, with numbers", "logreq list -a isp"),
    ("The calls of three of them", "logreq convert --nth 3,5-6 isp"),
    ("Which call deletes a database", "logreq list --functions -w 'func ~ delete' isp"),
)
_GIVEN = {
    **Connection()._asdict(),
    **dict.fromkeys(("script", "safe"), False),
    **dict.fromkeys(("param", "link", "lookup"), ()),
    "secrets": "env",
}
# Where a terminal does not know its own.
COLUMNS = 80


class Row(NamedTuple):
    """A row's cells, and whether its call takes something away."""

    cells: tuple[str, ...]
    deletes: bool = False


Listed = tuple[int, Call]


@click.command("list", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(readable=False),
                shell_complete=complete.logs)  # fmt: skip
@grouped("Output", [
    click.option("-t", "--to", "form", type=Choice(["table", "json"]), default="table",
                 show_default=True, help="A table, or a JSON object a line."),
    click.option("--functions", is_flag=True, help="Which functions were called, how often, of"
                 " which kind, with which parameters."),
])  # fmt: skip
@options.listing
@numbering.options
def command(
    logs: tuple[str, ...],
    quiet: bool,
    last: Optional[int],
    nth: Optional[numbering.Numbers],
    form: str,
    functions: bool,
    **given: Any,
) -> int:
    """List the requests of saved logs, one a line, with numbers for --nth.

    LOG is what `logreq convert` takes; without any, it is all panels' logs.

    A line holds number, time, panel where there are several, user, caller, function, kind, a !
    and the reason where the panel refused it, and the parameters that a call keeps. Numbers count
    all requests of these logs, also those that are not wanted.
    """
    job = Job("json", quiet, {**_GIVEN, **given})
    files = job.files(logs, panels=True)
    panels = len({file.source.panel for file in files}) > 1
    dated = form == "json" and not functions
    read = pipeline.read(files, job.report, job.stats, outcomes=True, dated=dated)
    found = numbering.numbered(read, nth)
    calls: Iterable[Listed] = _calls(numbering.wanted(found, job, nth), job)
    if last is not None:
        calls = deque(calls, last)
    lines = Lines(job.color)
    if functions:
        made = (call for _, call in calls)
        _write(lines, _functions(made, panels=panels) if form == "table" else objects(made))
    elif form == "table":
        _write(lines, _rows(calls, panels=panels))
    else:
        _write(lines, (f'{{"number": {n}, {job.emitter.snippet(call)[1:]}' for n, call in calls))
    lines.close()
    return job.end(lines.count, "listed")


def _write(lines: Lines, rows: Iterable[Union[Row, str]]) -> None:
    """Write the rows of a table, aligned, or lines as they are."""
    rows = iter(rows)
    width = _width()
    widths: list[int] = []
    while block := list(islice(rows, BLOCK)):
        for text in block:
            if isinstance(text, str):
                lines.line(text)
        table = [row for row in block if isinstance(row, Row)]
        if table:
            for row in _aligned(table, width, widths):
                lines.write(row.cells, deletes=row.deletes)


def _calls(found: Iterable[numbering.Numbered], job: Job) -> Iterator[Listed]:
    for number, request in found:
        for call in pipeline.calls([request], job.decider, None, job.new):
            yield number, call


def _rows(calls: Iterable[Listed], *, panels: bool) -> Iterator[Row]:
    for number, call in calls:
        request = call.request
        cells = (
            str(number),
            request.time,
            request.panel if panels else "",
            visible(request.user) or "-",
            visible(request.caller) or "-",
            visible(request.func),
            call.kind,
            _outcome(call.outcome),
            BETWEEN.join(_pair(*pair) for pair in _ordered(call)),
        )
        yield Row(cells, notes.deletes(call))


def _functions(calls: Iterable[Call], *, panels: bool) -> Iterator[Row]:
    """Give the rows of a table of functions: their number is how often they were called."""
    for one in seen(calls):
        names = sorted(one.params, key=_rank)
        panel = one.panel if panels else ""
        cells = (str(one.count), "", panel, "", "", visible(one.func), one.kind, "")
        yield Row((*cells, " ".join(map(visible, names))), one.deletes)


def _outcome(outcome: Optional[Outcome]) -> str:
    """Tell a refusal: a mark and the reason."""
    return f"! {visible(outcome.short)}" if outcome and outcome.failed else ""


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def _ordered(call: Call) -> list[tuple[str, Value]]:
    """Give what a call sends: first what it is about, the others in the log's order."""
    return sorted(call.arguments, key=lambda pair: _rank(pair[0]))


def _pair(name: str, value: Value) -> str:
    """Tell a parameter; of a secret its variable."""
    shown = f"${value.name}" if isinstance(value, Env) else visible(str(value))
    return f"{visible(name)}={shown}"


def _aligned(rows: Iterable[Row], width: Optional[int], widths: list[int]) -> Iterator[Row]:
    """Pad the cells of rows; the columns' `widths` grow, they never shrink.

    `width`: of the terminal, to which rows are cut; None: nothing is cut.
    """
    rows = list(rows)
    cells = [row.cells if width is None else _cells(row.cells) for row in rows]
    widths[:] = [
        max(known, *map(columns, column))
        for known, column in zip(widths or [0] * len(WIDTHS), list(zip(*cells)))
    ]
    shown = [*widths]
    for column in SPARED:
        if width is not None and width - _used(shown) < VALUE:
            shown[column] = 0
    for row, all_cells in zip(rows, cells):
        first, *others = (padded(c, w) if w else "" for c, w in zip(all_cells, shown))
        rest = all_cells[-1].replace(BETWEEN, " ")
        if width is not None:
            rest = cut(rest, width - _used(shown))
        yield Row((first.strip().rjust(shown[0]), *others, rest), row.deletes)


def _used(widths: list[int]) -> int:
    """Give the columns that cells take: one that nothing stands in takes none."""
    return sum(widths) + 2 * sum(map(bool, widths))


def _cells(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Cut a row's cells, and the values in the last one."""
    fixed = (cut(cell, most) for cell, most in zip(cells, WIDTHS))
    return (*fixed, BETWEEN.join(cut(pair, 2 * VALUE) for pair in cells[-1].split(BETWEEN)))


def _width() -> Optional[int]:
    """Give the columns of the terminal; None where output goes elsewhere."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or COLUMNS
    except (OSError, ValueError):
        return None
