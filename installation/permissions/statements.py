"""Statements of policies, as the files beside this module have them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, TypeAdapter

from installation.permissions.grants import Arns, Grant
from installation.permissions.placeholders import Placeholders, read
from installation.yaml_text import Data


class _Statement(Data):
    """A statement as the file has it; what stands in braces is not filled in yet."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: dict[str, str] | Literal["*"]  # by service, separated by blanks; or all of all services
    resources: Annotated[tuple[str, ...], BeforeValidator(lambda it: [it] if isinstance(it, str) else it)]
    reason: str = ""
    conditions: dict[str, dict[str, str | list[str]]] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Statements:
    """Some of them; called with an installation's ARNs they give what is granted or denied there."""

    statements: tuple[_Statement, ...]

    def __call__(self, arns: Arns) -> tuple[Grant, ...]:
        """The grants of one installation."""
        placeholders = Placeholders(arns)
        return tuple(
            Grant(
                sid=it.sid,
                effect=it.effect,
                actions=("*",) if it.actions == "*" else _actions(it.actions),
                resources=tuple(resource for text in it.resources for resource in placeholders.each(text)),
                reason=it.reason,
                conditions={
                    operator: {placeholders.one(key): placeholders.value(value) for key, value in asked.items()}
                    for operator, asked in it.conditions.items()
                },
            )
            for it in self.statements
        )


def _actions(by_service: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for service, names in by_service.items() for name in names.split())


def read_statements(name: str) -> Mapping[str, Statements]:
    """The statements of a file, by what they are for."""
    found = TypeAdapter(dict[str, tuple[_Statement, ...]]).validate_python(read(name))
    return {key: Statements(statements=statements) for key, statements in found.items()}
