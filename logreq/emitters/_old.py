"""What all emitters share: the header of a snippet, and remembering the text of each pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Callable, ClassVar, TypeVar

from logreq.emitters.base import Emitter as Base
from logreq.errors import EmitError
from logreq.model.call import Argument as Argument  # emitters find it here
from logreq.model.call import Call, Decision, Value
from logreq.model.connection import Connection
from logreq.model.request import Request
from logreq.text.cache import LONGEST
from logreq.text.escape import visible
from logreq.text.percent import percent as percent  # emitters find it here

MAX_REMEMBERED = 10_000


class Emitter(Base):
    """Turns calls into text of one target.

    A subclass sets `summary` (one line for `logreq emitters`), `http`, and defines
    `snippet`; `comment` if its target's comments begin otherwise; `frame` if several
    snippets need something around them.
    """

    summary: ClassVar[str] = ""
    # Reaches the panel by HTTP: has an authorisation and an `out` format.
    http: ClassVar[bool] = True
    default_out: ClassVar[str] = "json"
    default_auth: ClassVar[str] = "authinfo"
    auths: ClassVar[tuple[str, ...]] = ("authinfo", "none")
    # What stands between two snippets; the last one ends with a line end.
    separator: ClassVar[str] = "\n"
    # What stands before the first snippet and after the last one.
    opening: ClassVar[str] = ""
    closing: ClassVar[str] = ""
    prefix: ClassVar[str] = "# "
    # How its text reads, for colours: `shell`, `code`, `json` or `url`.
    syntax: ClassVar[str] = "code"
    # Wants to know each request's kind, which costs an expression or two.
    needs_kind: ClassVar[bool] = False
    # Sets `_texts` and defines `told`: the way to be fast.
    joins: ClassVar[bool] = False
    # What `told` has as it is, each once and in this order, and nothing else in it depends on:
    # the `time`, the `line`'s number, the joined `texts`. To be fast, an emitter has these, or
    # the texts alone, or all: `time`, `pid`, `tid`, `texts`, those that go `aside`, `line`.
    fields: ClassVar[tuple[str, ...]] = ("time", "line", "texts")
    # What each text ends with; `told` cuts it off the last one.
    joint: ClassVar[str] = ""
    # Stands before and after texts that `told` puts into another place.
    aside: ClassVar[str] = ""
    # The text tells of the request, not only of the call: who, when, where; and the notes.
    tells_request: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        """Prepare for calls by a connection whose `out` and `auth` may be None: the defaults."""
        self.connection = connection._replace(
            auth=self.default_auth if connection.auth is None else connection.auth,
            out=self.default_out if connection.out is None else connection.out,
        )
        self._addresses: dict[str, str] = {}
        self._texts = Remembered(_no_text)

    @property
    def by_user(self) -> bool:
        """Whether who clicked is part of the call: a key logs that user in."""
        return self.connection.auth == "key" and not self.connection.su

    def snippet(self, call: Call) -> str:
        """Give the text of one call, ending with a line end; EmitError if it cannot be told."""
        raise NotImplementedError

    def texts(self, call: Call) -> str:
        """Join the texts of a call's parameters."""
        texts = self._texts
        return "".join([texts[decision] for decision in call.decisions])

    # What follows is for emitters that join texts of parameters which depend on nothing else.

    def part(self, decision: Decision) -> str:
        """Give the text of one parameter, from then on the same for all calls.

        A value of ASCII letters and digits stands in it as it is. A NUL in it, or an
        EmitError: the call has to be told as a whole, by `snippet`.
        """
        return self._texts.render(decision)

    def told(self, call: Call, texts: str) -> str:
        """Give the snippet of a call whose parameters' joined texts are these.

        The call may come without decisions.
        """
        raise NotImplementedError

    def address(self, call: Call) -> str:  # type: ignore[override]
        """Give the URL of the call's panel."""
        panel = call.request.panel
        found = self._addresses.get(panel)
        if found is None:
            found = self._addresses[panel] = self.connection.address(panel)
        return found

    def comment(self, text: str) -> str:
        """Make one comment line of any text: nothing breaks out of it."""
        return self.prefix + visible(text) + "\n"

    def script(self, calls: Sequence[Call], arguments: Sequence[Argument]) -> Iterator[str]:
        """Give one runnable file: the connection set up once, the calls, stop at the first failure.

        `arguments`: what the script takes on its command line; `Arg` references in the
        calls' values name them. EmitError if a call cannot be told or the target has no scripts.
        """
        raise EmitError("this emitter makes snippets, no scripts (--script)")

    def refusal(self, call: Call, reason: str) -> str:
        """Give comment lines in place of a snippet that the target cannot express."""
        return self.header(call) + self.comment(f"note: no call here: {reason}")

    def header(self, call: Call) -> str:
        """Give the comment lines: when, who, which function, where in the log; then notes."""
        lines = self.header_of(call.request)
        for note in call.notes:
            lines += self.comment(f"note: {note}")
        return lines

    def header_of(self, request: Request) -> str:
        """Give the header of a call without notes."""
        return self.comment(title_of(request))


def title(call: Call) -> str:
    """Tell in one line of unescaped text when, who, which function, and where in the log."""
    return title_of(call.request)


def title_of(request: Request) -> str:
    """Tell what `title` tells."""
    who = request.user or "unauthenticated"
    caller = f" from {request.caller}" if request.caller else ""
    return f"{request.time}  {who}{caller}  {request.func}  {request.source}:{request.line}"


Made = TypeVar("Made")
Key = TypeVar("Key", str, tuple[str, ...], tuple[str, str])


def remember(memory: dict[Key, Made], key: Key, made: Made, limit: int) -> Made:
    """Remember what was made for a key, in bounds of number and length, and give it back."""
    if len(memory) >= limit:
        memory.clear()
    if sum(map(len, key)) <= LONGEST:
        memory[key] = made
    return made


class Remembered(dict[Decision, str]):
    """The text of each decision in a target; the same pairs come again and again."""

    def __init__(self, render: Callable[[str, Value], str]) -> None:
        """`render` makes the text of a kept parameter; a dropped one has none."""
        super().__init__()
        self._render = render

    def __missing__(self, decision: Decision) -> str:
        text = self.render(decision)
        # Few long texts come again, and many of them would be gigabytes.
        if len(text) <= LONGEST:
            if len(self) >= MAX_REMEMBERED:
                self.clear()
            self[decision] = text
        return text

    def render(self, decision: Decision) -> str:
        """Make the text without remembering it."""
        return self._render(decision.param.name, decision.value) if decision.keep else ""


def _no_text(name: str, value: Value) -> str:
    raise NotImplementedError
