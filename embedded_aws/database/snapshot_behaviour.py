"""How long snapshots take in a rehearsal and how they end; RDS's quotas, enforced for manual snapshots."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from embedded_aws.core.patching import Response
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Request, refuse


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


class AccountQuotas:
    """RDS's quotas, as far as a month can reach them."""

    def __init__(self, behaviour: Path) -> None:
        """Take the file with the quota of snapshots per region."""
        self._behaviour = behaviour

    def install(self) -> None:
        """Add the operation."""
        emulator.add_action("DescribeAccountAttributes", self._describe)

    def new_snapshot(self) -> None:
        """Refuse a snapshot beyond the quota; the message is from reports (aws-maintenance #12)."""
        most = read_behaviour(self._behaviour).most
        if _manual_snapshots() >= most:
            raise refuse("SnapshotQuotaExceeded", f"Cannot create more than {most} manual snapshots")

    def _describe(self, _request: Request) -> Response:
        quotas = (
            ("DBInstances", len(emulator.instances()), 40),
            ("ManualSnapshots", _manual_snapshots(), read_behaviour(self._behaviour).most),
        )
        listed = [{"AccountQuotaName": name, "Used": used, "Max": most} for name, used, most in quotas]
        return emulator.answer("DescribeAccountAttributes", {"AccountQuotas": listed})


def _manual_snapshots() -> int:
    return sum(one.get("SnapshotType", "manual") == "manual" for one in emulator.snapshots.values())
