"""Spreads tasks over availability zones, except zones that a fault in a rehearsal has removed."""

from collections import Counter
from collections.abc import Iterable, Iterator

from embedded_aws.core.faults import Faults
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator

# ECS's message for a lost host is not documented for Fargate; this is the message for a failed task.
REASON = "Task failed: its availability zone is not available"


def is_lost(faults: Faults, task: emulator.Record) -> bool:
    """Whether a task is in a lost zone."""
    return faults.find("zone_lost", task.get("availabilityZone", "")) is not None


def spread(
    faults: Faults, network: emulator.Record, live: Iterable[emulator.Record], count: int
) -> Iterator[tuple[emulator.Record, int]]:
    """Network configurations with one subnet each, and the number of tasks to start in it: first where the fewest run.

    Source: Amazon ECS developer guide, "Amazon ECS task placement": Fargate spreads tasks across availability zones.
    """
    subnets = network.get("awsvpcConfiguration", {}).get("subnets", [])
    left = [subnet for subnet in subnets if faults.find("zone_lost", _zone(subnet)) is None]
    if not left:  # RunTask refuses this
        yield _replace_subnets(network, []), count
        return
    running = Counter(task.get("availabilityZone", "") for task in live)
    chosen: Counter[str] = Counter()
    for _ in range(count):
        subnet = min(left, key=lambda one: running[_zone(one)])
        running[_zone(subnet)] += 1
        chosen[subnet] += 1
    yield from ((_replace_subnets(network, [subnet]), number) for subnet, number in chosen.items())


def _zone(subnet: str) -> str:
    zone: str = (ec2.subnets.get(subnet) or {}).get("AvailabilityZone", "")
    return zone


def _replace_subnets(network: emulator.Record, subnets: list[str]) -> emulator.Record:
    return network | {"awsvpcConfiguration": network.get("awsvpcConfiguration", {}) | {"subnets": subnets}}
