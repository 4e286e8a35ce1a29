"""What leftovers cost in a month, from the same prices as the estimate."""

from collections.abc import Iterable, Mapping
from typing import Final

from ops.cost.meters.meter import HOURS_A_MONTH
from ops.cost.prices import PriceBook
from ops.month.leftovers import Leftover, Total, totals

# The month's database and service are left out: `hannibal cost estimate` knows what they cost. Databases that a restore
# has put aside say the price of their class themselves.
_PRICES: Final = {
    "alarm": "cloudwatch.alarm",
    "bucket": "s3.standard",
    "dashboard": "cloudwatch.dashboard",
    "encryption key": "kms.key",
    "images": "ecr.storage",
    "load balancer": "load_balancer.hour",
    "log group": "logs.kept",
    "NAT gateway": "nat.hour",
    "public IPv4 address": "public_ipv4.hour",
    "secret": "secret.month",
    "snapshot": "rds.backup",
}


def costs(leftovers: Iterable[Leftover], prices: PriceBook) -> Mapping[str, float | None]:
    """US dollars by kind for a whole month, before tax, after what every account has for nothing.

    None where no price is known here. An upper bound for snapshots and logs, of which AWS bills less than it reports.
    """
    return {total.kind: _cost(total, prices) for total in totals(leftovers)}


def _cost(total: Total, prices: PriceBook) -> float | None:
    name = total.price or _PRICES.get(total.kind, "")
    price = prices.prices.get(name)
    if price is None:
        return None
    quantity = total.quantity * (HOURS_A_MONTH if name.endswith(".hour") else 1.0)
    return max(0.0, quantity - price.free_quantity) * price.price
