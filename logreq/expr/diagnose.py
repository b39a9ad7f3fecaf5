"""Says where and why an expression is wrong: one line of it with a caret under the fault."""

from __future__ import annotations

import re
import unicodedata

from logreq.errors import ExprError, suggest
from logreq.expr.language import NAME, OPERATORS, RESERVED, STRING

# Characters shown to either side of the fault; `...` stands for the rest.
_BEFORE, _AFTER = 40, 30
_OPERATORS = sorted(OPERATORS, key=len, reverse=True)
_TOKENS = re.compile(
    rf"(?:param\.)?{STRING}|{'|'.join(op for op in _OPERATORS if not op.isalpha())}|{NAME}|[(),]"
)
# What other languages write, longest first.
_FOREIGN = {
    "&&": "and",
    "||": "or",
    "&": "and",
    "|": "or",
    "=~": "~",
    "=>": ">=",
    "=<": "<=",
    "=": "==",
    "!": "not",
}


def fault(text: str, at: int, message: str) -> ExprError:
    """Make the error for a fault at a 0-based index, which may be the text's end.

    The message is three lines: what is wrong, the expression (a window of it), the
    caret. Control characters and others that do not print are escaped.
    """
    start, end = max(0, at - _BEFORE), at + _AFTER
    before = ("..." if start else "") + visible(text[start:at])
    after = visible(text[at:end]) + ("..." if end < len(text) else "")
    indent = " " * (4 + sum(map(_cells, before)))
    return ExprError(f"bad expression: {visible(message)}\n    {before}{after}\n{indent}^")


def syntax_fault(text: str, at: int) -> ExprError:
    """Make the error for text that stops being an expression at a 0-based index."""
    rest = text[at:]
    if rest[:1] in ("'", '"') and not re.match(STRING, rest):
        return fault(text, at, "this quote is not closed")
    expected, quotable = _expected(text[:at])
    note = "; a value with blanks is quoted" if quotable and rest else ""
    return fault(text, at, f"expected {expected}{_hint(expected, rest) or note}")


def visible(text: str) -> str:
    """Escape what does not print: control characters, line ends, bidirectional marks."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def brief(text: str) -> str:
    """Quote a word for a message, cut if it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _expected(before: str) -> tuple[str, bool]:
    """Say what can follow the beginning of an expression, and whether it ends with a value."""
    tokens = ["", *_TOKENS.findall(before)]
    lists: list[bool] = []  # for each open parenthesis: does it hold the items of `in`?
    for previous, mark in zip(tokens, tokens[1:]):
        if mark == "(":
            lists.append(previous == "in")
        elif mark == ")":
            lists.pop()
    last = tokens[-1]
    in_items = bool(lists) and lists[-1]
    if last in OPERATORS or last == "," or (last == "(" and in_items):
        return "a value", False
    if last in ("", "(", "and", "or", "not"):
        return "a field, 'not' or '('", False
    if in_items:
        return "',' or ')'", True
    more = "'and', 'or' or " + ("')'" if lists else "the end")
    if last == ")" or tokens[-2] in OPERATORS:
        return more, last != ")"
    return f"an operator ({' '.join(OPERATORS)}), {more}", False


def _hint(expected: str, rest: str) -> str:
    """Name what was probably meant at the fault."""
    found = re.match(NAME, rest)
    word = found[0] if found else ""
    if expected == "a value":
        return f"; {word!r} as a value is quoted" if word in RESERVED else ""
    operator = expected.startswith("an operator")
    if word == "not" and operator:
        return "; 'not' stands before the field"
    for sign, meant in _FOREIGN.items():
        if rest.startswith(sign) and meant in expected:
            return f"; did you mean {meant!r}?"
    known = [*re.findall(r"'([a-z]+)'", expected), *(("in", "like") if operator else ())]
    return "" if word in RESERVED else suggest(word[:40].lower(), known)


def _cells(char: str) -> int:
    # Terminals give East Asian wide characters two cells and combining marks none.
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
