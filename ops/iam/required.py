"""What CloudFormation needs for synthesized templates, by stack and resource type, and what its policies lack."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from installation import yaml_text
from installation.names import ALL_STACKS
from installation.permissions.execution_policies import EXECUTION_POLICIES, PLACEHOLDERS
from installation.permissions.scopes import scopes
from installation.permissions.statements import Arns
from installation.permissions.wildcards import matches_pattern
from installation.settings import Settings
from ops.iam.needs import Need, grouped, read_project_templates, template_needs, unknown_actions
from ops.iam.policy_documents import missing, permission, read_documents
from ops.iam.reference import arn_format, version
from ops.templates.template import Template
from ops.templates.values import Json, at, items, mapping

# The property with a resource's name, and the resource type of its ARN, by type.
_named = yaml_text.cached_reader(Path(__file__).parent / "data" / "named.yaml", dict[str, tuple[str, str]])
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Secrets Manager adds six random characters to every ARN.
_SUFFIXED = {"secretsmanager:Secret": "-aBc123"}
_ANY_ACCOUNT = "123456789012"


@dataclass(frozen=True)
class UncoveredResource:
    """A resource whose name no policy covers."""

    stack: str
    resource: str  # its logical id
    address: str  # its ARN, with placeholders
    kind: str  # resource type in IAM, such as ``s3:bucket``


def uncovered_resources(template: Template, arns: Arns) -> Iterator[UncoveredResource]:
    """The resources of a template whose names its stack's policies do not allow.

    Right actions with a wrong name would fail only on AWS, in the middle of a deployment.
    """
    allowed = scopes(arns, template.stack)
    for resource in template.resources:
        property_name, kind = _named().get(resource.resource_type, ("", ""))
        name = _text(resource.properties.get(property_name), arns.account)
        if kind and name is not None:
            address = _address(kind, name + _SUFFIXED.get(kind, ""), arns)
            if not any(matches_pattern(address, pattern) for pattern in allowed.get(kind, ())):
                yield UncoveredResource(template.stack, resource.logical_id, address, kind)


def _address(kind: str, name: str, arns: Arns) -> str:
    # A schedule is in a group, for which templates use the default.
    known = {"Partition": "aws", "Region": arns.region, "Account": arns.account, "GroupName": "default"}
    return _VARIABLE.sub(lambda match: known.get(match[1], name), arn_format(kind))


def _text(value: Json, account: str) -> str | None:
    """A name as in the template, with the account number filled in; None where it is known only at deployment."""
    if isinstance(value, str):
        return value
    parts = items(at(value, "Fn::Join"))
    if len(parts) != 2 or parts[0] != "":
        return None
    texts = [account if mapping(part).get("Ref") == "AWS::AccountId" else part for part in items(parts[1])]
    return "".join(str(text) for text in texts) if all(isinstance(text, str) for text in texts) else None


@dataclass(frozen=True)
class RequiredAction:
    """An action that a resource type needs in a stack."""

    action: str  # as IAM writes it
    resources: tuple[str, ...]  # ARNs with placeholders, or ``*``
    sources: tuple[str, ...]  # the handlers, or the reason of the rule that adds it


@dataclass(frozen=True)
class RequiredType:
    """A resource type of a stack."""

    resource_type: str  # such as ``AWS::EC2::VPC``
    resources: tuple[str, ...]  # logical ids
    actions: tuple[RequiredAction, ...]  # what they need


@dataclass(frozen=True)
class RequiredStack:
    """A stack."""

    stack: str  # its name
    types: tuple[RequiredType, ...]  # its resource types
    policies: tuple[str, ...]  # names of the policies that cover it

    @property
    def actions(self) -> frozenset[str]:
        """All actions that it needs."""
        return frozenset(action.action for kind in self.types for action in kind.actions)


@dataclass(frozen=True)
class Required:
    """The needs of all stacks; the same templates give the same bytes."""

    reference: str  # version of the service authorization reference
    permissions: int  # number of different actions
    stacks: tuple[RequiredStack, ...]  # in the order of deployment
    unknown: tuple[str, ...]  # actions of handlers that IAM does not know
    lacking: tuple[Need, ...]  # needs that the committed policies do not cover; empty when they are current
    outside: tuple[UncoveredResource, ...]  # resources whose names no policy allows

    @property
    def problems(self) -> tuple[str, ...]:
        """Why the committed policies are not sufficient, one line each; empty if they are."""
        return (
            *(f"{it.stack}/{it.resource} ({it.resource_type}) needs {it.action}" for it in self.lacking),
            *(
                f"{it.stack}/{it.resource} is {it.address}, which is none of {it.kind} in installation/permissions"
                for it in self.outside
            ),
        )


def required(folder: Path, settings: Settings) -> Required:
    """Compute the needs of a folder's templates, which were synthesized with these settings.

    Raises:
        UnusableInputError: the folder has no templates.
        FailedError: the needs of a resource are not known.
    """
    templates, region = read_project_templates(folder), settings.region
    needs = [need for template in templates for need in template_needs(template, region)]
    # Any account number is right: templates do not have one.
    account = settings.account_id or _ANY_ACCOUNT
    arns = Arns(names=settings.names, region=region, account=account, hosted_zone=settings.edge.hosted_zone)
    return Required(
        reference=version(),
        permissions=len({need.action for need in needs}),
        stacks=_stacks(needs),
        unknown=unknown_actions({need.resource_type for need in needs}, region),
        lacking=tuple(missing(needs, read_documents())),
        outside=tuple(it for template in templates for it in uncovered_resources(template, arns)),
    )


def _stacks(needs: Iterable[Need]) -> tuple[RequiredStack, ...]:
    by_stack, execution_policy = grouped(needs, attrgetter("stack")), PLACEHOLDERS.names.execution_policy
    return tuple(
        RequiredStack(
            stack=stack,
            types=_types(by_stack[stack]),
            policies=tuple(execution_policy(it.subject) for it in EXECUTION_POLICIES if it.stack == stack),
        )
        for stack in ALL_STACKS
        if stack in by_stack
    )


def _types(needs: Iterable[Need]) -> tuple[RequiredType, ...]:
    return tuple(
        RequiredType(kind, tuple(sorted({need.resource for need in of_type})), _actions(of_type))
        for kind, of_type in sorted(grouped(needs, attrgetter("resource_type")).items())
    )


def _actions(needs: Iterable[Need]) -> tuple[RequiredAction, ...]:
    return tuple(
        RequiredAction(
            name,
            tuple(sorted({resource for need in of_action for resource in permission(need).resources})),
            tuple(sorted({need.source for need in of_action})),
        )
        for name, of_action in sorted(grouped(needs, attrgetter("action")).items())
    )
