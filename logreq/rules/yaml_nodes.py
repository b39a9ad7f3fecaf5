"""The nodes of a YAML document: its shapes and, for messages, their places."""

from __future__ import annotations

from typing import NamedTuple, NoReturn, Union

from logreq.errors import RulesError
from logreq.text.escape import visible

# A rules file is written by hand; what is larger or deeper is a mistake or an attack.
MAX_SIZE = 1024 * 1024
MAX_DEPTH = 10


class Place(NamedTuple):
    """A place in a file: its name, 1-based line and column."""

    file: str
    line: int
    column: int

    def fail(self, message: str) -> NoReturn:
        """Raise RulesError with a message that begins with the place."""
        shown = visible(self.file)
        raise RulesError(f"{shown}:{self.line}:{self.column}: {message}") from None


class Text(NamedTuple):
    """A scalar as written; `plain` tells that no quotes stand around it."""

    text: str
    plain: bool
    at: Place


class Sequence(NamedTuple):
    """A list of nodes."""

    items: list[Node]
    at: Place


class Mapping(NamedTuple):
    """Keys and values in the file's order; keys may repeat."""

    pairs: list[tuple[Node, Node]]
    at: Place


Node = Union[Text, Sequence, Mapping]


def nothing(node: Text) -> bool:
    """Tell whether a scalar is YAML's null: nothing, `~` or `null` without quotes."""
    return node.plain and node.text in ("", "~", "null")


def shape(node: Node) -> str:
    """Name a node's shape for a message."""
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return "nothing" if nothing(node) else f"the text {visible(node.text[:40])!r}"
