"""Saved logs hold requests back for their outcomes: files that go on, pipes that wait."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import logreq
from logreq.convert import merge
from logreq.log import files
from logreq.log.files import LogFile, read_file
from logreq.log.find import find, panel_of
from logreq.log.hold import PATIENCE, hold, paired, same_log
from logreq.log.scan import Found, Scanner, Stats, requests
from logreq.model.chunk import Chunk, Source
from logreq.model.outcome import HIDDEN, Outcome
from tests.unit.test_outcome import EXISTS, FAULT, click, error, line

SOURCE = Source("x.log", "ispmgr")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/var/ispmgr.log", "/var/logs/ispmgr.log.1.gz", True),
        ("/var/logs/ispmgr.log.2", "/var/logs/ispmgr.log.1.gz", True),
        ("/var/ispmgr.log", "/srv/ispmgr.log", False),
        ("/var/ispmgr.log", "/var/billmgr.log", False),
        ("/var/a.log", "/var/b.log", False),
        ("ispmgr.log", "./logs/ispmgr.log.0", True),
    ],
)
def test_files_of_one_log(one: str, other: str, same: bool) -> None:
    first, second = (
        LogFile(path, Source(path, panel_of(path) or "ispmgr")) for path in (one, other)
    )
    assert (same_log(first) == same_log(second)) is same


def test_a_chain_of_files(tmp_path: Path) -> None:
    """A file may hold nothing that decides: the one after it is asked as well."""
    texts = {
        "x.log.1": click(1) + click(2, "1:3"),
        "x.log.2": "Moved\n" + line("x INFO y", "1:9", "Feb  6 08:08:08"),
        "x.log.3": "Moved\n" + line("x INFO y", "1:9", "Feb  6 08:08:09") + error(),
        "y.log": line("x INFO y", "1:9", "Feb  6 08:08:08") + error(key="1:3"),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    found = list(logreq.read(tmp_path, outcomes=True))
    assert [request.outcome for request in found] == [EXISTS, None]
    assert [request.outcome for request in logreq.read(tmp_path)] == [None, None]
    assert next(logreq.read(tmp_path / "x.log.1", outcomes=True)).outcome is None
    files_ = find([str(tmp_path)], None, print)
    times = [moment for moment, _ in merge.by_time(files_, print, Stats(), outcomes=True)]
    assert times == sorted(times)


def test_a_pipe_is_looked_at_while_nothing_comes() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a\n")
    file = LogFile(f"/dev/fd/{reading}", SOURCE)

    def write() -> None:
        os.write(writing, b"b\n")
        os.close(writing)

    threading.Timer(2.5 * files.TICK, write).start()
    found = [chunk.data for chunk in read_file(file, print, idle=True)]
    os.close(reading)
    assert [data for data in found if data] == [b"a\n", b"b\n"]
    assert found[-1] == b""
    assert found[1 : found.index(b"b\n")] in ([b""] * 3, [b""] * 4, [b""] * 5)


def test_a_clock_lets_go() -> None:
    """Requests wait `PATIENCE` seconds where nothing comes, and as long as something does."""

    def told(*steps: tuple[float, str]) -> list[tuple[int, dict[int, Outcome]]]:
        """Give after which step pages with requests came, and their outcomes."""
        now, at, scanner = [0.0], [0], Scanner()

        def fed() -> Iterator[tuple[Chunk, Sequence[Found]]]:
            for number, (seconds, text) in enumerate(steps):
                now[0] += seconds
                at[0] = number
                chunk = Chunk(text.encode(), SOURCE, number + 1)
                yield chunk, scanner.scan(chunk)

        pages = hold(fed(), clock=lambda: now[0])
        return [(at[0], page.outcomes) for page in pages if page.items]

    assert PATIENCE == 2
    first, second, late = click(1), click(2, "1:3"), error(key="1:3")
    assert told((0, first), (1.9, ""), (1, second), (9, late), (0, "")) == [
        (4, {}), (4, {0: EXISTS}),
    ]  # fmt: skip
    assert told((0, first), (1.9, ""), (0.1, ""), (0, second), (2, ""), (0, "")) == [
        (2, {}), (4, {}),
    ]  # fmt: skip


def test_problems_keep_their_place(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(click(1) + click(2)[:-9] + "\n" + click(3, "1:5") + error(key="1:5"))
    file = LogFile(str(path), SOURCE)
    told: list[object] = []
    chunks = read_file(file, told.append)
    told.extend(r.outcome for r in requests(chunks, told.append, Stats(), 1, paired(file)))
    assert [one if one is None or one == EXISTS else "problem" for one in told] == [
        None, "problem", EXISTS,
    ]  # fmt: skip


def test_hiding() -> None:
    outcome = Outcome(True, "value", "name", "secret1", "secret1 is not secret of ab")
    assert outcome.hiding(["ab", ""]) == outcome
    assert Outcome(True, "value", "ab", "ab", "ab").hiding(["ab"]).text == "ab"
    assert Outcome(True, "value", "ab", "ab").hiding(["ab", ""])[2:4] == (HIDDEN, HIDDEN)
    secret = "s3 <cr&\"et'\\\n\u0438"
    for written in (
        secret,
        "s3 &lt;cr&amp;&quot;et&apos;&#92;&#10;&#x438;",
        "s3 &#60;cr&#38;&#34;et&#39;\\\n\u0438",
        "s3+%3ccr%26%22ET%27%5C%0a%D0%b8",
        "s3%20%3Ccr%26%22et%27%5c%0A%d0%B8",
        r"s3 <cr&\"et'\\\n\u0438",
        r"s3\ \<cr\&\"et\'\\\n\u0438",
    ):
        told = Outcome(True, text=f"a{written}b").hiding([secret])
        assert told.text == f"a{HIDDEN}b"
    assert Outcome(True, text="-x" * 900).hiding(["-x" * 300]).text == HIDDEN * 3
    assert outcome.hiding(["secret", "secret1"]) == Outcome(
        True, "value", "name", HIDDEN, f"{HIDDEN} is not {HIDDEN} of ab"
    )
    assert outcome.hiding([], value=True).text == f"{HIDDEN} is not secret of ab"
    assert Outcome(True, text=FAULT).hiding([], value=True).text == FAULT
