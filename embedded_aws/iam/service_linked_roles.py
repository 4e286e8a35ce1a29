"""Service-linked roles, and how a service refuses its first resource while the role is missing or too new.

A service creates its role with an account's first resource, and often cannot use it yet, because IAM needs a moment. If
policies are enforced, the account is a new one and the first creation is refused as on AWS
(cloudformation-coverage-roadmap #818, terraform-aws-modules/terraform-aws-rds #364, aws-samples/eks-workshop-v2 #1609).
Otherwise the role is created and the creation continues.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from embedded_aws.cloudformation.registry import Properties, before_create
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item
from embedded_aws.core.refusal import Refusal, query_call
from embedded_aws.iam import emulator
from installation import yaml_text


class ServiceLinkedRole(yaml_text.Data):
    """A service-linked role."""

    name: str
    first: dict[str, str]  # messages by resource type


_roles: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, ServiceLinkedRole])


def install(_context: ServerContext) -> None:
    """Name the roles as AWS does, and refuse a first resource while its role is missing."""
    strict = os.environ.get("AUTH") == "true"
    wrap_item(emulator.actions, "CreateServiceLinkedRole", _create)
    for service, role in _roles().items():
        for resource_type, message in role.first.items():
            before_create(resource_type, _first(service, role.name, message if strict else ""))


def _first(service: str, role: str, message: str) -> Callable[[Properties], None]:

    def check(_properties: Properties) -> None:
        if role in emulator.roles:
            return
        query_call(emulator.SERVICE, emulator.actions["CreateServiceLinkedRole"], {"AWSServiceName": service})
        if message:
            raise Refusal(service.split(".", maxsplit=1)[0].title(), "InvalidRequest", message)

    return check


def _create(original: Original, request: dict[str, Any]) -> Response:
    service = emulator.parameter(request, "AWSServiceName")
    role = _roles().get(service)
    if role is None:
        return original(request)
    if role.name in emulator.roles:
        message = f"Service role name {role.name} has been taken in this account, please try a different suffix."
        return emulator.error(400, "InvalidInput", message, ns="iam")
    status, headers, body = original(request)
    # The emulator derives another role name from the service's name.
    made = next(name for name, it in emulator.roles.items() if it["Path"] == f"/aws-service-role/{service}/")
    renamed = emulator.roles.pop(made)
    renamed["RoleName"], renamed["Arn"] = role.name, renamed["Arn"].replace(made, role.name)
    emulator.roles[role.name] = renamed
    return status, headers, body.replace(made.encode(), role.name.encode())
