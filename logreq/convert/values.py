"""Values of a script's calls: where text stands in them that can be an argument's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from logreq.emitters.context import leaves
from logreq.model.call import Arg, Lookup, Part, Value


def lookup_in(value: Value) -> Optional[Lookup]:
    """Give what a value looks up, where it is the id of a row; else None."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Lookup):
        return value[0]
    return None


def text_of(value: Value) -> Optional[str]:
    """Give the text of a literal value, or the text that a lookup looks for; else None."""
    lookup = lookup_in(value)
    if lookup is not None:
        value = lookup.value[0] if len(lookup.value) == 1 else lookup.value
    return value if isinstance(value, str) else None


def with_parts(value: Value, new: tuple[Part, ...]) -> Value:
    """Put literals and arguments in the place of a value's text, which `text_of` gives."""
    lookup = lookup_in(value)
    if lookup is None:
        return new
    looked_for = tuple(part for part in new if not isinstance(part, Lookup))
    return (lookup._replace(value=looked_for),)


def parts_of(value: Value) -> list[Part]:
    """Give the parts of a value; in a lookup's place the parts of what it looks for."""
    return [part for part in leaves(value) if not isinstance(part, Lookup)]


def arguments_in(values: Iterable[Value]) -> list[Arg]:
    """Give the references to arguments in values, in order, repeats included."""
    return [part for value in values for part in parts_of(value) if isinstance(part, Arg)]
