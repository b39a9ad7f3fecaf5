"""What became of a request, where anything tells."""

from __future__ import annotations

from typing import NamedTuple


class Outcome(NamedTuple):
    """What the panel said about a request: refused, with its words; or done.

    `type`, `object` and `value` are those of the panel's error (`exists`, `user`, `bob`);
    `text` is its message. Each may be empty. All of it comes from outside.
    """

    failed: bool
    type: str
    object: str
    value: str
    text: str
