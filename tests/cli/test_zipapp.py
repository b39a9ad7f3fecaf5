"""The zipapp: one file that every Python found runs, without the network."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOG = ROOT / "samples" / "ispmgr.log"

pytestmark = pytest.mark.slow


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PYTHONS = script("ends")


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pyz") / "logreq.pyz"
    command = [sys.executable, str(ROOT / ".ci" / "make_pyz.py"), str(target)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return target


def run(python: Path, archive: Path, *args: str) -> str:
    """Run it from another folder, without anything that is installed beside that Python."""
    command = [str(python), "-I", "-S", str(archive), *args]
    done = subprocess.run(command, cwd=archive.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("oldest", [True, False], ids=["oldest", "newest"])
def test_the_oldest_and_the_newest_python_run_it(oldest: bool, archive: Path) -> None:
    versions = PYTHONS.VERSIONS if oldest else PYTHONS.VERSIONS[::-1]
    python = next(filter(None, map(PYTHONS.find, versions)))
    url = run(python, archive, "convert", "-q", "-t", "url", str(LOG)).splitlines()[0]
    assert url.startswith("https://localhost:1500/ispmgr?func=domain.edit&ip=8.8.8.8")
    names = [line.split()[0] for line in run(python, archive, "emitters").splitlines()]
    assert {"curl", "json", "mgrctl", "python", "url"} <= set(names)
    for name in names if oldest else ["curl"]:  # each is found and loaded
        assert run(python, archive, "convert", "-q", "-t", name, "--nth", "1", str(LOG))
    for name in ("curl", "mgrctl", "python", "requests", "perl", "php", "javascript"):
        # What its scripts begin with is package data.
        assert run(python, archive, "convert", "-q", "-a", "--script", "-t", name, str(LOG))
    buttons = str(ROOT / "samples" / "shapes" / "buttons.log")
    assert "clicked_button=" not in run(python, archive, "convert", "-q", "-t", "url", buttons)
    careful = run(python, archive, "convert", "-q", "-t", "url", "-r", "careful", buttons)
    assert "clicked_button=" in careful
    assert "convert" in run(python, archive, "--help")
    assert "default" in run(python, archive, "rules", "list")
    assert "PANEL_AUTHINFO" in run(python, archive, "help", "scripts")


def test_nothing_in_it_is_for_one_machine(archive: Path) -> None:
    names = zipfile.ZipFile(archive).namelist()
    assert not [name for name in names if name.endswith((".so", ".pyd", ".pyc"))]
    assert "logreq/data/rules/default.yaml" in names
    assert archive.stat().st_mode & 0o111
    assert archive.read_bytes().startswith(b"#!/usr/bin/env python3\n")


def test_an_old_python_is_told_what_it_lacks(archive: Path) -> None:
    text = zipfile.ZipFile(archive).read("__main__.py").decode()
    old = text.replace("sys.version_info < (3, 9)", "sys.version_info < (9, 9)")
    done = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("logreq needs Python 3.9 or later; this is 3.")
