"""Values of a script's calls: where text stands in them that can be an argument's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

from logreq.emitters.context import parts
from logreq.model.call import Arg, Lookup, Part, Value


def looks_up(value: Value) -> bool:
    """Tell whether a value is the id of a row that has to be looked up."""
    return isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Lookup)


def text_of(value: Value) -> Optional[str]:
    """Give the text of a literal value, or the text that a lookup looks for; else None."""
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], Lookup):
        value = value[0].value
        value = value[0] if len(value) == 1 and isinstance(value[0], str) else value
    return value if isinstance(value, str) else None


def with_parts(value: Value, new: tuple[Part, ...]) -> Value:
    """Put literals and arguments in the place of a value's text, which `text_of` gives."""
    if isinstance(value, tuple) and isinstance(value[0], Lookup):
        looked_for = tuple(part for part in new if not isinstance(part, Lookup))
        return (value[0]._replace(value=looked_for),)
    return new


def parts_of(value: Value) -> list[Part]:
    """Give the parts of a value; in a lookup's place the parts of what it looks for."""
    found: list[Part] = []
    for part in parts(value):
        found += part.value if isinstance(part, Lookup) else [part]
    return found


def arguments_in(values: Iterable[Value]) -> list[Arg]:
    """Give the references to arguments in values, in order, repeats included."""
    return [part for value in values for part in parts_of(value) if isinstance(part, Arg)]
