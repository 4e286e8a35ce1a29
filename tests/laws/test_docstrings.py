"""What a field of a class is stands beside the field, and not once more in the docstring of the class."""

import ast
import re

from tests.conftest import ROOT

FOLDERS = ("benchmarks", "constructs_lib", "embedded_aws", "installation", "ops", "stacks", "tools")
FILES = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]


def twice(source: str) -> list[str]:
    """The fields that the docstring of their class lists."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            _, _, listed = (ast.get_docstring(node) or "").partition("Attributes:\n")
            fields = {
                it.target.id for it in node.body if isinstance(it, ast.AnnAssign) and isinstance(it.target, ast.Name)
            }
            found += [name for name in re.findall(r"^    (\w+):", listed, re.MULTILINE) if name in fields]
    return found


def test_a_field_is_explained_once() -> None:
    found = {str(file.relative_to(ROOT)): names for file in FILES if (names := twice(file.read_text()))}
    assert found == {}


def test_a_field_that_is_explained_in_a_docstring_is_found() -> None:
    assert twice('class A:\n    """An A.\n\n    Attributes:\n        b: what it is.\n    """\n\n    b: int\n') == ["b"]
