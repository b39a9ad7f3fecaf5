"""Reads the bundled rules files, which keep to a few of YAML's shapes, without PyYAML.

Importing PyYAML takes as long as all else that a short log needs. Whatever else a file
holds, it is left to PyYAML; for what is read here, both give the same nodes.

    key: VALUE              # where VALUE is a word, words, "a text" or [a list, "of them"]
    key:
      - key: VALUE
        key: words
            and more words
"""

from __future__ import annotations

from typing import Optional, Union

from logreq.rules.yaml_nodes import Mapping, Node, Place, Sequence, Text

_ITEM, _MORE, _REST = "  - ", "    ", "        "


def read(data: bytes, file: str) -> Optional[Mapping]:
    """Read a document; None if it has another shape. `file` names it in the nodes' places."""
    if not data.isascii():
        return None
    document = _Document(file)
    if all(map(document.add, data.decode().split("\n"))) and document.open is None:
        return document.root
    return None


class _Document:
    """Takes a file's lines one by one."""

    def __init__(self, file: str) -> None:
        self.root: Optional[Mapping] = None
        # A key whose list has not begun; and the list of the key before.
        self.open: Optional[Text] = None
        self._items: Optional[list[Node]] = None
        self._fields: list[tuple[Node, Node]] = []
        # The line before ended with words that may go on.
        self._unfinished = False
        self._file = file
        self._line = 0

    def add(self, line: str) -> bool:
        """Take the next line; False if it has another shape."""
        self._line += 1
        unfinished, self._unfinished = self._unfinished, False
        content = line.lstrip(" ")
        if not content or content[0] == "#":
            return line.isprintable()
        if unfinished and line == _REST + content:
            return line.isprintable() and self._more(content)
        head = next((head for head in (_ITEM, _MORE) if line.startswith(head)), "")
        name, colon, written = line[len(head) :].partition(":")
        if not (line.isprintable() and name.isalpha() and colon):
            return False
        key = Text(name, True, self._at(len(head)))
        if not head:
            return self._field(key, written)
        value = self._value(written[1:], len(head) + len(name) + 2)
        if written[:1] != " " or value is None or not self._ready(head):
            return False
        self._fields.append((key, value))
        self._unfinished = isinstance(value, Text) and value.plain
        return True

    def _more(self, content: str) -> bool:
        """Add a line's words to those of the line before."""
        more = self._text(content, 0)
        key, before = self._fields[-1]
        if more is None or not more.plain or not isinstance(before, Text):
            return False
        self._fields[-1] = key, before._replace(text=f"{before.text} {content}")
        self._unfinished = True
        return True

    def _field(self, key: Text, written: str) -> bool:
        """Take a key of the file and what stands behind it."""
        if self.open is not None:
            return False
        self.root = self.root or Mapping([], key.at)
        self._items = None
        if not written:
            self.open = key
            return True
        value = self._value(written[1:], len(key.text) + 2)
        if written[0] != " " or value is None:
            return False
        self.root.pairs.append((key, value))
        return True

    def _ready(self, head: str) -> bool:
        """Prepare a list, or its next entry, for a key; False where there can be none."""
        if head == _ITEM:
            if self.open is not None and self.root is not None:
                self._items = []
                self.root.pairs.append((self.open, Sequence(self._items, self._at(2))))
                self.open = None
            self._fields = []
            if self._items is not None:
                self._items.append(Mapping(self._fields, self._at(len(head))))
        return bool(self._items)

    def _value(self, written: str, before: int) -> Union[Text, Sequence, None]:
        if written[:1] != "[" or written[-1] != "]":
            return self._text(written, before)
        items: list[Node] = []
        at = before + 1
        for piece in written[1:-1].split(", "):
            text = self._text(piece, at, ",[]{}:")
            if text is None:
                return None
            items.append(text)
            at += len(piece) + 2
        return Sequence(items, self._at(before))

    def _text(self, written: str, before: int, refused: str = "") -> Optional[Text]:
        """Read a text; without quotes, none of the characters `refused` may be in it."""
        if len(written) > 1 and written[0] == written[-1] == '"':
            inner = written[1:-1]
            return None if set(inner) & set('"\\') else Text(inner, False, self._at(before))
        plain = (
            (written[:1].isalnum() or written[:1] == "_")
            and written[-1] not in " :"
            and ": " not in written
            and " #" not in written
            and not set(written) & set(refused)
        )
        return Text(written, True, self._at(before)) if plain else None

    def _at(self, before: int) -> Place:
        return Place(self._file, self._line, before + 1)
