"""The shape of the code: imports point one way, files stay readable."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = "logreq"
# Lines: what can be read at one sitting.
LONGEST = 350

Graph = dict[str, set[str]]


def modules(root: Path) -> dict[str, ast.Module]:
    """Parse a package's modules, by name; a package's own is that of its folder."""
    found = {}
    for path in sorted((root / PACKAGE).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"), str(path))
    return found


def graph(root: Path) -> Graph:
    """Tell which modules each module imports, wherever the import stands, but for type checkers."""
    trees = modules(root)
    return {name: {*_imports(root, name, trees)} - {name} for name in trees}


def _imports(root: Path, module: str, trees: dict[str, ast.Module]) -> Iterator[str]:
    package = (
        module if (root / module.replace(".", "/")).is_dir() else module.rpartition(".")[0]
    ).split(".")
    for node in _nodes(trees[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{origin}.{alias.name}"
                yield inner if inner in trees else origin


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without what stands below `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        yield node
        yield from _nodes(node)


def circle(found: Graph) -> list[str]:
    """Give a circle of modules that import each other, or nothing."""
    left = {name: {other for other in wanted if other in found} for name, wanted in found.items()}
    while True:
        free = [name for name, wanted in left.items() if not wanted & {*left}]
        if not free:
            break
        for name in free:
            del left[name]
    way: list[str] = []
    at = next(iter(left), "")
    while at and at not in way:
        way.append(at)
        at = min(left[at] & {*left})
    return [*way[way.index(at) :], at] if at else []


def test_imports_have_no_circle() -> None:
    assert circle(graph(ROOT)) == []


def test_only_the_command_line_knows_click_and_prints() -> None:
    found = graph(ROOT)
    for name, tree in modules(ROOT).items():
        if name.startswith(f"{PACKAGE}.cli") or name == f"{PACKAGE}.__main__":
            continue
        assert not {other for other in found[name] if other.startswith(f"{PACKAGE}.cli")}, name
        assert "click" not in {other.partition(".")[0] for other in found[name]}, name
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert "print" not in {call.id for call in calls if isinstance(call, ast.Name)}, name


def test_files_can_be_read_at_one_sitting() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in ROOT.glob("logreq/**/*.py")}
    assert len(lengths) > 10
    assert {str(path): length for path, length in lengths.items() if length > LONGEST} == {}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": "from logreq.b import x", "b": "from logreq import c", "c": ""}, []),
        ({"a": "import logreq.b", "b": "def f():\n    from . import a"}, "a b a"),
        (
            {"a": "from .b import x", "b": "import logreq.c", "c": "from .a import y"},
            "a b c a",
        ),
        ({"a": "from .b import x", "b": "if TYPE_CHECKING:\n    from .a import y"}, []),
        ({"__init__": "from .a import x", "a": "import logreq"}, "logreq a logreq"),
    ],
)  # fmt: skip
def test_circles_are_seen(tmp_path: Path, files: dict[str, str], expected: str | list[str]) -> None:
    (tmp_path / PACKAGE).mkdir()
    for name, text in {"__init__": "", **files}.items():
        (tmp_path / PACKAGE / f"{name}.py").write_text(textwrap.dedent(text))
    words = expected.split() if isinstance(expected, str) else expected
    names = [word if word == PACKAGE else f"{PACKAGE}.{word}" for word in words]
    assert circle(graph(tmp_path)) == names
