"""YAML -> plain nodes, in one pass over the parser's events.

Only YAML's plain shapes: no tags, no anchors, one document. A scalar is the text that was
written (`value: false` is the text `false`, as it stands in a log).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any, Optional

import yaml

from logreq.rules.yaml_nodes import (
    MAX_DEPTH,
    MAX_SIZE,
    Mapping,
    Node,
    Place,
    Sequence,
    Text,
    nothing,
)
from logreq.text.escape import visible

# The C loader is ten times as fast; both give the same events and marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What the YAML specification lets stand in a stream, less the end of line that is 0x85.
_CONTROL = "[^\t\n\r -~\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
# Most files are found good by this one; the other takes milliseconds to compile.
_GOOD = re.compile("[\t\n\r -~]*").fullmatch
_QUOTE = 'a glob that begins with * is quoted: "*"'


def read(data: bytes, file: str) -> Optional[Node]:
    """Read one YAML document; None if it holds nothing.

    `file` names it in messages. RulesError with line and column for what is no YAML or no
    plain YAML.
    """
    if len(data) > MAX_SIZE:
        Place(file, data.count(b"\n", 0, MAX_SIZE) + 1, 1).fail(
            f"a rules file has at most {MAX_SIZE} bytes"
        )
    text = _decoded(data, file)
    try:
        return _Tree(file, yaml.parse(text, Loader=_Loader)).document()
    except yaml.MarkedYAMLError as error:
        problem = " ".join(filter(None, (error.context, error.problem)))
        if "alias" in problem:
            problem += f"; {_QUOTE}"
        mark: Any = error.problem_mark or error.context_mark
        # A library may refuse deep nesting before it gives an event: what stands before its
        # complaint is read again, and tells whether our limit comes first.
        with contextlib.suppress(yaml.MarkedYAMLError):
            _Tree(file, yaml.parse(text[: mark.index], Loader=_Loader)).document()
        Place(file, mark.line + 1, mark.column + 1).fail(f"not YAML: {visible(problem)}")


def _decoded(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        _end(before, file).fail(f"not UTF-8: byte \\x{error.object[error.start]:02x}")
    found = None if _GOOD(text) else re.search(_CONTROL, text)
    if found:
        _end(text[: found.start()], file).fail(f"not YAML: the character {visible(found[0])}")
    return text


def _end(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))


class _Tree:
    """Builds the nodes of a stream of events."""

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.file = file
        self.events = events

    def document(self) -> Optional[Node]:
        root = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.place(event).fail("a rules file is one document: no second ---")
                root = self.node(next(self.events), MAX_DEPTH)
        return None if isinstance(root, Text) and nothing(root) else root

    def node(self, event: Any, room: int) -> Node:
        at = self.place(event)
        if isinstance(event, yaml.AliasEvent):
            at.fail(f"an alias (*) has no place in a rules file; {_QUOTE}")
        if event.anchor is not None:
            at.fail("an anchor (&) has no place in a rules file")
        if event.tag is not None:
            at.fail(f"a tag ({visible(event.tag[:40])}) has no place in a rules file")
        if isinstance(event, yaml.ScalarEvent):
            return Text(event.value, not event.style, at)
        if not room:
            at.fail("nested too deeply for a rules file")
        items = list(self.items(room - 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(items, at)
        return Mapping(list(zip(items[::2], items[1::2])), at)

    def items(self, room: int) -> Iterator[Node]:
        for event in self.events:
            if isinstance(event, yaml.CollectionEndEvent):
                return
            yield self.node(event, room)

    def place(self, event: Any) -> Place:
        return Place(self.file, event.start_mark.line + 1, event.start_mark.column + 1)
