"""What a shell may complete: emitters, rule sets, panels, logs, connections."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Optional

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def emitters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the names of --to with their summaries."""
    from logreq import emitters as found
    from logreq.errors import LogreqError
    from logreq.text.escape import visible

    items = []
    for name in sorted({*found.names(), *found.plugin_names()}):
        if name.startswith(incomplete):
            try:
                items.append(_item(name, help=visible(found.load(name).summary)))
            except LogreqError:  # a broken one of another package
                continue
    return items


def rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the bundled rule sets; files where none of them begins so."""
    from logreq.rules.load import BUNDLED

    return list(_matching(BUNDLED, incomplete)) or [_files()]


def panels(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the panels, by their short names or, if it begins so, by their full ones."""
    return list(_matching(_panels(incomplete), incomplete))


def logs(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Give the panels that have a log here; files where none of them begins so."""
    from logreq.cli.logs import LOG_DIR
    from logreq.model.panels import check_panel

    folder = os.environ.get("LOGREQ_LOG_DIR") or LOG_DIR
    found = _panels(incomplete)
    if os.path.isdir(folder):
        found = [p for p in found if os.path.exists(f"{folder}/{check_panel(p)}.log")]
    return list(_matching(found, incomplete)) or [_files()]


def connections(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Give the connections of the config file."""
    from logreq.cli import config
    from logreq.errors import LogreqError

    try:
        found = config.load(config.default_path(), ctx).connections
    except LogreqError:  # a command will say so
        return []
    return list(_matching(found, incomplete))


def _panels(incomplete: str) -> list[str]:
    from logreq.model.panels import PANELS

    short = [panel[:-3] if panel.endswith("mgr") else panel for panel in PANELS]
    matching = [panel for panel in short if panel.startswith(incomplete)]
    # The full names where no short one is left: `ispm`.
    return matching or list(PANELS)


def _matching(names: Iterable[str], incomplete: str) -> Iterator[CompletionItem]:
    return (_item(name) for name in names if name.startswith(incomplete))


def _files() -> CompletionItem:
    """Ask for files; not beside names: bash would show one or the other, zsh neither."""
    return _item("", type="file")


def _item(value: str, **more: str) -> CompletionItem:
    # Imported when a shell asks: no command needs it.
    from click.shell_completion import CompletionItem

    return CompletionItem(value, **more)


def script(shell: str, group: click.Command) -> str:
    """Make the script that a shell reads."""
    from click.shell_completion import ShellComplete, get_completion_class

    found: Optional[type[ShellComplete]] = get_completion_class(shell)
    assert found is not None, shell  # noqa: S101 - click has these three
    # bash's own would run bash to look at its version, which the machine that asks may lack.
    text = ShellComplete.source(found(group, {}, "logreq", "_LOGREQ_COMPLETE"))
    # In fish's, a description would end at its first comma.
    return text.replace('(string split "," $completion)', '(string split -m 1 "," $completion)')
