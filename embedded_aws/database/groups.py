"""Groups of RDS, of subnets and of parameters: what RDS refuses about them."""

from collections.abc import Callable

from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Record, Request, parameter, refuse
from embedded_aws.ec2 import emulator as ec2

_LEAST_ZONES = 2


def install() -> None:
    """Change the emulator's operations."""
    emulator.change_action("CreateDBSubnetGroup", _create_subnet_group)
    emulator.change_action("ModifyDBSubnetGroup", _modify_subnet_group)
    emulator.change_action("DeleteDBSubnetGroup", _delete_subnet_group)
    emulator.change_action("DeleteDBParameterGroup", _delete_parameter_group)


def _create_subnet_group(original: Function, request: Request) -> Response:
    if parameter(request, "DBSubnetGroupName") in emulator.subnet_groups:
        message = f"The DB subnet group '{parameter(request, 'DBSubnetGroupName')}' already exists."
        raise refuse("DBSubnetGroupAlreadyExists", message)
    return _modify_subnet_group(original, request)


def _modify_subnet_group(original: Original, request: Request) -> Response:
    known = ec2.subnets
    subnets = emulator.parse_members(request, "SubnetIds")
    zones = {known[subnet].get("AvailabilityZone") for subnet in subnets if subnet in known}
    if len(zones) < _LEAST_ZONES and all(subnet in known for subnet in subnets):
        raise refuse(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "DB Subnet Group doesn't meet availability zone coverage requirement. Please add subnets to cover at least "
            f"{_LEAST_ZONES} availability zones. Current coverage: {len(zones)}",
        )
    return original(request)


def _delete_subnet_group(original: Original, request: Request) -> Response:
    name = parameter(request, "DBSubnetGroupName")
    if user := _user_of_group(lambda record: record.get("DBSubnetGroup", {}).get("DBSubnetGroupName") == name):
        raise refuse(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: {user} is still using "
            "it.",
        )
    return original(request)


def _delete_parameter_group(original: Original, request: Request) -> Response:
    name = parameter(request, "DBParameterGroupName")
    if _user_of_group(lambda record: emulator.group_name(record) == name):
        raise refuse(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group {name}, so the group cannot be "
            "deleted",
        )
    return original(request)


def _user_of_group(matches: Callable[[Record], bool]) -> str | None:
    """The first instance that uses a group, without instances in deletion.

    RDS refuses until the instance is gone, and in express mode CloudFormation retries failed calls. For how long is not
    documented; here a stack does not wait, which is the harder case for the next start of a month.
    """
    users = (record for record in emulator.instances() if matches(record) and record["DBInstanceStatus"] != "deleting")
    return next((record["DBInstanceIdentifier"] for record in users), None)
