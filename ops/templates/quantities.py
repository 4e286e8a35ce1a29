"""Quantities as people write them beside numbers: processors and memory of tasks, sizes of buffers."""

import re
from typing import Final

_QUANTITY: Final = re.compile(r"(\d*\.?\d+)\s*([a-z]*)")
# ECS developer guide, "Task size": 1024 units of a processor, mebibytes. Docker, "Logging drivers": bytes in k, m, g.
_UNITS: Final = {
    "": 1.0, "vcpu": 1024.0, "gb": 1024.0, "mb": 1.0, "b": 1.0, "k": 1024.0, "m": 1024.0**2, "g": 1024.0**3,
}  # fmt: skip


def quantity(text: str) -> float | None:
    """A quantity in the smallest unit of its kind; None where it is none.

    Args:
        text: such as ``512``, ``0.5GB``, ``.25 vCPU``, ``4m``.
    """
    found = _QUANTITY.fullmatch(text.strip().lower())
    unit = _UNITS.get(found[2]) if found else None
    return float(found[1]) * unit if found and unit is not None else None
