"""Drift of the resource types that AWS compares and the emulator does not.

AWS compares a type whose provider schema has a read handler (CloudFormation user guide, "Resource type support"), and
only the properties in the template. Compared here: the existence of a resource, and the properties that people change
manually or that releases change.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import ServerContext
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator as ecs
from embedded_aws.iam import emulator as iam
from embedded_aws.load_balancer import emulator as load_balancer
from embedded_aws.s3 import emulator as s3
from embedded_aws.scheduler import emulator as scheduler
from installation import yaml_text

Record = dict[str, Any]
# Gets the physical id and the template's properties; returns the current properties, or None for a deleted resource.
Reader = Callable[[str, Record], Record | None]

_compared: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, tuple[str, ...]])


def install(_context: ServerContext) -> None:
    """Add these types to the drift detection."""
    compared = _compared()
    readers: dict[str, Reader] = {
        name: _from(store, compared.get(name, ())) for name, store in emulator.compared_stores.items()
    }
    schedule = "AWS::Scheduler::Schedule"
    readers |= {
        "AWS::EC2::EIP": _address,
        "AWS::EC2::Route": _route,
        "AWS::EC2::SubnetRouteTableAssociation": _association,
        "AWS::EC2::VPCGatewayAttachment": _attachment,
        "AWS::EC2::SecurityGroupIngress": _rule,
        "AWS::EC2::SecurityGroupEgress": _rule,
        "AWS::ElasticLoadBalancingV2::Listener": _actions_reader(load_balancer.listeners, "DefaultActions"),
        "AWS::ElasticLoadBalancingV2::ListenerRule": _actions_reader(load_balancer.rules, "Actions"),
        "AWS::ECS::Service": _service,
        schedule: _from(scheduler.schedules, compared[schedule], ("GroupName", "default")),
        "AWS::Logs::MetricFilter": _metric_filter,
        "AWS::Glue::Table": _from(emulator.tables, (), ("DatabaseName", "")),
        "AWS::IAM::ManagedPolicy": _policy,
        "AWS::Lambda::Permission": _permission,
        "AWS::S3::BucketPolicy": _bucket_policy,
    }
    for name, reader in readers.items():
        emulator.drift_readers[name] = (reader, frozenset(compared.get(name, ())))


def _from(store: Any, properties: tuple[str, ...], parent: tuple[str, str] | None = None) -> Reader:
    """A reader of records whose fields have the properties' names.

    Args:
        parent: the property whose value is in the key before the physical id and a slash, and its default; None for
            records with the physical id as their key.
    """

    def read(physical_id: str, given: Record) -> Record | None:
        record = store.get(f"{given.get(*parent)}/{physical_id}" if parent else physical_id)
        return None if record is None else {name: _number(record[name]) for name in properties if name in record}

    return read


def _number(value: Any) -> Any:
    """A whole number as in a template: the emulator stores some of them with a decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _existing(found: object) -> Record | None:
    return {} if found else None


def _address(physical_id: str, _properties: Record) -> Record | None:
    found = ec2.addresses.items()
    return _existing(any(physical_id in (key, address.get("PublicIp")) for key, address in found))


def _route(_physical_id: str, properties: Record) -> Record | None:
    table = emulator.route_tables.get(properties.get("RouteTableId")) or {}
    wanted = properties.get("DestinationCidrBlock")
    return next((dict(one) for one in table.get("Routes", ()) if one.get("DestinationCidrBlock") == wanted), None)


def _association(physical_id: str, _properties: Record) -> Record | None:
    tables = emulator.route_tables.values()
    known = (one.get("RouteTableAssociationId") for table in tables for one in table.get("Associations", ()))
    return _existing(physical_id in known)


def _attachment(_physical_id: str, properties: Record) -> Record | None:
    gateway = ec2.internet_gateways.get(properties.get("InternetGatewayId")) or {}
    return _existing(any(one.get("VpcId") == properties.get("VpcId") for one in gateway.get("Attachments", ())))


def _rule(physical_id: str, properties: Record) -> Record | None:
    group = ec2.security_groups.get(properties.get("GroupId")) or {}
    rules = [*group.get("IpPermissions", ()), *group.get("IpPermissionsEgress", ())]
    return _existing(any(one.get("SecurityGroupRuleId") == physical_id for one in rules))


def _actions_reader(store: Any, name: str) -> Reader:
    def read(physical_id: str, properties: Record) -> Record | None:
        record: Record | None = store.get(physical_id)
        return record and record | {name: _template_part(properties.get(name), record.get(name))}

    return read


def _template_part(expected: Any, actual: Any) -> Any:
    """The actual value without what the template omits, such as defaults and separately listed target groups."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: _template_part(one, actual[key]) for key, one in expected.items() if key in actual}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        actual = _in_template_order(expected, actual)
        return [_template_part(*pair) for pair in zip(expected, actual, strict=True)]
    return actual


def _in_template_order(expected: list[Any], actual: list[Any]) -> list[Any]:
    """Target groups in the template's order: a release lists those with traffic first."""
    arns = [one.get("TargetGroupArn") for one in expected if isinstance(one, dict)]
    by_arn = {one.get("TargetGroupArn"): one for one in actual if isinstance(one, dict)}
    return [by_arn[arn] for arn in arns] if by_arn.keys() == set(arns) - {None} and len(arns) == len(actual) else actual


def _service(physical_id: str, _properties: Record) -> Record | None:
    found = ecs.services.values()
    service = next((one for one in found if one["serviceArn"] == physical_id and one["status"] != "INACTIVE"), None)
    if service is None:
        return None
    names = ("desiredCount", "enableExecuteCommand", "healthCheckGracePeriodSeconds")
    return {name[0].upper() + name[1:]: service[name] for name in names if name in service}


def _metric_filter(physical_id: str, properties: Record) -> Record | None:
    found = cloudwatch.metric_filters.get((properties.get("LogGroupName"), physical_id))
    return None if found is None else {"FilterPattern": found.get("filterPattern", "")}


def _policy(physical_id: str, _properties: Record) -> Record | None:
    record = iam.policies.get(physical_id)
    if record is None:
        return None
    versions: Iterable[Mapping[str, Any]] = record["Versions"].values()
    document = next((one["Document"] for one in versions if one.get("IsDefaultVersion")), None)
    return {} if document is None else {"PolicyDocument": _document(document)}


def _permission(physical_id: str, properties: Record) -> Record | None:
    function = aws_lambda.functions.get(str(properties.get("FunctionName", "")).rpartition(":")[2]) or {}
    return _existing(any(one.get("Sid") == physical_id for one in function.get("policy", {}).get("Statement", ())))


def _bucket_policy(_physical_id: str, properties: Record) -> Record | None:
    document = s3.bucket_policies.get(properties.get("Bucket"))
    return None if document is None else {"PolicyDocument": _document(document)}


def _document(text: Any) -> Any:
    return json.loads(text) if isinstance(text, str | bytes) else text
