"""What tests of scripts that are run again share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.again import Bench, targets
from tests.support.panel import FakePanel


@pytest.fixture
def panel() -> Iterator[FakePanel]:
    with FakePanel() as panel:
        for name in ("example.com", "example.net"):
            panel.state.tables["sslcert"].append({"name": name})
        yield panel


# Scripts for requests are python's but for one function, `post`: what it sends and how it
# fails is tried by tests that name it.
@pytest.fixture(params=targets("requests"))
def bench(request: pytest.FixtureRequest, tmp_path: Path, panel: FakePanel) -> Bench:
    return Bench(request.param, tmp_path, panel)
