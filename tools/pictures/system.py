"""The facts in the pictures, read from the system's templates."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from ops.errors import UnusableInputError
from ops.templates.assembly import Assembly, Stack, read_assembly
from ops.templates.values import Json, Map, at, items, mapping, stack_outputs

# Types that belong to another resource in the picture and add no information.
_DETAILS: Final = re.compile(
    r"::(BucketPolicy|TopicPolicy|Policy|SubnetRouteTableAssociation|RouteTable|Route|VPCGatewayAttachment|"
    r"InternetGateway|SecurityGroupIngress|SecurityGroupEgress|ClusterCapacityProviderAssociations|DBSubnetGroup|"
    r"DBParameterGroup|Application|OriginAccessControl|Metadata)$"
)
_WORDS: Final = {
    "AWS::CloudFront::Function": "CloudFront function",
    "AWS::Events::Rule": "event rule",
    "DBInstance": "database",
    "DeploymentGroup": "CodeDeploy group",
    "Function": "function",
    "FrontendUrl": "address for the API",
    "InitialParameter": "kept parameter",
    "NewestSnapshot": "restore point",
    "OIDCProvider": "OIDC provider",
    "WorkGroup": "workgroup",
}


@dataclass(frozen=True)
class System:
    """A synthesized application."""

    assembly: Assembly

    @cached_property
    def stacks(self) -> tuple[Stack, ...]:
        """Its stacks in the order of deployment."""
        return tuple(self.assembly.stacks.values())

    def lifecycle(self, lifecycle: str) -> tuple[Stack, ...]:
        """The stacks of a lifecycle."""
        return tuple(stack for stack in self.stacks if stack.lifecycle == lifecycle)

    def reads(self, stack: Stack) -> tuple[str, ...]:
        """The stacks whose outputs a stack reads, in the order of deployment."""
        found = {name for name, _ in stack_outputs(stack.template)}
        return tuple(other.name for other in self.stacks if other.name in found)

    def of_type(self, resource_type: str) -> dict[str, Map]:
        """Properties of all resources of a type, by logical id."""
        return {
            logical_id: mapping(resource.get("Properties"))
            for stack in self.stacks
            for logical_id, resource in stack.resources.items()
            if resource.get("Type") == resource_type
        }

    def only(self, resource_type: str) -> Map:
        """Properties of the one resource of a type.

        Raises:
            UnusableInputError: there is none, or more than one: the pictures would show another system.
        """
        found = list(self.of_type(resource_type).values())
        if len(found) != 1:
            raise UnusableInputError(
                f"the pictures show one {resource_type}, the templates have {len(found)}", "Change tools/pictures."
            )
        return found[0]


def read_system(folder: Path) -> System:
    """Read a folder written by ``cdk synth``."""
    return System(read_assembly(folder))


def contents(stack: Stack) -> Iterator[str]:
    """The resources of a stack in words and numbers, the rarest types first."""
    kinds = Counter(str(resource.get("Type")) for resource in stack.resources.values())
    for kind, count in sorted(kinds.items(), key=lambda item: (item[1], item[0])):
        if not _DETAILS.search(kind):
            yield f"{count} {_plural(_word(kind), count)}".replace(" ", "\u00a0")


def text(value: Json, *path: str) -> str:
    """A template's value as text for a picture; empty if it is not a text or number."""
    found = at(value, *path)
    return str(found) if isinstance(found, str | int | float) else ""


def first(value: Json) -> Json:
    """The first item of a list, None if there is none."""
    return next(iter(items(value)), None)


def _word(kind: str) -> str:
    name = kind.rpartition("::")[2]
    if kind in _WORDS:
        return _WORDS[kind]
    if name in _WORDS:
        return _WORDS[name]
    service = kind.split("::")[1]
    if service in ("ECS", "Glue", "Athena") and name in ("Service", "Cluster", "TaskDefinition", "Database", "Table"):
        return f"{service} {_lower(name)}"
    return name if name.isupper() else _lower(name)


def _lower(name: str) -> str:
    """A type's name as words: ``VPCEndpoint`` is a VPC endpoint."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words)


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return re.sub(r"y$", "ie", word) + "s"
