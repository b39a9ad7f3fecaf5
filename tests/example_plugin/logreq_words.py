"""An emitter that tells each call in words."""

from __future__ import annotations

from logreq import Call, Emitter


class Words(Emitter):
    """The function and how many parameters it gets."""

    summary = "calls in words"
    http = False
    auths = ()
    separator = ""

    def snippet(self, call: Call) -> str:
        """Give one line."""
        return f"call {call.func} with {len(call.arguments)} parameters\n"
