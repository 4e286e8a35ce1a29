"""Granted and used permissions of the three roles of people and workflows in the month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ops.aws.clients import Aws
from ops.iam.review.groups import Group
from ops.iam.review.running import ReviewOptions, run
from ops.report.period import Period


@dataclass(frozen=True, kw_only=True)
class RoleUse:
    """The permission review of one role in numbers."""

    role: str  # its name
    groups: Mapping[Group, int]  # granted actions in each of the review's groups
    events: int  # the role's events in the month

    @property
    def granted(self) -> int:
        """All granted actions."""
        return sum(self.groups.values())


def read_permissions(aws: Aws, period: Period) -> tuple[RoleUse, ...]:
    """Review the roles over the month's trail by Athena, which charges for the data that it reads."""
    names = aws.names
    roles = (names.cicd_role, names.plan_role, names.developer_role)
    return tuple(_review(aws, period, role) for role in roles)


def _review(aws: Aws, period: Period, role: str) -> RoleUse:
    last = period.after - timedelta(days=1)
    options = ReviewOptions(role=role, days=(period.after - period.first).days, last=last)
    # Three queries take seconds, so there is no progress.
    found = run(options, aws, progress=lambda *_: None)
    return RoleUse(
        role=role,
        groups={group: found.groups.get(group, 0) for group in Group},
        events=found.coverage.role_events,
    )
