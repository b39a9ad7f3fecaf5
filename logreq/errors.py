"""What can go wrong, in words for the user.

Two kinds: an error stops the run (`LogreqError`), a problem is reported and the
run goes on (`Problem`), since one bad line or file must not cost its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable, NamedTuple, Optional


class LogreqError(Exception):
    """Base of all errors; `str(error)` is one message for the user."""


class UsageError(LogreqError):
    """An option or argument that cannot be: names what was given and what would be right."""


class RulesError(LogreqError):
    """A rules file that cannot be used; the message begins with file, line and column.

    `args` are the messages of all its mistakes.
    """

    def __str__(self) -> str:
        return str(self.args[0])


class ExprError(LogreqError):
    """A bad expression; the message shows it with a caret under the fault."""


class EmitError(LogreqError):
    """A call that a target cannot express, or an emitter that cannot be loaded."""


class Problem(NamedTuple):
    """Something that was passed over: where it stood and what it was.

    `source` is a file's name as the user gave it; `line` and `column` are 1-based,
    None where they mean nothing. `lost` says that log content may be missing from
    the result (an unreadable file, a gap), unlike one malformed line.
    """

    source: str
    line: Optional[int]
    column: Optional[int]
    message: str
    lost: bool = False

    def __str__(self) -> str:
        place = [self.source, *(str(n) for n in (self.line, self.column) if n is not None)]
        return f"{':'.join(place)}: {self.message}"


# Where problems go.
Report = Callable[[Problem], None]


def suggest(word: str, known: Iterable[str]) -> str:
    """Give `; did you mean 'x'?` for the nearest known word, else an empty string."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
