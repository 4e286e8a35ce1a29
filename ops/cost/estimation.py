"""Monthly cost of synthesized templates, line by line, running and stopped.

Each resource of a template is in one of three lists: lines with a price, types that are stated to be free, and what is
not priced, with the reason. Nothing is left out silently.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from installation.names import Lifecycle
from ops.cost.charges import HOURS_A_MONTH, Month, NotPricedError
from ops.cost.meters import METERS
from ops.cost.prices import Price, PriceBook, load_prices, price_file
from ops.cost.schedule import shares
from ops.cost.usage import Assumption, Usage, load_usage, usage_file
from ops.errors import UnusableInputError
from ops.templates.resolver import Resolver
from ops.templates.resource_types import SCALABLE_TARGET
from ops.templates.template import Resource, Template, read_templates
from ops.templates.values import Map, at, items, mapping

DAYS_A_MONTH: Final = HOURS_A_MONTH / 24
_FREE_AS_SET: Final = "some settings of this type cost money, those of these templates do not"
_DEFAULT_REGION: Final = "ap-northeast-1"


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """One figure for three months."""

    running: float = 0.0  # all stacks exist for 730 hours
    stopped: float = 0.0  # only the persistent stacks exist, for 730 hours
    month: float = 0.0  # the ephemeral stacks exist for the requested days

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            running=self.running + other.running,
            stopped=self.stopped + other.stopped,
            month=self.month + other.month,
        )

    def __mul__(self, factor: float) -> "Amounts":
        return Amounts(running=self.running * factor, stopped=self.stopped * factor, month=self.month * factor)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One cost of a resource."""

    stack: str  # name of its stack
    lifecycle: Lifecycle  # of that stack
    resource: str  # its name in the template
    resource_type: str  # such as ``AWS::S3::Bucket``
    price_name: str  # the price's name in the price file
    price: Price  # what one unit costs, with source and date
    detail: str  # what it is for, where the price's text does not say so
    quantity: Amounts  # billable units, beyond the free tier
    cost: Amounts  # US dollars


