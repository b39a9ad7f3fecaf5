"""Quoting for POSIX shells, the one place where bytes become words of a script."""

from __future__ import annotations

import re
from shlex import quote

from logreq.call import Env, Value
from logreq.escape import visible

# A comment pasted into an interactive zsh is a command named `#`: nothing in it may mean
# something to a shell. These characters never do; others are shown escaped.
_UNSAFE = re.compile(r"[^\w .,:@%+=/#-]")


def word(value: Value) -> str:
    """Make one word of a literal or of a reference: exactly these bytes, no expansion.

    A NUL cannot be part of a word; callers refuse it before.
    """
    if isinstance(value, Env):
        return f'"${value.name}"'
    return quote(str(value))


def quoted(text: str) -> str:
    """Put a literal into single quotes, whether it needs them or not."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def comment_text(text: str) -> str:
    """Take all meaning to any shell out of a text for a comment, quotes included."""
    return _UNSAFE.sub(_escaped, visible(text.replace("\\", "\\x5c")))


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return char if char == "\\" else f"\\x{ord(char):02x}"


def required(variable: str, meaning: str) -> str:
    """Make a word that stops the shell if the variable is unset or empty, and names it."""
    return f'"${{{variable}:?{meaning}}}"'
