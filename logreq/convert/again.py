"""Scripts that are run again: what of their calls is an argument, and what they ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable, NamedTuple, Optional

from logreq.convert.align import Run, check
from logreq.convert.arguments import changes, parameterize, suggestions
from logreq.convert.compare import Compared, compared
from logreq.convert.linking import Link, Question, link, look_up, told
from logreq.errors import UsageError
from logreq.model.call import Argument, Call
from logreq.model.request import Request


class Asked(NamedTuple):
    """What a script has to take, what it has to find out; `safe`: it is run again in any case."""

    arguments: Sequence[Argument] = ()
    links: Sequence[Link] = ()
    lookups: Sequence[Question] = ()
    safe: bool = False


class Made(NamedTuple):
    """A script's calls without and with their arguments, these, and what there is to say."""

    plain: Sequence[Call]
    calls: Sequence[Call]
    arguments: Sequence[Argument]
    lines: Sequence[str]
    # It is made to be run again.
    again: bool


def made(first: Run, asked: Asked, second: Optional[Run], kind: Callable[[Request], str]) -> Made:
    """Put arguments and ids that are found out in the calls of a script.

    `second`: another run of the same clicks: what differs becomes arguments. `kind` tells the
    kinds of requests. UsageError for what is asked for and stands nowhere, and for runs that
    are not of the same clicks.
    """
    if second is not None:
        check(first, second)
    again = bool(second or any(asked))
    if not first.calls:
        return Made((), (), (), (), again)
    linked = _linked(first.calls, asked)
    given = asked.arguments
    if second is None:
        calls = parameterize(linked, given)
        found = Compared(calls, [*given], [*changes(calls, given), *suggestions(linked, given)])
    else:
        try:
            other = second._replace(calls=_linked(second.calls, asked))
        except UsageError as error:
            raise UsageError(f"in the second run: {error}") from None
        found = compared(first._replace(calls=linked), other, given, kind)
    lines = [*told(found.calls, asked.links, asked.lookups), *found.lines]
    return Made(linked, *found[:2], lines, again)


def _linked(calls: Sequence[Call], asked: Asked) -> list[Call]:
    return look_up(link(calls, asked.links), asked.lookups, asked.arguments)
