"""Requests -> text: the one way, for saved logs, live ones, picked requests and the library.

A request goes through the rules and the emitter. Logs repeat themselves, so both answers are
remembered: the text of a pair (`pairs`), the frame of a context. A request with a secret, a
note, a condition, a format or a user of its own uses the same texts: what such a pair adds to
the context or the notes is remembered or decided for that pair alone. Only what depends on
the whole request goes by the plain definition.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Callable, Optional

from logreq.convert.pairs import PairTable, count_masked
from logreq.convert.summary import LeftOut
from logreq.emitters.base import Emitter, WholeCallError
from logreq.emitters.context import Context
from logreq.emitters.frame import Frame
from logreq.errors import EmitError, Problem, Report
from logreq.model.call import Call, Decision, Value
from logreq.model.request import Request
from logreq.rules.decide import Decider
from logreq.text.cache import LONGEST, BoundedCache, length_of
from logreq.text.codec import encode

if TYPE_CHECKING:
    from logreq.convert.dropped import DroppedTable
    from logreq.convert.filter import Unique, Wanted

# Frames that are remembered.
FRAMES = 1_000
# Kinds of texts of pairs that frames may ask for.
TABLES = 4

# What of a request a frame may depend on: module, caller, user, func, panel, source.
_head = itemgetter(
    *map(Request._fields.index, ("module", "caller", "user", "func", "panel", "source"))
)
# The kept pairs that it may depend on, the request's kind, its head.
_Key = tuple[tuple[tuple[str, Value], ...], str, tuple[str, str, str, str, str, str]]


class Renderer:
    """Turns requests into text: those that are wanted, each once if `new`.

    A call that the emitter cannot express is reported, counted and becomes comment lines.
    """

    def __init__(
        self,
        decider: Decider,
        emitter: Emitter,
        report: Report,
        wanted: Optional[Wanted] = None,
        new: Optional[Unique] = None,
        left: Optional[LeftOut] = None,
    ) -> None:
        """Prepare; `left` counts what is left out of calls and told nowhere in their texts."""
        self.left = LeftOut() if left is None else left
        self.decider = decider
        self.emitter = emitter
        self.report = report
        self._kinds = decider.kinds
        self._wanted = wanted
        self._new = new
        self._texts = self._table(emitter.pair)
        self._dropped: Optional[DroppedTable] = None
        if emitter.tells_dropped:
            from logreq.convert.dropped import DroppedTable

            self._dropped = DroppedTable(emitter, self._texts)
        # For frames whose pairs have other texts.
        self._tables = BoundedCache(self._table, TABLES, lambda pair: 0)
        self._frames = BoundedCache(self._frame, FRAMES, _weight)
        self._contexts = BoundedCache(emitter.frame, FRAMES, _weight)
        self._notes: BoundedCache[tuple[str, ...], str]
        self._notes = BoundedCache(emitter.notes, FRAMES, length_of)
        self._cut = -len(emitter.joint) or None

    def reporting(self, report: Report) -> Renderer:
        """Give the same renderer with another place for its reports."""
        # The module `copy` takes a fiftieth of a short run to import.
        other = Renderer.__new__(Renderer)
        vars(other).update(vars(self), report=report)
        return other

    def batch(self, requests: Iterable[Request]) -> list[bytes]:
        """Give the texts of requests, each ending with a line end."""
        return [encode(text) for text in self.texts(requests)]

    def wanted(self, requests: Iterable[Request]) -> Iterable[Request]:
        """Give the requests that are wanted."""
        return filter(self._wanted, requests) if self._wanted else requests

    def texts(self, requests: Iterable[Request]) -> Iterator[str]:
        """Give the texts of requests as they come."""
        for request in self.wanted(requests):
            text = self.text(request)
            if text is not None:
                yield text

    def text(self, request: Request) -> Optional[str]:
        """Give the text of a request; None if the same call came before and once is enough."""
        emitter, query = self.emitter, request.query
        if request.doubt or request.outcome or query.count("func=") != 1:
            return self._whole(request)
        pieces = query.split("&")
        found = self._texts.of(pieces, request)
        if found is None:
            return self._whole(request)
        texts, marked, decided = found
        kind = self.decider.rules.kind(request) if self._kinds else ""
        kept = tuple([(d.param.name, d.value) for d in marked if d.keep]) if marked else ()
        try:
            frame, secrets = self._frames[kept, kind, _head(request)]
        except EmitError:
            return self._whole(request)
        if frame.pair is not None:
            found = self._tables[frame.pair].of(pieces, request, decided)
            if found is None:
                return self._whole(request)
        pairs = "".join(found[0])[: self._cut]
        if emitter.limit and len(pairs) * 4 > emitter.limit:
            return self._whole(request)
        if self._new is not None and not self._is_new(request, pairs, secrets):
            return None
        dropped = ""
        if self._dropped is not None:
            dropped = self._dropped.of(pieces, texts, decided)[: self._cut]
        notes = ""
        if marked and emitter.tells_request:
            # What is said of the function comes first.
            told = sorted(marked, key=_is_other)
            notes = self._notes[tuple([d.note for d in told if d.note])]
        return frame.fill(request, pairs, dropped, notes)

    def _table(self, pair: Callable[[str, Value], str]) -> PairTable:
        return PairTable(self.decider, self.emitter, pair, self.left)

    def _frame(self, key: _Key) -> tuple[Frame, tuple[tuple[str, str], ...]]:
        kept, kind, (module, caller, user, func, panel, source) = key
        context = Context(panel, source, module, caller, user, func, kind).sending(kept)
        return self.emitter.frame(context), context.secrets

    def _whole(self, request: Request) -> Optional[str]:
        """Give the text of a request whose parameters depend on each other."""
        call = self.decider(request)
        if not self.emitter.tells_request:
            count_masked(call.decisions, self.left)
        try:
            return self._told(call)
        except EmitError as error:
            if not self._is_new(request, request.query):
                return None
            self.left.refused += 1
            source, line = request.source, request.line
            self.report(Problem(source, line, None, f"no call here: {error}"))
            return self.emitter.refusal(call, str(error))

    def _told(self, call: Call) -> Optional[str]:
        emitter, request = self.emitter, call.request
        context = Context.of(call)
        frame = self._contexts[context]
        try:
            pairs = emitter.pairs(frame, call)
        except WholeCallError:
            pairs = None
        if pairs is None or (emitter.limit and len(encode(pairs)) > emitter.limit):
            new = self._is_new(request, *call.arguments)
            return emitter.whole(call) if new else None
        if not self._is_new(request, pairs, context.secrets):
            return None
        return emitter.filled(frame, call, pairs)

    def _is_new(self, request: Request, *parameters: Hashable) -> bool:
        """Tell whether a call did not come before, or that does not matter."""
        if self._new is None:
            return True
        user = request.user if self.emitter.by_user else ""
        return self._new(request.panel, request.func, user, *parameters)


def _is_other(decision: Decision) -> bool:
    return decision.rule != "function"


def _weight(parts: tuple[object, ...]) -> int:
    """Give the length of what a frame depends on; a log's path is long by itself."""
    return length_of(parts) - LONGEST
