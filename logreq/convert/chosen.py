"""The lines of wanted requests only, for who makes something of lines without their requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress, repeat
from operator import itemgetter, methodcaller
from typing import Optional

from logreq.convert.filter import Filter
from logreq.log.line import func_of
from logreq.log.scan import Brief
from logreq.model.chunk import Source
from logreq.model.request import Request
from logreq.text.codec import decode

# What `Brief.groups` number, from 1 on; what stands for one that nobody looks at.
_HEAD = Request._fields[:6]
_NOTHING = ("", 0, None, "", "", "")
# A named tuple's own constructor takes as long again.
_new = tuple.__new__
_decoded = methodcaller("decode", "utf-8", "surrogateescape")


def chosen(brief: Brief, wanted: Filter, source: Source) -> Optional[Brief]:
    """Give what makes of lines what `brief` does; of those whose request fails `wanted`, b"".

    None if it has to see more than a line at a time.
    """
    if wanted.fields is None:
        return None
    passes = wanted.passes
    seen = [at for at, name in enumerate(_HEAD) if name in wanted.fields]
    groups = tuple(sorted({*brief.groups, *(at + 1 for at in seen)}))
    own = [groups.index(group) for group in brief.groups]
    places = [
        (at, groups.index(at + 1), _number if _HEAD[at] in ("pid", "tid") else _text) for at in seen
    ]

    def requests(queries: list[bytes], heads: list[tuple[bytes, ...]]) -> Iterator[Request]:
        """Make requests that tell no more than the filter wants to know."""
        columns: list[Iterable[object]] = list(map(repeat, _NOTHING))
        for at, place, text in places:
            columns[at] = map(text, map(itemgetter(place), heads))
        texts = list(map(_decoded, queries))
        known = (source.panel, source.name, 0, "")
        rows = zip(*columns, texts, map(func_of, texts), *map(repeat, known))
        return map(_new, repeat(Request), rows)

    def make(
        queries: list[bytes], heads: list[tuple[bytes, ...]], lines: list[int]
    ) -> list[Optional[bytes]]:
        # Where there is no function, there is something to say.
        found = [not one.func or passes(one) for one in requests(queries, heads)]
        heads = list(compress(heads, found))
        if groups != brief.groups:
            heads = [tuple([head[at] for at in own]) for head in heads]
        made = brief.make(list(compress(queries, found)), heads, list(compress(lines, found)))
        texts = iter(made)
        return [next(texts) if one else b"" for one in found]

    return Brief(make, groups)


def _text(value: Optional[bytes]) -> str:
    return decode(value or b"")


def _number(value: Optional[bytes]) -> Optional[int]:
    return int(value) if value else None
