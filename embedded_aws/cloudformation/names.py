"""Names of resources: new generated ones for every stack, and refusals of given ones that exist.

The contract of resource handlers requires the refusal, also for services whose API accepts an existing name
(CloudFormation CLI user guide, "Resource type handler contract", create handlers). Before an operation, CloudFormation
searches by the primary identifier in the type's schema. Identifiers that only the service creates, such as the ARN of a
topic or a managed policy, are not known then, so the creation itself refuses such a name.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial
from operator import contains
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from ministack.core.responses import get_account_id, get_region

from embedded_aws.athena import emulator as athena
from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.registry import Properties, before_create
from embedded_aws.cloudformation.validation import Finding
from embedded_aws.cloudfront import emulator as cloudfront
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.database import emulator as database
from embedded_aws.ecr import emulator as ecr
from embedded_aws.ecs import emulator as ecs
from embedded_aws.eventbridge import emulator as eventbridge
from embedded_aws.iam import emulator as iam
from embedded_aws.s3 import emulator as s3
from embedded_aws.scheduler import emulator as scheduler
from embedded_aws.sns import emulator as sns
from embedded_aws.ssm import emulator as ssm
from installation import yaml_text

_SUFFIX_LENGTH = 13
_naming_secret: ContextVar[bool] = ContextVar("hannibal_naming_secret", default=False)
_PREFIX: Final = "/properties/"


def _physical_name(original: Function, stack_name: str, logical_id: str, **options: Any) -> str:
    name: str = original(stack_name, logical_id, **options)
    if _naming_secret.get():
        # Secrets are named after the logical id only, as in DatabaseSecret3B817195-2ZzRmHGlPaVP; policies on the prefix
        # of a name depend on it.
        name = name.removeprefix(f"{stack_name}-")
    stack = emulator.stacks.get(stack_name)
    return name if stack is None else renew_suffix(name, stack["StackId"], lowercase=options.get("lowercase", False))


def _name_secret(original: Function, *arguments: Any, **options: Any) -> Any:
    token = _naming_secret.set(True)
    try:
        return original(*arguments, **options)
    finally:
        _naming_secret.reset(token)


def renew_suffix(name: str, stack_id: str, *, lowercase: bool = False) -> str:
    """Make the suffix, which the emulator derives from stack name and logical id, depend on the stack's id too."""
    kept, suffix = name[:-_SUFFIX_LENGTH], name[-_SUFFIX_LENGTH:]
    renewed = hashlib.sha256(f"{stack_id}:{suffix.upper()}".encode()).hexdigest()[: len(suffix)]
    return kept + (renewed if lowercase else renewed.upper())


_texts: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, dict[str, str]])
# Of types whose names are unique within another resource: the property with its name, and the separator in keys.
_WITHIN: Final = {"AWS::Events::Rule": ("EventBusName", "|"), "AWS::Scheduler::Schedule": ("GroupName", "/")}


def _has_value(records: Mapping[str, Mapping[str, Any]], name: str, value: str) -> bool:
    return any(record[name] == value for record in records.values())


