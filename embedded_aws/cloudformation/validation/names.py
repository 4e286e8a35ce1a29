"""Name conflicts: a resource is not created where one with its identifier exists.

CloudFormation searches by the primary identifier in the type's schema. Identifiers that only the service creates, such
as the ARN of a topic or a managed policy, are not known before, so the creation itself refuses such a name.
"""

from collections.abc import Callable, Mapping
from functools import partial
from operator import contains
from typing import Any, Final

from embedded_aws.athena import emulator as athena
from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.existing_resources import NAMED_TYPES
from embedded_aws.cloudformation.validation.finding import NAME_CONFLICT, Finding
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.database import emulator as database
from embedded_aws.s3 import emulator as s3
from embedded_aws.ssm import emulator as ssm

_PREFIX: Final = "/properties/"


# Whether a resource with an identifier exists; the identifier's parts are joined by ``|``.
_EXISTS: Final[Mapping[str, Callable[[str], bool]]] = {
    **{named.name: named.exists for named in NAMED_TYPES},
    "AWS::Athena::WorkGroup": partial(contains, athena.workgroups),
    "AWS::CloudTrail::Trail": partial(contains, emulator.compared_stores["AWS::CloudTrail::Trail"]),
    "AWS::CloudWatch::CompositeAlarm": partial(contains, cloudwatch.composite_alarms),
    "AWS::Logs::MetricFilter": lambda identifier: tuple(identifier.split("|")) in cloudwatch.metric_filters,
    "AWS::RDS::DBInstance": lambda identifier: database.find_instance(identifier) is not None,
    "AWS::RDS::DBParameterGroup": partial(contains, database.parameter_groups),
    "AWS::RDS::DBSubnetGroup": partial(contains, database.subnet_groups),
    "AWS::S3::Bucket": partial(contains, s3.buckets),
    "AWS::SSM::Parameter": partial(contains, ssm.parameters),
}


def conflict(schema: Mapping[str, Any], properties: Any, logical_id: str, owned: str) -> Finding | None:
    """The finding that a resource's identifier is already used, or None.

    Args:
        properties: those known before the deployment.
        owned: the physical id of this logical id in the stack; empty if none.
    """
    resource_type = schema["typeName"]
    named = [name.removeprefix(_PREFIX) for name in schema.get("primaryIdentifier", [])]
    exists = _EXISTS.get(resource_type)
    if exists is None or not isinstance(properties, dict) or not named:
        return None
    known = [value for value in [properties.get(name) for name in named] if isinstance(value, str) and value]
    identifier = "|".join(known)
    if len(known) < len(named) or identifier == owned:
        return None
    if owned.endswith((f"/{known[-1]}", f":{known[-1]}")) or not exists(identifier):
        return None
    return Finding(
        logical_id=logical_id,
        resource_type=resource_type,
        validation=NAME_CONFLICT,
        path=f"/Resources/{logical_id}",
        reason=f"Resource of type '{resource_type}' with identifier '{identifier}' already exists.",
    )
