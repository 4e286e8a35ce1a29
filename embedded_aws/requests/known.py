"""Whether what a template or a request names exists and is as required, by the kinds in the rules."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from ministack.core.responses import get_account_id, get_region

from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudfront import emulator as cloudfront
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator as ecs
from embedded_aws.eventbridge import emulator as eventbridge
from embedded_aws.iam import emulator as iam
from embedded_aws.iam.refusals import is_known, trusts
from embedded_aws.load_balancer import emulator as load_balancer
from embedded_aws.requests import property_rules
from embedded_aws.s3 import emulator as s3
from embedded_aws.scheduler import emulator as scheduler
from embedded_aws.secretsmanager import emulator as secretsmanager
from embedded_aws.sns import emulator as sns
from embedded_aws.ssm import emulator as ssm

_Request = dict[str, Any]
_SECONDS_OF_SESSIONS: Final = 3600  # default of a role
_MOST_POLICIES: Final = 10  # AWS's default quotas
_MOST_TARGETS: Final = 5
_MOST_KEYS: Final = 2
_PRINCIPAL: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user|group)/(?:.*/)?([^/]+)")
_DEFAULT: Final = "default"


def _function_name(name: str) -> str:
    """The function's name in a name or an ARN, with or without a version."""
    return (name.partition(":function:")[2] or name).partition(":")[0]


def _rule_key(request: _Request) -> str:
    bus = str(request.get("EventBusName") or "default").rpartition("/")[2]
    return f"{bus}|{request.get('Name') or request.get('Rule')}"


def _has_service(request: _Request) -> bool:
    name = request.get("serviceName")
    return name is None or ecs.find_service(request.get("cluster"), str(name)) is not None


def _has_version(request: _Request) -> bool:
    function = aws_lambda.functions.get(_function_name(str(request.get("FunctionName", ""))))
    version = str(request.get("FunctionVersion", "$LATEST"))
    return bool(function is None or version == "$LATEST" or version in function.get("versions", {}))


def _is_of_a_database(arn: str) -> bool:
    kind, _, name = arn.split(":", 5)[-1].partition(":")
    return kind != "db" or database.find_instance(name) is not None


def _has_time_for_sessions(request: _Request) -> bool:
    role = iam.roles.get(str(request.get("RoleArn", "")).rpartition("/")[2])
    seconds = int(request.get("DurationSeconds", 0))
    return role is None or seconds <= int(role.get("MaxSessionDuration") or _SECONDS_OF_SESSIONS)


def _has_less_than_two_keys(request: _Request) -> bool:
    of_user = [key for key in iam.access_keys.values() if key["UserName"] == request.get("UserName")]
    return len(of_user) < _MOST_KEYS


def _has_room_for_a_policy(request: _Request) -> bool:
    attached = iam.roles.get(request.get("RoleName"), {}).get("AttachedPolicies", [])
    return len(attached) < _MOST_POLICIES or request.get("PolicyArn") in attached


def _has_room_for_targets(request: _Request) -> bool:
    kept = {it["Id"] for it in eventbridge.targets.get(_rule_key(request)) or []}
    return len(kept | {it.get("Id") for it in request.get("Targets") or []}) <= _MOST_TARGETS


def _is_principal(arn: str) -> bool:
    found = _PRINCIPAL.fullmatch(arn)
    if found is None:
        return True
    kind, name = found.groups()
    return name in {"role": iam.roles, "user": iam.users, "group": iam.groups}[kind]


def _has_rotation(request: _Request) -> bool:
    name = str(request.get("SecretId"))
    kept = next((it for it in secretsmanager.secrets.values() if name in (it["Name"], it["ARN"])), None)
    return kept is None or bool(request.get("RotationLambdaARN") or kept.get("RotationLambdaARN"))


def _has_policy(request: _Request) -> bool:
    name = str(request.get("FunctionName", ""))
    function = aws_lambda.functions.get(_function_name(name))
    return function is None or bool((function.get("policy") or {}).get("Statement")) or ":" in name


def _has_route(request: _Request) -> bool:
    table, block = ec2.route_tables.get(request.get("RouteTableId")), request.get("DestinationCidrBlock")
    return table is None or block is None or any(it.get("DestinationCidrBlock") == block for it in table["Routes"])


def _is_of_no_other_table(request: _Request) -> bool:
    subnet, tables = request.get("SubnetId"), ec2.route_tables.values()
    return subnet is None or not any(it.get("SubnetId") == subnet for table in tables for it in table["Associations"])


def _is_attached(request: _Request) -> bool:
    gateway = ec2.internet_gateways.get(request.get("InternetGatewayId"))
    return gateway is None or any(it["VpcId"] == request.get("VpcId") for it in gateway.get("Attachments", []))


def _has_its_digest(request: _Request) -> bool:
    digest, manifest = request.get("imageDigest"), str(request.get("imageManifest"))
    return digest is None or digest == f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


def _has_different_dimensions(datum: _Request) -> bool:
    names = [it.get("Name", "") for it in datum.get("Dimensions") or []]
    return len(names) == len(set(names))


def _is_foreign(arn: str) -> bool:
    """Whether an ARN is of another account or region, which cannot be looked up here."""
    parts = arn.split(":")
    return len(parts) > 5 and (parts[3] not in ("", get_region()) or parts[4] not in ("", get_account_id()))


def _exists_in(*stores: Collection[Any]) -> Callable[[str], bool]:
    return lambda name: any(name in store for store in stores)


def _is_called_by_s3(arn: str) -> bool:
    function = aws_lambda.functions.get(_function_name(arn)) or {}
    return any("s3.amazonaws.com" in str(it.get("Principal")) for it in function.get("policy", {}).get("Statement", ()))


