"""What Application Auto Scaling keeps: scalable targets, their policies, and what it did."""

import copy
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]
SERVICE = "ApplicationAutoScaling"
_MOST_ACTIVITIES = 50


@dataclass
class Store:
    """Records by the resource's id, such as ``service/cluster/name``; the policies of each by their names."""

    targets: dict[str, Record] = field(default_factory=dict)
    policies: dict[str, dict[str, Record]] = field(default_factory=dict)
    activities: list[Record] = field(default_factory=list)

    def saved(self) -> Any:
        """What a restart needs."""
        return copy.deepcopy({"targets": self.targets, "policies": self.policies, "activities": self.activities})

    def restore(self, saved: Any) -> None:
        """Take what was saved."""
        self.targets, self.policies, self.activities = saved["targets"], saved["policies"], saved["activities"]

    def describe_activities(self, request: Record) -> Record:
        """DescribeScalingActivities."""
        wanted = request.get("ResourceId")
        return {"ScalingActivities": [each for each in self.activities if wanted in (None, each["ResourceId"])]}

    def add_activity(self, activity: Record) -> None:
        """Remember what was done, the newest first."""
        self.activities.insert(0, activity)
        del self.activities[_MOST_ACTIVITIES:]
