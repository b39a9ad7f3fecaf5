"""The entries of an HTTP Archive, one at a time, in bounded memory.

Brackets and quotes tell where an entry ends; the whole of it is then parsed by `json`, so that
all of it is checked. What is wrong is told with line and column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Callable, Optional

# A longer text (bytes: an answer's content, an upload) is not held and stands there as null.
LONGEST_TEXT = 4 * 1024 * 1024
# An entry that is longer without such texts is passed over.
LONGEST_ENTRY = 16 * 1024 * 1024
# Numbers and words.
_LONGEST_SCALAR = 64 * 1024

_SPACE = re.compile(rb"[ \t\r\n]*")
_MARK = re.compile(rb'["{}\[\]]')
# What a block holds of a text: up to its end, or to a backslash that the block ends with.
_TEXT = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,:"{}\[\]]*')
_INNER_BYTES = bytes(range(0x80, 0xC0))
_QUOTE = b'"'


class JsonError(Exception):
    """What is no JSON, or another than expected; line and column are 1-based."""

    def __init__(self, line: int, column: Optional[int], message: str) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Reader:
    """Walks through JSON as it comes in, block by block."""

    def __init__(self, blocks: Iterable[bytes], report: Callable[[JsonError], None]) -> None:
        """Begin; `report` gets what is wrong with a value, which is passed over."""
        self._blocks = iter(blocks)
        self._report = report
        self._data = b""
        self._at = 0
        # Where the first byte of `_data` stands: its line, and characters before it in there.
        self._line = 1
        self._before = 0
        # Entries so far, broken ones included.
        self.number = 0

    def entries(self) -> Iterator[Any]:
        """Give the elements of `log.entries`; JsonError where the file as a whole is broken."""
        found = False
        for name in self._members():
            if name != "log" or self._peek() != b"{":
                self._value()
                continue
            for inner in self._members():
                if inner != "entries" or self._peek() != b"[":
                    self._value()
                    continue
                found = True
                yield from self._elements()
        if self._peek():
            raise self._wrong("expected nothing after the end")
        if not found:
            raise self._wrong("there is no log with entries")

    def _members(self) -> Iterator[str]:
        """Give the names of an object's members; the values are for the caller to take."""
        self._expect(b"{")
        if self._take(b"}"):
            return
        while True:
            if self._peek() != _QUOTE:
                raise self._wrong("expected a name in double quotes")
            name = self._value()
            self._expect(b":")
            yield str(name)
            if self._take(b"}"):
                return
            self._expect(b",")

    def _elements(self) -> Iterator[Any]:
        self._expect(b"[")
        if self._take(b"]"):
            return
        while True:
            self.number += 1
            value = self._value()
            if value is not None:
                yield value
            if self._take(b"]"):
                return
            self._expect(b",")

    def _value(self) -> Any:
        """Take one value; None for one that is broken and reported."""
        mark = self._peek()
        place = self._place()
        raw = _Raw(*place)
        if not mark or mark not in b'"{[':
            raw.add(self._scalar())
        elif mark == _QUOTE:
            self._text(raw)
        else:
            self._nested(raw)
        try:
            return raw.parsed()
        except JsonError as error:
            self._report(error)
            return None

    def _scalar(self) -> bytes:
        while True:
            found = _SCALAR.match(self._data, self._at)
            text = found.group() if found else b""  # it always matches
            if len(text) > _LONGEST_SCALAR:
                raise self._wrong("expected a value")
            if self._at + len(text) < len(self._data) or not self._more():
                break
        if not text:
            raise self._wrong("expected a value")
        self._at += len(text)
        return text

    def _nested(self, raw: _Raw) -> None:
        depth = 0
        while True:
            found = _MARK.search(self._data, self._at)
            if found is None:
                raw.add(self._data[self._at :])
                self._at = len(self._data)
                self._go_on(raw)
                continue
            if found.group() == _QUOTE:
                raw.add(self._data[self._at : found.start()])
                self._at = found.start()
                self._text(raw)
                continue
            raw.add(self._data[self._at : found.end()])
            self._at = found.end()
            depth += 1 if found.group() in b"{[" else -1
            if depth <= 0:
                return

    def _text(self, raw: _Raw) -> None:
        pieces = [_QUOTE]
        size = 0
        self._at += 1
        while True:
            found = _TEXT.match(self._data, self._at)
            piece = found.group() if found else b""  # it always matches
            self._at += len(piece)
            size += len(piece)
            pieces.append(piece)
            if size > LONGEST_TEXT:
                pieces.clear()
            if self._data[self._at : self._at + 1] == _QUOTE:
                break
            try:
                self._go_on(raw)
            except JsonError:
                raw.add(b"".join(pieces))
                raise self._ended(raw) from None
        self._at += 1
        if size > LONGEST_TEXT:
            raw.cut = True
            raw.add(b"null")
        else:
            raw.add(b"".join(pieces) + _QUOTE)

    def _go_on(self, raw: _Raw) -> None:
        if not self._more():
            raise self._ended(raw)

    def _ended(self, raw: _Raw) -> JsonError:
        """Tell what is wrong where the file ends within a value: mostly that began before."""
        try:
            raw.parsed(whole=False)
        except JsonError as error:
            return error
        return self._wrong(f"the file ends within what begins in line {raw.line}")

    def _expect(self, mark: bytes) -> None:
        if not self._take(mark):
            end = "" if self._data[self._at :] else " but the file ends"
            raise self._wrong(f"expected {mark.decode()}{end}")

    def _take(self, mark: bytes) -> bool:
        found = self._peek() == mark
        self._at += found
        return found

    def _peek(self) -> bytes:
        """Give the next byte that is no blank; empty at the end."""
        while True:
            blank = _SPACE.match(self._data, self._at)
            self._at = blank.end() if blank else self._at  # it always matches
            if self._at < len(self._data) or not self._more():
                return self._data[self._at : self._at + 1]

    def _more(self) -> bool:
        """Read a block, forget what was passed."""
        block = next(self._blocks, b"")
        if not block:
            return False
        line, column = self._place()
        self._line, self._before = line, column - 1
        self._data = self._data[self._at :] + block
        self._at = 0
        return True

    def _place(self) -> tuple[int, int]:
        passed = self._data[: self._at]
        lines = passed.count(b"\n")
        last = passed[passed.rfind(b"\n") + 1 :]
        column = len(last.translate(None, _INNER_BYTES)) + 1
        return self._line + lines, column if lines else column + self._before

    def _wrong(self, message: str) -> JsonError:
        return JsonError(*self._place(), message)


class _Raw:
    """The bytes of a value, and where they begin."""

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        # A text was left out: what comes after it in its line stands further right.
        self.cut = False
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size <= LONGEST_ENTRY:
            self._pieces.append(piece)
        else:
            self._pieces.clear()

    def parsed(self, *, whole: bool = True) -> Any:
        """Parse; JsonError with its place. `whole` false: only what is wrong before its end."""
        if self._size > LONGEST_ENTRY:
            limit = LONGEST_ENTRY // 1024 // 1024
            raise JsonError(self.line, self.column, f"an entry longer than {limit} MiB")
        text = b"".join(self._pieces).decode("utf-8", "surrogateescape")
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            if not whole and error.pos >= len(text.rstrip()):
                return None
            column = error.colno + (self.column - 1 if error.lineno == 1 else 0)
            message = f"broken JSON: {error.msg}"
            line = self.line + error.lineno - 1
            raise JsonError(line, None if self.cut else column, message) from None
        except ValueError:
            raise JsonError(self.line, self.column, "broken JSON: a number too long") from None
        except RecursionError:
            raise JsonError(self.line, self.column, "broken JSON: nested too deeply") from None
