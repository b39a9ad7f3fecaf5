"""`logreq completion`: what makes a shell complete logreq's command lines."""

from __future__ import annotations

import click

from logreq.cli import completion as complete
from logreq.cli import options
from logreq.cli.help import Choice, Helpful

EXAMPLES = (
    ("In bash, for this user", "logreq completion bash >> ~/.bashrc"),
    ("In zsh, for this user, after compinit", "logreq completion zsh >> ~/.zshrc"),
    ("In fish", "logreq completion fish > ~/.config/fish/completions/logreq.fish"),
)


@click.command("completion", cls=Helpful, context_settings=options.OPTIONS, examples=EXAMPLES)
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete options, emitters, panels and more."""
    click.echo(complete.script(shell, ctx.find_root().command))
