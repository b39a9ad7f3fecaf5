"""JavaScript's literals and expressions: the one place where logged text becomes code."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from logreq.emitters.context import parts
from logreq.model.call import Arg, Env, Id, Lookup, Part, Value
from logreq.text.codec import is_utf8
from logreq.text.escape import plain
from logreq.text.percent import percent

_SPECIAL = re.compile(r"[^ !#-;=-\[\]-~]")
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*").fullmatch


def literal(text: str) -> str:
    """Make a string literal of UTF-8 text; what does not show as itself is escaped."""
    return f'"{_SPECIAL.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in _SHORT:
        return _SHORT[char]
    if char != "<" and char.isprintable() and plain(char):
        return char
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def member(name: str) -> bool:
    """Tell whether an object holds a name in its place: numbers come first, one is no member."""
    return not name.isdecimal() and name != "__proto__"


def key(name: str) -> str:
    """Give a member's name."""
    return name if _IDENTIFIER(name) else literal(name)


def _part(part: Part, place: str) -> str:
    if isinstance(part, Env):
        return f"process.env.{part.name}"
    if isinstance(part, Arg):
        return f"args.{part.name}" if _IDENTIFIER(part.name) else f"args[{literal(part.name)}]"
    if isinstance(part, Id):
        return f"theId({text(part.func)})"
    if isinstance(part, Lookup):
        words = [text(part.func), text(part.field), text(part.value, place) or '""']
        return f"await lookup({', '.join([*words, *filter(None, [place])])})"
    return literal(part)


def expression(value: Value, place: str = "") -> str:
    """Give the expression of a value of UTF-8; rows are looked up at `place`, an object."""
    return " + ".join(_part(part, place) for part in parts(value))


def encoded(value: Value, place: str = "") -> str:
    """Give the expression of a value's percent-encoded bytes, whatever they are."""
    texts = (
        literal(percent(part))
        if isinstance(part, str)
        else f"encodeURIComponent({_part(part, place)})"
        for part in parts(value)
    )
    return " + ".join(texts)


def text(value: Value, place: str = "") -> str:
    """Give the expression of any name or value in a script."""
    return (
        expression(value, place)
        if all(is_utf8(part) for part in parts(value) if isinstance(part, str))
        else f"raw({encoded(value, place)})"
    )


def mapping(values: Mapping[str, Value]) -> str:
    """Make an object of members in one line."""
    members = ", ".join(f"{key(name)}: {text(value)}" for name, value in values.items())
    return f"{{ {members} }}" if members else "{}"


def pairs(arguments: Sequence[tuple[str, Value]], place: str = "") -> str:
    """Make an object of a script's pairs, a list of pairs where an object does not hold them."""
    if not arguments:
        return "{}"
    if len({name for name, _ in arguments if member(name) and is_utf8(name)}) == len(arguments):
        lines = [f"  {key(name)}: {text(value, place)},\n" for name, value in arguments]
        return f"{{\n{''.join(lines)}}}"
    lines = [f"  [{text(name)}, {text(value, place)}],\n" for name, value in arguments]
    return f"[\n{''.join(lines)}]"
