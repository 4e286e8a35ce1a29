"""The quota of manual snapshots of a region: where it is used up, RDS refuses the final one and keeps the database.

Nothing is lost by that: CloudFormation ends DELETE_FAILED. But the month would be half destroyed and bill on, so who
needs a snapshot asks for room before anything is changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ops.aws.clients import Aws
from ops.aws.errors import DENIED, ignoring

# Its name among RDS's quotas (RDS API reference, AccountQuota).
_NAME = "ManualSnapshots"


@dataclass(frozen=True, kw_only=True)
class SnapshotQuota:
    """Manual snapshots of the account in the region, of all databases."""

    used: int  # how many there are, those that are being made among them
    most: int  # how many RDS allows; 100 where nobody asked for more

    @property
    def left(self) -> int:
        """How many more RDS makes."""
        return max(self.most - self.used, 0)


def read_snapshot_quota(aws: Aws) -> SnapshotQuota | None:
    """Ask RDS; None where these credentials may not, as those of an account that was prepared long ago."""
    with ignoring(*DENIED):
        for quota in aws.rds.describe_account_attributes()["AccountQuotas"]:
            if quota.get("AccountQuotaName") == _NAME and "Max" in quota:
                return SnapshotQuota(used=quota.get("Used", 0), most=quota["Max"])
    return None


def snapshot_quota_refusals(aws: Aws, needed: int) -> Iterator[str]:
    """Why RDS would refuse so many new snapshots; 0 asks nothing."""
    quota = read_snapshot_quota(aws) if needed else None
    if quota is not None and quota.left < needed:
        yield (
            f"RDS has {quota.used} of {quota.most} manual snapshots in this region, and {needed} more would be made, "
            "which it would refuse. See what is there: `aws rds describe-db-snapshots --snapshot-type manual`; make "
            "room: `hannibal snapshots prune`, as an administrator with --untagged, or ask for more under Service "
            "Quotas, RDS, `Manual DB instance snapshots`"
        )
