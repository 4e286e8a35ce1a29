"""Gives a restored instance the month's settings, which CloudFormation would otherwise find changed, and password.

A restore sets RDS's defaults for most of the template's properties (API reference, RestoreDBInstanceToPointInTime and
RestoreDBInstanceFromDBSnapshot), so all are passed to it, or changed afterwards.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from installation.names import STORAGE_STACK
from installation.names.persistent import RESTORED_TAG
from ops.aws.clients import Aws
from ops.service.database_instances import Instance
from ops.stacks.state import read_resources

# Fields of the description that a restore accepts under the same name.
_SAME: Final = (
    *("AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CACertificateIdentifier", "CopyTagsToSnapshot"),
    *("DBInstanceClass", "DeletionProtection", "EngineLifecycleSupport", "MultiAZ", "NetworkType"),
    *("PreferredBackupWindow", "PubliclyAccessible", "StorageType"),
)
# Fields to change afterwards where they differ: a restore does not accept them, or did not on older services.
_CHANGED: Final = (
    *("AutoMinorVersionUpgrade", "BackupRetentionPeriod", "CACertificateIdentifier", "CopyTagsToSnapshot"),
    *("DBInstanceClass", "EngineVersion", "MaxAllocatedStorage", "MonitoringInterval", "MonitoringRoleArn", "MultiAZ"),
    *("PreferredBackupWindow", "PreferredMaintenanceWindow", "PubliclyAccessible"),
)
# With less storage gp3 has a fixed throughput, and RDS refuses a request for another (RDS user guide, "gp3 storage").
_LEAST_GIB_WITH_THROUGHPUT: Final = 400
_PASSWORD_TYPE: Final = "Custom::NewPassword"  # noqa: S105 - a resource type
_PASSWORD_PREFIX: Final = "password-version:"  # noqa: S105 - the beginning of an id


def restore_options(current: Instance, target: str, least_gib: int) -> dict[str, Any]:
    """The parameters of a restore, without its source; its tag has the target, which identifies the restore later.

    `least_gib` is the least storage that the source allows.
    """
    description: dict[str, Any] = {**current.description}
    options = {name: description[name] for name in _SAME if description.get(name) is not None}
    options |= {
        "AllocatedStorage": max(description.get("AllocatedStorage", 0), least_gib),
        "DBParameterGroupName": _parameter_group(description),
        "DBSubnetGroupName": description.get("DBSubnetGroup", {}).get("DBSubnetGroupName", ""),
        "EnableCloudwatchLogsExports": description.get("EnabledCloudwatchLogsExports", []),
        "EnableIAMDatabaseAuthentication": description.get("IAMDatabaseAuthenticationEnabled", False),
        "Port": description.get("Endpoint", {}).get("Port", 5432),
        "Tags": [*_tags(description), {"Key": RESTORED_TAG, "Value": target}],
        "VpcSecurityGroupIds": _security_groups(description),
    }
    if description.get("AllocatedStorage", 0) >= _LEAST_GIB_WITH_THROUGHPUT:
        options |= {name: description[name] for name in ("Iops", "StorageThroughput") if description.get(name)}
    return options


def differences(current: Instance, coming: Instance) -> dict[str, Any]:
    """The parameters of a change that makes both equal; without the password, which cannot be compared."""
    now: dict[str, Any] = {**current.description}
    new: dict[str, Any] = {**coming.description}
    changed = {name: now[name] for name in _CHANGED if now.get(name) is not None and now.get(name) != new.get(name)}
    if _parameter_group(now) != _parameter_group(new):
        changed["DBParameterGroupName"] = _parameter_group(now)
    if set(_security_groups(now)) != set(_security_groups(new)):
        changed["VpcSecurityGroupIds"] = _security_groups(now)
    return changed


def needs_reboot(instance: Instance) -> bool:
    """Whether a parameter group is applied only after a reboot."""
    groups = instance.description.get("DBParameterGroups", [])
    return any(group.get("ParameterApplyStatus") == "pending-reboot" for group in groups)


def months_password(aws: Aws) -> str:
    """The master user's password in the month's stack: the secret's version with which the stack was created."""
    ids = (it.physical_id for it in read_resources(aws, STORAGE_STACK) if it.resource_type == _PASSWORD_TYPE)
    version = next((it.removeprefix(_PASSWORD_PREFIX) for it in ids if it.startswith(_PASSWORD_PREFIX)), "")
    wanted: Any = {"VersionId": version} if version else {}
    found = aws.secretsmanager.get_secret_value(SecretId=aws.names.database_secret, **wanted)
    password: str = json.loads(found["SecretString"])["password"]
    return password


def _parameter_group(found: Mapping[str, Any]) -> str:
    groups = found.get("DBParameterGroups", [])
    return groups[0].get("DBParameterGroupName", "") if groups else ""


def _security_groups(found: Mapping[str, Any]) -> list[str]:
    return [group.get("VpcSecurityGroupId", "") for group in found.get("VpcSecurityGroups", [])]


def _tags(found: Mapping[str, Any]) -> list[dict[str, str]]:
    """An instance's tags, without those that only AWS may set."""
    tags = ((tag.get("Key", ""), tag.get("Value", "")) for tag in found.get("TagList", []))
    return [{"Key": key, "Value": value} for key, value in tags if not key.startswith("aws:") and key != RESTORED_TAG]
