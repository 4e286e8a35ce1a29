"""CloudFormation's calls to RDS in this process, and its parameter groups and subnet groups."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Properties
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.refusal import gone_is_fine, query_call
from embedded_aws.database import emulator


def call(operation: Callable[[dict[str, str]], Response], properties: Mapping[str, Any]) -> None:
    """Call an operation with a template's properties; a refusal of RDS is raised."""
    query = cloudformation.query_parameters(properties, {"VPCSecurityGroups": "VpcSecurityGroupIds"})
    query_call("Rds", operation, query)


def install_groups() -> None:
    """Let CloudFormation report RDS's errors, also for the deletion of a group that is in use."""
    cloudformation.raise_database_error.wrap(_raise_refusal)
    for resource_type, delete, parameter in (
        ("AWS::RDS::DBSubnetGroup", "DeleteDBSubnetGroup", "DBSubnetGroupName"),
        ("AWS::RDS::DBParameterGroup", "DeleteDBParameterGroup", "DBParameterGroupName"),
    ):
        handlers = cloudformation.resource_handlers[resource_type]
        handlers["delete"] = functools.partial(_delete_group, delete, parameter)


def _delete_group(action: str, parameter: str, physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        call(emulator.actions[action], {parameter: physical_id})


def _raise_refusal(original: Function, status: int, body: bytes, resource_type: str, action: str) -> None:
    if not resource_type.startswith("AWS::RDS::"):
        original(status, body, resource_type, action)
    query_call("Rds", lambda _: (status, {}, body), {})
