"""The words of the expression language: one table each for fields and operators.

The grammar, the evaluation, the error messages and the help are made from these tables;
a new field is one line of `FIELDS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Callable, NamedTuple

from logreq.model.request import Request

KindOf = Callable[[Request], str]

# Only these are white: anything rarer that was pasted in is shown in an error instead.
WHITE = " \t\r\n"
_LETTER = r"[^\s()\"',=!<>~&|]"
BREAK = rf"(?!{_LETTER})"
RESERVED = ("and", "or", "not", "in", "like")
NAME = rf"{_LETTER}+{BREAK}"
WORD = rf"(?!(?:{'|'.join(RESERVED)}){BREAK}){NAME}"
# A quote is doubled inside itself; a backslash means nothing, so regular expressions stay readable.
STRING = r"(?:\"[^\"]*(?:\"\"[^\"]*)*\"(?!\")|'[^']*(?:''[^']*)*'(?!'))"
VALUE = rf"(?:{STRING}|{WORD})"
FIELD = rf"(?:param\.(?:{STRING}|{NAME})|{WORD})"
PARAM = "param."


class Token(NamedTuple):
    """A field or value as it means, without quotes, and its 0-based place in the expression."""

    text: str
    at: int


class Field(NamedTuple):
    """A field: what it compares as, what it is, and how a request gives it.

    `source`: the request's attribute that it is made of alone; empty: the one of its name.
    """

    name: str
    type: str
    meaning: str
    get: Callable[[Request, KindOf], Any]
    source: str = ""


class Operator(NamedTuple):
    """An operator between a field and a value."""

    symbol: str
    meaning: str
    example: str


FIELDS = {
    field.name: field
    for field in (
        Field("func", "text", "the function's name", lambda r, _: r.func),
        Field("verb", "text", "the last part of the function's name: delete of user.delete",
              lambda r, _: r.func.rpartition(".")[2], "func"),
        Field("user", "text", "who was logged in", lambda r, _: r.user),
        Field("caller", "address", "address or program that called", lambda r, _: r.caller),
        Field("panel", "text", "the panel's internal name (ispmgr)", lambda r, _: r.panel),
        Field("module", "text", "the module that logged the request", lambda r, _: r.module),
        Field("kind", "kind", "action, view or background, as the rules say", lambda r, k: k(r)),
        Field("time", "time", "the log's time, which has no year", lambda r, _: r.time),
        Field("pid", "number", "process number", lambda r, _: r.pid),
        Field("tid", "number", "thread number; some logs have none", lambda r, _: r.tid),
        Field(
            "outcome",
            "outcome",
            "how it went, as the log says later: failed or ok",
            lambda r, _: r.outcome,
        ),
        Field("any", "text or number", "each value there is: function, user, every parameter's",
              lambda r, _: (r.func, r.user, *(p.value for p in r.params))),
    )
}  # fmt: skip
PARAM_FIELD = ("param.NAME", "text or number", "every parameter of that name, decoded")
KINDS = ("action", "view", "background")
OUTCOMES = ("failed", "ok")

OPERATORS = {
    op.symbol: op
    for op in (
        Operator("==", "is equal", "func == user.edit"),
        Operator("!=", "is not equal", "user != root"),
        Operator("like", "the whole of it matches a glob; case matters", "func like *.delete"),
        Operator("~", "a regular expression is found in it", 'func ~ "^(user|ftp)[.]"'),
        Operator("!~", "no regular expression is found in it", "param.name !~ ^test"),
        Operator("in", "equals one of several", "caller in (10.0.0.0/8, 2001:db8::/32, mgrctl)"),
        Operator("<", "is less", "time < 08:00:30"),
        Operator("<=", "is less or equal", "time <= 'Feb 6 18:00'"),
        Operator(">", "is greater", "param.elid > 100"),
        Operator(">=", "is greater or equal", "time >= 08:00"),
    )
}
CONNECTIVES = (
    ("A and B", "both hold; binds closer than or"),
    ("A or B", "one of them holds"),
    ("not A", "it does not hold; binds closest"),
    ("(A)", "grouping"),
    ("FIELD", "it is not empty; param.NAME: it is present, even if empty"),
)
NOTES = (
    "Values need no quotes unless they are empty, are one of "
    + " ".join(RESERVED)
    + ", or hold blanks, quotes, commas, parentheses or any of = ! < > ~ & |. "
    "Quotes are '...' or \"...\"; the quote itself is doubled inside; a backslash is a backslash.",
    'A parameter\'s name with such characters is quoted: param."a b"; param.zoom-ip is not.',
    "A repeated parameter, and any, fulfil a comparison if one of their values does. "
    "!= and !~ are the opposites of == and ~: they hold if no value is equal or found. "
    "A missing parameter equals nothing, so == < in like ~ do not hold for it, and != !~ do.",
    "pid, tid, any and parameters compare as numbers if both sides are numbers; else parameters "
    "and any compare as text, character by character.",
    "panel takes short names and products' names too: isp, ISPmanager.",
    "time with 08:00 or 08:00:30 compares the time of day, with 'Feb 6' or 'Feb 6 08:00' month, "
    "day and time; parts left out are zero. like and ~ see the text of the log.",
    "outcome is failed or ok where the log tells (ok only at high log levels), else nothing. "
    "like sees the reason, ~ the reason and behind a line end the text: outcome ~ exists.",
    "caller with an address or a network (10.0.0.0/8) compares addresses, else text.",
    "A regular expression is Python's, without conditional groups. A repeat or choice inside an "
    "endless repeat is refused, since it can take for ever: write [a-z.]+, not ([a-z]+[.])+. "
    "Count the endless repeats, and one more if ^ is missing: with up to one, it sees 100,000 "
    "characters of a value, with two some 2,800, with three some 280, with four some 90; five "
    "are refused.",
)


def unquote(text: str) -> str:
    """Give what a word or quoted string stands for."""
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote) if quote in "\"'" else text


def value_token(text: str, at: int) -> Token:
    """Make a token of a value as written."""
    return Token(unquote(text), at)


def field_token(text: str, at: int) -> Token:
    """Make a token of a field as written: only the name after `param.` can be quoted."""
    head, name = (PARAM, text[len(PARAM) :]) if text.startswith(PARAM) else ("", text)
    return Token(head + (unquote(name) if name else ""), at)


def _quoted(text: str, plain: str) -> str:
    return text if re.fullmatch(plain, text) else '"' + text.replace('"', '""') + '"'


def unparse(tree: tuple[Any, ...]) -> str:
    """Write a tree as an expression that gives the same tree."""
    head, *rest = tree
    if head in ("and", "or"):
        return f" {head} ".join(_operand(node, ("and", "or")) for node in rest[0])
    if head == "not":
        return f"not {_operand(rest[0], ('and', 'or', 'not'))}"
    field = rest[0]
    if field.startswith(PARAM):
        field = PARAM + _quoted(field[len(PARAM) :], NAME)
    if head == "has":
        return str(field)
    if head == "in":
        return f"{field} in ({', '.join(_quoted(value, WORD) for value in rest[1])})"
    return f"{field} {head} {_quoted(rest[1], WORD)}"


def _operand(tree: tuple[Any, ...], grouped: tuple[str, ...]) -> str:
    return f"({unparse(tree)})" if tree[0] in grouped else unparse(tree)


def syntax_text() -> str:
    """Give the language's help as plain text."""
    width = max(len(op.example) for op in OPERATORS.values())
    return "\n".join(
        [
            "Fields:",
            *_columns((f.name, f"{f.type}: {f.meaning}") for f in FIELDS.values()),
            *_columns([(PARAM_FIELD[0], ": ".join(PARAM_FIELD[1:]))]),
            "",
            "Operators:",
            *_columns(
                (op.symbol, f"{op.example:{width}}  {op.meaning}") for op in OPERATORS.values()
            ),
            "",
            "Together:",
            *_columns(CONNECTIVES),
            "",
            *NOTES,
        ]
    )


def syntax_markdown() -> str:
    """Give the language's help as Markdown tables and a list."""
    return "\n".join(
        [
            *_table(("field", "compares as", "meaning"), [f[:3] for f in FIELDS.values()]),
            _row((f"`{PARAM_FIELD[0]}`", *PARAM_FIELD[1:])),
            "",
            *_table(
                ("operator", "holds if", "example"),
                [(op.symbol, op.meaning, f"`{op.example}`") for op in OPERATORS.values()],
            ),
            "",
            *_table(("form", "holds if"), CONNECTIVES),
            "",
            *(f"* {_plain(note)}" for note in NOTES),
        ]
    )


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    return [f"  {name:10}  {text}" for name, text in rows]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    body = [_row((f"`{first}`", *rest)) for first, *rest in rows]
    return [_row(head), _row(("---",) * len(head)), *body]


def _row(cells: tuple[str, ...]) -> str:
    # A pipe ends a cell even inside backquotes.
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _plain(text: str) -> str:
    return re.sub(r"([*_<>~|\\])", r"\\\1", text)
