"""`logreq help`: the help of a command, as `logreq COMMAND --help` shows it, or of a topic."""

from __future__ import annotations

import click

from logreq.cli.help import Helpful, long_help, short_help
from logreq.cli.options import OPTIONS
from logreq.errors import suggest
from logreq.text.escape import visible

EXAMPLES = (("All that a command takes", "logreq help convert"),)
# Texts about what more than one command has to do with, by the words that ask for them.
TOPICS: dict[str, str] = {}


@click.command("help", cls=Helpful, context_settings=OPTIONS, examples=EXAMPLES)
@click.argument("words", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of a command."""
    found = ctx.find_root()
    if len(words) == 1 and words[0].lower() in TOPICS:
        click.echo(TOPICS[words[0].lower()])
        return
    for word in words:
        group = found.command
        below = group.get_command(found, word) if isinstance(group, click.Group) else None
        if below is None:
            known = group.list_commands(found) if isinstance(group, click.Group) else []
            more = [] if found.parent else TOPICS
            near = suggest(word, [*known, *more])
            raise click.UsageError(f"There is no help on {visible(word)!r}{near}", ctx)
        found = click.Context(below, info_name=below.name, parent=found)
    click.echo(long_help(found) if words else short_help(found))
