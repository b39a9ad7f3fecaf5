"""A rule set as the text of a rules file that stands alone, with the origin of each entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from logreq.rules.model import Rule, RuleSet
from logreq.text.escape import visible

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*").fullmatch
# To this program they are texts, to other readers of YAML they are not.
_WORDS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])


def rules_text(rules: RuleSet) -> str:
    """Write rules as YAML; read as a file, it gives the same rules."""
    return "".join(f"{line}\n" for line in _lines(rules))


def _lines(rules: RuleSet) -> Iterator[str]:
    yield "extends: none"
    yield "params:"
    for rule in rules.rules:
        yield from _rule(rule)
    yield "secrets:"
    for secret in rules.sometimes:
        yield f"  - name: {_list(secret.names)}{_from(secret.origin)}"
        yield f"    when: {_scalar(secret.when.text)}"
    origins = {glob: layer.origin for layer in reversed(rules.layers) for glob in layer.secrets}
    for glob in rules.secrets:
        yield f"  - {_scalar(glob)}{_from(origins[glob])}"
    yield "kinds:"
    for kind in rules.kinds:
        yield f"  - {kind.name}: {_scalar(kind.when.text)}{_from(kind.origin)}"


def _rule(rule: Rule) -> Iterator[str]:
    verb = "keep" if rule.keep else "drop"
    yield f"  - {verb}: {_list(rule.names)}{_from(rule.origin)}"
    if rule.values is not None:
        yield f"    value: {_list(sorted(rule.values))}"
    if rule.when is not None:
        yield f"    when: {_scalar(rule.when.text)}"
    if rule.why:
        yield f"    why: {_scalar(rule.why)}"


def _from(origin: str) -> str:
    return f"  # {visible(origin)}"


def _list(texts: Iterable[str]) -> str:
    found = [_scalar(text) for text in texts]
    return found[0] if len(found) == 1 else f"[{', '.join(found)}]"


def _scalar(text: str) -> str:
    if _PLAIN(text) and text.lower() not in _WORDS:
        return text
    return f'"{"".join(map(_character, text))}"'


def _character(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if " " <= char <= "~":
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
