"""Availability zones: tasks spread over them, and none runs or is started in one that a rehearsal has lost."""

from collections import Counter
from collections.abc import Iterable, Iterator

from embedded_aws.core.faults import Faults
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator

# What ECS says of a task whose host is gone is not documented for Fargate; these are the words of a failed task.
REASON = "Task failed: its availability zone is not available"


def is_lost(faults: Faults, task: emulator.Record) -> bool:
    """Whether a task is in a lost zone."""
    return faults.find("zone_lost", task.get("availabilityZone", "")) is not None


def spread(
    faults: Faults, network: emulator.Record, live: Iterable[emulator.Record], count: int
) -> Iterator[tuple[emulator.Record, int]]:
    """Network configurations of one subnet each, and how many tasks are started by it: where the fewest run.

    Source: Amazon ECS developer guide, "Amazon ECS task placement": Fargate's are spread across availability zones.
    """
    subnets = network.get("awsvpcConfiguration", {}).get("subnets", [])
    left = [subnet for subnet in subnets if faults.find("zone_lost", _zone(subnet)) is None]
    if not left:  # the run is refused
        yield _with(network, []), count
        return
    running = Counter(task.get("availabilityZone", "") for task in live)
    chosen: Counter[str] = Counter()
    for _ in range(count):
        subnet = min(left, key=lambda one: running[_zone(one)])
        running[_zone(subnet)] += 1
        chosen[subnet] += 1
    yield from ((_with(network, [subnet]), number) for subnet, number in chosen.items())


def _zone(subnet: str) -> str:
    zone: str = (ec2.subnets.get(subnet) or {}).get("AvailabilityZone", "")
    return zone


def _with(network: emulator.Record, subnets: list[str]) -> emulator.Record:
    return network | {"awsvpcConfiguration": network.get("awsvpcConfiguration", {}) | {"subnets": subnets}}