# Whether a resource of a name or identifier exists; the parts of one are joined by ``|``, or as in `_WITHIN`.
_EXISTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "AWS::Athena::WorkGroup": partial(contains, athena.workgroups),
    "AWS::CloudFront::OriginAccessControl": partial(_has_value, cloudfront.access_controls, "Name"),
    "AWS::CloudFront::ResponseHeadersPolicy": lambda name: any(
        policy["Config"]["Name"] == name for policy in cloudfront.headers_policies[0].values()
    ),
    "AWS::CloudTrail::Trail": partial(contains, emulator.compared_stores["AWS::CloudTrail::Trail"]),
    "AWS::CloudWatch::Alarm": partial(contains, cloudwatch.alarms),
    "AWS::CloudWatch::CompositeAlarm": partial(contains, cloudwatch.composite_alarms),
    "AWS::CloudWatch::Dashboard": partial(contains, cloudwatch.dashboards),
    "AWS::ECR::Repository": partial(contains, ecr.repositories),
    "AWS::ECS::Cluster": lambda name: ecs.clusters.get(name, {}).get("status") == "ACTIVE",
    "AWS::Events::Rule": partial(contains, eventbridge.rules),
    "AWS::IAM::ManagedPolicy": partial(_has_value, iam.policies, "PolicyName"),
    "AWS::IAM::Role": partial(contains, iam.roles),
    "AWS::Lambda::Function": partial(contains, aws_lambda.functions),
    "AWS::Logs::LogGroup": partial(contains, cloudwatch.log_groups),
    "AWS::Logs::MetricFilter": lambda identifier: tuple(identifier.split("|")) in cloudwatch.metric_filters,
    "AWS::RDS::DBInstance": lambda identifier: database.find_instance(identifier) is not None,
    "AWS::RDS::DBParameterGroup": partial(contains, database.parameter_groups),
    "AWS::RDS::DBSubnetGroup": partial(contains, database.subnet_groups),
    "AWS::S3::Bucket": partial(contains, s3.buckets),
    "AWS::SNS::Topic": lambda name: f"arn:aws:sns:{get_region()}:{get_account_id()}:{name}" in sns.topics,
    "AWS::SSM::Parameter": partial(contains, ssm.parameters),
    "AWS::Scheduler::Schedule": partial(contains, scheduler.schedules),
}


def install() -> None:
    """Make generated names depend on the stack's id, and refuse the creation of existing resources."""
    emulator.physical_name.wrap(_physical_name)
    secret = emulator.resource_handlers["AWS::SecretsManager::Secret"]
    for operation in ("create", "update"):
        wrap_item(secret, operation, _name_secret)
    for resource_type, path in _texts()["properties"].items():
        before_create(resource_type, _refusing(resource_type, path, _EXISTS[resource_type]))


def _refusing(resource_type: str, path: str, exists: Callable[[str], bool]) -> Callable[[Properties], None]:
    def check(properties: Properties) -> None:
        found: Any = properties
        for part in path.split("/"):
            found = found.get(part, {})
        if found and exists(_key(resource_type, str(found), properties)):
            raise ValueError(_already_exists(resource_type, path, str(found)))

    return check


def _key(resource_type: str, name: str, properties: Mapping[str, Any]) -> str:
    within, separator = _WITHIN.get(resource_type, ("", ""))
    return f"{str(properties.get(within) or 'default').rpartition('/')[2]}{separator}{name}" if within else name


def _already_exists(resource_type: str, path: str, name: str) -> str:
    if (owner := _owner(resource_type, name)) is not None:
        return f"{name} already exists in stack {owner}"
    if own := _texts()["messages"].get(resource_type):
        message = f"{own.format(name)} (Service: Iam, Status Code: 409, Request ID: {uuid4()})"
    else:
        identifier = json.dumps({f"{_PREFIX}{path}": name}, separators=(",", ":"))
        message = f"Resource of type '{resource_type}' with identifier '{identifier}' already exists."
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


def conflict(schema: Mapping[str, Any], properties: Any, logical_id: str, owned: str) -> Finding | None:
    """The finding that a resource's identifier is already used, or None.

    Args:
        properties: those known before the deployment.
        owned: the physical id of this logical id in the stack; empty if none.
    """
    resource_type = schema["typeName"]
    identifier_properties = [name.removeprefix(_PREFIX) for name in schema.get("primaryIdentifier", [])]
    exists = _EXISTS.get(resource_type)
    if exists is None or not isinstance(properties, dict) or not identifier_properties:
        return None
    values = [it for name in identifier_properties if isinstance(it := properties.get(name), str) and it]
    identifier = "|".join(values)
    if len(values) < len(identifier_properties) or identifier == owned:
        return None
    if owned.endswith((f"/{values[-1]}", f":{values[-1]}")) or not exists(_key(resource_type, identifier, properties)):
        return None
    reason = f"Resource of type '{resource_type}' with identifier '{identifier}' already exists."
    return Finding(
        logical_id=logical_id, resource_type=resource_type, validation="NAME_CONFLICT_VALIDATION", reason=reason
    )
