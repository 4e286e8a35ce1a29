"""The service's records: scalable targets, their policies, and scaling activities."""

import copy
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
SERVICE = "ApplicationAutoScaling"
_MOST_ACTIVITIES = 50


@dataclass
class Store:
    """Records by resource id, such as ``service/cluster/name``; policies also by name."""

    targets: dict[str, Record] = field(default_factory=dict)
    policies: dict[str, dict[str, Record]] = field(default_factory=dict)
    activities: list[Record] = field(default_factory=list)

    def saved(self) -> Any:
        """The records for the saved state."""
        return copy.deepcopy({"targets": self.targets, "policies": self.policies, "activities": self.activities})

    def restore(self, saved: Any) -> None:
        """Take the records from the saved state."""
        self.targets, self.policies, self.activities = saved["targets"], saved["policies"], saved["activities"]

    def describe_activities(self, request: Record) -> Record:
        """Implements DescribeScalingActivities."""
        wanted = request.get("ResourceId")
        return {"ScalingActivities": [each for each in self.activities if wanted in (None, each["ResourceId"])]}

    def add_activity(self, activity: Record) -> None:
        """Add an activity at the beginning of the list."""
        self.activities.insert(0, activity)
        del self.activities[_MOST_ACTIVITIES:]
