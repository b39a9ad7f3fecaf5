"""What a browser or a web server kept of a session -> requests: the one way in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Optional

from logreq.browser import har
from logreq.browser.calls import Calls, Found, Sent
from logreq.browser.lines import Lines
from logreq.browser.recognise import utf8
from logreq.errors import Report
from logreq.model.chunk import Source


class Recording:
    """The requests of a recording, in its order, with their addresses and outcomes.

    It is read once, as it comes. `seen` counts what it holds: entries, lines or commands.
    """

    def __init__(
        self,
        blocks: Iterable[bytes],
        kind: str,
        source: Source,
        report: Report,
        *,
        panel: Optional[str] = None,
        undated: Optional[float] = None,
    ) -> None:
        """Begin; `kind`: what `recognise` says.

        `panel`: the panel of all requests; else each path tells, and where none does it is the
        source's. `undated`: the time, in seconds since the epoch, of what has none; else now.
        `report` gets what is wrong and what is left out.
        """
        self._blocks = blocks
        self._kind = kind
        self._name = source.name
        self._report = report
        self._calls = Calls(source, panel, undated)

    @property
    def seen(self) -> int:
        """The number of things that were sent, requests to panels or others."""
        return self._calls.seen

    def __iter__(self) -> Iterator[Found]:
        """Give the requests."""
        if self._kind == "har":
            yield from self._found(har.sent(utf8(self._blocks), self._name, self._report))
            self._calls.finish(self._report, "entry", "entries")
            return
        lines = Lines(utf8(self._blocks), self._name, self._report)
        yield from self._found(lines.sent())
        self._calls.others += lines.others
        self._calls.seen += lines.others
        self._calls.finish(self._report, "line", "lines")

    def _found(self, sent: Iterable[Sent]) -> Iterator[Found]:
        return filter(None, map(self._calls, sent))
