"""Compares the names in templates with the names that policies allow.

A policy with the right actions and a wrong name would fail only on AWS, in the middle of a deployment.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from installation.permissions.scopes import scopes
from installation.permissions.statements import Arns
from installation.permissions.wildcards import matches_pattern
from ops.iam.reference import arn_format
from ops.templates.template import Template
from ops.templates.values import Json, at, items, mapping

# The property with a resource's name, and the resource type of its ARN.
_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "AWS::Athena::WorkGroup": ("Name", "athena:workgroup"),
    "AWS::CloudTrail::Trail": ("TrailName", "cloudtrail:trail"),
    "AWS::CloudWatch::Alarm": ("AlarmName", "cloudwatch:alarm"),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", "cloudwatch:alarm"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", "cloudwatch:dashboard"),
    "AWS::CodeDeploy::Application": ("ApplicationName", "codedeploy:application"),
    "AWS::ECR::Repository": ("RepositoryName", "ecr:repository"),
    "AWS::ECS::Cluster": ("ClusterName", "ecs:cluster"),
    "AWS::Events::Rule": ("Name", "events:rule-on-default-event-bus"),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", "iam:policy"),
    "AWS::IAM::Role": ("RoleName", "iam:role"),
    "AWS::Lambda::Function": ("FunctionName", "lambda:function"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs:log-group"),
    "AWS::RDS::DBInstance": ("DBInstanceIdentifier", "rds:db"),
    "AWS::S3::Bucket": ("BucketName", "s3:bucket"),
    "AWS::Scheduler::Schedule": ("Name", "scheduler:schedule"),
    "AWS::SNS::Topic": ("TopicName", "sns:topic"),
    "AWS::SecretsManager::Secret": ("Name", "secretsmanager:Secret"),
}
_VARIABLE = re.compile(r"\$\{(\w+)\}")
# Secrets Manager adds six random characters to every ARN.
_SUFFIXED = {"secretsmanager:Secret": "-aBc123"}


@dataclass(frozen=True)
class UncoveredResource:
    """A resource whose name no policy covers."""

    stack: str
    resource: str  # its logical id
    address: str  # its ARN, with placeholders
    kind: str  # resource type in IAM, such as ``s3:bucket``


def uncovered_resources(template: Template, arns: Arns) -> Iterator[UncoveredResource]:
    """The resources of a template whose names its stack's policies do not allow."""
    allowed = scopes(arns, template.stack)
    for resource in template.resources:
        property_name, kind = _NAMED.get(resource.resource_type, ("", ""))
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
