"""Injected faults: the kind of failure, and the image, function, alarm or database that it affects.

``POST /_hannibal/faults`` with ``{"kind": "never_healthy", "pattern": "*:broken"}`` injects one, ``GET`` lists them,
``DELETE`` ends all. ``pattern`` is a shell pattern for the names of the affected objects.
"""

import fnmatch
import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from embedded_aws.core.json_value import JsonValue

Kind = Literal[
    # About images:
    "never_healthy",  # the health path answers 503
    "answers_500",  # every other path answers 500
    "exits",  # the container ends with code 1
    "out_of_memory",  # the container ends with code 137
    "cannot_pull",
    "critical_findings",  # ECR's scan of the image, named as in ``api:1.2``, has one
    # About functions:
    "hook_fails",  # the hook reports Failed
    # About alarms:
    "alarm",  # goes to ALARM as soon as a deployment has shifted ``at_percent`` of the traffic
    "alarm_stays",  # keeps the state that it has or is set to, whatever its metrics say
    # About CodeDeploy applications:
    "hold",  # a deployment waits at ``at_percent`` of the traffic until the fault ends
    # About database instances, with the values that RDS then reports:
    "storage_fills",  # 1% of the storage is free
    "memory_fills",  # 1% of the memory is free
    "credits_spent",  # no CPU credits are left
    # An instance that is deleted stays ``deleting``, and its final snapshot is not listed, until the fault ends.
    "deletion_takes",
    "rename_takes",  # an instance stays ``renaming`` under its old name
    "backup_takes",  # a new instance, or one whose snapshot is being taken, stays ``backing-up``
    "modifying_takes",  # a changed instance stays ``modifying``
    "stopping_takes",  # an instance stays ``stopping``
    "starting_takes",  # an instance stays ``starting``
    # About PostgreSQL's versions:
    "version_withdrawn",  # RDS no longer offers it
    # About availability zones:
    "zone_lost",  # the service's tasks there end, and new ones start in other zones
    # These happen once, when they are injected:
    "task_stops",  # about services: one task ends
    "database_restarts",  # about database instances, like the next
    "database_fails",
]


class Fault(BaseModel):
    """A fault that is or will be injected."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    pattern: str = "*"
    at_percent: float = Field(default=0.0, ge=0.0, le=100.0)


class Faults:
    """The faults in effect, kept across a restart."""

    def __init__(self) -> None:
        self._faults: tuple[Fault, ...] = ()
        self._lock = threading.Lock()

    def restore(self, saved: JsonValue) -> None:
        """Load the faults that ``as_json`` listed before a restart."""
        self._faults = tuple(Fault.model_validate(item) for item in (saved if isinstance(saved, list) else []))

    def as_json(self) -> JsonValue:
        """List the faults in effect."""
        return [fault.model_dump() for fault in self._faults]

    def inject(self, fault: Fault) -> None:
        """Put a fault into effect."""
        with self._lock:
            self._faults = (*self._faults, fault)

    def end(self, fault: Fault) -> None:
        """End one fault; others stay."""
        with self._lock:
            self._faults = tuple(one for one in self._faults if one != fault)

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults = ()

    def find(self, kind: Kind, name: str) -> Fault | None:
        """Find the fault of a kind for the given image, function, alarm, application or instance."""
        return next(
            (fault for fault in self._faults if fault.kind == kind and fnmatch.fnmatchcase(name, fault.pattern)), None
        )
