"""Calls that AWS refuses, read from the table in this folder."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from installation import yaml_text

_TABLE = Path(__file__).with_suffix(".yaml")
# Members that are JSON texts in a request, and objects in the table.
_JSON = ("AssumeRolePolicyDocument", "PolicyDocument", "TemplateBody")


@dataclass(frozen=True, kw_only=True)
class RefusedCall:
    """One call, with the expected error."""

    service: str  # as boto3 names it
    operation: str  # of its client
    request: dict[str, Any]
    code: str
    begins: str  # beginning of the error's message

    def __str__(self) -> str:
        return f"{self.service} {self.operation} {self.begins[:60]}"


def refused_calls() -> Iterator[RefusedCall]:
    """All calls of the table."""
    table = yaml_text.parsed(_TABLE.read_text())
    for name, entries in table["calls"].items():
        service, operation = name.split()
        for entry in entries:
            request = _request(table["bases"], entry)
            code, begins = entry["refused"].split(": ", 1)
            yield RefusedCall(service=service, operation=operation, request=request, code=code, begins=begins)


def _request(bases: dict[str, dict[str, Any]], entry: dict[str, Any]) -> dict[str, Any]:
    change: dict[str, Any] = entry["with"]
    if entry.get("base") == "container":
        definition = bases["task_definition"]
        return definition | {"containerDefinitions": [definition["containerDefinitions"][0] | change]}
    request = bases[entry["base"]] | change if "base" in entry else change
    return {
        key: json.dumps(value) if key in _JSON and isinstance(value, dict) else value for key, value in request.items()
    }
