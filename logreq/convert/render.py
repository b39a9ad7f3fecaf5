"""Requests -> text, many at a time: the fast way where it is known, else by decider and emitter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from itertools import compress, repeat
from typing import TYPE_CHECKING, NamedTuple, Optional, Union

from logreq.convert.filter import Filter, Unique
from logreq.convert.fused import Fused
from logreq.errors import EmitError, Problem
from logreq.log.files import Report
from logreq.log.scan import Brief
from logreq.model.call import Call
from logreq.model.chunk import Source
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.text.codec import encode

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

    from logreq.emitters._old import Emitter

# Larger pieces of memory are fetched from the system and given back each time: that takes
# longer than filling them.
PIECE = 64 * 1024


class Rendered(NamedTuple):
    """The texts of some calls, joined and in pieces, and their number."""

    pieces: list[bytes]
    number: int


def joined(texts: Sequence[bytes], separator: bytes) -> Iterator[bytes]:
    """Join texts, some `PIECE` bytes at a time."""
    step = max(1, PIECE // (len(texts[0]) + 1))
    for at in range(0, len(texts), step):
        group = texts[at : at + step]
        yield separator.join(group if at + step >= len(texts) else [*group, b""])


class Renderer:
    """Turns requests into text: those that are wanted, each once if `new`.

    A call that the emitter cannot express is reported and becomes comment lines.
    """

    def __init__(
        self,
        decider: Decider,
        emitter: Emitter,
        report: Report,
        wanted: Optional[Filter] = None,
        new: Optional[Unique] = None,
    ) -> None:
        self.decider = decider
        self.emitter = emitter
        self._report = report
        self._wanted = wanted
        self._new = new
        # Calls that the emitter could not express.
        self.refused = 0
        self._fused = Fused(decider, emitter) if emitter.joins and new is None else None

    def reporting(self, report: Report) -> Renderer:
        """Give the same renderer with another place for its reports."""
        other = copy(self)
        other._report = report
        other.refused = 0
        return other

    @property
    def needs_lines(self) -> bool:
        """Whether lines have to be counted for the texts."""
        return self._wanted is not None or self.emitter.tells_request

    def brief(self, source: Source) -> Optional[Brief]:
        """Give what makes text of a source's lines, b"" of unwanted ones, if anything can."""
        brief = self._fused.brief(source) if self._fused is not None else None
        if brief is None or self._wanted is None:
            return brief
        from logreq.convert.chosen import chosen

        return chosen(brief, self._wanted, source)

    def page(self, found: Sequence[Union[Request, Problem, bytes]]) -> Sequence[bytes]:
        """Give the texts of the requests among what was found; report the problems."""
        if _are_texts(found):
            return found if self._wanted is None else list(filter(None, found))
        requests = [one for one in found if isinstance(one, Request)]
        wanted = list(map(self._wanted or _always, requests))
        quick: Iterable[Optional[bytes]] = repeat(None)
        if self._fused is not None:
            quick = self._fused.snippets(compress(requests, wanted))
        chosen, made = iter(wanted), iter(quick)
        texts: list[bytes] = []
        for one in found:
            if isinstance(one, Problem):
                self._report(one)
            elif isinstance(one, bytes):
                if one:
                    texts.append(one)
            elif next(chosen):
                text = next(made)
                if text is None:
                    text = self._plain(one)
                if text is not None:
                    texts.append(text)
        return texts

    def _plain(self, request: Request) -> Optional[bytes]:
        call = self.decider(request)
        if self._new is not None and not self._new(call):
            return None
        try:
            return encode(self.emitter.snippet(call))
        except EmitError as error:
            self.refused += 1
            return encode(refusal(call, self.emitter, self._report, error))


def _are_texts(found: Sequence[object]) -> TypeGuard[Sequence[bytes]]:
    return {*map(type, found)} == {bytes}


def _always(_: Request) -> bool:
    return True


def refusal(call: Call, emitter: Emitter, report: Report, error: EmitError) -> str:
    """Report a call that a target cannot express; give the comment lines in its place."""
    request = call.request
    report(Problem(request.source, request.line, None, f"no call here: {error}"))
    return emitter.refusal(call, str(error))
