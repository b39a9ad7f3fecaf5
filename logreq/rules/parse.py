"""Rules files: YAML -> layers, every mistake named with file, line and column."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable, NoReturn, Optional, TypeVar, Union

from logreq.errors import ExprError, RulesError, suggest
from logreq.rules.model import Condition, Kind, Layer, Rule, Secret, bad_glob
from logreq.rules.schema import BASES, FILE, KIND, RULE, SECRET, Key, names
from logreq.rules.yaml_nodes import Mapping, Node, Place, Sequence, Text, nothing, shape
from logreq.text.escape import visible

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_WHOLE = "a rules file"


def parse(data: bytes, origin: str, *, trusted: bool = False) -> Layer:
    """Make a layer of a rules file's content; `origin` names it in messages.

    RulesError for what is not as it should be, with the mistakes of all entries.
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
        # Messages about what was read so far.
        self.mistakes: list[str] = []

    def layer(self, root: Node) -> Layer:
        if not isinstance(root, Mapping):
            _no_mapping(root, FILE, _WHOLE)
        found: dict[str, Any] = {}

        def read(pair: tuple[Node, Node]) -> None:
            ((key, node),) = _mapping(Mapping([pair], root.at), FILE, _WHOLE).items()
            if key in found:
                pair[0].at.fail(f"{key!r} stands twice in {_WHOLE}")
            found[key] = None
            found[key] = getattr(self, key)(node)

        self.each(read, root.pairs)
        if self.mistakes:
            raise RulesError(*self.mistakes)
        secrets = found.get("secrets", ())
        return Layer(
            self.origin,
            found.get("params", ()),
            tuple(glob for one in secrets if not isinstance(one, Secret) for glob in one),
            found.get("kinds", ()),
            found.get("extends"),
            tuple(one for one in secrets if isinstance(one, Secret)),
        )

    def each(self, read: Callable[[_In], _Out], given: Iterable[_In]) -> tuple[_Out, ...]:
        """Read one after another; a mistake costs what it is in, not the others."""
        return tuple(found for one in given for found in self.tried(read, one))

    def tried(self, read: Callable[[_In], _Out], one: _In) -> Iterable[_Out]:
        try:
            return [read(one)]
        except RulesError as error:
            self.mistakes += error.args
            return []

    def extends(self, node: Node) -> str:
        return _base(node)

    def params(self, node: Node) -> tuple[Rule, ...]:
        return self.each(self.rule, _entries(node, "params"))

    def kinds(self, node: Node) -> tuple[Kind, ...]:
        return self.each(self.kind, _entries(node, "kinds"))

    def secrets(self, node: Node) -> tuple[Union[Secret, list[str]], ...]:
        if isinstance(node, Text) and not nothing(node):
            return (_globs(node, "secrets"),)
        return self.each(self.secret, _entries(node, "secrets"))

    def secret(self, node: Node) -> Union[Secret, list[str]]:
        """Give the globs of names that are always secret, or an entry with a condition."""
        if not isinstance(node, Mapping):
            return [_glob(_text(node, "an item of secrets"))]
        fields = _mapping(node, SECRET, "an entry of secrets")
        if "name" not in fields:
            node.at.fail("an entry of secrets needs a name: the parameters that are secret")
        names = _globs(fields["name"], "name")
        if "when" not in fields:
            return names
        return Secret(tuple(names), self.condition(fields["when"], "when"), self.place(node.at))

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
        _no_mapping(node, keys, what)
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


def _no_mapping(node: Node, keys: tuple[Key, ...], what: str) -> NoReturn:
    some = ", ".join(names(keys))
    node.at.fail(f"{what} is a mapping with some of {some}, not {shape(node)}")


def _entries(node: Node, what: str) -> list[Node]:
    if isinstance(node, Text) and nothing(node):
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
