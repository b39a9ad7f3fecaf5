"""`logreq list`: one line per request, to pick from."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Optional

import click

from logreq.cli import completion as complete
from logreq.cli import numbering, options
from logreq.cli.help import Helpful
from logreq.cli.terminal.output import Lines
from logreq.convert import pipeline
from logreq.model.call import Call, Env
from logreq.model.connection import Connection
from logreq.model.outcome import Outcome
from logreq.rules.decide import short
from logreq.text.escape import visible

# Rows that are aligned together: nothing more is held.
BLOCK = 200
# Columns of a cell at most; of a value; of a row where no terminal tells.
WIDTHS = (9, 15, 20, 39, 32, 10, 40)
VALUE = 30
ROW = 160
EXAMPLES = (
    ("What was changed, with numbers", "logreq list -a ispmgr.log"),
    ("The calls of three of them", "logreq convert --nth 3,5-6 ispmgr.log"),
)
_GIVEN = {
    **Connection()._asdict(),
    "script": False,
    "param": (),
    "secrets": "env",
}

Row = tuple[str, ...]


@click.command("list", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("logs", metavar="[LOG]...", nargs=-1, type=click.Path(),
                shell_complete=complete.logs)  # fmt: skip
@options.listing
@numbering.options
def command(
    logs: tuple[str, ...],
    quiet: bool,
    last: Optional[int],
    nth: Optional[numbering.Numbers],
    **given: Any,
) -> int:
    """List the requests of saved logs, one a line, with numbers for --nth.

    LOG is what `logreq convert` takes; without any, it is all panels' logs.
    A line holds number, time, user, caller, function, kind, a ! and the reason where the
    panel refused it, and the parameters that a call keeps. Numbers count all requests of these
    logs, also those that are not wanted.
    """
    job = options.Job("json", quiet, {**_GIVEN, **given})
    files = job.files(logs, panels=True)
    found = numbering.numbered(pipeline.read(files, job.report, job.stats, outcomes=True), nth)
    rows: Iterable[Row] = _rows(numbering.wanted(found, job, nth), job)
    if last is not None:
        rows = deque(rows, last)
    lines = Lines(job.color)
    for row in _aligned(rows, _width()):
        lines.write(*row)
    lines.close()
    return job.end(lines.count, "listed")


def _rows(found: Iterable[numbering.Numbered], job: options.Job) -> Iterator[Row]:
    for number, request in found:
        for call in pipeline.calls([request], job.decider, None, job.new):
            yield (
                str(number),
                request.time,
                visible(request.user) or "-",
                visible(request.caller) or "-",
                visible(request.func),
                call.kind,
                _outcome(call.outcome),
                _params(call),
            )


def _outcome(outcome: Optional[Outcome]) -> str:
    """Tell a refusal: a mark and the reason."""
    return f"! {visible(short(outcome))}" if outcome and outcome.failed else ""


def _params(call: Call) -> str:
    """Tell what a call sends, as far as there is room; of a secret its variable."""
    texts: list[str] = []
    room = ROW
    for name, value in call.arguments:
        shown = f"${value.name}" if isinstance(value, Env) else visible(_cut(str(value), VALUE))
        texts.append(_cut(f"{visible(_cut(name, VALUE))}={shown}", 2 * VALUE))
        room -= len(texts[-1]) + 1
        if room < 0:
            break
    return " ".join(texts)


def _aligned(rows: Iterable[Row], width: int) -> Iterator[Row]:
    """Pad the cells of each block of rows; columns grow, they never shrink."""
    widths = [0] * len(WIDTHS)
    rows = iter(rows)
    while True:
        block = list(islice(rows, BLOCK))
        if not block:
            return
        cut = [[_cut(cell, most) for cell, most in zip(row, WIDTHS)] for row in block]
        widths = [max(w, *(len(row[n]) for row in cut)) for n, w in enumerate(widths)]
        # A column that nothing stands in takes no room.
        used = sum(widths) + 2 * sum(map(bool, widths))
        for row, cells in zip(block, cut):
            first = cells[0].rjust(widths[0])
            others = (cell.ljust(w) for cell, w in zip(cells[1:], widths[1:]))
            yield (first, *others, _cut(row[-1], max(width - used, VALUE)))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or ROW
    except (OSError, ValueError):
        return ROW
