"""Make logreq.pyz, one file that runs with any Python from 3.9 on: python .ci/make_pyz.py [FILE].

Needs pip and the network; what it makes needs neither.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipapp
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / ".ci" / "lock"
# The oldest Python decides which releases go in.
OLDEST = "3.9"
MAIN = """\
import sys

if sys.version_info < (3, 9):
    sys.exit("logreq needs Python 3.9 or later; this is " + sys.version.split()[0])

from logreq.cli import main

main()
"""


def main(target: Path) -> None:
    """Make the archive."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    locked = ["--no-deps", "--require-hashes", "-r"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [*pip, "install", "--target", folder / "build", *locked, LOCK / "build.txt"], check=True
        )
        subprocess.run(
            [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder / "wheels", ROOT],
            check=True,
            env={**os.environ, "PYTHONPATH": str(folder / "build")},
        )
        subprocess.run(
            [*pip, "download", "--only-binary", ":all:", "--python-version", OLDEST,
             "-d", folder / "wheels", *locked, LOCK / "zipapp.txt"],
            check=True,
        )  # fmt: skip
        app = folder / "app"
        for wheel in (folder / "wheels").iterdir():
            zipfile.ZipFile(wheel).extractall(app)
        strip(app)
        (app / "__main__.py").write_text(MAIN)
        for path in app.rglob("*"):
            os.utime(path, (315_619_200, 315_619_200))  # the same content, the same archive
        target.parent.mkdir(parents=True, exist_ok=True)
        zipapp.create_archive(app, target, "/usr/bin/env python3", compressed=True)
    target.chmod(0o755)
    print(f"{target}: {target.stat().st_size} bytes, runs with Python 3.9 and later")


def strip(app: Path) -> None:
    """Take away what is for one Python or one machine: PyYAML does without its library."""
    for path in [*app.glob("*.data"), app / "_yaml"]:
        shutil.rmtree(path)
    for path in [*app.rglob("*.so"), *app.rglob("*.pyd")]:
        path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist" / "logreq.pyz"))
