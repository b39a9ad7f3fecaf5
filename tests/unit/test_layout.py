"""The shape of the code: imports point one way, files stay readable."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "logreq").rglob("*.py"))
# From the bottom up; a module imports from its own layer and those before it.
LAYERS = (
    ("errors", "escape", "memo", "percent", "request"),
    ("call", "variables"),
    ("script", "expr"),
    ("parser", "packed", "sources", "rules"),
    ("scanner",),
    ("logtime", "period"),
    ("following",),
    ("rulefile",),
    ("apply", "select"),
    ("emitters",),
    ("frames",),
    ("fused", "chosen"),
    ("renderer",),
    ("pipeline",),
    ("parallel", "api"),
    ("",),
    ("cli",),
    ("__main__",),
)


def layer(module: str) -> int:
    """Give a module's layer: `logreq.expr_eval` belongs to `expr`."""
    name = module.partition(".")[2].partition(".")[0].partition("_")[0] or module.partition(".")[2]
    found = [n for n, names in enumerate(LAYERS) if name in names]
    assert found, f"{module}: in no layer; add it to LAYERS"
    return found[0]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    package = path.parent.relative_to(ROOT).parts
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            if name in ("logreq", "logreq.emitters", "logreq.cli"):
                yield from (f"{name}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    own = layer(module_name(path)) if module_name(path) != "logreq" else layer("logreq.")
    for name in imports(path):
        if name.startswith("logreq.") and (ROOT / f"{name.replace('.', '/')}.py").exists():
            assert layer(name) <= own, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_only_the_command_line_prints_and_knows_click(path: Path) -> None:
    if "cli" in path.parts:
        return
    assert "click" not in {name.partition(".")[0] for name in imports(path)}
    calls = [n.func for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    assert "print" not in {call.id for call in calls if isinstance(call, ast.Name)}


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_files_can_be_read_at_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 350
