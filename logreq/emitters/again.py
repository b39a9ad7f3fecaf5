"""Scripts that are made to be run again: what of it several targets have to know."""

from __future__ import annotations

from collections.abc import Sequence

from logreq.emitters.context import leaves
from logreq.model.call import Call, Id, Lookup
from logreq.rules.notes import deletes, moves_money

# What such a script understands beside `logreq.convert.arguments.RESERVED`.
OPTIONS = ("dry-run", "each", "existing", "from", "keep-going", "pause", "yes")


def asks(calls: Sequence[Call]) -> list[str]:
    """Give the functions of calls that delete or spend, each once: a script asks before them."""
    found = (call.func for call in calls if deletes(call) or moves_money(call))
    return list(dict.fromkeys(found))


def needs_id(call: Call) -> bool:
    """Tell whether an answer gives one of a call's values: an id, or one of a list's rows."""
    found = (part for _, value in call.arguments for part in leaves(value))
    return any(isinstance(part, (Id, Lookup)) for part in found)
