"""The meters of resource types: a meter reads a resource and returns its charges.

A type without a meter here that is not among the free types of the price file is reported as not priced.
"""

from typing import Final

from ops.cost.meters import containers, data, network, observability
from ops.cost.meters.meter import Meter

METERS: Final[dict[str, Meter]] = containers.METERS | data.METERS | network.METERS | observability.METERS
