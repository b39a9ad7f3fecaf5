"""Settings that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Before they are imported: an assertion that fails there says what it saw, too.
pytest.register_assert_rewrite("tests.support", "tests.emitters")

from tests.support import profile  # noqa: E402
from tests.support import run as programs  # noqa: E402

profile.load()

TESTS = Path(__file__).parent
# What tests of a folder are, without a mark on each.
FOLDERS = {"follow": pytest.mark.follow, "support": pytest.mark.doubles}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regen", action="store_true", help="write the golden files anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        mark = FOLDERS.get(item.path.relative_to(TESTS).parts[0])
        if mark:
            item.add_marker(mark)


def pytest_runtest_setup(item: pytest.Item) -> None:
    marks = [*item.iter_markers("interpreter")]
    programs.marked = bool(marks) or item.get_closest_marker("doubles") is not None
    for mark in marks:
        programs.check(mark.args)


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the user's own rules, configuration and variables out of the tests."""
    for name in list(os.environ):
        if name.startswith("LOGREQ_") and not name.startswith("LOGREQ_TEST_"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
