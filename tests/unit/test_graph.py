"""The shape of the code: real imports point one way, and none of them in a circle."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "logreq"
# From the bottom up: a module imports from its own package and from those before it.
LAYERS = (
    "_version", "errors", "text", "model", "expr", "rules", "log", "browser", "live",
    "emitters", "convert", "api", "", "cli", "__main__",
)  # fmt: skip


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


# What scripts begin with is text for them.
CODE = PACKAGE / "emitters" / "code"
MODULES = {name_of(p): p for p in PACKAGE.rglob("*.py") if CODE not in p.parents}


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Give all nodes but those that only type checkers see."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from statements(child)


def imported(name: str) -> set[str]:
    """Give the modules of the package that a module imports, at its head or inside."""
    path = MODULES[name]
    found = set()
    for node in statements(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: imports are written in full"
            base = node.module or ""
            members = {f"{base}.{alias.name}" for alias in node.names}
            found |= {m if m in MODULES else base for m in members}
    return {m for m in found if m in MODULES and m != name}


@functools.cache
def graph() -> dict[str, set[str]]:
    return {name: imported(name) for name in MODULES}


def layer(name: str) -> int:
    return LAYERS.index(name.partition(".")[2].partition(".")[0])


def test_imports_point_one_way() -> None:
    wrong = [f"{a} -> {b}" for a, bs in graph().items() for b in bs if layer(b) > layer(a)]
    assert wrong == []


def test_no_circles() -> None:
    assert len(list(TopologicalSorter(graph()).static_order())) == len(MODULES)


def test_the_library_neither_prints_nor_knows_click() -> None:
    for name, path in MODULES.items():
        if layer(name) >= LAYERS.index("cli"):
            continue
        nodes = list(ast.walk(ast.parse(path.read_text())))
        modules = [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
        modules += [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        assert not any(m.partition(".")[0] == "click" for m in modules), name
        calls = [n.func for n in nodes if isinstance(n, ast.Call)]
        assert "print" not in {c.id for c in calls if isinstance(c, ast.Name)}, name
