"""Roles that services make for themselves, and what the first resource of a service meets where there is none.

A service makes its role with an account's first resource, and often cannot use it yet: IAM needs a moment. Where
policies are enforced the account is a new one, and the first creation is refused as AWS then refuses it
(cloudformation-coverage-roadmap #818, terraform-aws-modules/terraform-aws-rds #364, aws-samples/eks-workshop-v2 #1609).
Elsewhere the role is made, and the creation goes on.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from embedded_aws.cloudformation.hooks import Properties, before_create
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item
from embedded_aws.core.refusal import Refusal, query_call
from embedded_aws.iam import emulator


@dataclass(frozen=True, kw_only=True)
class ServiceLinkedRole:
    """A service's role."""

    name: str  # the role's name (IAM user guide, and each service's page on its service-linked role)
    # Resource types of which the first one needs it, with what the service says while the role is too new; empty: the
    # creation goes on.
    first: dict[str, str]


_ECS = (
    "Invalid request provided: CreateCluster Invalid Request: Unable to assume the service linked role. Please verify "
    "that the ECS service linked role exists."
)
_INSTANCE = (
    "Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and "
    "try again later"
)
_SUBNET_GROUP = (
    "Missing necessary credentials. Please check http://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
    "UsingWithRDS.IAM.ServiceLinkedRoles.html"
)
ROLES: Final = {
    "ecs.amazonaws.com": ServiceLinkedRole(name="AWSServiceRoleForECS", first={"AWS::ECS::Cluster": _ECS}),
    "rds.amazonaws.com": ServiceLinkedRole(
        name="AWSServiceRoleForRDS",
        first={"AWS::RDS::DBInstance": _INSTANCE, "AWS::RDS::DBSubnetGroup": _SUBNET_GROUP},
    ),
    "elasticloadbalancing.amazonaws.com": ServiceLinkedRole(
        name="AWSServiceRoleForElasticLoadBalancing", first={"AWS::ElasticLoadBalancingV2::LoadBalancer": ""}
    ),
    "ecs.application-autoscaling.amazonaws.com": ServiceLinkedRole(
        name="AWSServiceRoleForApplicationAutoScaling_ECSService",
        first={"AWS::ApplicationAutoScaling::ScalableTarget": ""},
    ),
}


def install(_context: ServerContext) -> None:
    """Name the roles as AWS does, and have a first resource meet that there is none."""
    strict = os.environ.get("AUTH") == "true"
    wrap_item(emulator.actions, "CreateServiceLinkedRole", _create)
    for service, role in ROLES.items():
        for resource_type, message in role.first.items():
            before_create(resource_type, _first(service, role.name, message if strict else ""))


def _first(service: str, role: str, message: str) -> Callable[[Properties], None]:
    """What stands in front of the creation of a service's resource."""

    def check(_properties: Properties) -> None:
        if role in emulator.roles:
            return
        query_call(emulator.SERVICE, emulator.actions["CreateServiceLinkedRole"], {"AWSServiceName": service})
        if message:
            raise Refusal(service.split(".", maxsplit=1)[0].title(), "InvalidRequest", message)

    return check


def _create(original: Original, request: dict[str, Any]) -> Response:
    service = emulator.parameter(request, "AWSServiceName")
    role = ROLES.get(service)
    if role is None:
        return original(request)
    if role.name in emulator.roles:
        message = f"Service role name {role.name} has been taken in this account, please try a different suffix."
        return emulator.error(400, "InvalidInput", message, ns="iam")
    status, headers, body = original(request)
    # The emulator makes a name of its own from the service's.
    made = next(name for name, it in emulator.roles.items() if it["Path"] == f"/aws-service-role/{service}/")
    renamed = emulator.roles.pop(made)
    renamed["RoleName"], renamed["Arn"] = role.name, renamed["Arn"].replace(made, role.name)
    emulator.roles[role.name] = renamed
    return status, headers, body.replace(made.encode(), role.name.encode())
