"""Install the wheel and the sdist into empty environments and convert the samples with each."""

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

GUIDE = (
    "https://HOST:1500/ispmgr?func=domain.edit&ip=8.8.8.8&maildomain=off&name=domain.name"
    "&ns=ns1.example.com.%20ns2.example.com.&owner=www-root&owner_admins=off&sok=ok&webdomain=off"
)
SCRIPTS = ("curl", "mgrctl", "python", "requests", "perl", "php", "javascript")
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / ".ci" / "lock"


def main(dist: Path) -> None:
    """Try each package that lies in a folder."""
    packages = [*dist.glob("*.whl"), *dist.glob("*.tar.gz")]
    assert len(packages) == 2, packages
    for package in packages:
        with tempfile.TemporaryDirectory() as folder:
            try_package(package, Path(folder))
        print(f"{package.name}: installed, converts the samples")


def try_package(package: Path, folder: Path) -> None:
    """Install one package into an empty environment and run it from an empty folder."""
    venv.create(folder / "env", with_pip=True)
    scripts = folder / "env" / "bin"
    pip = [scripts / "pip", "--disable-pip-version-check"]
    locks = ["run"] if package.suffix == ".whl" else ["run", "build"]
    files = [f"-r{LOCK / lock}.txt" for lock in locks]
    locked = [*pip, "install", "-q", "--no-deps", "--require-hashes", *files]
    subprocess.run(locked, check=True, cwd=folder)
    subprocess.run(
        [*pip, "install", "-q", "--no-index", "--no-build-isolation", package],
        check=True, cwd=folder,
    )  # fmt: skip
    for command in ([scripts / "logreq"], [scripts / "python", "-m", "logreq"]):
        log = ROOT / "samples" / "ispmgr.log"
        done = subprocess.run(
            [*command, "convert", "-t", "url", "-u", "https://HOST:1500", log],
            check=True, cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[0] == GUIDE, done.stdout
    for target in SCRIPTS:  # their code is package data
        script = subprocess.run(
            [scripts / "logreq", "convert", "-q", "-a", "--script", "-t", target, log],
            check=True, cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        assert script.stdout.startswith(("#!", "<?php")), script.stdout[:200]
    for name, source in (("man1", "man"), ("man5", "man5"), ("man7", "man7")):
        pages = {page.name for page in (folder / "env" / "share" / "man" / name).iterdir()}
        wanted = {page.name for page in (ROOT / "logreq" / "data" / source).iterdir()}
        assert pages == wanted, pages
    manual = subprocess.run(
        [scripts / "logreq", "help", "rules"],
        check=True,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert "careful" in manual.stdout
    rules = subprocess.run(
        [scripts / "logreq", "convert", "-q", "-r", "minimal", ROOT / "samples" / "ispmgr.log"],
        check=True, cwd=folder, capture_output=True, text=True,
    )  # fmt: skip
    assert "domain.edit" in rules.stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
