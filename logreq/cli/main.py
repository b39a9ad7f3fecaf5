"""The `logreq` command and how it ends: statuses as grep has them, no traceback ever."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

import logreq
from logreq.cli.settings import OPTIONS
from logreq.errors import LogreqError
from logreq.escape import visible

# Exit statuses: something was converted; nothing matched; an error; Ctrl-C.
FOUND, NOTHING, ERROR, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = {
    "convert": "Turn saved logs into calls.",
    "emitters": "List the targets of --to.",
}


class Lazy(click.Group):
    """Imports a command's module when it is called for: start-up stays lean."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"logreq.cli.{cmd_name}_command").command
        return command


@click.group(cls=Lazy, context_settings=OPTIONS)
@click.version_option(logreq.__version__, message="%(prog)s %(version)s")
def group() -> None:
    """Turn the clicks that an ISPsystem panel logged into calls that run."""


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        status = group.main(prog_name="logreq", standalone_mode=False) or FOUND
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except LogreqError as error:
        click.echo(f"logreq: {error}", err=True)
        status = ERROR
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`| head`): so does the rest of the output, quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = FOUND
    except OSError as error:
        click.echo(f"logreq: {visible(str(error))}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = ERROR
    sys.exit(status)
