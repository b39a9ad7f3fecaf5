"""Rules files: YAML -> layers, every mistake named with file, line and column."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Optional

from logreq.errors import ExprError, RulesError, UsageError, suggest
from logreq.rules.model import Condition, Kind, Layer, Rule, RuleSet, Secret, bad_glob
from logreq.rules.schema import BASES, BUNDLED, FILE, KIND, RULE, SECRET, Key, names
from logreq.rules.yaml_nodes import MAX_SIZE, Mapping, Node, Place, Sequence, Text, nothing, shape
from logreq.text.escape import visible

__all__ = ["BUNDLED", "bundled_text", "load", "load_bundled", "load_file", "parse", "rule_set"]


def bundled_text(name: str) -> bytes:
    """Read a file of the bundled rules: from the checkout, the installed package or a zip."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    checkout = os.path.join(root, "rules")
    if os.path.isdir(checkout) and os.path.isfile(os.path.join(root, "pyproject.toml")):
        with open(os.path.join(checkout, name), "rb") as stream:
            return stream.read()
    import pkgutil

    data = pkgutil.get_data("logreq", f"data/rules/{name}")
    if data is None:  # pragma: no cover - a loader that cannot give data
        raise RulesError(f"the bundled rules {name} cannot be read from this installation")
    return data


def load_bundled(name: str) -> Layer:
    """Load a bundled set by name."""
    file = f"{name}.yaml"
    return parse(bundled_text(file), file, trusted=True)


def load_file(path: str) -> Layer:
    """Load a rules file; RulesError if it cannot be read or is no rules file."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise RulesError(f"{visible(path)}: cannot read the rules: {reason}") from None
    return parse(data, path)


def load(name: str) -> Layer:
    """Load what `--rules` names: a bundled set, else a file."""
    if name in BUNDLED:
        return load_bundled(name)
    if name.lower() in BUNDLED and not os.path.exists(name):
        return load_bundled(name.lower())
    if "/" not in name and "." not in name and not os.path.exists(name):
        raise UsageError(
            f"no rules file and no bundled set {visible(name)!r}; bundled: {', '.join(BUNDLED)}"
            f"{suggest(name, BUNDLED)}"
        )
    return load_file(name)


def rule_set(
    names: Iterable[str] = (),
    *,
    user: Optional[str] = None,
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    keep_empty: bool = False,
) -> RuleSet:
    """Stack all layers: bundled default, the user's file, named ones, the command line.

    `names`: files or bundled sets, later ones stronger. `user`: path of the user's own
    file. `keep`, `drop`: name globs; keep wins where both match.
    """
    stack = [*layers(names, user), command_line(keep, drop)]
    return RuleSet(stack, keep_empty=keep_empty)


def layers(names: Iterable[str] = (), user: Optional[str] = None) -> list[Layer]:
    """Stack the layers of files: bundled default, the user's file, named ones."""
    stack = [load_bundled("default")]
    for layer in [load_file(user)] if user else []:
        stack = _stack(stack, layer)
    for name in names:
        stack = _stack(stack, load(name))
    return stack


def command_line(keep: Iterable[str], drop: Iterable[str]) -> Layer:
    """Make a layer of `--keep` and `--drop`; UsageError for a bad glob."""
    rules = [
        Rule(kept, (_option(glob, option),), None, None, "asked for on the command line", option)
        for kept, option, given in ((False, "--drop", drop), (True, "--keep", keep))
        for glob in given
    ]
    return Layer("command line", tuple(rules))


def _option(glob: str, option: str) -> str:
    if not glob:
        raise UsageError(f"{option} needs a parameter's name or a glob such as 'zoom-*'")
    wrong = bad_glob(glob)
    if wrong:
        raise UsageError(f"{option} {visible(glob)!r}: {wrong}")
    return glob


def _stack(layers: list[Layer], layer: Layer) -> list[Layer]:
    if layer.extends is None:
        return [*layers, layer]
    if layer.extends == "none":
        return [layer]
    below = [load_bundled("default")]
    if layer.extends != "default":
        below.append(load_bundled(layer.extends))
    return [*below, layer]


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
