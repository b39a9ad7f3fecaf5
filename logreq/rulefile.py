"""Rules files: YAML -> layers, every mistake named with file, line and column.

Only YAML's plain shapes are read: no tags, no anchors. A scalar counts as the text that
was written (`value: false` is the text `false`, as it stands in a log).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn, Optional

import yaml

from logreq.errors import ExprError, RulesError, UsageError, suggest
from logreq.escape import visible
from logreq.rules import KINDS, Condition, Kind, Layer, Rule, RuleSet, check_glob

BUNDLED = ("default", "careful", "minimal")
# A rules file is written by hand; what is larger is a mistake or an attack.
MAX_SIZE = 1024 * 1024

_FILE_KEYS = ("params", "secrets", "kinds", "extends")
_RULE_KEYS = ("keep", "drop", "value", "when", "why")

# The C loader is ten times as fast; both give the same nodes and marks.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def bundled_text(name: str) -> bytes:
    """Read a bundled rules file: from the checkout, the installed package or a zip archive."""
    here = Path(__file__).parent
    checkout = here.parent / "rules"
    if checkout.is_dir() and (here.parent / "pyproject.toml").is_file():
        return (checkout / name).read_bytes()
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
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_SIZE + 1)
    except OSError as error:
        raise RulesError(f"{visible(path)}: cannot read the rules: {error.strerror}") from None
    return parse(data, path)


def load(name: str) -> Layer:
    """Load what `--rules` names: a bundled set, else a file."""
    if name in BUNDLED:
        return load_bundled(name)
    if "/" not in name and "." not in name and not Path(name).exists():
        known = ", ".join(BUNDLED)
        raise UsageError(
            f"no rules file and no bundled set {visible(name)!r}; bundled: {known}"
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
    """Make a layer of `--keep` and `--drop`."""
    rules = [
        Rule(kept, (_glob(glob, option),), None, None, "asked for on the command line", option)
        for kept, option, given in ((False, "--drop", drop), (True, "--keep", keep))
        for glob in given
    ]
    return Layer("command line", tuple(rules))


def _glob(glob: str, option: str) -> str:
    if not glob:
        raise UsageError(f"{option} needs a parameter's name or a glob such as 'zoom-*'")
    try:
        check_glob(glob)
    except ValueError as error:
        raise UsageError(f"{option}: {visible(str(error))}") from None
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
    return _Reader(origin, trusted).layer(data)


class _Reader:
    """Walks the YAML nodes of one file."""

    def __init__(self, origin: str, trusted: bool) -> None:
        self.origin = origin
        self.shown = visible(origin)
        self.trusted = trusted

    def layer(self, data: bytes) -> Layer:
        if len(data) > MAX_SIZE:
            raise RulesError(f"{self.shown}: larger than {MAX_SIZE} bytes: no rules file")
        root = self._compose(data)
        if root is None:
            return Layer(self.origin)
        fields = self._mapping(root, _FILE_KEYS, "a rules file")
        extends = fields.get("extends")
        return Layer(
            self.origin,
            tuple(self._rule(node) for node in self._list(fields.get("params"), "params")),
            self._globs(fields["secrets"], "secrets") if "secrets" in fields else (),
            tuple(self._kind(node) for node in self._list(fields.get("kinds"), "kinds")),
            None if extends is None else self._choice(extends, ("none", *BUNDLED), "extends"),
        )

    def _compose(self, data: bytes) -> Any:
        try:
            self._refuse_references(data)
            return yaml.compose(data, Loader=_Loader)
        except yaml.MarkedYAMLError as error:
            problem = " ".join(filter(None, (error.context, error.problem)))
            self._fail(error.problem_mark or error.context_mark, f"not YAML: {visible(problem)}")
        except yaml.YAMLError as error:
            first = visible(str(error).splitlines()[0])
            raise RulesError(f"{self.shown}: not YAML: {first}") from None
        except RecursionError:
            raise RulesError(f"{self.shown}: nested too deeply for a rules file") from None

    def _refuse_references(self, data: bytes) -> None:
        depth = 0
        for event in yaml.parse(data, Loader=_Loader):
            if isinstance(event, yaml.AliasEvent):
                self._fail(event.start_mark, "an alias (*) has no place in a rules file")
            if getattr(event, "anchor", None) is not None:
                self._fail(event.start_mark, "an anchor (&) has no place in a rules file")
            if getattr(event, "tag", None) is not None:
                self._fail(event.start_mark, f"a tag ({visible(event.tag)}) has no place here")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > 10:
                self._fail(event.start_mark, "nested too deeply for a rules file")

    def _rule(self, node: Any) -> Rule:
        fields = self._mapping(node, _RULE_KEYS, "a rule")
        verbs = [verb for verb in ("keep", "drop") if verb in fields]
        if len(verbs) != 1:
            self._fail(node.start_mark, "a rule needs either keep or drop: the names it is for")
        names = self._globs(fields[verbs[0]], verbs[0])
        if "" in names:
            self._fail(fields[verbs[0]].start_mark, "an empty name matches nothing")
        values = None
        if "value" in fields:
            values = frozenset(self._texts(fields["value"], "value"))
        when = self._condition(fields["when"]) if "when" in fields else None
        why = self._text(fields["why"], "why") if "why" in fields else ""
        where = f"{self.origin}:{node.start_mark.line + 1}"
        return Rule(verbs[0] == "keep", names, values, when, why, where)

    def _globs(self, node: Any, what: str) -> tuple[str, ...]:
        globs = tuple(self._texts(node, what))
        for glob in globs:
            try:
                check_glob(glob)
            except ValueError as error:
                self._fail(node.start_mark, visible(str(error)))
        return globs

    def _kind(self, node: Any) -> Kind:
        fields = self._mapping(node, KINDS, "an entry of kinds")
        if len(fields) != 1:
            self._fail(node.start_mark, "an entry of kinds is one kind and its expression")
        ((name, value),) = fields.items()
        return Kind(name, self._condition(value), f"{self.origin}:{node.start_mark.line + 1}")

    def _condition(self, node: Any) -> Condition:
        condition = Condition(self._text(node, "an expression"))
        if not self.trusted:
            try:
                condition.check()
            except ExprError as error:
                self._fail(node.start_mark, str(error))
        return condition

    def _mapping(self, node: Any, known: tuple[str, ...], what: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            self._fail(
                node.start_mark,
                f"{what} is a mapping with some of {', '.join(known)}, not {_shape(node)}",
            )
        fields: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name not in known:
                hint = suggest(name, known) or f"; known: {', '.join(known)}"
                self._fail(key.start_mark, f"unknown key {visible(name)!r} in {what}{hint}")
            if name in fields:
                self._fail(key.start_mark, f"{name!r} stands twice in {what}")
            fields[name] = value
        return fields

    def _list(self, node: Any, what: str) -> Iterator[Any]:
        if node is None or _shape(node) == "nothing":
            return
        if not isinstance(node, yaml.SequenceNode):
            self._fail(node.start_mark, f"{what} is a list (- ...), not {_shape(node)}")
        yield from node.value

    def _texts(self, node: Any, what: str) -> Iterator[str]:
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield self._text(item, f"an item of {what}")
        else:
            yield self._text(node, what)

    def _text(self, node: Any, what: str) -> str:
        if not isinstance(node, yaml.ScalarNode):
            self._fail(node.start_mark, f"{what} is a text, not {_shape(node)}")
        return str(node.value)

    def _choice(self, node: Any, known: tuple[str, ...], what: str) -> str:
        text = self._text(node, what)
        if text not in known:
            hint = suggest(text, known)
            message = f"{what} is one of {', '.join(known)}, not {visible(text)!r}{hint}"
            self._fail(node.start_mark, message)
        return text

    def _fail(self, mark: Any, message: str) -> NoReturn:
        raise RulesError(f"{self.shown}:{mark.line + 1}:{mark.column + 1}: {message}") from None


def _shape(node: Any) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if re.fullmatch("~|null|", node.value) else f"the text {visible(node.value)!r}"
