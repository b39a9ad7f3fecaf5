"""Write the man pages: python .ci/make_man.py.

Section 1 is made from the commands' own definitions, sections 5 and 7 from the topics of
`logreq help`.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from logreq.cli import manual  # noqa: E402 - found by the path above
from logreq.cli.help import by_purpose  # noqa: E402
from logreq.cli.main import group  # noqa: E402

DATA = ROOT / "logreq" / "data"
# Formats of files have a section of their own.
FORMATS = ("rules",)
DATE = "2026-11-26"
STATUS = (
    ("0", "something was converted"),
    ("1", "nothing matched"),
    ("2", "an error: usage, an unreadable log, broken rules, lost lines"),
    ("130", "Ctrl-C"),
)
ENVIRONMENT = (
    ("LOGREQ_<OPTION>", "the default of an option: LOGREQ_TO for --to; of a flag, 1 or 0"),
    ("LOGREQ_LOG_DIR", "where tail finds a panel's log by the panel's name"),
    ("NO_COLOR", "no colours, unless --color always asks for them"),
    ("SSH_CLIENT", "whose requests --me means"),
    ("PANEL_AUTHINFO", "read by calls, not by logreq: user:password"),
    ("PANEL_USER, PANEL_PASSWORD", "read by calls with --auth session and --auth key"),
)
FILES = (
    ("~/.config/logreq/config.yaml", "defaults of options, and connections; see logreq-config(1)"),
    ("~/.config/logreq/rules.yaml", "the user's own rules"),
    ("/usr/local/mgr5/var/", "the panels' logs"),
)


def escape(text: str) -> str:
    """Take the meaning to roff out of one line of text."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    return "\\&" + text if text[:1] == "." else text


def option(param: click.Option) -> Iterator[str]:
    """Describe an option."""
    value = param.metavar
    if isinstance(param.type, click.Choice):
        value = "|".join(map(str, param.type.choices))
    names = ", ".join(f"\\fB{escape(name)}\\fR" for name in param.opts)
    yield ".TP"
    yield names + ("" if param.is_flag or not value else f" \\fI{escape(value)}\\fR")
    text = param.help or ""
    yield escape(f"{text} [default: {param.default}]" if param.show_default else text)


def synopsis(command: click.Command, words: str) -> str:
    """Give the line that shows how a command is called."""
    rest = "COMMAND [ARGS]..." if isinstance(command, click.Group) else ""
    for param in command.params:
        if isinstance(param, click.Argument):
            rest = param.metavar or "|".join(param.type.choices)  # type: ignore[attr-defined]
    return f"\\fB{escape(words)}\\fR [OPTIONS] {escape(rest)}".rstrip()


def description(command: click.Command) -> Iterator[str]:
    """Give the paragraphs of a command's help."""
    for number, paragraph in enumerate(inspect.cleandoc(command.help or "").split("\n\n")):
        yield from [".PP"] * bool(number)
        yield from map(escape, paragraph.splitlines())


def options(command: click.Command, macro: str, ctx: click.Context) -> Iterator[str]:
    """Describe all options, by purpose."""
    for name, params in by_purpose(command, ctx):
        if macro != ".SH":
            yield f"{macro} {name}"
        for param in params:
            yield from option(param)


