"""The functions of an installation, as `mgrctl -m PANEL -i lang=en` lists them -> its kinds.

A function a line: its name, padded to the longest one and a blank; a description, wrapped with
blanks under its column; at its end `Function type: T`. Titles and hints are of any language, the
type is read in English (seen in ispmanager 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import NamedTuple, NoReturn

from logreq.expr import unparse
from logreq.model.request import Request
from logreq.rules.model import RuleSet
from logreq.rules.yaml_nodes import Place
from logreq.text.escape import visible

COMMAND = "mgrctl -m ispmgr -i lang=en"
# A panel has some thousand functions of some hundred bytes.
MAX_SIZE = 8 * 1024 * 1024
_LINE = re.compile(r"(?P<name>[A-Za-z_][\w.-]*)(?P<blanks> +)(?P<text>\S.*)", re.ASCII)
# Blanks are taken out before: the wrap falls anywhere.
_TYPE = re.compile(r"Functiontype:([A-Za-z]+)\.?\Z")
_ACTS = ("groupoperation", "externalfunction")
_ASKS = ("list", "form")
_READS = ("report",)
_UNASKED = ("validator", "dashboard", "helpboard")
# Characters of the names in one expression, which may have 10,000.
_CHUNK = 6_000
_COMMITS = (
    "or",
    (("~", "param.sok", "."), ("~", "param.snext", ".")),
)
_LOOKS = "(param.sv_field or param.hint_field)"


class Function(NamedTuple):
    """A function and its type in small letters without blanks, empty where none is told."""

    name: str
    type: str


def read(data: bytes, file: str) -> list[Function]:
    """Read a list; RulesError with `file`, line and column for what is none.

    Bytes that are not UTF-8 are tolerated: they can only stand in descriptions.
    """
    if len(data) > MAX_SIZE:
        Place(file, 1, 1).fail(f"a list of functions has at most {MAX_SIZE} bytes")
    texts: dict[str, list[str]] = {}
    column = 0
    name = ""
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), 1):
        line = line.rstrip()
        if not line:
            continue
        if line[0] == " " and name:
            texts[name].append(line)
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            _foreign(file, number, 1, f"{visible(line[:40])!r} is no function and its description")
        name = found["name"]
        column = column or found.start("text")
        if found.start("text") != column:
            message = f"the description of {name[:40]!r} does not stand under the others"
            _foreign(file, number, found.start("text") + 1, message)
        if name in texts:
            _foreign(file, number, 1, f"{name[:40]!r} stands here twice")
        texts[name] = [found["text"]]
    functions = [Function(name, _type(text)) for name, text in texts.items()]
    if not any(function.type for function in functions):
        _foreign(file, 1, 1, "no line tells a 'Function type'")
    return functions


def _foreign(file: str, line: int, column: int, message: str) -> NoReturn:
    Place(file, line, column).fail(f"{message}; expected what {COMMAND} prints")


def _type(texts: Iterable[str]) -> str:
    found = _TYPE.search("".join("".join(texts).split()))
    return found[1].lower() if found else ""


def kinds_text(functions: Iterable[Function], rules: RuleSet, file: str) -> str:
    """Write a rules file that tells the kinds of an installation's functions.

    Of functions without a telling type, and of those that the interface asks unasked, `rules`
    go on to decide; `file` names where the functions come from.
    """
    functions = list(functions)
    told: dict[tuple[str, ...], list[str]] = {
        types: [] for types in (_UNASKED, _ACTS, _READS, _ASKS)
    }
    for function in functions:
        for types, names in told.items():
            if function.type in types and (types == _UNASKED or not _unasked(function, rules)):
                names.append(function.name)
    count = sum(map(len, told.values()))
    return "".join(
        f"{line}\n"
        for line in (
            f"# Kinds of {count} functions, by their types in {visible(file)}.",
            f"# About the other {len(functions) - count} the other rules decide: no type tells,"
            " or the interface asks them.",
            "kinds:",
            "  # what asks only how a form or a hint is to look, whatever the function",
            f"  - background: {_LOOKS} and not ({unparse(_COMMITS)})",
            *_entries("background", "validators, start pages, help", told[_UNASKED]),
            *_entries("action", "group operations, external functions", told[_ACTS]),
            *_entries("view", "reports", told[_READS]),
            *_entries("view", "lists, and forms that are only opened", told[_ASKS], True),
        )
    )


def _unasked(function: Function, rules: RuleSet) -> bool:
    query = f"func={function.name}"
    request = Request("", 0, None, "", "", "", query, function.name, "", "", 0)
    return rules.kind(request) == "background"


def _entries(kind: str, what: str, names: list[str], unless: bool = False) -> Iterator[str]:
    """Give the lines of entries for functions; `unless`: but for those that are committed."""
    if names:
        yield f"  # {what}"
    for some in _chunks(names):
        tree: tuple[object, ...] = ("in", "func", some)
        if unless:
            tree = ("and", (tree, ("not", _COMMITS)))
        text = f"- {kind}: {unparse(tree)}"
        yield from wrap(
            text, 100, initial_indent="  ", subsequent_indent=" " * 8,
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def _chunks(names: list[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    length = 0
    for name in names:
        length += len(name) + 2
        if length > _CHUNK and chunk:
            yield chunk
            chunk, length = [], len(name) + 2
        chunk.append(name)
    if chunk:
        yield chunk
