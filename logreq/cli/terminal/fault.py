"""How errors are told: one message on standard error, its first word coloured on a terminal."""

from __future__ import annotations

import io
import os
import re
import sys

import click

from logreq.cli.terminal import colour
from logreq.errors import LogreqError

# Where the language of expressions is described, for messages about a bad one.
_EXPRESSION = re.compile(r"(?:^|: )bad expression: ")
_SYNTAX = "\n    `logreq rules syntax` describes expressions"


def tell(error: LogreqError) -> None:
    """Tell an error of the library."""
    text = str(error)
    tell_text(text + _SYNTAX if _EXPRESSION.search(text.partition("\n")[0]) else text)


def tell_text(text: str) -> None:
    """Tell what went wrong, in text that may go to a terminal."""
    click.echo(f"{_painted('logreq:')} {text}", err=True)


def tell_usage(error: click.ClickException) -> None:
    """Tell an error of the command line as click words it: usage, where help is, the error."""
    file = io.StringIO()
    error.show(file=file)
    before, word, after = file.getvalue().partition("Error:")
    click.echo(f"{before}{_painted(word)}{after}", err=True, nl=False)


def _painted(word: str) -> str:
    wanted = colour.wanted("auto", sys.stderr, os.environ)
    return colour.painted("failure", word) if wanted else word
