"""Reads the policy statements of the YAML files in this folder."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from installation import yaml_text
from installation.permissions.placeholders import Placeholders
from installation.permissions.statements import Arns, Statement, StatementsOf


class _FileStatement(yaml_text.Data):
    """A statement as in the file; its placeholders are not filled in yet."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: dict[str, str] | Literal["*"]  # by service, separated by blanks; or all actions
    resources: yaml_text.Texts
    reason: str = ""
    conditions: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)


def read_statements(name: str) -> Mapping[str, StatementsOf]:
    """The statements of a file by purpose, as functions of an installation's ARNs."""
    found = yaml_text.read(Path(__file__).with_name(name), dict[str, tuple[_FileStatement, ...]])
    return {key: partial(_statements, written) for key, written in found.items()}


def _statements(written: tuple[_FileStatement, ...], arns: Arns) -> tuple[Statement, ...]:
    placeholders = Placeholders(arns)
    return tuple(_statement(it, placeholders) for it in written)


def _statement(written: _FileStatement, placeholders: Placeholders) -> Statement:
    named = written.actions
    return Statement(
        sid=written.sid,
        effect=written.effect,
        actions=(named,) if isinstance(named, str) else _actions(named),
        resources=tuple(arn for text in written.resources for arn in placeholders.each(text)),
        reason=written.reason,
        conditions={
            operator: {placeholders.one(key): placeholders.value(value) for key, value in comparisons.items()}
            for operator, comparisons in written.conditions.items()
        },
    )


def _actions(by_service: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for service, names in by_service.items() for name in names.split())
