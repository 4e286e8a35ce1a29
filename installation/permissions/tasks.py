"""What each task of the operations guide needs: a role is a list of tasks, which ``tasks.yaml`` describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from installation.permissions.filling import Filling, read
from installation.permissions.grants import Arns, Grant, of

KNOWS_NO_RESOURCE: Final = "Service authorization reference: these actions know no resource."


class _Statement(BaseModel):
    """A statement as the file has it; what stands in braces is not filled in yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sid: str
    actions: dict[str, str]  # by service, separated by blanks
    resources: Annotated[tuple[str, ...], BeforeValidator(lambda it: [it] if isinstance(it, str) else it)]
    reason: str = ""
    conditions: dict[str, dict[str, str | list[str]]] = {}


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """A task; called with an installation's ARNs it gives what the task needs there."""

    statements: tuple[_Statement, ...]

    def __call__(self, arns: Arns) -> tuple[Grant, ...]:
        """What it needs in one installation."""
        names = Filling(arns)
        return tuple(
            Grant(
                sid=it.sid,
                actions=tuple(action for service, actions in it.actions.items() for action in of(service, actions)),
                resources=tuple(resource for text in it.resources for resource in names.each(text)),
                reason=it.reason,
                conditions={
                    operator: {names.one(key): names.value(value) for key, value in asked.items()}
                    for operator, asked in it.conditions.items()
                },
            )
            for it in self.statements
        )


TASKS: Final[Mapping[str, Task]] = {
    name: Task(statements=statements)
    for name, statements in TypeAdapter(dict[str, tuple[_Statement, ...]]).validate_python(read("tasks.yaml")).items()
}
