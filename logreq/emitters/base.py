"""The contract of an emitter: the text of a pair, and the frame around all pairs of a call.

`pair` is asked once for each different pair and `frame` once for each different context;
both are remembered by who renders many requests. `snippet` puts them together by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from logreq.emitters.context import CONNECTED, Context
from logreq.emitters.frame import LINE, NOTES, TIME, Frame, Piece
from logreq.errors import EmitError
from logreq.model.call import Argument, Call, Decision, Value
from logreq.model.connection import AUTO, Connection
from logreq.text.codec import encode
from logreq.text.escape import visible


class WholeCallError(EmitError):
    """Raised by `pair` where only the whole call will do: `Emitter.whole` gets it."""


class Emitter:
    """Turns calls into text of one target.

    A subclass sets `summary` (one line for `logreq emitters`) and defines `pair` and
    `frame`; `comment` if its target's comments begin otherwise; `script` if it has scripts.
    """

    summary: ClassVar[str] = ""
    # Reaches the panel by HTTP: has an authorisation and an `out` format.
    http: ClassVar[bool] = True
    default_out: ClassVar[str] = "json"
    default_auth: ClassVar[str] = "authinfo"
    auths: ClassVar[tuple[str, ...]] = ("authinfo", "none")
    # What stands between two snippets, before the first and after the last, each of which
    # ends with a line end; and between the texts of two pairs.
    separator: ClassVar[str] = "\n"
    opening: ClassVar[str] = ""
    closing: ClassVar[str] = ""
    joint: ClassVar[str] = ""
    # What a comment's line begins with.
    prefix: ClassVar[str] = "# "
    # How its text reads, for colours: `shell`, `code`, `json` or `url`.
    syntax: ClassVar[str] = "code"
    # Where there are no scripts: what its snippets are together, for who wants one.
    together: ClassVar[str] = ""
    # Wants to know each request's kind.
    needs_kind: ClassVar[bool] = False
    # The text tells of the request, not only of the call: who, when, where; and the notes.
    tells_request: ClassVar[bool] = True
    # The text tells the year: logs are read for it before their first request.
    tells_when: ClassVar[bool] = False
    # The frame has the hole DROPPED, filled by `dropped`.
    tells_dropped: ClassVar[bool] = False
    # Pairs stand in a mapping: where a name repeats, the frame has to know (`Context.repeats`).
    mapping: ClassVar[bool] = False
    # Bytes of all pairs' texts from which on `whole` is asked.
    limit: ClassVar[int] = 0

    def __init__(self, connection: Connection) -> None:
        """Prepare for calls by a connection whose `out` and `auth` may be None: the defaults."""
        self.connection = connection._replace(
            auth=self.default_auth if connection.auth is None else connection.auth,
            out=self.default_out if connection.out is None else connection.out,
        )

    @property
    def by_user(self) -> bool:
        """Whether who clicked is part of the call: as `su`, or a key logs that user in."""
        su = self.connection.su
        return su == AUTO or (self.connection.auth == "key" and not su)

    @property
    def own(self) -> frozenset[str]:
        """Which of a call's own parameters the frame looks at (`Context.own`)."""
        return CONNECTED

    def pair(self, name: str, value: Value) -> str:
        """Give the text of one parameter, the same in all calls.

        A word (letters, digits, `.`, `_`, `-`, no more than 256) stands in it as it is and has
        no say in the rest: what is around one is around any. So it is in the text of
        `dropped`, and in one by a frame's own `pair`. EmitError if the target cannot express
        the parameter, WholeCallError where it depends on the rest of the call.
        """
        raise NotImplementedError

    def frame(self, context: Context) -> Frame:
        """Give what stands around the pairs of a call; EmitError if it cannot be told."""
        raise NotImplementedError

    def dropped(self, decision: Decision) -> str:
        """Give the text of a dropped parameter, for the hole DROPPED."""
        raise NotImplementedError

    def whole(self, call: Call) -> str:
        """Give the snippet of a call that `pair` or `limit` says is more than its parts."""
        raise EmitError("this call is too long for this target")

    def script(
        self, calls: Sequence[Call], arguments: Sequence[Argument], again: bool = False
    ) -> Iterator[str]:
        """Give one runnable file: the connection set up once, the calls, stop at the first failure.

        `arguments`: what the script takes on its command line; `Arg` references in the
        calls' values name them. `again`: it is made to be run again, with rows of arguments
        and other ids; only then `Id` and `Lookup` references stand in the values. EmitError
        if a call cannot be told or the target has no scripts.
        """
        raise EmitError("this emitter makes snippets, no scripts (--script)")

    def comment(self, text: str) -> str:
        """Make one comment line of any text: nothing breaks out of it."""
        return self.prefix + visible(text) + "\n"

    def heading(self, context: Context) -> list[Piece]:
        """Give the comment lines: when, who, which function, where in the log; then the notes."""
        who = context.user or "unauthenticated"
        caller = f" from {context.caller}" if context.caller else ""
        # What a comment begins and ends with stays; in between stand time and line, as logged.
        begin, end = self.comment("x")[:-2], "\n"
        title = self.comment(f"x  {who}{caller}  {context.func}  {context.source}:x")
        middle = title[len(begin) + 1 : -1 - len(end)]
        return [begin, TIME, middle, LINE, end, NOTES]

    def notes(self, notes: Iterable[str]) -> str:
        """Give the text of a call's notes, for the hole NOTES."""
        return "".join([self.comment(f"note: {note}") for note in notes])

    def refusal(self, call: Call, reason: str) -> str:
        """Give comment lines in place of a snippet that the target cannot express."""
        return self.comment(title(call)) + self.notes([*call.notes, f"no call here: {reason}"])

    def address(self, panel: str) -> str:
        """Give the URL of a panel."""
        return self.connection.address(panel)

    def snippet(self, call: Call) -> str:
        """Give the text of one call, ending with a line end; EmitError if it cannot be told."""
        frame = self.frame(Context.of(call))
        try:
            pairs = self.pairs(frame, call)
        except WholeCallError:
            return self.whole(call)
        if self.limit and len(encode(pairs)) > self.limit:
            return self.whole(call)
        return self.filled(frame, call, pairs)

    def filled(self, frame: Frame, call: Call, pairs: str) -> str:
        """Give the text of a call by its frame and the texts of its pairs."""
        dropped = self.all_dropped(call) if self.tells_dropped else ""
        return frame.fill(call.request, pairs, dropped, self.notes(call.notes))

    def pairs(self, frame: Frame, call: Call) -> str:
        """Give the texts of a call's pairs in a frame."""
        pair = frame.pair or self.pair
        return self.joint.join([pair(name, value) for name, value in call.arguments])

    def all_dropped(self, call: Call) -> str:
        """Give the texts of a call's dropped parameters."""
        told = (self.dropped(d) for d in call.decisions if not d.keep)
        return self.joint.join(filter(None, told))


def title(call: Call) -> str:
    """Tell in one line of unescaped text when, who, which function, and where in the log."""
    request = call.request
    who = request.user or "unauthenticated"
    caller = f" from {request.caller}" if request.caller else ""
    return f"{request.time}  {who}{caller}  {request.func}  {request.source}:{request.line}"
