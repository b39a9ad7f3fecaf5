"""What is read without PyYAML is what PyYAML reads; whatever else there is, is left to it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logreq import rulefile, rulefile_quick, rulefile_yaml
from logreq.rulefile import BUNDLED, bundled_text, load_bundled, parse

ROOT = Path(__file__).parent.parent
LOG = ROOT / "samples" / "ispmgr.log"


@pytest.mark.parametrize("name", BUNDLED)
def test_the_bundled_files_are_read_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bundled_text(f"{name}.yaml")
    root = rulefile_quick.read(data, "x.yaml")
    assert root is not None
    assert root == rulefile_yaml.read(data, "x.yaml")
    # Conditions are compared by identity.
    quick, slow = load_bundled(name), parse(data, f"{name}.yaml")
    for layer in quick, slow:
        for entry in (*layer.rules, *layer.kinds):
            assert entry.origin.startswith(f"{name}.yaml:")
    assert repr(told(quick)) == repr(told(slow))


def told(layer: rulefile.Layer) -> object:
    return layer._replace(
        rules=tuple(r._replace(when=r.when and vars(r.when)) for r in layer.rules),  # type: ignore[arg-type]
        kinds=tuple(k._replace(when=vars(k.when)) for k in layer.kinds),  # type: ignore[arg-type]
    )
