"""How a rehearsal wants the next snapshots to come about."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict


class SnapshotBehaviour(BaseModel):
    """How the next snapshots come about, as the file ``database/snapshots.json`` of the state folder says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seconds: float = 0.0
    """How long each is ``creating``, in seconds of the emulated clock."""
    outcome: Literal["available", "failed"] = "available"
    most: int = 100
    """How many manual ones a region may have (RDS user guide, "Quotas and constraints")."""


def read_behaviour(file: Path) -> SnapshotBehaviour:
    """What the file says now, which may be written at any time; without it all is as on AWS.

    Raises:
        ValueError: the file cannot be read.
    """
    try:
        return SnapshotBehaviour.model_validate_json(file.read_text())
    except FileNotFoundError:
        return SnapshotBehaviour()
