"""From two recordings to a panel: whatever was clicked twice is called with a third set of values.

The log, the command, the script in a real Python, its rows: nothing is left out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Union

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import run
from tests.support.cli import logreq
from tests.support.profile import examples
from tests.support.recorder import Pairs, RecordingServer
from tests.support.strategies import HOSTILE, panel_encode, values

NAMES = (b"n0", b"n1", b"n2", b"n3")
# Text, or the number of a variable.
PIECE = st.one_of(
    st.integers(0, 3),
    st.text("abx19.@/_- \u0436", min_size=1, max_size=6).map(str.encode),
    st.sampled_from([text for text in HOSTILE if text != b"*"]),
)
Template = Sequence[Sequence[Sequence[Union[bytes, int]]]]
TEMPLATE = st.lists(
    st.lists(st.lists(PIECE, min_size=1, max_size=3), min_size=1, max_size=4), max_size=3
)
# In the first call each variable stands for itself: so its argument has a name.
FIRST: Template = [[[number] for number in range(len(NAMES))]]


def words(run: str) -> st.SearchStrategy[list[bytes]]:
    """Make values of the variables that no other text has in it, for a recording."""
    return st.tuples(
        *(st.text("cdefgh", min_size=2, max_size=8).map(f"{letter}{{}}{run}".format)
          for letter in "QRST")
    ).map(lambda found: [text.encode() for text in found])  # fmt: skip


def filled(template: Template, row: Sequence[bytes]) -> list[Pairs]:
    """Make the pairs of a template's calls."""
    return [
        [(b"func", b"f%d.edit" % at), *(
            (b"n%d" % place, b"".join(row[p] if isinstance(p, int) else p for p in pieces))
            for place, pieces in enumerate(call)
        )]
        for at, call in enumerate(template)
    ]  # fmt: skip


def recorded(template: Template, row: Sequence[bytes]) -> bytes:
    """Write the lines of a recording, coloured as panels do."""
    head = b"Feb  6 08:00:00 [1:2] core_module \x1b[1;32mINFO Request [192.0.2.1][root] "
    return b"".join(
        b"%s'%s'\x1b[0m\n" % (head, panel_encode(pairs)) for pairs in filled(template, row)
    )


class File(NamedTuple):
    """How a file of rows is written: the columns' order, line ends, what is quoted without need."""

    order: Sequence[int]
    end: bytes
    quoted: bool
    mark: bytes
    last: bool

    def written(self, rows: Sequence[Sequence[bytes]]) -> bytes:
        lines = [
            b",".join(self._field(row[column]) for column in self.order) for row in [NAMES, *rows]
        ]
        return self.mark + self.end.join(lines) + self.end * self.last

    def _field(self, value: bytes) -> bytes:
        if self.quoted or any(char in value for char in (b'"', b",", b"\r", b"\n")):
            return b'"' + value.replace(b'"', b'""') + b'"'
        return value


FILE = st.builds(
    File, st.permutations(range(len(NAMES))), st.sampled_from([b"\n", b"\r\n"]), st.booleans(),
    st.sampled_from([b"", b"\xef\xbb\xbf"]), st.booleans(),
)  # fmt: skip
# A row without any value is none.
ROW = st.lists(values(), min_size=len(NAMES), max_size=len(NAMES)).filter(any)


@run.requires(f"python3.{sys.version_info[1]}")
@settings(max_examples=examples(40))
@given(TEMPLATE, words("i"), words("j"), st.lists(ROW, min_size=1, max_size=3), FILE)
def test_other_values_by_rows_give_the_templates_calls(
    more: Template, first: list[bytes], second: list[bytes], third: list[list[bytes]], file: File
) -> None:
    template = [*FIRST, *more]
    number = len(template)
    with tempfile.TemporaryDirectory() as folder, RecordingServer() as server:
        log, script = Path(folder, "ispmgr.log"), Path(folder, "script.py")
        log.write_bytes(recorded(template, first) + recorded(template, second))
        done = logreq(
            "convert", "--script", "-t", "python", "--url", f"{server.base}/ispmgr",
            "--nth", f"1-{number}", "--again", f"{number + 1}-{2 * number}", log,
        )  # fmt: skip
        assert done.status == 0, done.err
        script.write_bytes(done.out)
        Path(folder, "rows.csv").write_bytes(file.written(third))
        status, _, err = run.execute(
            [sys.executable, str(script), "--each", "rows.csv"], {"PANEL_AUTHINFO": "root:secret"},
            Path(folder), None, 60,
        )  # fmt: skip
        assert status == 0, err
        assert server.refused == []
        extra = [(b"out", b"json"), (b"authinfo", b"root:secret")]
        assert server.pairs == [
            [*pairs, *extra] for row in third for pairs in filled(template, row)
        ]
