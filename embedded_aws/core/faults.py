"""Faults that are injected on purpose: what goes wrong, and with which image, function, alarm or database.

``POST /_hannibal/faults`` with ``{"kind": "never_healthy", "pattern": "*:broken"}`` injects one, ``GET`` lists them,
``DELETE`` ends all. ``pattern`` is a shell pattern of what the kind is about.
"""

import fnmatch
import threading
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from embedded_aws.core.json_value import JsonValue

Kind = Literal[
    # Of images:
    "never_healthy",  # the health path answers 503
    "answers_500",  # every other path does
    "exits",  # the container ends with code 1
    "out_of_memory",  # the container ends with code 137
    "cannot_pull",
    "critical_findings",  # ECR's scan of an image of a repository, as in ``api:1.2``, has one
    # Of functions:
    "hook_fails",  # the hook reports Failed
    # Of alarms:
    "alarm",  # goes to ALARM as soon as a deployment has shifted ``at_percent`` of the traffic
    # Of CodeDeploy applications:
    "hold",  # a deployment stands still at ``at_percent`` of the traffic until the fault ends
    # Of database instances, of which RDS then reports so:
    "storage_fills",  # a hundredth of the storage is free
    "memory_fills",  # a hundredth of the memory is free
    "credits_spent",  # no CPU credits are left
    # One that is deleted, but for one of a stack that is deleted without express mode, stays ``deleting``, and its
    # final snapshot is not listed, until the fault ends.
    "deletion_takes",
    "rename_takes",  # one stays ``renaming`` under its old name
    "backup_takes",  # a new one, and one whose snapshot is taken, stays ``backing-up``
    "modifying_takes",  # one that is changed stays ``modifying``
    "stopping_takes",  # it stays ``stopping``
    "starting_takes",  # it stays ``starting``
    # Of PostgreSQL's versions:
    "version_withdrawn",  # RDS offers it no more
    # Of availability zones:
    "zone_lost",  # the service's tasks there end, and others start in other zones
    # Once, when they are injected:
    "task_stops",  # of services, one of whose tasks ends
    "database_restarts",  # of database instances, like the next
    "database_fails",
]


class Fault(BaseModel):
    """One fault."""

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
        """Take back what ``as_json`` listed before a restart."""
        self._faults = tuple(Fault.model_validate(item) for item in (saved if isinstance(saved, list) else []))

    def as_json(self) -> JsonValue:
        """List the faults in effect."""
        return [fault.model_dump() for fault in self._faults]

    def inject(self, fault: Fault) -> None:
        """Have something go wrong from now on."""
        with self._lock:
            self._faults = (*self._faults, fault)

    def end(self, fault: Fault) -> None:
        """End one fault; others stay."""
        with self._lock:
            self._faults = tuple(one for one in self._faults if one != fault)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._faults = ()

    def find(self, kind: Kind, name: str) -> Fault | None:
        """Find the fault of a kind that is about the given image, function, alarm, application or instance."""
        return next(
            (fault for fault in self._faults if fault.kind == kind and fnmatch.fnmatchcase(name, fault.pattern)), None
        )
