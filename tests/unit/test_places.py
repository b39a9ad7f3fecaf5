"""Which line of a log a request stands in."""

from __future__ import annotations

from pathlib import Path

import pytest

from logreq.log.places import stands

LINE = "Feb  6 08:08:07 [1:2] core INFO Request [192.0.2.1][root] 'func=a'"


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_request_stands_in_its_line(end: str, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_text(f"nothing\n{LINE}\nnothing\n{LINE}{end}")
    assert [line for line in range(7) if stands(str(path), line)] == [2, 4]
