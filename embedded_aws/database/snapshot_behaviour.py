"""How long snapshots take in a rehearsal, how they end and how many there may be."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class SnapshotBehaviour(BaseModel):
    """Duration and outcome of the next snapshots, from the file ``database/snapshots.json`` of the state folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = 0.0
    """The time of each in the state ``creating``, in seconds of the emulated clock."""
    outcome: Literal["available", "failed"] = "available"
    most: int = 100
    """The quota of manual snapshots in a region (RDS user guide, "Quotas and constraints")."""


def read_behaviour(file: Path) -> SnapshotBehaviour:
    """The file's content, which may change at any time; without it, the defaults. Raises ValueError: it is invalid."""
    try:
        return SnapshotBehaviour.model_validate_json(file.read_text())
    except FileNotFoundError:
        return SnapshotBehaviour()
