"""What each task of the operations guide needs: a role is a list of tasks, which ``tasks.yaml`` describes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from installation.names import ALL_STACKS, FINAL_SNAPSHOT_PREFIX, STORAGE_STACK
from installation.permissions.grants import Arns, Grant, of
from installation.persistent_names import PRUNABLE_TAG, TOOLKIT_STACK, TUNNEL_DOCUMENT

KNOWS_NO_RESOURCE: Final = "Service authorization reference: these actions know no resource."
_FILE: Final = Path(__file__).parent / "tasks.yaml"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML has it
_BOOTSTRAP_ROLES: Final = ("cfn-exec", "deploy", "file-publishing", "image-publishing", "lookup")


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
        names = _Names(arns)
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


class _Names:
    """Fills in what stands in braces: names of the installation, and a few that only policies need."""

    def __init__(self, arns: Arns) -> None:
        account, region, names = arns.account, arns.region, arns.names
        self._arns = arns
        self._known: dict[str, str | tuple[str, ...]] = {
            "account": account,
            "region": region,
            "stacks": (*ALL_STACKS, TOOLKIT_STACK),
            "storage_stack": STORAGE_STACK.lower(),  # as RDS writes names that CloudFormation makes
            "final_snapshots": FINAL_SNAPSHOT_PREFIX,
            "prunable_tag": PRUNABLE_TAG,
            "tunnel_document": TUNNEL_DOCUMENT,
            "bootstrap_bucket": names.bootstrap_bucket(account, region),
            "bootstrap_repository": names.bootstrap_repository(account, region),
        }
        for purpose in _BOOTSTRAP_ROLES:
            role = names.bootstrap_role(purpose, account, region)
            self._known[f"bootstrap_{purpose.replace('-', '_')}_role"] = role

    def each(self, text: str) -> Iterator[str]:
        """The texts that one stands for: a name of several kinds gives several."""
        parts = dict.fromkeys(part for _, part, _, _ in Formatter().parse(text) if part)
        choices = [[values] if isinstance(values := self._find(part), str) else values for part in parts]
        for chosen in product(*choices):
            yield text.format_map(dict(zip(parts, chosen, strict=True)))

    def one(self, text: str) -> str:
        """The one text that one stands for."""
        (found,) = self.each(text)
        return found

    def value(self, value: str | list[str]) -> str | list[str]:
        """A value of a condition."""
        return self.one(value) if isinstance(value, str) else [self.one(text) for text in value]

    def _find(self, part: str) -> str | tuple[str, ...]:
        if part in self._known:
            return self._known[part]
        found = getattr(self._arns.names, part)
        # Names of buckets end with the account's number.
        filled: str | tuple[str, ...] = found(self._arns.account) if callable(found) else found
        return filled


TASKS: Final[Mapping[str, Task]] = {
    name: Task(statements=statements)
    for name, statements in TypeAdapter(dict[str, tuple[_Statement, ...]])
    .validate_python(yaml.load(_FILE.read_text(encoding="utf-8"), _LOADER))  # noqa: S506 - both loaders are safe ones
    .items()
}
