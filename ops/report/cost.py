"""The bill by day, against budget and estimate."""

from collections.abc import Callable

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.cost.actual import Actual, compare, days_up, read_days
from ops.cost.estimation import Estimate
from ops.report.period import Period


def read_cost(aws: Aws, settings: Settings, period: Period, estimate: Callable[[float], Estimate]) -> Actual:
    """What the month cost so far.

    Args:
        aws: the account.
        settings: with the budget.
        period: the month.
        estimate: computes what a month with so many days up costs.
    """
    days = read_days(aws.cost_explorer, period.first, period.after)
    return compare(
        days,
        month=period.month,
        budget=settings.guardrail.monthly_budget_usd,
        estimate=estimate(float(days_up(days))),
    )
