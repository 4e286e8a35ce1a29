"""Finds a construct's line in the source by its id: the CDK for Python writes no source lines into an assembly.

This does not slow synthesis: the checkout's files are read when a SARIF report is written. Beginning with the class of
a stack, each part of a construct path is searched as the id in a call, and the next part in the class that is called.
A call that passes the scope without an id creates constructs in that scope, so it is searched too.
"""

import ast
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

_FOLDERS: Final = ("stacks", "constructs_lib")
_SCOPES: Final = ("scope", "self")
SourceLine = tuple[str, int]


class Sources:
    """The classes and functions of a checkout that create constructs."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[str, SourceLine | None] = {}

    def place(self, path: str) -> SourceLine | None:
        """File and line of a construct by its construct path, or of the nearest construct around it that is found."""
        if path not in self._known:
            self._known[path] = self._find_line(path)
        return self._known[path]

    def _find_line(self, path: str) -> SourceLine | None:
        stack, *parts = path.split("/")
        line: SourceLine | None = None
        name = stack
        for part in parts:
            creation = self._find_creation(name, part, frozenset())
            if creation is None:
                break
            line, name = creation
        return line

    def _find_creation(self, name: str, part: str, visited: frozenset[str]) -> tuple[SourceLine, str] | None:
        """The line where a class or function creates the construct with an id, and the name of the called class."""
        if name in visited or name not in self._definitions:
            return None
        file, maker = self._definitions[name]
        calls = [node for node in ast.walk(maker) if isinstance(node, ast.Call)]
        for call in calls:
            # Called with the scope and an id, or with the id alone, as methods of constructs are.
            if any(isinstance(it, ast.Constant) and it.value == part for it in call.args[:2]):
                return (file, call.lineno), _callee_name(call)
        handed_on = (
            self._find_creation(_callee_name(call), part, visited | {name}) for call in calls if _passes_scope(call)
        )
        return next((found for found in handed_on if found), None)

    @cached_property
    def _definitions(self) -> Mapping[str, tuple[str, ast.ClassDef | ast.FunctionDef]]:
        definitions: dict[str, tuple[str, ast.ClassDef | ast.FunctionDef]] = {}
        for folder in _FOLDERS:
            for file in sorted((self._root / folder).rglob("*.py")):
                try:
                    tree = ast.parse(file.read_text(encoding="utf-8"))
                except (SyntaxError, ValueError, RecursionError):
                    continue
                for node in tree.body:
                    if isinstance(node, ast.ClassDef | ast.FunctionDef):
                        definitions.setdefault(node.name, (file.relative_to(self._root).as_posix(), node))
        return definitions


def _passes_scope(call: ast.Call) -> bool:
    """Whether a call gets the scope and no literal id."""
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Name) and first.id in _SCOPES and len(call.args) == 1


def _callee_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
