"""Run the core tests at both ends of what is supported: `ends.py prepare`, then `ends.py test`.

The oldest Python on the machine with the oldest releases of what logreq needs; the newest Python
with the newest releases that its metadata allow, which no lock file names.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

VERSIONS = [f"3.{minor}" for minor in range(9, 15)]
# The oldest PyYAML has no wheel for later ones and does not build there.
OLD = VERSIONS[:3]
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / ".ci" / "lock"
ENDS = ROOT / ".ci-venv"
# What meets another Python, click, pyparsing or PyYAML; what emitted code does, and what
# terminals and broken logs do, is tested once, with the lock file's releases.
COMMANDS = ("again", "completion", "config", "convert", "diff", "help", "list", "meant", "rules")
TESTS = ("tests/unit", "tests/golden", "tests/follow")
TESTS += tuple(f"tests/cli/test_{name}.py" for name in COMMANDS)


def candidates(version: str) -> Iterator[Path]:
    """Give the places where an interpreter of a version may be."""
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        yield Path(sys.executable)
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    yield from sorted(pyenv.glob(f"{version}.*/bin/python{version}"))


def runs(path: Path) -> bool:
    """Tell whether an interpreter is there and works: shims of version managers may not."""
    try:
        return subprocess.run([path, "-c", "import venv"], capture_output=True).returncode == 0
    except OSError:
        return False


def find(version: str) -> Optional[Path]:
    """Give an interpreter of a version, None where the machine has none."""
    return next(filter(runs, candidates(version)), None)


def first(versions: list[str]) -> Optional[Path]:
    """Give the first of some versions that the machine has; tell which it has not."""
    for version in versions:
        python = find(version)
        if python:
            return python
        print(f"Python {version}: not on this machine")
    return None


def prepare() -> None:
    """Make both environments; one that this machine cannot have is said to be missing."""
    python = first(OLD)
    if python:
        pip = environment("oldest", python)
        subprocess.run(
            [*pip, "--no-deps", "--require-hashes", "-r", LOCK / "oldest.txt"], check=True
        )
    else:
        shutil.rmtree(ENDS / "oldest", ignore_errors=True)
        print(f"no Python {OLD[0]} to {OLD[-1]}: not tested with the oldest releases")
    python = first(VERSIONS[::-1])
    assert python
    pip = environment("newest", python)
    names = ["click", "pyparsing", "PyYAML"]
    here = ["--no-build-isolation", "--editable", ROOT]  # its metadata have a say
    subprocess.run([*pip, "--upgrade", "--upgrade-strategy", "eager", *here, *names], check=True)


def test() -> None:
    """Test in the environments that were made; fail if one fails."""
    passed = [passes(name) for name in ("oldest", "newest") if (ENDS / name).is_dir()]
    sys.exit(not all(passed))


def environment(name: str, python: Path) -> list[str]:
    """Make an environment with what the tests use; give the command that installs more."""
    folder = ENDS / name
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--require-hashes", "-r", LOCK / "test.txt"], check=True)
    here = ["--no-deps", "--no-index", "--no-build-isolation", "--editable", ROOT]
    subprocess.run([*pip, *here], check=True)
    return pip


VERSIONS_OF = """\
import platform
from importlib.metadata import version
found = (f"{name} {version(name)}" for name in ("click", "pyparsing", "PyYAML"))
print(f"Python {platform.python_version()}", *found, sep=", ")
"""


def passes(name: str) -> bool:
    """Run the core tests in an environment; tell whether they pass."""
    python = ENDS / name / "bin" / "python"
    print(f"the {name} releases:", flush=True)
    subprocess.run([python, "-c", VERSIONS_OF], check=True)
    command = [python, "-m", "pytest", "-q", "-n", "auto", *TESTS]
    return subprocess.run(command, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    {"prepare": prepare, "test": test}[sys.argv[1]]()
