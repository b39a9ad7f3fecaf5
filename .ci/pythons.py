"""Run the tests with every other supported Python that is on the machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSIONS = [f"3.{minor}" for minor in range(9, 14)]
ROOT = Path(__file__).resolve().parent.parent


def candidates(version: str) -> Iterator[Path]:
    """Give the places where an interpreter of a version may be."""
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


def main() -> None:
    """Install and test with each version found; fail if one fails."""
    mine = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for version in VERSIONS:
        python = next(filter(runs, candidates(version)), None)
        if version == mine:
            print(f"Python {version}: is the one that ran all tests")
        elif python is None:
            print(f"Python {version}: not on this machine")
        else:
            test(version, python)


def test(version: str, python: Path) -> None:
    """Run the tests in an environment of one version."""
    print(f"Python {version}:", flush=True)
    folder = ROOT / ".ci-venv" / f"py{version}"
    if not (folder / "bin" / "python").exists():
        subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q"]
    subprocess.run([*pip, "--upgrade", "pip>=25.1"], check=True)
    subprocess.run([*pip, "--editable", ".", "--group", "test"], check=True, cwd=ROOT)
    environment = {**os.environ, "LOGREQ_TEST_PROFILE": "quick"}
    # What emitters emit is the golden files' on every Python; running it is tested once.
    command = [folder / "bin" / "python", "-m", "pytest", "-q", "-n", "auto", "-m", "not slow",
               "--ignore=tests/emitters", "--ignore=tests/support"]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT, env=environment)


if __name__ == "__main__":
    main()
