"""`logreq emitters`: the targets of --to."""

from __future__ import annotations

import click

from logreq import emitters
from logreq.cli.help import Helpful
from logreq.cli.options import OPTIONS
from logreq.errors import EmitError
from logreq.text.escape import visible

EXAMPLES = (("Which names --to takes", "logreq emitters"),)


@click.command("emitters", cls=Helpful, context_settings=OPTIONS, examples=EXAMPLES)
def command() -> None:
    """List the targets of --to."""
    names = sorted({*emitters.names(), *emitters.plugin_names()})
    width = max(map(len, names))
    for name in names:
        try:
            summary = emitters.load(name).summary
        except EmitError as error:
            summary = f"broken: {error}"
        click.echo(f"{visible(name):<{width}}  {visible(summary)}")
