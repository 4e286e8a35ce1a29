"""Meters of ECS."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from ops.cost.meters.meter import Charge, Meter, Month, NotPricedError, amount
from ops.templates.resource_types import SCALABLE_TARGET
from ops.templates.template import Resource
from ops.templates.values import at

_PROCESSORS: Final = {"ARM64": "arm64", "X86_64": "x86_64"}


def _service(service: Resource, month: Month) -> Iterator[Charge]:
    task = _task_definition(service)
    count, most = _count(service)
    hours = month.hours(service.lifecycle) * month.shares.tasks
    detail = f"{count:g} task(s)" if most <= count else f"{count:g} task(s) at least, up to {most:g} by load"
    yield from _tasks(service, task, count * hours, detail)
    # A release runs the old and the new tasks at once.
    double = count * month.usage.releases.value * month.usage.release_minutes.value / 60 * month.up
    yield from _tasks(service, task, double, "second set of tasks during releases")
    yield Charge(price="transfer.internet", quantity=month.usage.internet_gb.value * month.up, detail="from tasks")
    yield Charge(
        price="transfer.zones", quantity=month.usage.cross_zone_gb.value * month.up, detail="tasks and database"
    )


def _count(service: Resource) -> tuple[float, float]:
    """The fewest and the most tasks: how many tasks scaling adds is not known beforehand."""
    for target in _neighbours(service, SCALABLE_TARGET):
        return amount(target, "MinCapacity", 1), amount(target, "MaxCapacity", 1)
    count = amount(service, "DesiredCount", 1)
    return count, count


def _tasks(service: Resource, task: Resource, hours: float, detail: str) -> Iterator[Charge]:
    family = f"{_capacity(service)}.{_processor(task)}"
    processors = amount(task, "Cpu", 256) / 1024
    memory = amount(task, "Memory", 512) / 1024
    yield Charge(price=f"{family}.vcpu", quantity=hours * processors, detail=f"{detail}, {processors:g} vCPU each")
    yield Charge(price=f"{family}.memory", quantity=hours * memory, detail=f"{detail}, {memory:g} GB each")
    if _assigns_addresses(service):
        yield Charge(price="public_ipv4.hour", quantity=hours, detail=f"{detail}, one address each")


def _capacity(service: Resource) -> str:
    """A service counts as Spot if any of its tasks may be; a base on demand has a strategy item of its own."""
    strategy = service.items("CapacityProviderStrategy")
    spot = any(isinstance(item, dict) and item.get("CapacityProvider") == "FARGATE_SPOT" for item in strategy)
    return "fargate_spot" if spot else "fargate"


def _processor(task: Resource) -> str:
    named = task.section("RuntimePlatform").get("CpuArchitecture", "X86_64")  # ECS's own default
    if named not in _PROCESSORS:
        raise NotPricedError(f"no price for processor {named}")
    return _PROCESSORS[str(named)]


def _assigns_addresses(service: Resource) -> bool:
    network: JsonValue = service.section("NetworkConfiguration").get("AwsvpcConfiguration")
    return isinstance(network, dict) and network.get("AssignPublicIp") == "ENABLED"


def _task_definition(service: Resource) -> Resource:
    """The task definition of the same template; the CDK refers to it by family without a revision, or by Ref."""
    wanted = service.properties.get("TaskDefinition")
    definitions = _neighbours(service, "AWS::ECS::TaskDefinition")
    found = [it for it in definitions if wanted in ({"Ref": it.logical_id}, it.properties.get("Family"))]
    if len(found) != 1:
        raise NotPricedError(f"its task definition {wanted} is not in the same template")
    return found[0]


def _neighbours(service: Resource, resource_type: str) -> Iterator[Resource]:
    """The resources of a type in the same template."""
    for logical_id, body in service.neighbours.items():
        properties = body.get("Properties")
        if body.get("Type") == resource_type and isinstance(properties, dict):
            yield replace(service, logical_id=logical_id, properties=properties)


def _cluster(cluster: Resource, month: Month) -> Iterator[Charge]:
    usage = month.usage
    # Enhanced insights have more metrics, also per task and container, at another price (CloudWatch pricing).
    insights = {
        "enabled": ("cloudwatch.metric", usage.container_insights_metrics.value),
        "enhanced": ("cloudwatch.insights", usage.container_insights_enhanced_metrics.value),
    }
    for setting in cluster.items("ClusterSettings"):
        if at(setting, "Name") == "containerInsights" and (found := insights.get(str(at(setting, "Value")))):
            price, metrics = found
            yield Charge(price=price, quantity=metrics * month.months(cluster.lifecycle), detail="container insights")


METERS: Final[dict[str, Meter]] = {"AWS::ECS::Service": _service, "AWS::ECS::Cluster": _cluster}
