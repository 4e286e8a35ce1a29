"""The account's quotas of RDS: reported, and enforced for manual snapshots."""

from pathlib import Path

from embedded_aws.core.patching import Response
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Request, refuse
from embedded_aws.database.snapshot_behaviour import read_behaviour


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
