"""A request as it was logged: ordered parameters, repeats allowed, every byte kept.

Text is `str` throughout. Bytes that are not UTF-8 live in it as lone surrogates
(PEP 383, `surrogateescape`), so that encoding gives the logged bytes back.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from logreq.memo import Memo
from logreq.percent import unquote_to_bytes

# A line longer than this (bytes) is passed over and reported: memory has to stay bounded.
# Lines of 100 kB occur (file.edit).
MAX_LINE = 4 * 1024 * 1024

# A masked secret is a bare asterisk in the log; a real asterisk is logged as %2A.
MASK = "*"


def decode(data: bytes) -> str:
    """Turn bytes into text that `encode` turns back into the same bytes."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Turn text made by `decode` back into its bytes."""
    return text.encode("utf-8", "surrogateescape")


class Source(NamedTuple):
    """Where lines come from: the name to show and the panel whose log it is."""

    name: str
    panel: str


class Chunk(NamedTuple):
    """Whole lines of one source, as bytes with their line ends.

    `line` is the 1-based number of the first one. Only the last line of a source
    may lack its line end.
    """

    data: bytes
    source: Source
    line: int


class Param:
    """One parameter of a request: as logged (`raw_name`, `raw_value`) and decoded.

    Compared by identity, so that decisions about it can be remembered cheaply;
    compare `pair` for contents.
    """

    __slots__ = ("name", "raw_name", "raw_value", "value")

    def __init__(self, piece: str) -> None:
        self.raw_name, _, self.raw_value = piece.partition("=")
        self.name = unquote(self.raw_name)
        self.value = unquote(self.raw_value)

    @property
    def pair(self) -> tuple[str, str]:
        """Name and value, decoded."""
        return self.name, self.value

    @property
    def masked(self) -> bool:
        """Whether the panel replaced the value by an asterisk."""
        return self.raw_value == MASK

    def __repr__(self) -> str:
        return f"Param({self.raw_name + '=' + self.raw_value!r})"


def unquote(raw: str) -> str:
    """Decode `%XX` and `+` once; a `%` that no two hex digits follow stays as it is."""
    if "%" not in raw:
        return raw.replace("+", " ")
    return decode(unquote_to_bytes(encode(raw.replace("+", " "))))


# Logs repeat the same few thousand pairs.
_PARAMS = Memo(Param, 10_000)


class Request(NamedTuple):
    """One `INFO Request` line of a panel's log.

    `func` is the first function that the query names, decoded; it is never empty.
    `time` is as logged (`Feb  6 08:08:07`: no year, no zone). `tid` is None where
    the log has none, `module` is empty in logs of the fourth generation. `query` is
    the text between the quotes, still encoded; `line` is 1-based. `doubt` tells why the
    request may not be what it looks like; mostly it is empty.
    """

    time: str
    pid: int
    tid: Optional[int]
    module: str
    caller: str
    user: str
    query: str
    func: str
    panel: str
    source: str
    line: int
    doubt: str = ""

    @property
    def params(self) -> list[Param]:
        """All parameters in the log's order, `func` included; empty ones of `&&` are not."""
        return [_PARAMS[piece] for piece in self.query.split("&") if piece]

    def get(self, name: str) -> Optional[str]:
        """Give the decoded value of the first parameter of that name, or None."""
        return next((p.value for p in self.params if p.name == name), None)
