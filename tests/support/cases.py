"""The data of tests, `tests/cases`: each file is read once."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

CASES = Path(__file__).resolve().parents[1] / "cases"
# libyaml, where PyYAML has it: collecting tests takes half as long, and Ansible reads with it too.
QuickLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.cache
def load_yaml(name: str, loader: Any = QuickLoader) -> Any:
    """Give what a file below `tests/cases` holds: all tests get the same, and leave it as it is."""
    return yaml.load((CASES / name).read_text("utf-8"), loader)
