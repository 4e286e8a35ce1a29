"""The AWS calls that each command of `hannibal` can make, read from its source.

A function makes the calls in it and in everything that it names, across modules. This finds a few too many, such as
both branches of a condition, and misses none as long as clients have the names in
`ops.aws.clients.Aws`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from ops.iam import reference
from tests.conftest import ROOT

# Names of clients that differ from IAM's prefix.
_PREFIXES: Final = {
    "application_autoscaling": "application-autoscaling",
    "cost_explorer": "ce",
    "edge_acm": "acm",
    "elbv2": "elasticloadbalancing",
    "lambda_": "lambda",
}
# Calls whose permission has another name (ops/iam/review/data/events.yaml says from where), or none at all (AWS STS
# API reference, GetCallerIdentity).
_RENAMED: Final = {
    "s3:CopyObject": "s3:GetObjectVersion",  # this command copies versions; it puts objects elsewhere
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:UploadFile": "s3:PutObject",
    "sts:GetCallerIdentity": None,
}
_BY_NAME: Final = ("get_paginator", "get_waiter")


@dataclass(frozen=True)
class Name:
    """A name that a module defines."""

    module: str
    name: str


@dataclass(frozen=True)
class Module:
    """A module's definitions, and the origin of its imports from `ops`."""

    definitions: Mapping[str, ast.AST]
    imports: Mapping[str, Name]


def actions(module: str, command: str) -> frozenset[str]:
    """The permissions that a command's function can need, by its calls and those of the functions that it uses."""
    found: set[str] = set()
    seen: set[Name] = set()
    todo = [Name(module, command)]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        definition = modules()[name.module].definitions[name.name]
        found.update(_calls(definition))
        todo += _named(name.module, definition)
    return frozenset(found)


@cache
def modules() -> Mapping[str, Module]:
    """All modules of `ops`, by name."""
    return {
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): _module(
            ast.parse(file.read_text(encoding="utf-8"))
        )
        for file in sorted((ROOT / "ops").rglob("*.py"))
    }


@cache
def clients() -> Mapping[str, str]:
    """Type of each client of `Aws`, by its name there."""
    held = (
        (node.target.id, str(node.annotation.value))
        for node in ast.walk(modules()["ops.aws.clients"].definitions["Aws"])
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Constant)
    )
    return {name: kind.removeprefix("_Client[").removesuffix("]") for name, kind in held}


def misnamed() -> Iterator[str]:
    """Parameters and attributes with a client under another name than in `Aws`, so that its calls are missed."""
    for name, module in modules().items():
        for definition in module.definitions.values():
            for node in ast.walk(definition):
                if isinstance(node, ast.arg) and isinstance(node.annotation, ast.Constant):
                    annotation = str(node.annotation.value)
                    expected = {client for client, kind in clients().items() if kind == annotation}
                    if expected and node.arg not in expected:
                        yield f"{name}: {node.arg} is a {annotation}"


def _module(tree: ast.Module) -> Module:
    imports = {
        alias.asname or alias.name: Name(node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ops")
        for alias in node.names
    }
    definitions: dict[str, ast.AST] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            definitions |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return Module(definitions, imports)


def _named(module: str, definition: ast.AST) -> Iterator[Name]:
    """The names of its own and other modules that a definition uses."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Name):
            found = _resolve(Name(module, node.id))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            imported = modules()[module].imports.get(node.value.id)
            found = _resolve(Name(f"{imported.module}.{imported.name}", node.attr)) if imported else None
        else:
            continue
        if found:
            yield found


def _resolve(name: Name) -> Name | None:
    """The definition of a name, which may be imported from another module; None outside of `ops`."""
    module = modules().get(name.module)
    if module is None or name.name in module.definitions:
        return name if module else None
    imported = module.imports.get(name.name)
    return _resolve(imported) if imported and imported != name else None


def _calls(definition: ast.AST) -> Iterator[str]:
    for node in ast.walk(definition):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        client, operation = node.func.value, node.func.attr
        name = (client.attr if isinstance(client, ast.Attribute) else getattr(client, "id", "")).lstrip("_")
        if name not in clients():
            continue
        if operation in _BY_NAME and isinstance(node.args[0], ast.Constant):
            operation = str(node.args[0].value)
        call = f"{_PREFIXES.get(name, name)}:{''.join(word.capitalize() for word in operation.split('_'))}"
        if (permission := _permission(call)) is not None:
            yield permission


def _permission(call: str) -> str | None:
    """The permission for a call; None where there is none, or where the method is not one of AWS."""
    if call in _RENAMED:
        return _RENAMED[call]
    action = reference.action(call)
    return action.name if action else None
