"""How a rehearsal wants the next snapshots to come about."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class SnapshotOrder(BaseModel):
    """How the next snapshots come about, as the file ``database/snapshots.json`` of the state folder orders it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = 0.0
    """How long each is ``creating``, in seconds of the emulated clock."""
    outcome: Literal["available", "failed"] = "available"
    most: int = 100
    """How many manual ones a region may have (RDS user guide, "Quotas and constraints")."""


class SnapshotOrders:
    """Reads the file, which may be written at any time."""

    def __init__(self, file: Path) -> None:
        """Take the file; without it there is no order."""
        self._file = file

    def read(self) -> SnapshotOrder:
        """What is ordered now.

        Raises:
            ValueError: the file holds no order.
        """
        try:
            return SnapshotOrder.model_validate_json(self._file.read_text())
        except FileNotFoundError:
            return SnapshotOrder()
