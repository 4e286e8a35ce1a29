"""Statements of policies, as the files beside this module have them."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from installation import yaml_text
from installation.permissions.grants import Arns, Grant, GrantsOf
from installation.permissions.placeholders import Placeholders


class _Statement(yaml_text.Data):
    """A statement as the file has it; what stands in braces is not filled in yet."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: dict[str, str] | Literal["*"]  # by service, separated by blanks; or all of all services
    resources: yaml_text.Texts
    reason: str = ""
    conditions: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)


def read_statements(name: str) -> Mapping[str, GrantsOf]:
    """The statements of a file, by what they are for; called with an installation's ARNs each gives its grants."""
    found = yaml_text.read(Path(__file__).with_name(name), dict[str, tuple[_Statement, ...]])
    return {key: partial(_grants, statements) for key, statements in found.items()}


def _grants(statements: tuple[_Statement, ...], arns: Arns) -> tuple[Grant, ...]:
    placeholders = Placeholders(arns)
    return tuple(_grant(it, placeholders) for it in statements)


def _grant(statement: _Statement, placeholders: Placeholders) -> Grant:
    named = statement.actions
    return Grant(
        sid=statement.sid,
        effect=statement.effect,
        actions=(named,) if isinstance(named, str) else _actions(named),
        resources=tuple(arn for text in statement.resources for arn in placeholders.each(text)),
        reason=statement.reason,
        conditions={
            operator: {placeholders.one(key): placeholders.value(value) for key, value in asked.items()}
            for operator, asked in statement.conditions.items()
        },
    )


def _actions(by_service: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for service, names in by_service.items() for name in names.split())
