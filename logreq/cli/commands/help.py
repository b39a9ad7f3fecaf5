"""`logreq help`: the topics of the manual, and the help of commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import click

from logreq.cli import manual
from logreq.cli.help import Helpful, long_help
from logreq.cli.options import OPTIONS
from logreq.errors import suggest
from logreq.text.escape import visible

EXAMPLES = (
    ("Which topics there are", "logreq help"),
    ("How rules are written", "logreq help rules"),
    ("All options of a command", "logreq help convert"),
)


@click.command("help", cls=Helpful, context_settings=OPTIONS, examples=EXAMPLES)
@click.argument("names", metavar="[TOPIC|COMMAND]...", nargs=-1)
@click.pass_context
def command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Show a topic of the manual, or a command's help.

    Without a name: list them. A name that is both, as tail and rules are, shows both. On a
    terminal, $PAGER shows the text.
    """
    root = ctx.find_root()
    if not names:
        click.echo(_overview(root), nl=False)
        return
    texts = list(_texts(root, tuple(map(str.lower, names))))
    if not texts:
        wrong = " ".join(names)
        near = suggest(wrong, [*manual.TOPICS, *_commands(root)])
        raise click.UsageError(f"There is no help on {visible(wrong)!r}{near}", ctx)
    click.echo_via_pager("\n".join(texts).rstrip("\n"))


def _overview(root: click.Context) -> str:
    commands = {name: found.get_short_help_str(200) for name, found in _commands(root).items()}
    width = max(map(len, [*manual.TOPICS, *commands]))
    lines = ["Topics (logreq help TOPIC; also man pages, such as logreq-rules(5)):"]
    lines += [f"  {name:<{width}}  {text}" for name, text in manual.TOPICS.items()]
    lines += ["", "Commands (logreq help COMMAND):"]
    lines += [f"  {name:<{width}}  {text}" for name, text in commands.items()]
    return "\n".join(lines) + "\n"


def _commands(root: click.Context) -> dict[str, click.Command]:
    """Give the commands by name."""
    group = root.command
    names = group.list_commands(root) if isinstance(group, click.Group) else []
    found = ((name, _context(root, (name,))) for name in names)
    return {name: ctx.command for name, ctx in found if ctx}


def _texts(root: click.Context, names: tuple[str, ...]) -> Iterator[str]:
    """Give the help of the command that the names are, then the topic."""
    ctx = _context(root, names)
    if ctx is not None:
        yield long_help(ctx) + "\n"
    if len(names) == 1 and names[0] in manual.TOPICS:
        yield manual.plain(manual.markdown(names[0]))


def _context(root: click.Context, names: tuple[str, ...]) -> Optional[click.Context]:
    """Give the context of a command (`rules explain`) by its names; None if there is none."""
    ctx = root
    for name in names:
        group = ctx.command
        found = group.get_command(ctx, name) if isinstance(group, click.Group) else None
        if found is None:
            return None
        ctx = click.Context(found, ctx, name)
    return ctx
