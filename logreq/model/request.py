"""A request as it was logged: ordered parameters, repeats allowed, every byte kept.

Text is `str` throughout. Bytes that are not UTF-8 live in it as lone surrogates
(PEP 383, `surrogateescape`), so that encoding gives the logged bytes back.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from logreq.model.outcome import Outcome
from logreq.text.cache import BoundedCache
from logreq.text.percent import unquote

# A masked secret is a bare asterisk in the log; a real asterisk is logged as %2A.
MASK = "*"


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


# Logs repeat the same few thousand pairs.
_PARAMS = BoundedCache(Param, 10_000)


class Request(NamedTuple):
    """One `INFO Request` line of a panel's log.

    `func` is the first function that the query names, decoded; it is never empty.
    `time` is as logged (`Feb  6 08:08:07`: no year, no zone). `tid` is None where
    the log has none, `module` is empty in logs of the fourth generation. `query` is
    the text between the quotes, still encoded; `line` is 1-based. `doubt` tells why the
    request may not be what it looks like; mostly it is empty. `outcome` is what the log says later;
    None where nothing is known, or nobody asked. `when` is the time with its year, ISO 8601 in the
    log's zone without naming it (`2026-02-06T08:08:07`); None where no year was decided, or
    that year has no such day.
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
    outcome: Optional[Outcome] = None
    when: Optional[str] = None

    @property
    def params(self) -> list[Param]:
        """All parameters in the log's order, `func` included; empty ones of `&&` are not."""
        return [_PARAMS[piece] for piece in self.query.split("&") if piece]

    def get(self, name: str) -> Optional[str]:
        """Give the decoded value of the first parameter of that name, or None."""
        return next((p.value for p in self.params if p.name == name), None)
