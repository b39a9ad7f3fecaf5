"""Options of scripts: what a script takes, what it finds out, whether it is run again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional

import click
from click.core import ParameterSource

from logreq.errors import UsageError

if TYPE_CHECKING:
    from logreq.convert.again import Asked

OPTIONS = (
    click.option("--link", metavar="PARAM=FUNC", multiple=True,
                 help="Make this parameter, in calls after FUNC, the id that FUNC answered:"
                      " plid=server.edit. Repeatable."),
    click.option("--lookup", metavar="PARAM=LIST:FIELD", multiple=True,
                 help="Make this parameter the id of the row of LIST whose FIELD is what the"
                      " calls say: elid=webdomain:name. Repeatable."),
    click.option("--safe", is_flag=True,
                 help="A script with --dry-run, --existing skip, --from, --pause that asks before"
                      " it deletes; --param does so, too."),
)  # fmt: skip
# What each option needs a script for.
_MAKES = {
    "param": "makes an argument of a script",
    "link": "makes a script use the id that a call answered",
    "lookup": "makes a script ask a list for an id",
    "safe": "makes a script that can be run again",
}


def asked(script: bool, given: Mapping[str, Any]) -> Optional[Asked]:
    """Read the options of scripts; UsageError for a wrong one, and for one without `--script`.

    None where there is no script. `safe: true` in the config file is for scripts only.
    """
    for name, what in _MAKES.items():
        if given[name] and not script and (name != "safe" or _typed(name)):
            raise UsageError(f"--{name} {what}: it needs --script")
    if not script:
        return None
    from logreq.convert.again import Asked
    from logreq.convert.arguments import parse_params
    from logreq.convert.linking import parse_link, parse_lookup

    return Asked(
        parse_params(given["param"]),
        [parse_link(text) for text in given["link"]],
        [parse_lookup(text) for text in given["lookup"]],
        given["safe"],
    )


def _typed(option: str) -> bool:
    """Tell whether an option stands on the command line itself."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE
