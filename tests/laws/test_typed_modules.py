"""Types stay strict: what mypy reads of the CDK are the CDK's own signatures."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import aws_cdk
import pytest

from tools.cdk_types import stubs

CDK = Path(aws_cdk.__file__).parent
USED = {"Alias", "App", "CfnTopic", "FilterPattern", "LogGroup", "Match", "Topic", "assertions", "aws_logs", "aws_sns"}


@cache
def written() -> dict[str, str]:
    return stubs(USED)


def declared(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, str]]:
    """What type checkers know of the classes of a module: bases, signatures, values."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            name = f"{within}{node.name}"
            yield name, ", ".join(map(ast.unparse, node.bases))
            yield from declared(node.body, f"{name}.")
        elif within and isinstance(node, ast.FunctionDef):
            kept = [text for text in map(ast.unparse, node.decorator_list) if not text.startswith("jsii.member")]
            result = ast.unparse(node.returns) if node.returns else ""
            yield f"{within}{node.name}", f"{kept} ({ast.unparse(node.args)}) -> {result}"
        elif within and isinstance(node, ast.Assign | ast.AnnAssign):
            yield within, ast.unparse(node)


@pytest.mark.parametrize("module", ["assertions", "aws_logs", "aws_sns"])
def test_a_class_has_every_signature_of_the_cdk(module: str) -> None:
    text = written()[f"aws_cdk.{module}"]
    kept = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    source = (CDK / module / "__init__.py").read_text(encoding="utf-8")
    original = [it for it in declared(ast.parse(source).body) if it[0].partition(".")[0] in kept]
    assert len(original) > 20
    assert list(declared(ast.parse(text).body)) == original


def test_what_a_signature_names_is_there() -> None:
    """Else mypy would take it for something that may be anything: here it is said what would be missing."""
    modules = {name: ast.parse(text) for name, text in written().items()}
    classes = {name: {it.name for it in tree.body if isinstance(it, ast.ClassDef)} for name, tree in modules.items()}
    missing = []
    for tree in modules.values():
        imported = {it.name for node in tree.body if isinstance(node, ast.Import) for it in node.names}
        assert {it for it in imported if it.startswith("aws_cdk")} <= modules.keys(), "mypy would read all of the CDK's"
        aliases = {it.asname: it.name for node in tree.body if isinstance(node, ast.Import) for it in node.names}
        quoted = [
            node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        for alias, found, name in (text.partition(".") for text in quoted if text.partition(".")[0] in aliases):
            module = aliases[alias]
            if found and module.startswith("aws_cdk") and name.partition(".")[0] not in classes.get(module, ()):
                missing.append(f"{module}.{name}")
    assert len(classes) > 10
    assert not missing
