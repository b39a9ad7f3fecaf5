"""Quoting for POSIX shells, the one place where bytes become words of a snippet or script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from logreq.emitters.context import VARIABLES
from logreq.errors import EmitError
from logreq.model.call import Arg, Part
from logreq.text.codec import encode
from logreq.text.escape import plain, visible

# No shell sees anything in these but themselves, not even zsh and interactive ones. An equals
# sign at the beginning would be a command's path in zsh.
_SAFE = re.compile(r"[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+:,./=-]*").fullmatch
# A comment pasted into an interactive zsh is a command named `#`: nothing in it may mean
# something to a shell. These characters never do; others are shown escaped. A reason such as
# exists(user) stays: for zsh it is a file's name with qualifiers, of which `e` runs what stands
# between two of the same character.
_NEUTRAL = r"\w .,:@%+=/#-"
_UNSAFE = re.compile(rf"(\b[a-z_]+\((?!\w*e(\w)\w*\2)[a-z0-9_]*\))|[^{_NEUTRAL}]")
# Nearly all comments: a search for what is unsafe takes ten times as long.
_ONLY_NEUTRAL = re.compile(f"[{_NEUTRAL}]*", re.ASCII).fullmatch
# A line end inside quotes is readable and safe; what else does not show as itself is not.
_SUSPECT = re.compile(r"[^\n -~]+")

# Linux takes so many bytes as one argument of a program (MAX_ARG_STRLEN, without the NUL), ...
MAX_ARGUMENT = 131_071
# ... and 2 MiB as all of them, with a pointer to each and the environment.
MAX_ARGUMENTS = 1_500_000
# Text of a command that may have more is looked at again: bytes.
MUCH = 512 * 1024
NUL = "a value holds a NUL byte, which no word of a shell can"
# What a script asks for by itself: an error shows at the head of an XML document.
SCRIPT_OUT = "xml"

# Of a name that two ways to log in have, the first one's holds for both.
_MEANINGS = {
    name: meaning for auth in reversed(list(VARIABLES.values())) for name, meaning in auth.items()
}


def over(text: str, limit: int) -> int:
    """Give the length of a text in bytes if that is over a limit, else 0."""
    if 4 * len(text) <= limit:  # UTF-8
        return 0
    length = len(encode(text))
    return length if length > limit else 0


def check_argument(text: str) -> str:
    """Give a program's argument back; EmitError if it is too long for one."""
    length = over(text, MAX_ARGUMENT)
    if length:
        raise EmitError(
            f"a parameter of {length} bytes is longer than a command line argument can be"
            f" ({MAX_ARGUMENT} bytes)"
        )
    return text


def word(text: str) -> str:
    r"""Make one word of a literal: exactly these bytes, no expansion; quoted where it has to be.

    A single quote becomes `'\''`. A NUL cannot be part of a word; callers refuse it before.
    """
    return text if _SAFE(text) else "'" + text.replace("'", "'\\''") + "'"


def lead(name: str) -> str:
    """Make what a word begins with that is `name=value`."""
    return f"{word(name)}=" if name else "'='"


def pair(name: str, value: str) -> str:
    """Make one word `name=value` of two literals, each quoted by itself."""
    return lead(name) + (word(value) if value else "")


def printable(*values: Part) -> str:
    """Make one word of parts that shows on a terminal as it is, in the text of a script.

    Other characters come from `printf` by octal escapes alone: no `%` and no line end
    that `$(...)` would take away. EmitError where there is a NUL, which no word can hold.
    """
    words = [_printable(p) if isinstance(p, str) else f'"${variable(p)}"' for p in values if p]
    return "".join(words) or "''"


def _printable(text: str) -> str:
    if "\0" in text:
        raise EmitError(NUL)
    if plain(text.replace("\n", "")):
        return word(text)
    pieces: list[str] = []
    end = 0
    for match in _SUSPECT.finditer(text):
        if not plain(match.group()):
            octal = "".join(f"\\{byte:03o}" for byte in encode(match.group()))
            pieces += word(text[end : match.start()]), f"\"$(printf '{octal}')\""
            end = match.end()
    pieces.append(word(text[end:]))
    return "".join(piece for piece in pieces if piece != "''")


def variable(reference: Part) -> str:
    """Give the shell variable of a reference.

    Those of a script's arguments have a prefix: `PATH` and the like are out of their reach.
    """
    name: str = reference.name  # type: ignore[union-attr] # text is no reference
    return argument_variable(name) if isinstance(reference, Arg) else name


def argument_variable(name: str) -> str:
    """Give the shell variable of a script's argument."""
    return "arg_" + name.replace("-", "_")


def comment(text: str) -> str:
    """Make one comment line that means nothing to any shell, even where it is no comment."""
    return f"# {comment_text(text)}\n"


def comment_text(text: str) -> str:
    """Take all meaning to any shell out of a text for a comment, quotes included."""
    if _ONLY_NEUTRAL(text):
        return text
    return _UNSAFE.sub(_escaped, visible(text.replace("\\", "\\x5c")))


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return char if match[1] or char == "\\" else f"\\x{ord(char):02x}"


def required(variable: str) -> str:
    """Make a word that stops the shell if the variable is unset or empty, and names it."""
    return f'"${{{variable}:?must hold {meaning(variable)}}}"'


def meaning(variable: str) -> str:
    """Tell what an environment variable must hold."""
    return _MEANINGS.get(variable, "the value")


def checks(variables: Iterable[str]) -> str:
    """Make a command that stops the shell unless every variable is set; empty for none."""
    words = [required(name) for name in dict.fromkeys(variables)]
    return " ".join([":", *words]) if words else ""
