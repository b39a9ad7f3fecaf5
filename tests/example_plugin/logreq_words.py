"""An emitter that tells each call in words."""

from __future__ import annotations

from logreq import Emitter
from logreq.emitters.context import Context
from logreq.emitters.frame import LINE, PAIRS, Frame
from logreq.model.call import Value
from logreq.text.escape import visible


class Words(Emitter):
    """The line, the function and the names of its parameters."""

    summary = "calls in words"
    http = False
    auths = ()
    separator = ""
    joint = ", "

    def pair(self, name: str, value: Value) -> str:
        """Give a name; nothing in it breaks out of the line."""
        return visible(name)

    def frame(self, context: Context) -> Frame:
        """Give one line with a place for the names."""
        return Frame("line ", LINE, f": call {visible(context.func)} with ", PAIRS, "\n")
