"""Makes managed policies for CloudFormation's execution role from the needs of templates, by stack.

They are written for any installation: ``${account}``, ``${region}``, ``${project}`` and ``${environment}`` are filled
in at synthesis. `installation.permissions.execution_policies` reads them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from string import Template

from installation.aws_facts.limits import MANAGED_POLICY_CHARACTERS
from installation.names import ALL_STACKS
from installation.permissions.execution_policies import EXECUTION_POLICIES, PLACEHOLDERS, ExecutionPolicy
from installation.permissions.scopes import scopes
from ops.errors import FailedError
from ops.iam.needs import Need, grouped, trusted_services
from ops.iam.reference import action
from ops.templates import template as synthesized

_HANDS_OVER = "iam:PassRole"
_PASSING = "PassRoles"
_EVERYTHING = ("*",)
# Allowed only on names, they neither list nor create composite alarms (CloudWatch API reference, DescribeAlarms and
# PutCompositeAlarm).
_BY_NOBODYS_NAME = frozenset({"cloudwatch:DescribeAlarms", "cloudwatch:PutCompositeAlarm"})
# The condition that `ExecutionPolicy.statements` adds to a statement on all resources.
_ONLY_CLOUDFORMATION = 140
# The longest name that settings allow.
_LONGEST = {
    "account": "123456789012",
    "environment": "prod",
    "Environment": "Prod",
    "project": "p" * 26,
    "region": "ap-southeast-99",
}


@dataclass(frozen=True)
class Permission:
    """An action with its resources."""

    action: str  # as IAM writes it
    # ARNs with placeholders, or ``*`` for an action that no used resource type can limit.
    resources: tuple[str, ...]
    group: str  # permissions of one group form one statement


@dataclass(frozen=True)
class Document:
    """A managed policy."""

    stack: str  # the stack that needs it
    statements: tuple[Mapping[str, object], ...]  # as IAM writes them
    part: int = 1  # number of the policy, from 1: a stack whose needs exceed one policy has several

    @property
    def policy(self) -> ExecutionPolicy:
        """Its file and its name in an account."""
        return ExecutionPolicy(stack=self.stack, part=self.part)

    @property
    def characters(self) -> int:
        """Its length as IAM counts it, with the longest names that an installation may have."""
        content = json.dumps({"Version": "2012-10-17", "Statement": self.statements}, separators=(",", ":"))
        unlimited = sum(each.get("Resource") == ["*"] for each in self.statements)
        return len(Template(content).substitute(_LONGEST)) + unlimited * _ONLY_CLOUDFORMATION

    @property
    def text(self) -> str:
        """The policy as a file."""
        return json.dumps({"Version": "2012-10-17", "Statement": self.statements}, indent=2) + "\n"

    def split(self) -> "tuple[Document, ...]":
        """As many policies as necessary, each as full as possible.

        Raises:
            FailedError: one statement alone is too long.
        """
        parts = [Document(self.stack, (), 1)]
        for statement in self.statements:
            longer = replace(parts[-1], statements=(*parts[-1].statements, statement))
            if longer.characters <= MANAGED_POLICY_CHARACTERS:
                parts[-1] = longer
                continue
            alone = Document(self.stack, (statement,), len(parts) + 1)
            if alone.characters > MANAGED_POLICY_CHARACTERS:
                raise FailedError(f"statement {statement['Sid']} of {self.stack} alone is longer than IAM's policies")
            parts.append(alone)
        return tuple(parts)


def permission(need: Need) -> Permission:
    """The permission for a need.

    Raises:
        FailedError: the action has a resource type that `scopes` does not list.
    """
    service = need.action.partition(":")[0]
    if need.action in _BY_NOBODYS_NAME:
        return Permission(need.action, _EVERYTHING, "KnowNoResource")
    if need.about:
        place = PLACEHOLDERS.worldwide if service == "iam" else PLACEHOLDERS.regional
        return Permission(
            need.action, place(service, need.about), "LinkedRoles" if service == "iam" else _statement_id(service)
        )
    definition = action(need.action)
    if definition is None:
        raise FailedError(f"{need.action} is no action that IAM knows", f"{need.stack}/{need.resource} needs it.")
    allowed = scopes(PLACEHOLDERS, need.stack)
    kinds = [kind.name for kind in definition.kinds if kind.name in allowed]
    resources = tuple(sorted({resource for kind in kinds for resource in allowed[kind]}))
    if not resources and any(kind.required for kind in definition.kinds):
        raise FailedError(
            f"{need.stack}/{need.resource} ({need.resource_type}) needs {need.action} on "
            f"{', '.join(kind.name for kind in definition.kinds)}, of which nothing says which names it may touch",
            "Write its ARNs into installation/permissions/scopes.yaml, or into stack_scopes.yaml beside it where they "
            "differ by stack.",
        )
    if need.action == _HANDS_OVER:
        return Permission(need.action, resources, _PASSING)
    # IAM's actions are grouped by what they change; for other services one statement is easier to read, and means
    # the same: an action is never evaluated on a resource type that it does not have.
    group = _statement_id(":".join(kinds)) if service == "iam" else _statement_id(service)
    return Permission(need.action, resources or _EVERYTHING, group if resources else "KnowNoResource")


def document(stack: str, needs: Iterable[Need], trusted_services: Iterable[str]) -> Document:
    """All needs of one stack, in every variant of the settings, as one document of any length."""
    actions: dict[str, set[str]] = defaultdict(set)
    resources: dict[str, set[str]] = defaultdict(set)
    for need in needs:
        wanted = permission(need)
        actions[wanted.group].add(wanted.action)
        resources[wanted.group].update(wanted.resources)
    passed_to = sorted(trusted_services)
    passing = {"Condition": {"StringEquals": {"iam:PassedToService": passed_to}}}
    return Document(
        stack,
        tuple(
            {
                "Sid": group,
                "Effect": "Allow",
                "Action": sorted(actions[group]),
                "Resource": sorted(resources[group]),
                **(passing if group == _PASSING else {}),
            }
            for group in sorted(actions)
            if group != _PASSING or passed_to  # IAM accepts an empty list, which matches no request
        ),
    )


def documents(needs: Iterable[Need], templates: Iterable[synthesized.Template]) -> tuple[Document, ...]:
    """The policies of all stacks, in the order of deployment."""
    by_stack = grouped(needs, attrgetter("stack"))
    services: dict[str, set[str]] = defaultdict(set)
    for template in templates:
        services[template.stack].update(trusted_services(template))
    whole = (document(stack, by_stack[stack], services[stack]) for stack in ALL_STACKS if stack in by_stack)
    return tuple(part for it in whole for part in it.split())


def read_documents() -> tuple[Document, ...]:
    """The committed policies."""
    return tuple(
        Document(policy.stack, tuple(json.loads(policy.file.read_text(encoding="utf-8"))["Statement"]), policy.part)
        for policy in EXECUTION_POLICIES
    )


def missing(needs: Iterable[Need], policies: Iterable[Document]) -> tuple[Need, ...]:
    """The needs that policies do not cover."""
    allowed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for policy in policies:
        for statement in policy.statements:
            listed, resources = statement["Action"], statement["Resource"]
            if isinstance(listed, list) and isinstance(resources, list):
                for name in listed:
                    allowed[policy.stack, name].update(resources)
    return tuple(need for need in needs if not allowed[need.stack, need.action].issuperset(permission(need).resources))


def _statement_id(text: str) -> str:
    """A statement's Sid: letters and digits only."""
    return "".join(part.title() for part in text.replace(":", "-").replace("/", "-").split("-"))
