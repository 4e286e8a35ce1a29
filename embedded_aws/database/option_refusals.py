"""Refusals of RDS about the options of an instance: class, security groups, windows, storage, monitoring, logs.

Users report the messages about classes, security groups, monitoring and logs; for the others, the error code
and the rule are documented (Amazon RDS API reference, CreateDBInstance).
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from itertools import permutations
from typing import Any, Final

from ministack.core.responses import get_region

from embedded_aws.database import emulator, refusals
from embedded_aws.database.emulator import Request, invalid_value, number, parameter, parse_members
from embedded_aws.ec2 import emulator as ec2
from ops.templates.schemas import schema_folder

# The classes that RDS has in each region, in cfn-lint's copy of RDS's price list.
_CLASSES: Final = "extensions/aws_rds_dbinstance/dbinstanceclass_enum.json"
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)")
_DAY_MINUTES, _LEAST_MINUTES = 24 * 60, 30
_LOGS: Final = ("postgresql", "upgrade", "iam-db-auth-error")
_NUMBERS: Final = ("Port", "MonitoringInterval", "BackupRetentionPeriod", "PerformanceInsightsRetentionPeriod")


def options(request: Request, *, record: Mapping[str, Any] | None = None) -> None:
    """Check the options of a new, restored or existing instance (``record``). Raises Refusal: RDS refuses one."""
    wanted, known = parameter(request, "DBInstanceClass"), _classes(get_region())
    if wanted and known and wanted not in known:
        raise invalid_value(f"Invalid DB Instance class: {wanted}")
    for group in parse_members(request, "VpcSecurityGroupIds"):
        if group not in ec2.security_groups:
            raise invalid_value(f"Invalid security group , groupId= {group}, groupName=.")
    for name in _NUMBERS:
        number(request, name)
    refusals.parameters("RDS options", request)
    windows(request, record or {})
    _network(request)
    role = parameter(request, "MonitoringRoleArn") or (record or {}).get("MonitoringRoleArn")
    if number(request, "MonitoringInterval") and not role:
        message = "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0."
        raise emulator.invalid_combination(message)
    _logs(request)


def _network(request: Request) -> None:
    """Refuse security groups in a VPC other than the subnets'."""
    vpc = (emulator.subnet_groups.get(parameter(request, "DBSubnetGroupName")) or {}).get("VpcId")
    for name in parse_members(request, "VpcSecurityGroupIds"):
        if vpc and ec2.security_groups[name]["VpcId"] != vpc:
            raise emulator.refuse(
                "InvalidVPCNetworkStateFault",
                "The DB instance and EC2 security group are in different VPCs. The DB instance is in "
                f"{vpc} and the EC2 security group is in {ec2.security_groups[name]['VpcId']}",
            )


def windows(request: Request, record: Mapping[str, Any]) -> None:
    """Refuse windows below half an hour or overlapping ones, in the words of cdk-preflight's rules for RDS."""
    given = {name: parameter(request, name) for name in ("PreferredBackupWindow", "PreferredMaintenanceWindow")}
    if not any(given.values()):
        return
    spans = []
    for name, window in given.items():
        times = [60 * int(hour) + int(minute) for hour, minute in _CLOCK.findall(window or str(record.get(name) or ""))]
        if times:
            spans.append((times[0], (times[1] - times[0]) % _DAY_MINUTES))
        if window and spans[-1][1] < _LEAST_MINUTES:
            subject = name.removeprefix("Preferred").removesuffix("Window")
            raise invalid_value(f"{subject} window must be at least {_LEAST_MINUTES} minutes.")
    if len(spans) > 1 and any((b - a) % _DAY_MINUTES < length for (a, length), (b, _) in permutations(spans)):
        raise invalid_value("The backup window and maintenance window must not overlap.")


@cache
def _classes(region: str) -> frozenset[str]:
    """The classes for PostgreSQL; empty for an unknown region. Cached, because the file has 4 MB."""
    content: Any = json.loads((schema_folder() / _CLASSES).read_bytes())
    return frozenset(
        name
        for rule in content.get(region, {}).get("allOf", ())
        if rule["if"]["properties"].get("Engine", {}).get("const") == "postgres"
        for name in rule["then"]["properties"]["DBInstanceClass"]["enum"]
    )


def _logs(request: Request) -> None:
    for log in parse_members(request, "EnableCloudwatchLogsExports"):
        if log not in _LOGS:
            version = parameter(request, "EngineVersion")
            raise emulator.invalid_combination(
                f"You cannot use the log types '{log}' with engine version postgres {version}. For supported log "
                "types, see the documentation."
            )
