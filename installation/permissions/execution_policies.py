"""What CloudFormation may do to create, update and delete the eight stacks, by stack.

The policies for the pipeline's stacks are attached to the bootstrap's execution role; the policies for the stacks
that an administrator deploys are inline policies of the administrator's own execution role. They are generated from
what the templates need (``make policies``).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from string import Template
from typing import Final, NotRequired, TypedDict

from installation import names
from installation.names import Names
from installation.permissions.domain_records import change_records
from installation.permissions.scopes import BY_BEGINNING, REASONS
from installation.permissions.statement_files import read_statements
from installation.permissions.statements import Arns, Conditions, Statement

GENERATED: Final = Path(__file__).parent / "generated"
# The policy that gets the permissions for the domain's records, which depend on the settings.
_OF_DOMAINS: Final = names.EDGE_STACK.removesuffix("Stack")
# The policy that has room for permissions of no single stack.
_SMALLEST: Final = names.GUARDRAIL_STACK.removesuffix("Stack")
_FORMER: Final = read_statements("former.yaml")
_DENIED: Final = read_statements("boundaries.yaml")
# The installation without settings that the generated files are written for.
PLACEHOLDERS: Final = Arns(
    names=Names(project="${project}", environment="${environment}"), region="${region}", account="${account}"
)


class _Generated(TypedDict):
    """A statement of a generated file; all of them are Allow."""

    Sid: str
    Action: list[str]
    Resource: list[str]
    Condition: NotRequired[dict[str, dict[str, str | list[str]]]]


@dataclass(frozen=True, kw_only=True)
class ExecutionPolicy:
    """One execution policy of CloudFormation."""

    stack: str  # stack whose resources need it
    part: int = 1  # from 1; a managed policy has at most 6,144 characters, so that some stacks need another

    @property
    def subject(self) -> str:
        """The word in its name that distinguishes it from the others."""
        return self.stack.removesuffix("Stack") + (str(self.part) if self.part > 1 else "")

    @property
    def file(self) -> Path:
        """The file that it is generated into."""
        return GENERATED / f"{self.subject}.json"

    def statements(self, arns: Arns) -> Sequence[Statement]:
        """Its statements, given the installation's ARNs."""
        values = {
            "project": arns.names.project,
            "environment": arns.names.environment,
            "Environment": arns.names.environment.title(),
            "region": arns.region,
            "account": arns.account,
        }
        generated = [
            Statement(
                sid=statement["Sid"],
                actions=tuple(statement["Action"]),
                resources=tuple(Template(resource).substitute(values) for resource in statement["Resource"]),
                reason=_reason(statement["Resource"]),
                conditions=statement.get("Condition") or self._only_cloudformation(statement, arns),
            )
            for statement in _statements(self.file)
        ]
        more = change_records(arns) if self.subject == _OF_DOMAINS else ()
        of_all = (*_FORMER["former"](arns), *_DENIED["executing"](arns)) if self.subject == _SMALLEST else ()
        return [*generated, *more, *of_all]

    def _only_cloudformation(self, statement: _Generated, arns: Arns) -> Conditions:
        """The condition of the pipeline's statements on all resources: only CloudFormation's own role may use them."""
        if self.stack not in names.PIPELINE_STACKS or "*" not in statement["Resource"]:
            return {}
        role = arns.names.bootstrap_role("cfn-exec", arns.account, arns.region)
        return {"ArnEquals": {"aws:PrincipalArn": list(arns.worldwide("iam", f"role/{role}"))}}


def _generated() -> Iterator[ExecutionPolicy]:
    """The policies in the order in which stacks are deployed."""
    for stack in names.ALL_STACKS:
        policy = ExecutionPolicy(stack=stack)
        while policy.file.exists():
            yield policy
            policy = replace(policy, part=policy.part + 1)


EXECUTION_POLICIES: Final = tuple(_generated())
PIPELINE_POLICIES: Final = tuple(it for it in EXECUTION_POLICIES if it.stack in names.PIPELINE_STACKS)
ADMINISTRATOR_POLICIES: Final = tuple(it for it in EXECUTION_POLICIES if it.stack in names.ADMINISTRATOR_STACKS)


@cache
def _statements(file: Path) -> list[_Generated]:
    content: list[_Generated] = json.loads(file.read_text(encoding="utf-8"))["Statement"]
    return content


def _reason(resources: Sequence[str]) -> str:
    if "*" in resources:
        return "Service authorization reference: these actions know no resource."
    return REASONS.get(resources[0].split(":")[2], BY_BEGINNING)
