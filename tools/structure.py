"""Counts the imports between packages: ``python -m tools.structure``."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Graph = Mapping[str, frozenset[str]]


def modules(root: Path, package: str) -> dict[str, Path]:
    """The modules of a package, by dotted name."""
    found = {}
    for file in sorted((root / package).rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(file: Path, paths: Mapping[str, Path]) -> Iterator[str]:
    """The modules that a file imports anywhere; modules outside of ``paths`` by their full names."""
    for node in _imports(file):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in paths else node.module


@cache
def _imports(file: Path) -> tuple[ast.Import | ast.ImportFrom, ...]:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return tuple(node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom))


def packages(root: Path, package: str) -> Graph:
    """The direct children of a package, files and folders, each with the siblings that it imports."""
    files = modules(root, package)
    edges: dict[str, set[str]] = {}
    for name, file in files.items():
        own = _child(name)
        if own is None:
            continue
        targets = (_child(target) for target in imported(file, files) if target.startswith(f"{package}."))
        edges.setdefault(own, set()).update(target for target in targets if target not in (None, own))
    return {name: frozenset(targets) for name, targets in edges.items()}


def circles(graph: Graph) -> tuple[str, ...]:
    """The children that import themselves through others."""
    return tuple(sorted(name for name in graph if name in _reachable(graph, name)))


def module_circles(root: Path, package: str) -> tuple[str, ...]:
    """The modules of a package that import themselves through others."""
    known = modules(root, package)
    graph = {
        name: frozenset(target for target in imported(file, known) if target in known and target != name)
        for name, file in known.items()
    }
    return circles(graph)


def _child(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] != "__main__" else None


def _reachable(graph: Graph, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph.get(name, ()))
    return reached


def main() -> None:
    """Print the figures of each package."""
    for package in ("ops", "embedded_aws", "constructs_lib", "installation"):
        graph = packages(ROOT, package)
        arrows = sum(len(targets) for targets in graph.values())
        found = ", ".join(module_circles(ROOT, package)) or "none"
        circles_text = ", ".join(circles(graph)) or "none"
        sys.stdout.write(
            f"{package}: {len(graph)} packages and modules, {arrows} imports between them; "
            f"in circles of modules: {found}; in circles of packages: {circles_text}\n"
        )
        for name in sorted(graph):
            sys.stdout.write(f"  {name:<20} {' '.join(sorted(graph[name]))}\n")


if __name__ == "__main__":
    main()
