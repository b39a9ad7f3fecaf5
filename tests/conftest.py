"""Settings that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("quick", deadline=None, max_examples=10)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("LOGREQ_TEST_PROFILE", "default"))


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
