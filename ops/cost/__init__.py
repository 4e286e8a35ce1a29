"""What the system costs: estimated from its templates, and read from the bill."""

from ops.cost.estimation import Estimate, estimate

__all__ = ["Estimate", "estimate"]
