"""Where a construct stands in the source, found by its id: Python's CDK writes no places into an assembly.

Synthesis is not slowed by this: the checkout's files are read when a report in SARIF is written. From the class of a
stack, each part of a construct path is looked for as the id in a call, and the next one in the class that is called.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

_FOLDERS: Final = ("stacks", "constructs_lib")
Place = tuple[str, int]


class Sources:
    """The classes of a checkout that make constructs.

    Args:
        root: the checkout.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, Place | None] = {}

    def place(self, path: str) -> Place | None:
        """File and line of a construct by its construct path, or of the nearest one around it that is found."""
        if path not in self._known:
            self._known[path] = self._found(path)
        return self._known[path]

    def _found(self, path: str) -> Place | None:
        stack, *parts = path.split("/")
        found: Place | None = None
        name = stack
        for part in parts:
            file, made = self._classes.get(name, ("", None))
            call = next((it for it in _calls(made) if _has(it, part)), None) if made else None
            if call is None:
                break
            found, name = (file, call.lineno), _called(call)
        return found

    @cached_property
    def _classes(self) -> Mapping[str, tuple[str, ast.ClassDef]]:
        found: dict[str, tuple[str, ast.ClassDef]] = {}
        for folder in _FOLDERS:
            for file in sorted((self._root / folder).rglob("*.py")):
                try:
                    tree = ast.parse(file.read_text(encoding="utf-8"))
                except (SyntaxError, ValueError, RecursionError):
                    continue
                for node in tree.body:
                    if isinstance(node, ast.ClassDef):
                        found.setdefault(node.name, (file.relative_to(self._root).as_posix(), node))
        return found


def _calls(made: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(made) if isinstance(node, ast.Call))


def _has(call: ast.Call, part: str) -> bool:
    """Whether a call names a construct: the scope first, the id second."""
    second = call.args[1] if len(call.args) > 1 else None
    return isinstance(second, ast.Constant) and second.value == part


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
