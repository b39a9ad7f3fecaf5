"""The `logreq` command and how it ends: statuses as grep has them, no traceback ever."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from typing import Any, NoReturn, Optional

import click

import logreq
from logreq.cli.help import HelpfulGroup
from logreq.cli.settings import OPTIONS
from logreq.errors import LogreqError
from logreq.text.escape import visible

# Exit statuses: something was converted; nothing matched; an error; Ctrl-C.
FOUND, NOTHING, ERROR, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = {
    "convert": "Turn saved logs into calls.",
    "tail": "Follow live logs and turn each request into a call.",
    "rules": "Show, check and explain rules.",
    "list": "List the requests of saved logs, to pick from.",
    "diff": "Show what differs between two requests.",
    "emitters": "List the targets of --to.",
    "config": "Tell which values options have, and where they come from.",
    "help": "Show a topic of the manual, or a command's help.",
    "completion": "Print what lets bash, zsh or fish complete command lines.",
}


class Lazy(HelpfulGroup):
    """Imports a command's module when it is called for: start-up stays lean."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> Optional[click.Command]:
        cmd_name = cmd_name.lower()
        if cmd_name not in _COMMANDS:
            return None
        from importlib import import_module

        command: click.Command = import_module(f"logreq.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end with 1 where the reader has gone."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise _ReaderGoneError from None
        return status


class _ReaderGoneError(Exception):
    """Standard output is a pipe that nobody reads any more (`| head`)."""


EXAMPLES = (
    ("A call for each click, while you click in the panel", "logreq tail isp"),
    ("What was changed, as mgrctl commands", "logreq convert -a -t mgrctl ispmgr.log"),
)


@click.group(cls=Lazy, context_settings=OPTIONS, examples=EXAMPLES)
@click.pass_context
@click.version_option(logreq.__version__, "-V", "--version", message="%(prog)s %(version)s")
def group(ctx: click.Context) -> None:
    """Turn the clicks that an ISPsystem panel logged into calls that run.

    Exit status: 0 something was converted, 1 nothing matched, 2 an error, 130 Ctrl-C.
    Each option is also an environment variable, LOGREQ_TO for --to, and has a place in the
    config file: see logreq config --help.
    """
    path = os.path.join(click.get_app_dir("logreq"), "config.yaml")
    if ctx.invoked_subcommand != "config" and os.path.lexists(path):
        from logreq.cli import config

        config.use(ctx, path)


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)


def main() -> NoReturn:
    """Run the command line and exit."""
    # Looking for cycles once more at the very end takes a tenth of a short run.
    atexit.register(gc.freeze)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # What is whole is written out: the rest of a call could run as another one.
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)
    try:
        if sys.stdout is None:
            raise LogreqError("standard output is closed")
        status = group.main(prog_name="logreq", standalone_mode=False) or FOUND
    except (click.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except _ReaderGoneError:
        # So does the rest of the output, quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = FOUND
    except (click.ClickException, LogreqError, OSError) as error:
        status = _told(error)
    sys.exit(status)


def _told(error: Exception) -> int:
    """Tell an error; give the exit status."""
    from logreq.cli.terminal import fault

    if isinstance(error, click.ClickException):
        fault.tell_usage(error)
        return error.exit_code
    if isinstance(error, LogreqError):
        fault.tell(error)
        return ERROR
    fault.tell_text(visible(str(error)))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return ERROR
