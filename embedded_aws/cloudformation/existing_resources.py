"""Refuses to create a resource with a name from the template where one with this name exists.

The contract of resource handlers requires it, also for services whose API accepts an existing name (CloudFormation CLI
user guide, "Resource type handler contract", create handlers).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from ministack.core.responses import get_account_id, get_region

from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.hooks import Properties, before_create
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.ecr import emulator as ecr
from embedded_aws.ecs import emulator as ecs
from embedded_aws.iam import emulator as iam
from embedded_aws.sns import emulator as sns


@dataclass(frozen=True)
class NamedType:
    """A resource type whose template may name the resource."""

    name: str  # the resource type
    property: str  # the property with the name
    exists: Callable[[str], bool]  # whether the service has a resource of this name
    message: str | None = None  # the service's message if it has; by default CloudFormation's


# Not listed: types that refuse by themselves (S3, SSM, Athena, Glue, RDS), and types with a folder here.
NAMED_TYPES = (
    NamedType("AWS::IAM::Role", "RoleName", lambda name: name in iam.roles, "Role with name {name} already exists."),
    NamedType(
        "AWS::IAM::ManagedPolicy",
        "ManagedPolicyName",
        lambda name: any(policy["PolicyName"] == name for policy in iam.policies.values()),
        "A policy called {name} already exists. Duplicate names are not allowed.",
    ),
    NamedType("AWS::Logs::LogGroup", "LogGroupName", lambda name: name in cloudwatch.log_groups),
    NamedType("AWS::ECR::Repository", "RepositoryName", lambda name: name in ecr.repositories),
    NamedType("AWS::CloudWatch::Alarm", "AlarmName", lambda name: name in cloudwatch.alarms),
    NamedType("AWS::CloudWatch::Dashboard", "DashboardName", lambda name: name in cloudwatch.dashboards),
    NamedType("AWS::ECS::Cluster", "ClusterName", lambda name: ecs.clusters.get(name, {}).get("status") == "ACTIVE"),
    NamedType("AWS::Lambda::Function", "FunctionName", lambda name: name in aws_lambda.functions),
    NamedType(
        "AWS::SNS::Topic",
        "TopicName",
        lambda name: f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}" in sns.topics,
    ),
)


def install() -> None:
    """Refuse the creation of existing resources."""
    for named in NAMED_TYPES:
        before_create(named.name, _refusing(named))


def _refusing(named: NamedType) -> Callable[[Properties], None]:
    def check(properties: Properties) -> None:
        name = properties.get(named.property)
        if name and named.exists(name):
            raise ValueError(_already_exists(named, name))

    return check


def _already_exists(named: NamedType, name: str) -> str:
    if (owner := _owner(named.name, name)) is not None:
        return f"{name} already exists in stack {owner}"
    if named.message is not None:
        message = f"{named.message.format(name=name)} (Service: Iam, Status Code: 409, Request ID: {uuid4()})"
    else:
        identifier = json.dumps({f"/properties/{named.property}": name}, separators=(",", ":"))
        message = f"Resource of type '{named.name}' with identifier '{identifier}' already exists."
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: AlreadyExists)'


def _owner(resource_type: str, name: str) -> str | None:
    """The id of the stack that contains the resource."""
    for stack in emulator.stacks.values():
        for resource in stack.get("_resources", {}).values():
            physical_id = str(resource.get("PhysicalResourceId") or "")
            # An ARN ends with the name, after a colon (topic) or a slash (policy).
            same = physical_id == name or physical_id.endswith((f":{name}", f"/{name}"))
            if same and resource.get("ResourceType") == resource_type and stack["StackStatus"] != "DELETE_COMPLETE":
                return str(stack["StackId"])
    return None
