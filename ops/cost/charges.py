"""What meters have in common: the month, and the charges."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from installation.names import Lifecycle
from ops.cost.schedule import ALL_THE_TIME, Shares
from ops.cost.usage import Usage
from ops.templates.template import Resource
from ops.templates.values import number, quantity

HOURS_A_MONTH: Final = 730.0  # AWS's convention (AWS Pricing Calculator, 365 days of 24 hours by 12)


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month during a part of which the ephemeral stacks exist."""

    hours_up: float  # hours in which the ephemeral stacks exist, 0 to 730
    usage: Usage  # its usage that templates do not state
    shares: Shares = ALL_THE_TIME  # shares of that time in which tasks and the database run

    @property
    def up(self) -> float:
        """Share of the month in which the ephemeral stacks exist."""
        return self.hours_up / HOURS_A_MONTH

    def hours(self, lifecycle: Lifecycle) -> float:
        """Hours in which the stacks of a lifecycle exist."""
        return HOURS_A_MONTH if lifecycle == "persistent" else self.hours_up

    def months(self, lifecycle: Lifecycle) -> float:
        """The same as a share of the month, for monthly prices that are charged by the hour."""
        return self.hours(lifecycle) / HOURS_A_MONTH


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One charge."""

    price: str  # its name in the price file
    quantity: float  # in the unit of that price
    detail: str = ""  # what it is for, where the price's text does not say so


Meter = Callable[[Resource, Month], Iterable[Charge]]


class NotPricedError(Exception):
    """A resource costs money, but the template does not state the quantity, or no price is known."""


def meter(price: str, quantity: Callable[[Resource, Month], float]) -> Meter:
    """The meter of a resource with a single charge."""
    return lambda resource, month: [Charge(price=price, quantity=quantity(resource, month))]


def monthly_meter(price: str) -> Meter:
    """The meter of a resource with a monthly price, for as long as its stack exists."""
    return meter(price, lambda resource, month: month.months(resource.lifecycle))


def amount(resource: Resource, name: str, default: float) -> float:
    """A property as a number; templates also have numbers as text, and sizes of tasks with units.

    Raises:
        NotPricedError: the value is known only at deployment.
    """
    given = resource.properties.get(name, default)
    value = quantity(given) if isinstance(given, str) else number(given)
    if value is None:
        raise NotPricedError(f"{name} is only known at deployment")
    return value
