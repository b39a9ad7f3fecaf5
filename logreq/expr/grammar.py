"""The grammar of expressions: text -> tree whose leaves carry their places.

The only user of pyparsing in expressions. Importing pyparsing costs several times as much
as compiling an expression, so import this module late.
"""

from __future__ import annotations

from typing import Any

import pyparsing as pp

from logreq.expr.language import BREAK, FIELD, OPERATORS, VALUE, WHITE, field_token, value_token

Node = tuple[Any, ...]


class BadSyntaxError(Exception):
    """The text is not an expression; `at` is the 0-based place where it stops being one."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def parse(text: str) -> Node:
    """Parse an expression to `(or|and, nodes)`, `(not, node)` or `(operator, field, values)`.

    The last is `("has", field, ())` for a field alone. Fields and values are `Token`s.
    Raises `BadSyntaxError`.
    """
    try:
        node: Node = _GRAMMAR.parse_string(text)[0]
    except pp.ParseBaseException as error:
        # Its message differs between releases of pyparsing, and 3.1.0 loses it; the place is sound.
        raise BadSyntaxError(error.loc) from None
    return node


def _token(pattern: str) -> pp.ParserElement:
    # The default white space is the process's; ours is set on each terminal.
    return pp.Regex(pattern).set_whitespace_chars(WHITE)


def _joined(head: str, tokens: pp.ParseResults) -> Any:
    return tokens[0] if len(tokens) == 1 else (head, tuple(tokens))


def _negated(tokens: pp.ParseResults) -> Any:
    # `not not A` is A: a long row of them costs no depth.
    return ("not", tokens[-1]) if len(tokens) % 2 == 0 else tokens[-1]


def _comparison(tokens: pp.ParseResults) -> Node:
    field, *rest = tokens
    operator, *values = rest or ("has",)
    return operator, field, tuple(values)


def _build() -> pp.ParserElement:
    # `-` instead of `+`: no way back, so that an error stands at the fault.
    field, value = _token(FIELD), _token(VALUE)
    field.set_parse_action(lambda _, at, found: field_token(found[0], at))
    value.set_parse_action(lambda _, at, found: value_token(found[0], at))
    signs = sorted((symbol for symbol in OPERATORS if not symbol.isalpha()), key=len, reverse=True)
    operator = _token("|".join([*signs, "like" + BREAK]))
    comma, opening, closing = (_token(sign).suppress() for sign in (",", r"\(", r"\)"))
    items = opening - value + pp.ZeroOrMore(comma - value) - closing
    alone = pp.FollowedBy(_token(rf"\)|(?:and|or){BREAK}|\Z"))
    rest = operator - value | _token("in" + BREAK) - (items | value) | alone
    comparison = (field - rest).set_parse_action(_comparison)

    expression = pp.Forward()
    operand = opening - expression - closing | comparison
    negation = pp.ZeroOrMore(_token("not" + BREAK)) + operand
    negation.set_parse_action(_negated)
    both = negation + pp.ZeroOrMore(_token("and" + BREAK).suppress() - negation)
    both.set_parse_action(lambda found: _joined("and", found))
    either = both + pp.ZeroOrMore(_token("or" + BREAK).suppress() - both)
    expression <<= either.set_parse_action(lambda found: _joined("or", found))
    # Tabs would be expanded otherwise, and every place after one be wrong.
    return (expression + _token(r"\Z").suppress()).parse_with_tabs()


_GRAMMAR = _build()
