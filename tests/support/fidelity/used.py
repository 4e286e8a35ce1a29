"""The operations that the command, the documents and the CDK use, and the resource types of the stacks."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import botocore.session
from botocore import xform_name

from tests.conftest import ENVIRONMENTS, ROOT
from tests.support import calls
from tests.support.boto_model import service_model

# Clients of the command, or commands of the AWS CLI, whose name differs from botocore's name of the service.
_CLIENTS: Final = {"application_autoscaling": "application-autoscaling", "cost_explorer": "ce", "lambda_": "lambda"}
_COMMANDS: Final = {"deploy": "codedeploy"}
# Commands of the AWS CLI that are not operations, and the operations that they call.
_HIGH_LEVEL: Final = {
    ("s3", "ls"): ("ListBuckets", "ListObjectsV2"),
    ("s3", "cp"): ("GetObject", "HeadObject", "PutObject"),
    ("s3", "sync"): ("ListObjectsV2", "PutObject"),
    ("logs", "tail"): ("FilterLogEvents",),
}
_COMMAND: Final = re.compile(r"\baws ([a-z0-9-]+) ([a-z0-9-]+)")


@cache
def _by_method(service: str) -> Mapping[str, str]:
    return {xform_name(name): name for name in service_model(service).operation_names}


def by_command() -> set[str]:
    """Operations that `hannibal` can call, as ``rds.DescribeDBInstances``."""
    found = set()
    for module in calls.modules().values():
        for definition in module.definitions.values():
            for client, method, argument in _client_calls(definition):
                service = _CLIENTS.get(client, client.replace("_", "-"))
                found |= {f"{service}.{name}" for name in _operations(service, method, argument)}
    return found


def _client_calls(definition: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Client, method and first argument of each call of a client."""
    for node in ast.walk(definition):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner = node.func.value
        name = (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")).lstrip("_")
        if name in calls.clients():
            first = node.args[0] if node.args else None
            yield name, node.func.attr, str(first.value) if isinstance(first, ast.Constant) else ""


def _operations(service: str, method: str, argument: str) -> Iterator[str]:
    name = argument if method == "get_paginator" else method
    if name in _by_method(service):
        yield _by_method(service)[name]


def by_documents() -> set[str]:
    """Operations behind the commands ``aws …`` of all documents."""
    found = set()
    for file in sorted((ROOT / "docs").rglob("*.md")):
        if file.name == "fidelity.md":
            continue
        for command, name in _COMMAND.findall(file.read_text(encoding="utf-8")):
            service = _COMMANDS.get(command, command)
            found |= {f"{service}.{one}" for one in _cli_operations(service, name)}
    return found


@cache
def _services() -> frozenset[str]:
    return frozenset(botocore.session.get_session().get_available_services())


def _cli_operations(service: str, name: str) -> tuple[str, ...]:
    if (service, name) in _HIGH_LEVEL:
        return _HIGH_LEVEL[service, name]
    if service not in _services():
        return ()
    method = name.replace("-", "_")
    return (_by_method(service)[method],) if method in _by_method(service) else ()


def resource_types() -> dict[str, list[str]]:
    """The stacks with a resource of each type, by type."""
    found: dict[str, set[str]] = {}
    for environment in ENVIRONMENTS:
        for file in sorted((ROOT / "tests" / "templates" / environment).glob("*.json")):
            for resource in json.loads(file.read_text(encoding="utf-8")).get("Resources", {}).values():
                found.setdefault(resource["Type"], set()).add(file.stem)
    return {name: sorted(stacks) for name, stacks in sorted(found.items())}
