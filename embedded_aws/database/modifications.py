"""Changes of running instances and of their parameter groups."""

import threading
import time

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.database import emulator, names, option_refusals, parameters, refusals, transitions
from embedded_aws.database.emulator import Record, Request, failed, instance_response, parameter
from embedded_aws.database.instances import BACKUPS_SINCE, Instances
from embedded_aws.database.versions import Versions


class Modifications:
    """Applies changes to the server of an instance."""

    def __init__(self, context: ServerContext, instances: Instances, versions: Versions) -> None:
        self._context = context
        self._instances = instances
        self._versions = versions
        # Requests are answered in threads: a second change of an instance must see the result of the first one.
        self._one_at_a_time = threading.Lock()

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.change_own_action("ModifyDBInstance", self._modify)
        for action in ("ModifyDBParameterGroup", "ResetDBParameterGroup"):
            # Both call `_change_parameters`, whose refusals become their answers.
            emulator.change_action(action, lambda original, request: original(request))
        emulator.set_password.wrap(self._set_password)
        emulator.change_parameters.wrap(self._change_parameters)

    def _modify(self, original: Original, request: Request, record: Record) -> Response:
        with self._one_at_a_time:
            return self._modify_own(original, request, record)

    def _modify_own(self, original: Original, request: Request, record: Record) -> Response:
        request = _round_storage(record, request)
        self._check(record, request)
        group = parameter(request, "DBParameterGroupName")
        name = names.wanted_name(record, request)
        same_group = group == emulator.group_name(record)
        instance_class, retention, before = record["DBInstanceClass"], record["BackupRetentionPeriod"], dict(record)
        response = original(request)
        if record["DBInstanceClass"] != instance_class and self._instances.database(record).postgres.running:
            self._instances.restart_or_fail(record)
        if failed(response):
            return response
        if not retention and record["BackupRetentionPeriod"]:
            record[BACKUPS_SINCE] = time.time()
        if group:  # a newly attached group takes effect after a reboot (RDS user guide, "Parameter groups")
            emulator.set_parameter_status(record, "in-sync" if same_group else "pending-reboot")
        if name:
            names.begin(record, request, name, lambda: self._instances.restart_renamed(record), self._context)
        answer = instance_response("ModifyDBInstance", record) if group or name else response
        if not name:
            self._stay_modified(record, request, before)
        return answer

    def _stay_modified(self, record: Record, request: Request, before: Record) -> None:
        """Set the state after the answer, which has the previous one; no other state during storage optimization."""
        if record["DBInstanceStatus"] == "storage-optimization":
            return
        if parameter(request, "MasterUserPassword"):
            transitions.hold_for_fault(record, "resetting-master-credentials", self._context)
        elif record["AllocatedStorage"] != before["AllocatedStorage"]:
            transitions.hold_for_fault(record, "storage-optimization", self._context)
        elif _without_pending(record) != _without_pending(before):
            transitions.hold_for_fault(record, "modifying", self._context)

    def _check(self, record: Record, request: Request) -> None:
        refusals.state(record, *refusals.COPYABLE)
        if password := parameter(request, "MasterUserPassword"):
            refusals.state(record, "available", "storage-optimization")
            refusals.password(password)
        refusals.upgrade(record["EngineVersion"], request)
        option_refusals.options(request, record=record)
        if parameter(request, "EngineVersion") != record["EngineVersion"]:
            self._versions.check(parameter(request, "EngineVersion"))
        if parameter(request, "AllocatedStorage"):
            kind = parameter(request, "StorageType") or record["StorageType"]
            refusals.storage({**request, "StorageType": kind}, least_gib=record["AllocatedStorage"])
        target = parameter(request, "EngineVersion") or record["EngineVersion"]
        refusals.parameter_group(parameter(request, "DBParameterGroupName"), target)

    def _set_password(self, original: Function, record: Record, old: str, new: str) -> None:
        if emulator.is_own_instance(record):
            self._instances.database(record).set_password(record["MasterUsername"], new)
        else:
            original(record, old, new)

    def _change_parameters(
        self, original: Function, group: str, changes: list[tuple[str, str | None, str]], refuse_static: bool = True
    ) -> Response | None:
        values = emulator.group_values(group)
        for name, value, method in changes:
            parameters.check(name, value, method if refuse_static else "pending-reboot")
            values.pop(name, None)
            if value:
                values[name] = value
        for record in emulator.instances():
            if emulator.is_own_instance(record) and emulator.group_name(record) == group:
                self._apply(record, values, static=any(parameters.is_static(name) for name, _, _ in changes))
        refusal: Response | None = original(group, changes, refuse_static)
        return refusal

    def _apply(self, record: Record, values: dict[str, str], *, static: bool) -> None:
        self._instances.database(record).apply(
            parameters.server_settings(values, instance_class=record["DBInstanceClass"]),
            require_tls=parameters.requires_tls(values, engine_version=record["EngineVersion"]),
        )
        if static:
            emulator.set_parameter_status(record, "pending-reboot")


def _round_storage(record: Record, request: Request) -> Request:
    """The request with the storage that RDS allocates: at least 10% more than before (API reference)."""
    now, size = record["AllocatedStorage"], emulator.number(request, "AllocatedStorage")
    if size is None or size <= now:
        return request
    if record["DBInstanceStatus"] == "storage-optimization":
        raise emulator.invalid_combination(
            "You can't currently modify the storage of this DB instance because the previous storage change is being "
            "optimized."
        )
    return {**request, "AllocatedStorage": str(max(size, -(-now * 11 // 10)))}


def _without_pending(record: Record) -> Record:
    """The fields that change at once: changes for a maintenance window or a reboot do not affect the state."""
    return {name: value for name, value in record.items() if name not in ("PendingModifiedValues", "DBParameterGroups")}
