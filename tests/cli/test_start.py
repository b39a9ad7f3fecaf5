"""Starting: what a short run does without."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Each takes at least as long to import as a request to convert.
HEAVY = {"pyparsing", "yaml", "urllib.parse", "pathlib", "pkgutil", "ipaddress", "tempfile", "zlib"}
LINE = "Feb  6 08:08:07 [1:2] m INFO Request [192.0.2.1][root] 'func=a.edit&x=%41%20b&y=&sok=ok'\n"

CODE = """
import atexit, click, gc, sys
first = {*sys.modules}
end = lambda: print(gc.get_freeze_count() > 0, *{*sys.modules} - first, file=sys.stderr)
atexit.register(end)
from logreq.cli import main
main()
"""


def run(*args: str) -> tuple[str, str, set[str]]:
    """Run it in a Python of its own: output, whether the end was quick, what click has not."""
    code = f"import sys; sys.path[:0] = {sys.path!r}\n{CODE}"
    command = [sys.executable, "-I", "-S", "-c", code, *args]
    done = subprocess.run(command, input=LINE, capture_output=True, text=True, check=True)
    quick, *modules = done.stderr.splitlines()[-1].split()
    return done.stdout, quick, set(modules)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-t", "json"],
        ["-t", "mgrctl"],
        ["-a"],
        ["-r", "careful"],
        ["-r", "minimal", "--keep", "y"],
    ],
    ids=" ".join,
)
def test_converting_a_line_imports_nothing_heavy(options: list[str]) -> None:
    out, _, modules = run("convert", *options)
    assert "a.edit" in out
    assert HEAVY & modules == set()
    assert "logreq.rules.bundled" in modules


def test_the_version_needs_no_command() -> None:
    out, _, modules = run("--version")
    assert out.startswith("logreq ")
    assert {name for name in modules if name.startswith("logreq.cli.commands")} == set()
    assert HEAVY & modules == set()
    assert "logreq.model.request" not in modules


def test_the_end_looks_for_no_cycles() -> None:
    assert run("convert", "-q")[1] == "True"
