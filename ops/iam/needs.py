"""Which permissions CloudFormation needs for the resources of a template, by the official resource schemas.

A schema lists, for each handler of its type (create, read, update, delete), the permissions that the handler may use.
Rules with reasons (`data/left_out.yaml`, `data/added.yaml`) remove what cannot apply here and add what no
schema lists. The handler ``list`` is left out: CloudFormation uses it to look for resources outside of stacks.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Annotated

from pydantic import Field

from installation import yaml_text
from installation.names import ALL_STACKS
from installation.permissions.wildcards import matches_action
from ops.errors import FailedError, UnusableInputError
from ops.iam.reference import action
from ops.templates.schemas import schema
from ops.templates.template import Template, read_templates
from ops.templates.values import Map, at, items, mapping, walk

_FOLDER = Path(__file__).parent / "data"
_Patterns = Annotated[tuple[str, ...], Field(min_length=1)]
_HANDLERS = ("create", "read", "update", "delete")
_PARAMETER = re.compile(r"\{\{resolve:ssm:([^:}]+)")
_OF_SECRETS = "{{resolve:secretsmanager:"
# Services whose service-linked role is created with the first resource of a type in an account.
_LINKED = {
    "ApplicationAutoScaling": "ecs.application-autoscaling",
    "ECS": "ecs",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
    "RDS": "rds",
}


class Rule(yaml_text.Data):
    """Permissions that resources of some types need, or do not need, other than their handlers say."""

    types: _Patterns = ("*",)  # resource types, with * for any part
    actions: _Patterns  # actions, with * for any part
    reason: str = Field(min_length=10)  # the reason or source
    # Properties, parts separated by dots: resources with one of `where`, if there are any, and with none of `unless`.
    where: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def concerns(self, resource_type: str, properties: Map) -> bool:
        """Whether the rule applies to a resource."""
        return (
            any(fnmatchcase(resource_type, pattern) for pattern in self.types)
            and (not self.where or any(has_property(properties, path) for path in self.where))
            and not any(has_property(properties, path) for path in self.unless)
        )

    def leaves_out(self, resource_type: str, properties: Map, action: str) -> bool:
        """Whether a resource does not need an action."""
        return any(matches_action(action, it) for it in self.actions) and self.concerns(resource_type, properties)


def has_property(properties: Map, path: str) -> bool:
    """Whether a resource sets a property, or a part of one such as ``Code.S3Bucket``."""
    return at(properties, *path.split(".")) is not None


left_out = yaml_text.cached_reader(_FOLDER / "left_out.yaml", tuple[Rule, ...])
added = yaml_text.cached_reader(_FOLDER / "added.yaml", tuple[Rule, ...])


@dataclass(frozen=True, order=True)
class Need:
    """A permission that a resource needs."""

    stack: str  # name of the resource's stack
    resource: str  # its logical id, or the template's parameter
    resource_type: str  # such as ``AWS::EC2::VPC``
    action: str  # as IAM writes it
    source: str  # the handlers that use it, or the reason of the rule that adds it
    about: str = ""  # end of the ARN that it is used on, where the template has it; empty: the resource itself


def grouped(needs: Iterable[Need], by: Callable[[Need], str]) -> Mapping[str, list[Need]]:
    """Needs grouped by a key."""
    found: dict[str, list[Need]] = defaultdict(list)
    for need in needs:
        found[by(need)].append(need)
    return found


def read_project_templates(folder: Path) -> tuple[Template, ...]:
    """All templates of a folder, in the order of deployment.

    Raises:
        UnusableInputError: there are none, one cannot be read, or one is not a stack of this project.
    """
    templates = read_templates(folder)
    for template in templates:
        if template.stack not in ALL_STACKS:
            raise UnusableInputError(
                f"{template.stack} is no stack of this project: {', '.join(ALL_STACKS)}",
                "A new stack needs its name in installation/names/.",
            )
    return tuple(sorted(templates, key=lambda template: ALL_STACKS.index(template.stack)))


def trusted_services(template: Template) -> tuple[str, ...]:
    """Services that may assume roles of a template, such as ``lambda.amazonaws.com``."""
    roles = (it for it in template.resources if it.resource_type == "AWS::IAM::Role")
    parts = (part for role in roles for part in walk(role.properties.get("AssumeRolePolicyDocument")))
    return tuple(sorted({str(it) for part in parts for it in items(at(part, "Principal", "Service"))}))


def template_needs(template: Template, region: str) -> tuple[Need, ...]:
    """What CloudFormation needs for a template, sorted, without duplicates.

    Raises:
        FailedError: a type has no schema with handlers, so its needs are unknown.
    """
    needs: set[Need] = set()
    for resource in template.resources:
        logical_id, kind, properties = resource.logical_id, resource.resource_type, resource.properties
        listed = {} if kind.startswith("Custom::") else handler_actions(kind, region)
        rules = [rule for rule in left_out() if rule.concerns(kind, properties)]
        for name, handlers in listed.items():
            if not any(rule.leaves_out(kind, properties, name) for rule in rules):
                needs.add(Need(template.stack, logical_id, kind, name, ", ".join(handlers), _linked(kind, name)))
        needs.update(
            Need(template.stack, logical_id, kind, name, rule.reason, _linked(kind, name))
            for rule in added()
            if rule.concerns(kind, properties)
            for name in rule.actions
        )
        needs.update(_reference_needs(template.stack, logical_id, kind, properties))
    needs.update(_parameter_needs(template))
    return tuple(sorted(needs))


def handler_actions(resource_type: str, region: str) -> Mapping[str, tuple[str, ...]]:
    """Actions of a type's handlers, with the handlers; without actions that IAM does not know.

    Raises:
        FailedError: the type has no published handlers.
    """
    resource_schema = schema(resource_type, region)
    handlers = mapping(resource_schema.content.get("handlers")) if resource_schema else {}
    if resource_schema is None or not handlers:
        raise FailedError(
            f"{resource_type} has no schema with handlers, so the permissions that it needs are not known",
            "Write them into ops/iam/data/added.yaml.",
        )
    listed = [(handler, items(at(handlers, handler, "permissions"))) for handler in _HANDLERS]
    listed.append(("tags", items(at(resource_schema.content, "tagging", "permissions"))))
    handlers_by_action: dict[str, list[str]] = {}
    for handler, permissions in listed:
        for permission in permissions:
            exists = action(str(permission))
            if exists is not None and handler not in handlers_by_action.setdefault(exists.name, []):
                handlers_by_action[exists.name].append(handler)
    return {name: tuple(handlers) for name, handlers in sorted(handlers_by_action.items())}


def unknown_actions(types: Iterable[str], region: str) -> tuple[str, ...]:
    """Actions in the schemas of some types that IAM does not know."""
    unknown: set[str] = set()
    for resource_type in types:
        known = schema(resource_type, region)
        for handler in mapping(known.content.get("handlers")).values() if known else ():
            listed = {str(permission) for permission in items(at(handler, "permissions"))}
            unknown.update(name for name in listed if action(name) is None)
    return tuple(sorted(unknown))


def _reference_needs(stack: str, logical_id: str, kind: str, properties: Map) -> Iterator[Need]:
    """The needs for dynamic references and parameters in a resource's properties."""
    need, text = partial(Need, stack, logical_id, kind), json.dumps(properties)
    for parameter in sorted(set(_PARAMETER.findall(text))):
        yield need("ssm:GetParameters", "dynamic reference to a parameter", f"parameter{parameter}")
    if _OF_SECRETS in text:
        yield need("secretsmanager:GetSecretValue", "dynamic reference to a secret")
    for part in walk(properties):
        if producer := at(part, "Fn::GetStackOutput", "StackName"):
            source = "Fn::GetStackOutput reads with the execution role (CloudFormation template reference, RoleArn)"
            yield need("cloudformation:DescribeStacks", source, f"stack/{producer}/*")


def _parameter_needs(template: Template) -> Iterator[Need]:
    for name, parameter in mapping(template.content.get("Parameters")).items():
        if str(at(parameter, "Type")).startswith("AWS::SSM::Parameter::Value"):
            source = "parameter whose value is kept in Parameter Store"
            arn_end = f"parameter{at(parameter, 'Default')}"
            yield Need(template.stack, name, "Parameter", "ssm:GetParameters", source, arn_end)


def _linked(resource_type: str, action_name: str) -> str:
    if action_name != "iam:CreateServiceLinkedRole":
        return ""
    return f"role/aws-service-role/{_LINKED[resource_type.split('::')[1]]}.amazonaws.com/*"
