"""Draw the README's picture of a session: what the commands print, with their colours, as SVG."""

import html
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "samples" / "session.svg"
SESSION = (
    ("logreq tail isp -a -t mgrctl", ["-t", "mgrctl", "--nth", "1,9,10"]),
    ("logreq convert -a --last 1 ispmgr.log", ["-t", "curl", "-a", "--last", "1"]),
)
WIDTH, LINE, CHAR = 108, 19, 8.43
BACKGROUND, TEXT = "#11151c", "#d8dee9"
_CODE = re.compile(r"\x1b\[([0-9;]*)m")


def output(arguments: list[str]) -> str:
    """Run logreq on the sample and give what it prints in colour."""
    command = [sys.executable, "-m", "logreq", "convert", "-q", "--color", "always", *arguments]
    done = subprocess.run(
        [*command, "samples/ispmgr.log"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout.replace("samples/", "")


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
    for command, arguments in SESSION:
        found.append([("root@panel:~# ", "#8fbcbb"), (command, "#ffffff")])
        ink = TEXT
        for line in output(arguments).splitlines():
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
        spans = "".join(
            f'<tspan fill="{ink}">{html.escape(text)}</tspan>' for text, ink in row if text
        )
        if spans:
            parts.append(f'<text x="16" y="{52 + number * LINE}">{spans}</text>')
    return "\n".join([*parts, "</g>", "</svg>", ""])


if __name__ == "__main__":
    PICTURE.write_text(draw())