def table(heading: str, rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Give a section of names and what they mean."""
    yield f".SH {heading}"
    for name, text in rows:
        yield from (".TP", f"\\fB{escape(name)}\\fR", escape(text))


def page(command: click.Command, words: str, summary: str, others: list[str]) -> str:
    """Make one page."""
    name = words.replace(" ", "-")
    ctx = click.Context(command, info_name=words)
    lines = [
        *heading(name, 1, summary),
        ".SH SYNOPSIS",
        synopsis(command, words),
        ".SH DESCRIPTION",
        *description(command),
    ]
    if isinstance(command, click.Group):
        lines.append(".SH COMMANDS")
        for sub in command.list_commands(ctx):
            found = command.get_command(ctx, sub)
            assert found is not None
            if words == "logreq":
                lines += [".TP", f"\\fB{escape(f'logreq-{sub}')}\\fR(1)"]
                lines.append(escape(found.get_short_help_str(200)))
                continue
            lines += [f".SS {escape(sub)}", synopsis(found, f"{words} {sub}"), ".PP"]
            lines += [*description(found), *options(found, ".SH", click.Context(found))]
    lines += [".SH OPTIONS", *options(command, ".SS", ctx)]
    lines.append(".SH EXAMPLES")
    for text, line in getattr(command, "examples", ()):
        lines += [".TP", escape(f"{text}:"), f"\\fB{escape(line)}\\fR"]
    lines += table("ENVIRONMENT", ENVIRONMENT)
    lines += table("FILES", FILES)
    lines += table("EXIT STATUS", STATUS)
    return "\n".join([*lines, *see_also(others, f"{name}(1)")]) + "\n"


def heading(name: str, number: int, summary: str) -> list[str]:
    """Begin a page of a section."""
    kind = {1: "User Commands", 5: "File Formats", 7: "Miscellaneous"}[number]
    return [
        f'.TH "{name.upper()}" "{number}" "{DATE}" "logreq" "{kind}"',
        ".SH NAME",
        f"{escape(name)} \\- {escape(summary.rstrip('.'))}",
    ]


def see_also(others: list[str], own: str) -> list[str]:
    """Name the other pages, each as `NAME(SECTION)`."""
    names = (other.partition("(") for other in others if other != own)
    return [".SH SEE ALSO", ",\n".join(f"\\fB{escape(name)}\\fR({rest}" for name, _, rest in names)]


def text_of(text: str) -> str:
    """Give Markdown text in roff: code and what is strong in bold."""
    pieces = re.split(r"`([^`]+)`", re.sub(r"\*\*(.+?)\*\*", r"\1", text))
    made = (
        f"\\fB{escape(unescaped(piece))}\\fR" if number % 2 else escape(unescaped(piece))
        for number, piece in enumerate(pieces)
    )
    line = "".join(made)
    return f"\\&{line}" if line[:1] in ".'" else line


def unescaped(text: str) -> str:
    """Take Markdown's backslashes away."""
    return manual.inline(text)


def sentences(text: str) -> list[str]:
    """Give a line for each sentence, as roff wants it."""
    return re.split(r"(?<=[.:;?!]) +(?=[A-Z])", text)


def topic(name: str, others: list[str]) -> str:
    """Make the page of a topic."""
    lines = heading(f"logreq-{name}", section(name), manual.TOPICS[name])
    lines.append(".SH DESCRIPTION")
    fresh = True  # a paragraph begins here by itself
    for kind, text, level in manual.blocks(manual.markdown(name)):
        if isinstance(text, list):
            lines += cells(text)
        elif kind == "heading":
            if level > 1:
                lines.append(f".{'SH' if level == 2 else 'SS'} {text_of(text)}")
            fresh = True
            continue
        elif kind == "code":
            code = [escape(line) for line in text.rstrip("\n").split("\n")]
            lines += [".PP"] * (not fresh) + [".RS 4", ".nf", *code, ".fi", ".RE"]
        elif kind == "item":
            lines += [".IP \\(bu 2", *map(text_of, sentences(text))]
        else:
            lines += [".PP"] * (not fresh) + [*map(text_of, sentences(text))]
        fresh = False
    return "\n".join([*lines, *see_also(others, f"logreq-{name}({section(name)})")]) + "\n"


def cells(rows: list[list[str]]) -> Iterator[str]:
    """Give a table as a list of terms: the first cell, and the others behind it."""
    head, *body = rows
    for first, *rest in body:
        yield from (".TP", text_of(first))
        told = [f"{name}: {cell}" if number else cell
                for number, (name, cell) in enumerate(zip(head[1:], rest)) if cell]  # fmt: skip
        yield text_of("; ".join(told))


def section(name: str) -> int:
    """Give the section of a topic's page."""
    return 5 if name in FORMATS else 7


def pages() -> dict[str, str]:
    """Make all pages, by folder and file name."""
    ctx = click.Context(group, info_name="logreq")
    found = {"logreq": (group, "turn what a panel logged into calls that run")}
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        found[f"logreq {name}"] = (command, command.get_short_help_str(200))
    others = [f"{words.replace(' ', '-')}(1)" for words in found]
    others += [f"logreq-{name}({section(name)})" for name in manual.TOPICS]
    made = {
        f"man/{words.replace(' ', '-')}.1": page(command, words, summary, others)
        for words, (command, summary) in found.items()
    }
    for name in manual.TOPICS:
        number = section(name)
        made[f"man{number}/logreq-{name}.{number}"] = topic(name, others)
    return made


def main(folder: Path = DATA) -> None:
    """Write all pages anew."""
    wanted = pages()
    for path in folder.glob("man*/*"):
        if str(path.relative_to(folder)) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
