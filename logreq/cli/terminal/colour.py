"""Colour snippets by role. Without the codes it is the same text, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Callable, TextIO

# Shades of the 256 colours that stand out on black and on white alike (the tests measure it).
COLOURS = {"comment": "243", "parameter": "31", "value": "28", "reference": "130", "failure": "196"}
STYLES = {"command": "\x1b[1m", **{role: f"\x1b[38;5;{n}m" for role, n in COLOURS.items()}}
RESET = "\x1b[0m"
# Of logs that are shown beside each other.
LOGS = ("31", "130", "28", "133", "63", "65")

# A string ends at its line's end at the latest: no search runs on and on.
_STRING = r"""(?:'(?:[^'\\\n]|\\.)*'?|"(?:[^"\\\n]|\\.)*"?)"""
_SHELL = r"""
    (?P<comment> ^\#[^\n]* )
  | (?P<reference>
        "?\$\{\w+[^}\n]*\}"? | "?\$\w+"? | (?<=-e[ ])'[^'\n]*' | (?<=\w)@(?:-|/dev/fd/\d)(?=\s) )
  | (?P<pair> '[^\s'"=$]+=[^']*'? )
  | (?P<parameter> (?: ^ | (?<=\s) ) [^\s'"=$|&;<>{}()\#\\]+ (?==) )
  | (?P<command> (?: ^ | (?<=\|[ ]) | (?<="[ ])(?=/) ) [\w./-]+ (?=[ ]) )
  | (?P<value> '[^']*'? | "[^"$\n]*"? | (?<==)[^\s'"$]+ )
"""
_CODE = rf"""
    (?P<comment> (?: ^[ \t]* | (?<=<\?php[ ]) | (?<=[ \t]) ) (?: \#[ !] | //[ ] ) [^\n]* )
  | (?P<reference>
        (?:"\{{\{{[ ])? lookup\('[\w.]*env',[ ]'\w*'\)(?:[^"\n]*\}}\}}")?
      | (?: \$|os\.|process\.)? \b(?:env|getenv|environ|ENV)\b
        (?:\.get)? [^\w\s]{{1,4}} [A-Z_][A-Z0-9_]*\b ['"]?[\])}}]? )
  | (?P<parameter>
        (?<=[\[(]){_STRING}(?=,\s)
      | ^[ \t]+ (?:{_STRING} | [\w.-]+) (?=:[ ] | [ ]=>[ ] | =['"]) )
  | (?P<value> {_STRING} )
  | (?P<command> \b[A-Za-z_][\w.]{{0,80}}(?=\() )
"""
_JSON = r"""
    (?P<reference> \{"env":[ ]"[^"\\\n]*"\} | "\{\{\w+\}\}" )
  | (?P<command> "\w+"(?=:) )
  | (?P<parameter> (?<=\[)"(?:[^"\\\n]|\\.)*"(?=,[ ]) | (?<="name":[ ])"(?:[^"\\\n]|\\.)*" )
  | (?P<value> "(?:[^"\\\n]|\\.)*"? )
"""
_URL = r"""
    (?P<reference> \$\{\w+\} )
  | (?P<parameter> (?<=[?&])[^=&\n]+(?==) )
  | (?P<value> (?<==)[^&$\n]+ )
  | (?P<command> ^[^?\n]+ )
"""
_SYNTAXES: Mapping[str, str] = {"shell": _SHELL, "code": _CODE, "json": _JSON, "url": _URL}

Tokens = Iterator[tuple[str, str]]


def tokens(text: str, pattern: re.Pattern[str]) -> Tokens:
    """Cut text into pieces and their roles, an empty one for what has none."""
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            yield "", text[end : match.start()]
        if match.lastgroup == "pair":
            name, equals, value = match.group().partition("=")
            yield from (("parameter", name), ("", equals), ("value", value))
        else:
            yield match.lastgroup or "", match.group()
        end = match.end()
    if end < len(text):
        yield "", text[end:]


def pattern(syntax: str) -> re.Pattern[str]:
    """Compile the tokens of an emitter's syntax; an unknown one is taken for a program."""
    return re.compile(_SYNTAXES.get(syntax, _CODE), re.VERBOSE | re.MULTILINE)


def painter(syntax: str) -> Callable[[str], str]:
    """Make the function that colours text of a syntax."""
    compiled = pattern(syntax)

    def paint(text: str) -> str:
        return "".join([painted(role, piece) for role, piece in tokens(text, compiled)])

    return paint


def painted(role: str, piece: str) -> str:
    """Colour a piece of text that has a role; none for what has none."""
    style = STYLES.get(role)
    if style is None:
        return piece
    # Line by line: pagers forget the colour at a line's end.
    return "\n".join(f"{style}{line}{RESET}" if line else "" for line in piece.split("\n"))


def marked(number: int, text: str) -> str:
    """Colour a line by the number of its log."""
    return f"\x1b[38;5;{LOGS[number % len(LOGS)]}m{text}{RESET}"


def wanted(choice: str, stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether to colour: `auto` is for terminals, and NO_COLOR is obeyed."""
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return stream.isatty()
