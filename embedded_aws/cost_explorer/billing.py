"""The costs of this account: the hourly costs of the stacks' resources, for the hours in which they existed.

Prices and usage are those of the estimate (`ops.cost`), so a rehearsed month can be compared with it. Every started
hour costs a full hour, as for a load balancer (Elastic Load Balancing pricing, "each hour or partial hour"). Snapshots
without an instance cost nothing here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any, Final

from embedded_aws.cloudformation import emulator as cloudformation
from ops.cost.charges import HOURS_A_MONTH
from ops.cost.estimation import estimate_resources
from ops.templates.template import Template

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """One lifetime of a stack: a stack of the same name may be created and deleted many times."""

    stack: str  # its name
    begun: datetime  # when its creation began
    ended: datetime | None  # when it was deleted; None while it exists

    def hours_begun(self, day: date, now: datetime) -> int:
        """Number of hours of a day, in UTC, in which it existed, at least in part."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        start = max(self.begun, midnight)
        end = min(self.ended or now, now, midnight + timedelta(days=1))
        if end <= start:
            return 0
        first = start.replace(minute=0, second=0, microsecond=0)
        return -((first - end) // _HOUR)  # rounded up


def lifetimes(events: Iterable[Iterable[Mapping[str, str]]]) -> Iterator[Lifetime]:
    """The lifetimes of stacks, from each stack's events."""
    for history in events:
        stack_events = [event for event in history if event["ResourceType"] == "AWS::CloudFormation::Stack"]
        if begun := _times(stack_events, "CREATE_IN_PROGRESS"):
            ended = max(_times(stack_events, "DELETE_COMPLETE"), default=None)
            yield Lifetime(stack=stack_events[0]["StackName"], begun=min(begun), ended=ended)


def _times(events: Iterable[Mapping[str, str]], status: str) -> list[datetime]:
    return [datetime.fromisoformat(event["Timestamp"]) for event in events if event["ResourceStatus"] == status]


def hourly_costs(templates: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Hourly costs of each stack in US dollars, by the service's name on the bill."""
    resources = chain.from_iterable(Template(stack, dict(it)).resources for stack, it in sorted(templates.items()))
    costs: dict[str, dict[str, float]] = {}
    for line in estimate_resources(tuple(resources)).lines:
        services = costs.setdefault(line.stack, {})
        services[line.price.service] = services.get(line.price.service, 0) + line.cost.running / HOURS_A_MONTH
    return costs


def bill(
    day: date, stacks: Iterable[Lifetime], costs: Mapping[str, Mapping[str, float]], now: datetime
) -> dict[str, float]:
    """The costs of a day in US dollars, by service."""
    services: dict[str, float] = {}
    for lifetime in stacks:
        hours = lifetime.hours_begun(day, now)
        for service, cost in costs.get(lifetime.stack, {}).items():
            if hours and cost:
                services[service] = services.get(service, 0) + hours * cost
    return services


def read_lifetimes() -> tuple[Lifetime, ...]:
    """The lifetimes of all stacks in the emulator's records."""
    return tuple(lifetimes(cloudformation.stack_events.all_values()))


def read_templates() -> dict[str, dict[str, Any]]:
    """The last template of each stack, also of deleted ones."""
    templates = {}
    for (_account, _region, name), stack in cloudformation.stacks.all_items():
        resources: Mapping[str, Any] = stack.get("_template", {}).get("Resources", {})
        # Without conditional ones: only `cdk bootstrap` has them, for keys and policies that are not created.
        templates[name] = {"Resources": {key: body for key, body in resources.items() if "Condition" not in body}}
    return templates
