"""Names that are taken: a resource is not created where one of its identifier is already there.

CloudFormation asks for the primary identifier of the type's schema. What only the service makes, such as the ARN of a
topic or of a managed policy, is not known before, so the creation itself refuses such a name.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from embedded_aws.athena import emulator as athena
from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.existing_resources import NAMED_TYPES
from embedded_aws.cloudformation.validation.finding import NAME_CONFLICT, Finding
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.database import emulator as database
from embedded_aws.s3 import emulator as s3
from embedded_aws.ssm import emulator as ssm

Identifier = tuple[str, ...]
_PREFIX: Final = "/properties/"


def _in(store: Any) -> Callable[[Identifier], bool]:
    return lambda identifier: identifier[0] in store


def _named(exists: Callable[[str], bool]) -> Callable[[Identifier], bool]:
    return lambda identifier: exists(identifier[0])


_EXISTS: Final[Mapping[str, Callable[[Identifier], bool]]] = {
    **{named.name: _named(named.exists) for named in NAMED_TYPES},
    "AWS::Athena::WorkGroup": _in(athena.workgroups),
    "AWS::CloudTrail::Trail": _in(emulator.compared_stores["AWS::CloudTrail::Trail"]),
    "AWS::CloudWatch::CompositeAlarm": _in(cloudwatch.composite_alarms),
    "AWS::Logs::MetricFilter": lambda identifier: identifier in cloudwatch.metric_filters,
    "AWS::RDS::DBInstance": lambda identifier: database.find_instance(identifier[0]) is not None,
    "AWS::RDS::DBParameterGroup": _in(database.parameter_groups),
    "AWS::RDS::DBSubnetGroup": lambda identifier: database.subnet_group_exists(identifier[0]),
    "AWS::S3::Bucket": _in(s3.buckets),
    "AWS::SSM::Parameter": _in(ssm.parameters),
}


def conflict(schema: Mapping[str, Any], properties: Any, logical_id: str, owned: str) -> Finding | None:
    """Say that a resource's identifier is taken.

    Args:
        schema: of its type.
        properties: as far as they are known.
        logical_id: of the resource.
        owned: the physical id that the stack has under this logical id, empty if none.
    """
    resource_type = schema["typeName"]
    named = [name.removeprefix(_PREFIX) for name in schema.get("primaryIdentifier", [])]
    exists = _EXISTS.get(resource_type)
    if exists is None or not isinstance(properties, dict) or not named:
        return None
    values = [properties.get(name) for name in named]
    identifier = tuple(value for value in values if isinstance(value, str) and value)
    if len(identifier) < len(named) or "|".join(identifier) == owned:
        return None
    if owned.endswith((f"/{identifier[-1]}", f":{identifier[-1]}")) or not exists(identifier):
        return None
    return Finding(
        logical_id=logical_id,
        resource_type=resource_type,
        validation=NAME_CONFLICT,
        path=f"/Resources/{logical_id}",
        reason=f"Resource of type '{resource_type}' with identifier '{'|'.join(identifier)}' already exists.",
    )
