"""What tail does with each request: show its call at once, or record it for a script."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Union

from logreq.cli.job import Job
from logreq.cli.terminal.clipboard import Copier
from logreq.cli.terminal.output import Writer, counted
from logreq.cli.terminal.status import Status
from logreq.convert import pipeline
from logreq.convert.render import Renderer
from logreq.log.years import LiveLogs, Moment
from logreq.model.call import Call
from logreq.model.request import Request

if TYPE_CHECKING:
    from logreq.live.outcomes import Late

    Event = Union[Request, Late]


class Live:
    """Passes events on, those that were in several logs already in the order of their time."""

    def __init__(
        self, job: Job, paths: Sequence[str], status: Status, *, copy: bool, merge: bool
    ) -> None:
        """Prepare; `merge`: the logs begin with requests that are there already."""
        self._status = status
        self._sink = (_Record if job.script else _Show)(job, paths, status, copy=copy)
        self._years = LiveLogs()
        self._held: list[tuple[Moment, Request]] = []
        self._holds = merge and len(paths) > 1
        self._names = short_names(paths)

    def run(self, found: Iterable[Event]) -> int:
        """Take all events; give how many calls were made of them."""
        for event in found:
            self._take(event)
        self._release()
        return self._sink.end()

    def idle(self) -> None:
        """Show what was held back: nothing more is there; draw the status line."""
        self._release()
        self._status.idle()

    def _take(self, event: Event) -> None:
        if isinstance(event, Request):
            moment, request = self._years.dated(event)
            if self._holds:
                self._held.append((moment, request))
                return
            self._sink.request(self._named(request))
            return
        self._release()
        self._sink.late(event._replace(request=self._named(event.request)))

    def _named(self, request: Request) -> Request:
        return request._replace(source=self._names.get(request.source, request.source))

    def _release(self) -> None:
        self._holds = False
        held, self._held = self._held, []
        # The order within a log stays.
        for _, request in sorted(held, key=itemgetter(0)):
            self._sink.request(self._named(request))


def short_names(paths: Sequence[str]) -> dict[str, str]:
    """Give logs without their directories, where there are several; not two that are alike."""
    names = Counter(map(os.path.basename, paths))
    if len(paths) < 2:
        return {}
    return {p: os.path.basename(p) for p in paths if names[os.path.basename(p)] == 1}


class _Sink:
    """Where events go."""

    def __init__(self, job: Job, paths: Sequence[str], status: Status, *, copy: bool) -> None:
        self._job = job
        self._status = status
        self._copier = Copier() if copy else None
        self._writer = Writer(job.emitter, job.color, plain=job.script)
        names = short_names(paths)
        self._marks = {names.get(path, path): at for at, path in enumerate(paths)}

    def _failed(self, late: Late) -> str:
        request = late.request._replace(outcome=late.outcome)
        outcome = self._job.decider(request).outcome or late.outcome
        return f"failed: {request.time[-8:]} {request.func}: {outcome.short}"


class _Show(_Sink):
    """Writes each snippet as soon as it is there; of refusals that come later, a comment."""

    def __init__(self, job: Job, paths: Sequence[str], status: Status, *, copy: bool) -> None:
        super().__init__(job, paths, status, copy=copy)
        self._renderer = Renderer(job.decider, job.emitter, job.report, None, job.new, job.left)
        self._shown = _Shown()

    def request(self, request: Request) -> None:
        """Write the snippet of a request that is wanted."""
        job = self._job
        if job.wanted is not None and not job.wanted(request):
            return
        text = self._renderer.text(request)
        if text is None:
            return
        if job.outcomes:
            self._shown.add(_key(request))
        self._status.clear()
        mark = self._marks.get(request.source) if len(self._marks) > 1 else None
        self._writer.write(text, mark=mark)
        self._writer.flush()
        self._status.shown = self._writer.count
        if self._copier is not None:
            self._copier(text, request.func)

    def late(self, late: Late) -> None:
        """Tell of a refusal: in a comment, or on standard error where the target has none."""
        if not self._shown.pop(_key(late.request), None):
            return
        job, text = self._job, self._failed(late)
        if job.emitter.syntax in ("json", "url"):
            job.report.say(text)
            return
        self._status.clear()
        self._writer.note(job.emitter.comment(text))
        self._writer.flush()

    def end(self) -> int:
        """End the output; give the number of snippets."""
        self._writer.close()
        return self._writer.count


def _key(request: Request) -> Request:
    return request._replace(outcome=None, when=None)


class _Shown(dict[Request, bool]):
    """The requests that were shown, the last ones: their refusals may come yet."""

    LIMIT = 5_000

    def add(self, request: Request) -> None:
        """Remember a request."""
        if len(self) >= self.LIMIT:
            del self[next(iter(self))]
        self[request] = True


class _Record(_Sink):
    """Collects calls until the end; then writes the script of them."""

    def __init__(self, job: Job, paths: Sequence[str], status: Status, *, copy: bool) -> None:
        super().__init__(job, paths, status, copy=copy)
        self._recorded: dict[int, Call] = {}
        self._numbers: dict[Request, int] = {}

    def request(self, request: Request) -> None:
        """Record the call of a request that is wanted."""
        job, by_user = self._job, self._job.emitter.by_user
        made = pipeline.calls([request], job.decider, job.wanted, job.new, by_user=by_user)
        for call in made:
            self._numbers[_key(request)] = number = len(self._numbers)
            self._recorded[number] = call
            count = self._status.shown = len(self._recorded)
            job.report.say(f"{count} recorded: {call.func}; Ctrl-C writes the script")

    def late(self, late: Late) -> None:
        """Record that a request was refused."""
        job, number = self._job, self._numbers.get(_key(late.request))
        if number is None:
            return
        job.report.say(self._failed(late))
        self._recorded[number] = job.decider(late.request._replace(outcome=late.outcome))
        if job.worked:
            del self._recorded[number]
            self._status.shown = len(self._recorded)

    def end(self) -> int:
        """Write the script; give the number of its calls."""
        from logreq.cli import again

        calls = list(self._recorded.values())
        texts = [*again.script_of(self._job, calls)]
        self._status.clear()
        for text in texts:
            self._writer.write(text)
        self._writer.close()
        if texts and self._copier is not None:
            self._copier("".join(texts), f"the script of {counted(len(calls), 'call')}")
        return len(calls)
