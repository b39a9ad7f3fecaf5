"""Whole lines of a log on their way: where they come from, and their bytes."""

from __future__ import annotations

from typing import NamedTuple

# A line longer than this (bytes) is passed over and reported: memory has to stay bounded.
# Lines of 100 kB occur (file.edit).
MAX_LINE = 4 * 1024 * 1024


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
