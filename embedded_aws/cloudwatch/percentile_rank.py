"""Percentile rank, ``PR(:2)``: the percentage of values up to a limit.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
"""

import re
from typing import Any, Final

from embedded_aws.cloudwatch import emulator
from embedded_aws.core.patching import Function

_RANK: Final = re.compile(r"PR\((?P<least>[\d.]*):(?P<most>[\d.]*)\)")


def install() -> None:
    """Compute the percentile rank; the emulator returns the average."""
    emulator.statistic_value.wrap(_value)


def _value(
    original: Function, stats: dict[str, float], statistic: str, points: list[dict[str, Any]] | None = None
) -> float | None:
    match = _RANK.fullmatch(statistic)
    if match is None:
        value: float | None = original(stats, statistic, points)
        return value
    samples = emulator.percentile_samples(points or [])
    least, most = float(match["least"] or "-inf"), float(match["most"] or "inf")
    total = sum(count for _, count in _sample_counts(samples))
    return 100 * sum(count for it, count in _sample_counts(samples) if least < it <= most) / total if total else None


def _sample_counts(samples: Any) -> list[tuple[float, float]]:
    """The emulator's samples, each with its number of occurrences."""
    return [it if isinstance(it, tuple) else (it, 1.0) for it in samples]
