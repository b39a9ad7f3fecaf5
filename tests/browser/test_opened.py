"""What a file is, as its blocks come in."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from logreq.browser.opened import address, is_recording, opened
from logreq.log.files import LogFile
from logreq.model.chunk import Source
from tests.support.recordings import BASE, archive, entry
from tests.support.strategies import log_line

SOURCE = Source("-", "ispmgr")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (archive(entry(text="func=a")), "har"),
        (b"\n\n" + archive(entry(text="func=a")), "har"),
        (b"curl x\n", "curl"),
        (log_line(b"func=a"), None),
        (log_line(b"func=a", colour=True), None),
        (b"\x1b[1m" + log_line(b"func=a"), None),
        (b"/usr/local/mgr5/var/logs/x.gz\n" + log_line(b"func=a"), None),
        (b"{", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_all_blocks_come(data: bytes, kind: Optional[str], size: int) -> None:
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    file = LogFile("-", SOURCE, None, iter(blocks))
    found, rest = opened(file, lambda problem: None)
    assert (found, list(rest)) == (kind, blocks)


def test_no_file(tmp_path: Path) -> None:
    file = LogFile(str(tmp_path / "absent"), SOURCE)
    assert not is_recording(file)
    assert address([file]) == ("", [file])


def test_the_first_address_counts(tmp_path: Path) -> None:
    files = []
    for number, data in enumerate((
        log_line(b"func=a"), archive(entry(text="x")), archive(entry(text="func=a")), b"http://h/?func=a",
    )):  # fmt: skip
        path = tmp_path / str(number)
        path.write_bytes(data)
        files.append(LogFile(str(path), Source(str(path), "ispmgr")))
    assert address(files) == (BASE, files)
    assert address(files[:2]) == ("", files[:2])
    assert [is_recording(file) for file in files] == [False, True, True, True]
