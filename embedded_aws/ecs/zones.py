"""Availability zones that a rehearsal has lost: no task runs there, and none is started there."""

from copy import deepcopy

from embedded_aws.core.faults import Faults
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator

# What ECS says of a task whose host is gone is not documented for Fargate; these are the words of a failed task.
REASON = "Task failed: its availability zone is not available"


def is_lost(faults: Faults, task: emulator.Record) -> bool:
    """Whether a task is in a lost zone."""
    return faults.find("zone_lost", task.get("availabilityZone", "")) is not None


def remaining(faults: Faults, network: emulator.Record) -> emulator.Record:
    """A service's network configuration with the subnets of zones that are left."""
    left = deepcopy(network)
    vpc = left.get("awsvpcConfiguration", {})
    vpc["subnets"] = [
        subnet
        for subnet in vpc.get("subnets", [])
        if faults.find("zone_lost", (ec2.subnets.get(subnet) or {}).get("AvailabilityZone", "")) is None
    ]
    return left
