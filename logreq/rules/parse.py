"""Rules files: YAML -> layers, every mistake named with file, line and column."""

from __future__ import annotations

from typing import Optional

from logreq.errors import ExprError, suggest
from logreq.rules.model import Condition, Kind, Layer, Rule, Secret, bad_glob
from logreq.rules.schema import BASES, FILE, KIND, RULE, SECRET, Key, names
from logreq.rules.yaml_nodes import Mapping, Node, Place, Sequence, Text, nothing, shape
from logreq.text.escape import visible


def parse(data: bytes, origin: str, *, trusted: bool = False) -> Layer:
    """Make a layer of a rules file's content; `origin` names it in messages.

    RulesError with file, line and column for anything that is not as it should be.
    `trusted`: a bundled file, whose expressions the tests have compiled.
    """
    root = _read(data, origin, trusted)
    if root is None:
        return Layer(origin)
    return _Reader(origin, trusted).layer(root)


def _read(data: bytes, origin: str, trusted: bool) -> Optional[Node]:
    if trusted:
        from logreq.rules import bundled as rulefile_quick

        root = rulefile_quick.read(data, origin)
        if root is not None:
            return root
    from logreq.rules import yaml_reader as rulefile_yaml

    return rulefile_yaml.read(data, origin)


class _Reader:
    """Makes a layer of the nodes of one file."""

    def __init__(self, origin: str, trusted: bool) -> None:
        self.origin = origin
        self.trusted = trusted

    def layer(self, root: Node) -> Layer:
        fields = _mapping(root, FILE, "a rules file")
        always, sometimes = self.secrets(fields.get("secrets"))
        return Layer(
            self.origin,
            tuple(self.rule(node) for node in _entries(fields.get("params"), "params")),
            always,
            tuple(self.kind(node) for node in _entries(fields.get("kinds"), "kinds")),
            _base(fields["extends"]) if "extends" in fields else None,
            sometimes,
        )

    def secrets(self, node: Optional[Node]) -> tuple[tuple[str, ...], tuple[Secret, ...]]:
        """Give the globs of names that are always secret, and entries with a condition."""
        always: list[str] = []
        sometimes = []
        if isinstance(node, Text) and not nothing(node):
            always, node = _globs(node, "secrets"), None
        for entry in _entries(node, "secrets"):
            if not isinstance(entry, Mapping):
                always.append(_glob(_text(entry, "an item of secrets")))
                continue
            fields = _mapping(entry, SECRET, "an entry of secrets")
            if "name" not in fields:
                entry.at.fail("an entry of secrets needs a name: the parameters that are secret")
            names = tuple(_globs(fields["name"], "name"))
            if "when" in fields:
                when = self.condition(fields["when"], "when")
                sometimes.append(Secret(names, when, self.place(entry.at)))
            else:
                always += names
        return tuple(always), tuple(sometimes)

    def rule(self, node: Node) -> Rule:
        fields = _mapping(node, RULE, "a rule")
        verbs = [verb for verb in ("keep", "drop") if verb in fields]
        if len(verbs) != 1:
            node.at.fail("a rule needs either keep or drop: the names it is for")
        return Rule(
            verbs[0] == "keep",
            tuple(_globs(fields[verbs[0]], verbs[0])),
            frozenset(t.text for t in _texts(fields["value"], "value"))
            if "value" in fields
            else None,
            self.condition(fields["when"], "when") if "when" in fields else None,
            _text(fields["why"], "why").text if "why" in fields else "",
            self.place(node.at),
        )

    def kind(self, node: Node) -> Kind:
        fields = _mapping(node, KIND, "an entry of kinds")
        if len(fields) != 1:
            node.at.fail("an entry of kinds is one kind and its expression")
        ((name, value),) = fields.items()
        return Kind(name, self.condition(value, name), self.place(node.at))

    def condition(self, node: Node, key: str) -> Condition:
        condition = Condition(_text(node, key).text, allow_kind=key == "when")
        if not self.trusted:
            try:
                condition.check()
            except ExprError as error:
                node.at.fail(str(error))
        return condition

    def place(self, at: Place) -> str:
        return f"{self.origin}:{at.line}"


def _mapping(node: Node, keys: tuple[Key, ...], what: str) -> dict[str, Node]:
    known = names(keys)
    if not isinstance(node, Mapping):
        node.at.fail(f"{what} is a mapping with some of {', '.join(known)}, not {shape(node)}")
    fields: dict[str, Node] = {}
    for key, value in node.pairs:
        if not isinstance(key, Text):
            key.at.fail(f"a key is a word, not {shape(key)}")
        if key.text not in known:
            shown = visible(key.text[:40])
            hint = suggest(key.text[:40], known) or f"; known: {', '.join(known)}"
            key.at.fail(f"unknown key {shown!r} in {what}{hint}")
        if key.text in fields:
            key.at.fail(f"{key.text!r} stands twice in {what}")
        fields[key.text] = value
    return fields


def _entries(node: Optional[Node], what: str) -> list[Node]:
    if node is None or (isinstance(node, Text) and nothing(node)):
        return []
    if not isinstance(node, Sequence):
        node.at.fail(f"{what} is a list (- ...), not {shape(node)}")
    return node.items


def _globs(node: Node, what: str) -> list[str]:
    return [_glob(text) for text in _texts(node, what)]


def _glob(text: Text) -> str:
    wrong = bad_glob(text.text)
    if wrong:
        text.at.fail(f"{visible(text.text[:40])!r}: {wrong}")
    return text.text


def _texts(node: Node, what: str) -> list[Text]:
    if not isinstance(node, Sequence):
        return [_text(node, what)]
    if not node.items:
        node.at.fail(f"{what} is a text or a list of texts, not an empty list")
    return [_text(item, f"an item of {what}") for item in node.items]


def _text(node: Node, what: str) -> Text:
    if not isinstance(node, Text):
        node.at.fail(f"{what} is a text, not {shape(node)}")
    if nothing(node):
        written = f'"{node.text}"'
        node.at.fail(f"{what} is a text, not nothing; the text {written} needs its quotes")
    return node


def _base(node: Node) -> str:
    text = _text(node, "extends").text
    if text not in BASES:
        hint = suggest(text[:40], BASES)
        node.at.fail(f"extends is one of {', '.join(BASES)}, not {visible(text[:40])!r}{hint}")
    return text
