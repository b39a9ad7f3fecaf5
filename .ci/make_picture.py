"""Draw the README's picture: a log followed while it grows, a saved one; with colours, as SVG."""

import html
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "samples" / "session.svg"
LOG = ROOT / "samples" / "ispmgr.log"
# Clicks that are followed live, by their lines in the log; and a look back at a saved one.
FOLLOW, CLICKS = "logreq tail isp -a -t mgrctl", (4, 33)
CONVERT = "logreq convert -q --nth 6 ispmgr.log"
# A README shows some 830 pixels: as wide as that, it is not scaled down.
WIDTH, LINE, CHAR = 92, 19, 8.43
PATIENCE = 30  # seconds
BACKGROUND, TEXT = "#11151c", "#d8dee9"
_CODE = re.compile(r"\x1b\[([0-9;]*)m")


def command(line: str) -> list[str]:
    """Give the words by which a command line runs here."""
    return [sys.executable, "-m", "logreq", *line.split()[1:], "--color", "always"]


def followed(folder: Path) -> str:
    """Follow a log while the clicks are written to it; give what is printed until Ctrl-C."""
    lines = LOG.read_bytes().splitlines(keepends=True)
    log, printed = folder / LOG.name, folder / "printed"
    log.touch()
    environment = {**os.environ, "LOGREQ_LOG_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [*command(FOLLOW), "-q", "-n", "9"], stdout=out, stderr=out, env=environment
        )
    try:
        with log.open("ab") as stream:
            for number, line in enumerate(lines, 1):
                stream.write(line if number in CLICKS else b"\n")
        wait(lambda: _CODE.sub("", printed.read_text()).count("mgrctl -m") == len(CLICKS))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
    return printed.read_text().replace(f"{folder}/", "")


def wait(done: Callable[[], bool]) -> None:
    """Wait until something is done; RuntimeError if it is not."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise RuntimeError("the follower printed nothing")
        time.sleep(0.05)


def converted(folder: Path) -> str:
    """Convert a saved log."""
    (folder / LOG.name).write_bytes(LOG.read_bytes())
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command(CONVERT), cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def colour(code: str) -> str:
    """Give the colour of `38;5;N` as terminals show it."""
    match = re.search(r"38;5;(\d+)", code)
    if not match:
        return TEXT
    number = int(match[1])
    if number >= 232:
        return "#" + f"{8 + 10 * (number - 232):02x}" * 3
    if number < 16:
        return TEXT
    steps = [0, 95, 135, 175, 215, 255]
    number -= 16
    parts = (number // 36, number // 6 % 6, number % 6)
    # A little lighter than on a terminal: the picture has a dark ground.
    return "#" + "".join(f"{min(255, steps[part] + 40):02x}" for part in parts)


def rows() -> list[list[tuple[str, str]]]:
    """Give the picture's lines as pieces of text with their colours, folded at the width."""
    found: list[list[tuple[str, str]]] = []
    for typed, run in (FOLLOW, followed), (CONVERT, converted):
        found.append([("root@panel:~# ", "#8fbcbb"), (typed, "#ffffff")])
        with tempfile.TemporaryDirectory() as name:
            printed = run(Path(name))
        ink = TEXT
        for line in printed.rstrip().splitlines():
            row, room = [], WIDTH
            for number, piece in enumerate(_CODE.split(line)):
                if number % 2:
                    ink = colour(piece)
                    continue
                while len(piece) > room:
                    row.append((piece[:room], ink))
                    found.append(row)
                    piece, row, room = piece[room:], [], WIDTH
                row.append((piece, ink))
                room -= len(piece)
            found.append(row)
        found.append([])
    return found[:-1]


def shown(text: str) -> str:
    """Give text as SVG has it; viewers put ordinary blanks together."""
    return html.escape(text).replace(" ", "\N{NO-BREAK SPACE}")


def draw() -> str:
    """Give the SVG."""
    lines = rows()
    width, height = round(WIDTH * CHAR + 32), len(lines) * LINE + 60
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" role="img" aria-label="A session with logreq">',
        f'<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>',
        *(
            f'<circle cx="{20 + 18 * n}" cy="18" r="5.5" fill="{ink}"/>'
            for n, ink in enumerate(("#bf616a", "#ebcb8b", "#a3be8c"))
        ),
        '<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14"'
        ' xml:space="preserve">',
    ]
    for number, row in enumerate(lines):
        spans = "".join(f'<tspan fill="{ink}">{shown(text)}</tspan>' for text, ink in row if text)
        if spans:
            parts.append(f'<text x="16" y="{52 + number * LINE}">{spans}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw())
