"""`logreq help`: the topics of the manual, and the help of commands."""

from __future__ import annotations

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
    name = names[0].lower()
    topic = name in manual.TOPICS and len(names) == 1
    texts = []
    if not topic or name in _commands(root):
        texts.append(long_help(_context(root, names)) + "\n")
    if topic:
        texts.append(manual.plain(manual.markdown(name)))
    click.echo_via_pager("\n".join(texts).rstrip("\n"))


def _overview(root: click.Context) -> str:
    commands = {name: found.get_short_help_str(200) for name, found in _commands(root).items()}
    width = max(map(len, [*manual.TOPICS, *commands]))
    lines = ["Topics (logreq help TOPIC; also man pages, such as logreq-rules(5)):"]
    lines += [f"  {name:<{width}}  {text}" for name, text in manual.TOPICS.items()]
    lines += ["", "Commands (logreq help COMMAND):"]
    lines += [f"  {name:<{width}}  {text}" for name, text in commands.items()]
    return "\n".join(lines) + "\n"


def _commands(ctx: click.Context) -> dict[str, click.Command]:
    """Give a group's commands by name; none where it is no group."""
    group = ctx.command
    if not isinstance(group, click.Group):
        return {}
    found = {name: group.get_command(ctx, name) for name in group.list_commands(ctx)}
    return {name: command for name, command in found.items() if command}


def _context(root: click.Context, names: tuple[str, ...]) -> click.Context:
    """Give the context of a command by its names (`rules explain`); UsageError if there is none."""
    ctx = root
    for name in names:
        commands = _commands(ctx)
        found = commands.get(name.lower())
        if found is None:
            topics = manual.TOPICS if ctx is root else ()
            near = suggest(name.lower(), [*commands, *topics])
            raise click.UsageError(f"There is no help on {visible(name)!r}{near}", root)
        ctx = click.Context(found, ctx, found.name)
    return ctx
