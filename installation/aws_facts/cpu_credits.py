"""The CPU credits that burstable classes of RDS earn."""

from typing import Final

# Credits per hour by size; a credit is one vCPU for a minute. Both families earn the same (Amazon EC2 user guide, "Key
# concepts for burstable performance instances").
_FAMILIES: Final = ("t3", "t4g")
_CREDITS: Final = {"micro": 12, "small": 24, "medium": 24, "large": 36, "xlarge": 96, "2xlarge": 192}


def credits_an_hour(instance_class: str) -> int | None:
    """CPU credits that an instance earns in an hour; None for a class without credits."""
    _, family, size = instance_class.split(".")
    return _CREDITS.get(size) if family in _FAMILIES else None
