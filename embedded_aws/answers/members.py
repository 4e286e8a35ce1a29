"""Removes from answers what the emulator writes and AWS does not: members that AWS's models lack, and empty values.

The tests compare every answer with botocore's models; these are the differences that no other module corrects. Two
members are added.
"""

import re
from typing import Any, Final

from ministack import app

from embedded_aws.athena import emulator as athena
from embedded_aws.aws_lambda import emulator as aws_lambda
from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator as ecs
from embedded_aws.iam import emulator as iam
from embedded_aws.secretsmanager import emulator as secretsmanager

# What an instance lacks that is no replica, no member of a cluster, and not monitored by the operating system.
_NOT_OF_INSTANCE: Final = re.compile(
    "<(DBClusterIdentifier|EnhancedMonitoringResourceArn|KmsKeyId|MonitoringRoleArn"
    r"|ReadReplicaSourceDBInstanceIdentifier|ReplicaMode)></\1>"
)
_IPV6: Final = "<ipv6Native>", "<ipv6CidrBlockAssociationSet/><ipv6Native>"
# The root user's row: whether it has a password, and its last use (IAM user guide, "Credential report").
_ROOT_UNKNOWN: Final = ",not_supported,not_supported,not_supported,not_supported,"
_ROOT_UNUSED: Final = ",not_supported,no_information,not_supported,not_supported,"
_TAGS: Final = re.compile("<Tags>.*</Tags>", re.DOTALL)
_ATTACHED: Final = re.compile(
    "<member><PolicyName>[^<]*</PolicyName><PolicyArn>[^<]*:policy(/[^<]*)</PolicyArn></member>"
)
_VPC: Final = ("defaultNetworkAclId", "defaultSecurityGroupId", "mainRouteTableId")
_DB_SNAPSHOT: Final = ("DBInstanceClass", "DBName", "StorageEncrypted")
# Members of tasks, task definitions and functions. An enumeration has no empty value, and AWS omits missing values.
_NEVER_EMPTY: Final = frozenset(
    {
        *("pidMode", "ipcMode", "stopCode", "stoppedReason", "executionRoleArn", "taskRoleArn"),
        *("StateReason", "StateReasonCode", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"),
    }
)
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r"))
_REPLACED: Final = bytes.maketrans(_CONTROLS, b"?" * len(_CONTROLS))


def install(_context: ServerContext) -> None:
    """Wrap the emulator's functions that write answers."""
    ec2.vpc_xml.wrap(_remove_elements(*_VPC))
    database.snapshot_xml.wrap(_remove_elements(*_DB_SNAPSHOT))
    database.instance_xml.wrap(lambda original, record: _NOT_OF_INSTANCE.sub("", original(record)))
    ec2.subnet_xml.wrap(lambda original, *subnet, **tag: original(*subnet, **tag).replace(*_IPV6))
    iam.credential_report.wrap(lambda original: original().replace(_ROOT_UNKNOWN, _ROOT_UNUSED))
    iam.role_xml.wrap(_omit_tags_of_list)
    iam.user_xml.wrap(_omit_tags_of_list)
    wrap_item(cloudformation.actions, "DescribeChangeSet", _remove_elements("ChangeSetType"))
    for kind in ("Group", "Role", "User"):
        wrap_item(iam.actions, f"ListAttached{kind}Policies", _below_path)
    cloudformation.certificate_shape.wrap(_omit_tags)
    athena.json_response.wrap(_omit_configuration)
    ecs.json_response.wrap(_omit_empty_values)
    aws_lambda.json_response.wrap(_omit_empty_values)
    secretsmanager.json_response.wrap(_add_secret_keys)


def _remove_elements(*names: str) -> Function:
    """A wrapper that removes elements from the XML that a function returns, as text or in a response."""
    elements = re.compile(f"<({'|'.join(names)})>[^<]*</\\1>")

    def call(original: Function, *args: Any, **kwargs: Any) -> Any:
        answer = original(*args, **kwargs)
        if isinstance(answer, str):
            return elements.sub("", answer)
        status, headers, body = answer
        return status, headers, elements.sub("", body.decode()).encode()

    return call


def _omit_tags_of_list(original: Function, name: str, *, boundary: bool = True) -> str:
    """A list of roles or users has neither their boundaries nor their tags (API reference, ListRoles, ListUsers)."""
    text: str = original(name, boundary=boundary)
    return text if boundary else _TAGS.sub("", text)


def _below_path(original: Function, params: Any) -> Response:
    """Keep the attached policies whose path begins with the request's prefix."""
    status, headers, body = original(params)
    prefix = iam.parameter(params, "PathPrefix") or "/"
    text = _ATTACHED.sub(lambda found: found[0] if found[1].startswith(prefix) else "", body.decode())
    return status, headers, text.encode()


def _omit_tags(original: Function, certificate: Any) -> Any:
    """A certificate's tags are listed only by a separate operation."""
    return {key: value for key, value in original(certificate).items() if key != "Tags"}


def _omit_empty_values(original: Function, content: Any, *rest: Any, **more: Any) -> Any:
    return original(_non_empty(content), *rest, **more)


def _omit_configuration(original: Function, content: Any, *rest: Any, **more: Any) -> Any:
    """A workgroup's configuration has only one name."""
    if isinstance(content, dict) and "WorkGroupConfiguration" in (group := content.get("WorkGroup") or {}):
        shown = {key: value for key, value in group.items() if key != "WorkGroupConfiguration"}
        content = content | {"WorkGroup": shown}
    return original(content, *rest, **more)


def _add_secret_keys(original: Function, content: dict[str, Any], *rest: Any, **more: Any) -> Any:
    """Add each secret's key to a list of secrets, as in the description of a secret."""
    for secret in content.get("SecretList", ()):
        if key := secretsmanager.secrets[secret["Name"]].get("KmsKeyId"):
            secret["KmsKeyId"] = key
    return original(content, *rest, **more)


def _non_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _non_empty(one) for key, one in value.items() if one != "" or key not in _NEVER_EMPTY}
    return [_non_empty(one) for one in value] if isinstance(value, list) else value


def install_characters(_context: ServerContext) -> None:
    """Replace control characters in all XML except S3's objects: XML forbids them, and clients refuse the whole answer.

    They come from JSON and requests, such as an output of a stack. A question mark replaces them, as CloudFormation
    does for characters beyond ASCII (cloudformation-coverage-roadmap #814).
    """
    for handler in set(app.SERVICE_HANDLERS) - {"s3"}:
        wrap_item(app.SERVICE_HANDLERS, handler, _answer)


async def _answer(original: Function, *request: Any) -> Response:
    status, headers, body = await original(*request)
    is_xml = isinstance(body, bytes) and "xml" in headers.get("Content-Type", "")
    return status, headers, body.translate(_REPLACED) if is_xml else body