@dataclass(frozen=True, kw_only=True)
class NotPriced:
    """A resource without a known price."""

    stack: str
    resource: str
    resource_type: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class FreeType:
    """A free resource type, the number of its resources, and why it is free."""

    resource_type: str
    count: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The monthly cost of an environment, in US dollars before tax."""

    environment: str  # by the tag of its resources
    region: str  # region of the prices
    days: float  # days up in the ``month`` figures
    lines: tuple[Line, ...]  # all costs, by stack
    total: Amounts  # the sum of all lines
    by_stack: dict[str, Amounts]  # the sums of each stack
    free: tuple[FreeType, ...]  # types that cost nothing
    not_priced: tuple[NotPriced, ...]  # resources without a known price; the total is too low by them
    left_out: tuple[str, ...]  # costs that are not estimated at all
    assumptions: dict[str, Assumption]  # the assumed usage


def estimate(
    assembly: Path, *, days: float = DAYS_A_MONTH, prices: PriceBook | None = None, usage: Usage | None = None
) -> Estimate:
    """Estimate the monthly cost of the application in an assembly folder (``cdk.out``).

    ``days`` are those of the month on which the ephemeral stacks exist. The prices are by default those of Tokyo, the
    usage that of the environment that the templates are tagged with.

    Raises:
        UnusableInputError: the folder has no templates, a file is invalid, or a month has fewer days.
    """
    resources = _resolve_resources({it.stack: it.content for it in read_templates(assembly)})
    return estimate_resources(resources, days=days, prices=prices, usage=usage)


def estimator(assembly: Path) -> Callable[[float], Estimate]:
    """The same as a function of the days; it reads the templates once, now.

    Raises:
        UnusableInputError: the folder has no templates.
    """
    resources = _resolve_resources({it.stack: it.content for it in read_templates(assembly)})
    return lambda days: estimate_resources(resources, days=days)


def estimate_templates(templates: Mapping[str, Map], *, at_most: bool = False) -> Estimate:
    """The same for templates by stack name; `at_most` with as many tasks as scaling may start."""
    if at_most:
        templates = {stack: _at_maximum_capacity(content) for stack, content in templates.items()}
    return estimate_resources(_resolve_resources(templates))


def _resolve_resources(templates: Mapping[str, Map]) -> tuple[Resource, ...]:
    """The resources, with defaults of parameters and mappings as values."""
    values = Resolver(templates, dict.fromkeys(templates, _DEFAULT_REGION))
    decided = (Template(stack, values.decided(stack)) for stack in templates)
    return tuple(resource for template in decided for resource in template.resources)


def _at_maximum_capacity(template: Map) -> Map:
    """A template whose scalable targets are at their maximum."""
    resources = dict(mapping(template.get("Resources")))
    for logical_id, body in resources.items():
        properties = mapping(at(body, "Properties"))
        if at(body, "Type") == SCALABLE_TARGET and (most := properties.get("MaxCapacity")) is not None:
            resources[logical_id] = mapping(body) | {"Properties": properties | {"MinCapacity": most}}
    return template | {"Resources": resources}


def estimate_resources(
    resources: tuple[Resource, ...],
    *,
    days: float = DAYS_A_MONTH,
    prices: PriceBook | None = None,
    usage: Usage | None = None,
) -> Estimate:
    """The same for resources that are in no folder."""
    if not 0 <= days <= 31:
        raise UnusableInputError(f"{days:g} days: a month has 0 to 31 days up")
    environment = _environment(resources)
    prices = prices or load_prices(price_file(_DEFAULT_REGION))
    usage = usage or load_usage(usage_file(environment))
    running = shares(resources)
    months = (
        Month(hours_up=HOURS_A_MONTH, usage=usage, shares=running),
        Month(hours_up=0, usage=usage, shares=running),
        Month(hours_up=min(days * 24, HOURS_A_MONTH), usage=usage, shares=running),
    )
    lines, not_priced = _price(resources, months, prices)
    priced = {(line.stack, line.resource) for line in lines} | {(it.stack, it.resource) for it in not_priced}
    by_stack: dict[str, Amounts] = {}
    for line in lines:
        by_stack[line.stack] = by_stack.get(line.stack, Amounts()) + line.cost
    return Estimate(
        environment=environment,
        region=prices.region,
        days=min(days, DAYS_A_MONTH),
        lines=tuple(lines),
        total=sum(by_stack.values(), Amounts()),
        by_stack=by_stack,
        free=_free((it for it in resources if (it.stack, it.logical_id) not in priced), prices),
        not_priced=tuple(not_priced),
        left_out=prices.left_out,
        assumptions=usage.flat(),
    )


def _environment(resources: Iterable[Resource]) -> str:
    """The environment of the templates, by the tag of their stacks."""
    tags = (tag for resource in resources for tag in items(resource.properties.get("Tags")))
    return next((str(at(tag, "Value")) for tag in tags if at(tag, "Key") == "Environment"), "dev")


def _price(
    resources: Iterable[Resource], months: tuple[Month, Month, Month], prices: PriceBook
) -> tuple[list[Line], list[NotPriced]]:
    lines: list[Line] = []
    not_priced: list[NotPriced] = []
    allowances = _Allowances(prices)
    for resource in resources:
        try:
            lines += list(_lines(resource, months, prices, allowances))
        except NotPricedError as error:
            name, kind = resource.logical_id, resource.resource_type
            not_priced.append(NotPriced(stack=resource.stack, resource=name, resource_type=kind, reason=str(error)))
    return lines, not_priced


def _lines(
    resource: Resource, months: tuple[Month, Month, Month], prices: PriceBook, allowances: "_Allowances"
) -> Iterator[Line]:
    if resource.resource_type in prices.free_types:
        return
    meter = METERS.get(resource.resource_type)
    if meter is None:
        raise NotPricedError("no price is computed for this type, and nothing says that it is free")
    for running, stopped, month in zip(*(meter(resource, one) for one in months), strict=True):
        if running.price not in prices.prices:
            raise NotPricedError(f"the price file has no {running.price}")
        price = prices.prices[running.price]
        amounts = Amounts(running=running.quantity, stopped=stopped.quantity, month=month.quantity)
        quantity = allowances.billed_part(running.price, amounts)
        yield Line(
            stack=resource.stack,
            lifecycle=resource.lifecycle,
            resource=resource.logical_id,
            resource_type=resource.resource_type,
            price_name=running.price,
            price=price,
            detail=_detail(running.detail, amounts, quantity, price),
            quantity=quantity,
            cost=quantity * price.price,
        )


def _detail(detail: str, used: Amounts, quantity: Amounts, price: Price) -> str:
    if used == quantity:
        return detail
    free = f"{used.running:g} used, {price.free_quantity:g} a month free"
    return f"{detail}; {free}" if detail else free


class _Allowances:
    """The free tiers, used up by one line after the other."""

    def __init__(self, prices: PriceBook) -> None:
        self._left = {
            name: Amounts(running=1, stopped=1, month=1) * price.free_quantity for name, price in prices.prices.items()
        }

    def billed_part(self, price: str, amounts: Amounts) -> Amounts:
        """The part of a quantity that exceeds what is left of the free tier."""
        remaining = self._left[price]
        billed = Amounts(
            running=max(0.0, amounts.running - remaining.running),
            stopped=max(0.0, amounts.stopped - remaining.stopped),
            month=max(0.0, amounts.month - remaining.month),
        )
        self._left[price] = remaining + (amounts + billed * -1) * -1
        return billed


def _free(rest: Iterable[Resource], prices: PriceBook) -> tuple[FreeType, ...]:
    """The free types: those of the resources that are in neither of the other two lists."""
    counts = Counter(resource.resource_type for resource in rest)
    return tuple(
        FreeType(resource_type=kind, count=count, reason=prices.free_types.get(kind, _FREE_AS_SET))
        for kind, count in sorted(counts.items())
    )