def _has_acls(address: str) -> bool:
    """Whether a bucket has access control lists; buckets of others cannot be looked up here."""
    name = address.partition(".s3")[0]
    return name not in s3.buckets or bool(
        re.search("ObjectWriter|BucketOwnerPreferred", str(s3.buckets[name].get("_ownership_controls")))
    )


def _is_of_region(endpoint: _Request) -> bool:
    found = re.match(r"com\.amazonaws\.([a-z]+(?:-[a-z]+)+-\d)\.", str(endpoint.get("ServiceName")))
    return found is None or found[1] == (endpoint.get("ServiceRegion") or get_region())


def _trusting(service: str, *, missing: bool = False) -> Callable[[str], bool]:
    """Whether a role trusts a service; roles of other accounts cannot be looked up here and are accepted."""

    def is_trusted(arn: str) -> bool:
        found = trusts(arn, service) if f"::{get_account_id()}:" in arn else True
        return missing if found is None else found

    return is_trusted


KNOWN: Final[property_rules.Known] = {
    "NAT gateway": _exists_in(ec2.nat_gateways),
    "VPC endpoint": _exists_in(ec2.vpc_endpoints),
    "a count of each value": lambda datum: (
        len(datum.get("Counts") or datum.get("Values") or []) == len(datum.get("Values") or [])
    ),
    "database of an ARN": _is_of_a_database,
    "database subnet group": lambda name: name.lower() in database.subnet_groups,
    "dimensions of different names": _has_different_dimensions,
    "digest of its manifest": _has_its_digest,
    "function where it is one": lambda arn: ":function:" not in arn or _function_name(arn) in aws_lambda.functions,
    "function with a policy": _has_policy,
    "gateway of its network": _is_attached,
    "route": _has_route,
    "route table of nothing": lambda name: not ec2.route_tables.get(name, {}).get("Associations"),
    "subnet of no other table": _is_of_no_other_table,
    "listener": _exists_in(load_balancer.listeners),
    "listener rule": _exists_in(load_balancer.rules),
    "parameter where it is one": lambda request: (
        request.get("ResourceType") != "Parameter" or request.get("ResourceId") in ssm.parameters
    ),
    "principal": _is_principal,
    "role of such sessions": _has_time_for_sessions,
    "policy of one version": lambda arn: len(iam.policies.get(arn, {}).get("Versions", [])) <= 1,
    # Roles of other accounts cannot be looked up here and are accepted.
    "role of an account": lambda arn: f"::{get_account_id()}:role/" not in arn or arn.rpartition("/")[2] in iam.roles,
    "role with room for a policy": _has_room_for_a_policy,
    "rule with room for its targets": _has_room_for_targets,
    "rule": lambda request: _rule_key(request) in eventbridge.rules,
    "rule without targets": lambda request: not eventbridge.targets.get(_rule_key(request)),
    "secret with a rotation": _has_rotation,
    "security group": _exists_in(ec2.security_groups),
    "service of its cluster": _has_service,
    "target group": lambda name: any(
        name in (arn, it["TargetGroupName"]) for arn, it in load_balancer.target_groups.items()
    ),
    "user with less than two keys": _has_less_than_two_keys,
    "version of its function": _has_version,
    "access control": lambda name: not name or name in cloudfront.access_controls,
    "availability zone": lambda name: name.startswith(get_region()) and len(name) > len(get_region()),
    "bucket": _exists_in(s3.buckets),
    "bucket with ACLs": _has_acls,
    "cache policy": _exists_in(*cloudfront.cache_policies),
    "certificate": _exists_in(cloudformation.certificates),
    "event bus": lambda name: _is_foreign(name) or name.rpartition("/")[2] in (_DEFAULT, *eventbridge.buses),
    "function": lambda name: _is_foreign(name) or _function_name(name) in aws_lambda.functions,
    "function that S3 may call": _is_called_by_s3,
    "headers policy": _exists_in(*cloudfront.headers_policies),
    "hosted zone": _exists_in(cloudformation.hosted_zones),
    "managed policy": is_known,
    "origin request policy": _exists_in(*cloudfront.origin_request_policies),
    "role": _exists_in(iam.roles),
    "role of CloudFormation": lambda arn: bool(trusts(arn, "cloudformation.amazonaws.com")),
    "role of CodeDeploy": lambda arn: any(
        _trusting(f"codedeploy.{it}amazonaws.com")(arn) for it in ("", f"{get_region()}.")
    ),
    "role of Lambda": _trusting("lambda.amazonaws.com"),
    # Calls of tests and examples name roles that do not exist; such a function fails only when it runs.
    "role of Lambda where there is one": _trusting("lambda.amazonaws.com", missing=True),
    "role of Scheduler": _trusting("scheduler.amazonaws.com"),
    "role of monitoring": _trusting("monitoring.rds.amazonaws.com"),
    "route table": _exists_in(ec2.route_tables),
    "schedule group": lambda name: name in (_DEFAULT, *scheduler.groups),
    "service of its region": _is_of_region,
    "subnet": _exists_in(ec2.subnets),
    "topic": lambda arn: _is_foreign(arn) or arn in sns.topics,
    "viewer function": lambda arn: arn.rpartition("/")[2] in cloudfront.functions,
    "vpc": _exists_in(ec2.vpcs),
}


def check(name: str, request: Mapping[str, Any]) -> None:
    """Refuse a type's properties or an operation's request by its rules. Raises Refusal: for the first violated one."""
    property_rules.check(name, request, KNOWN)
