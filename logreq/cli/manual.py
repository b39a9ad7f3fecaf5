"""The manual that travels with the package: topics in Markdown, for terminals and man pages.

A topic is `data/help/NAME.md`. It keeps to these shapes: headings, paragraphs, lists with `*`,
tables, fenced blocks, and comments, which are markers for tests.
"""

from __future__ import annotations

import pkgutil
import re
import textwrap
from collections.abc import Iterator
from typing import NamedTuple, Union

# Each topic, and what it tells, in the order of `logreq help`.
TOPICS = {
    "tail": "what following a live log promises, and what it needs",
    "browser": "calls from what a browser saved or copied, without root",
    "scripts": "one runnable file of many clicks, its arguments and what it reads",
    "expressions": "the language of --where, of when and of kinds",
    "rules": "what is kept, what is dropped, what is secret, what is a change",
    "outcomes": "whether a click worked, and what the log tells of it",
    "cookbook": "cron, Ansible, PHP, many clients, many servers, log pipelines",
    "security": "who writes the log, what is promised, what is not, how it is tested",
    "performance": "how speed and memory are measured, and how to repeat it",
}
# Columns of a terminal that a paragraph fills.
WIDTH = 88


class Block(NamedTuple):
    """A piece of a topic.

    `kind`: `heading` (of `level`), `paragraph`, `item` of a list, `code` or `table`, whose
    `text` is rows of cells. All other text is Markdown without its line ends, code excepted.
    """

    kind: str
    text: Union[str, list[list[str]]]
    level: int = 0


def markdown(name: str) -> str:
    """Give the text of a topic, from the checkout, the installed package or a zip archive."""
    data = pkgutil.get_data("logreq", f"data/help/{name}.md")
    return (data or b"").decode()


def blocks(text: str) -> Iterator[Block]:
    """Give the pieces of a Markdown text, markers left out."""
    pieces = re.split(r"^```\w*\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    for number, piece in enumerate(pieces):
        if number % 2:
            yield Block("code", piece)
            continue
        bare = re.sub("<!--.*?-->", "", piece)
        for part in re.split(r"\n\s*\n", bare):
            if part.strip():
                yield from _prose(part.strip())


def plain(text: str) -> str:
    """Give a Markdown text as a terminal shows it."""
    parts = []
    for block in blocks(text):
        if block.kind == "item":
            parts.append(_plain(block) + "\n")
        else:
            # A list's items stand close together.
            parts += ["\n"] * (parts[-1:] != [] and not parts[-1].endswith("\n\n"))
            parts.append(_plain(block) + "\n\n")
    return "".join(parts).strip("\n") + "\n"


def inline(text: str) -> str:
    """Take Markdown's own signs out of text, except those of code."""
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text)
    return re.sub(r"\\([<>|*~_\\])", r"\1", text)


def _prose(part: str) -> Iterator[Block]:
    """Give the blocks of text between two empty lines."""
    lines = part.split("\n")
    if lines[0].startswith("#"):
        sign, _, title = lines[0].partition(" ")
        yield Block("heading", title, len(sign))
        if lines[1:]:
            yield from _prose("\n".join(lines[1:]))
    elif lines[0].startswith("|"):
        yield Block("table", [_cells(line) for line in lines if not line.startswith("| -")])
    elif lines[0].startswith("* "):
        for item in re.split(r"^\* ", part, flags=re.MULTILINE)[1:]:
            yield Block("item", " ".join(item.split()))
    else:
        yield Block("paragraph", " ".join(part.split()))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _plain(block: Block) -> str:
    """Give a block's lines, without the last one's end."""
    kind, text, level = block
    if isinstance(text, list):
        return _table([[inline(cell) for cell in row] for row in text])
    if kind == "heading":
        line = inline(text)
        return line.upper() if level == 1 else line
    if kind == "code":
        return textwrap.indent(text.rstrip("\n"), "    ")
    begin, rest = ("* ", "  ") if kind == "item" else ("", "")
    return textwrap.fill(
        inline(text), WIDTH, initial_indent=begin, subsequent_indent=rest,
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip


def _table(rows: list[list[str]]) -> str:
    """Set cells in columns; what is too long for a line goes on under its column."""
    *widths, _ = (max(map(len, column)) for column in zip(*rows))
    indent = 2 + sum(width + 2 for width in widths)
    lines = []
    for *cells, last in rows:
        head = "  " + "".join(f"{cell:<{width}}  " for cell, width in zip(cells, widths))
        more = textwrap.wrap(last, max(24, WIDTH - indent), break_on_hyphens=False) or [""]
        lines.append((head + more[0]).rstrip())
        lines += [f"{'':{indent}}{line}" for line in more[1:]]
    return "\n".join(lines)
