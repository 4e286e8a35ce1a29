"""CloudFormation's handlers that create, change and delete databases and their groups.

They follow the source of AWS's handlers (aws-cloudformation-resource-providers-rds), whose classes are named here.
"""

import functools
import re
import secrets
import string
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.operation_options import is_express_deletion
from embedded_aws.cloudformation.registry import Created, Properties, recorded_resource
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal, gone_is_fine, query_call
from embedded_aws.database import emulator, refusals, transitions
from embedded_aws.database.account_quotas import AccountQuotas
from embedded_aws.database.emulator import Record, refuse
from embedded_aws.database.snapshots import finish
from installation import yaml_text

_INSTANCE = "AWS::RDS::DBInstance"
_POLL_SECONDS = 0.05
_PASSING = (
    *("backing-up", "creating", "modifying", "rebooting", "renaming", "resetting-master-credentials"),
    "storage-optimization",  # for CloudFormation, a change ends when the instance is available (DBInstanceStatus)
)
_RANDOM_CHARACTERS = 12
_named = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, frozenset[str]])
# Translator.modifyDbInstanceRequest omits these while a stack rolls back: neither can be decreased.
_NOT_SENT_IN_A_ROLLBACK = frozenset({"AllocatedStorage", "EngineVersion"})


def _call(operation: Callable[[dict[str, str]], Response], properties: Mapping[str, Any]) -> None:
    """Call an operation with a template's properties; a refusal of RDS is raised."""
    query = cloudformation.query_parameters(properties, {"VPCSecurityGroups": "VpcSecurityGroupIds"})
    query_call("Rds", operation, query)


class InstanceHandler:
    """The handler of ``AWS::RDS::DBInstance`` for PostgreSQL; other engines keep the emulator's."""

    def __init__(self, context: ServerContext, quotas: AccountQuotas) -> None:
        self._context = context
        self._quotas = quotas
        self._emulated: dict[str, Function] = dict(cloudformation.resource_handlers[_INSTANCE])
        self._final_snapshots: set[str] = set()

    def install(self) -> None:
        """Change the emulator's CloudFormation."""
        cloudformation.resource_handlers[_INSTANCE] = {
            "create": self.create,
            "update": self.update,
            "update_with_logical_id": True,
            "delete": self.delete,
            "delete_with_logical_id": True,
            "snapshot": self.want_snapshot,
        }
        # The handlers wait for servers, and other requests must be answered meanwhile.
        cloudformation.runs_on_worker_thread.wrap(lambda original, name: name == _INSTANCE or original(name))
        replacement = cloudformation.custom_name_replacements[_INSTANCE]
        wrap_item(replacement, "requires_replacement", _requires_replacement)

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        """Create an instance, or restore it when the template names a snapshot (ResourceModelHelper)."""
        if not _is_supported_engine(properties):
            created: Created = self._emulated["create"](logical_id, properties, stack)
            return created
        name = str(properties.get("DBInstanceIdentifier") or "").lower() or cloudformation.physical_name(
            stack, logical_id, lowercase=True, max_len=63
        )
        request = {**properties, "DBInstanceIdentifier": name}
        refusals.new_identifier(name)  # an existing instance belongs to something else; no rollback may delete it
        try:
            with recorded_resource(stack, logical_id, resource_type=_INSTANCE, physical_id=name, properties=properties):
                if properties.get("DBSnapshotIdentifier"):
                    _restore(name, request)
                else:
                    _call(emulator.create_instance, _without(request, _named()["not_sent_to_create"]))
                    _wait(name)
        except Refusal as refusal:
            if refusal.code != "DBInstanceAlreadyExists" and emulator.find_instance(name):
                _delete(name, final_snapshot=None)  # like the rollback of the stack on AWS
            raise
        return name, cloudformation.database_attributes(emulator.instance(name))

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None = None
    ) -> Created:
        """Change an instance in place, or replace it where that is not possible (UpdateHandler)."""
        record = emulator.find_instance(physical_id)
        if not _is_supported_engine(new):
            updated: Created = self._emulated["update"](physical_id, old, new, stack, logical_id)
            return updated
        logical = logical_id or physical_id
        delete = functools.partial(self._delete_replaced, stack, logical)
        name = new.get("DBInstanceIdentifier") or physical_id
        if record is None or name.lower() != physical_id.lower():
            replaced: Created | None = cloudformation.rename_replacement(
                physical_id, old, new, stack, logical, name, physical_id if record else None, self.create, delete
            )
            if replaced is not None:
                return replaced
        assert record is not None  # noqa: S101 - a missing instance was replaced above
        if cloudformation.requires_replacement(_INSTANCE, old, new):
            created: Created = cloudformation.create_replacement(self.create, logical, new, stack)
            cloudformation.delete_predecessor(delete, physical_id, old)
            return created
        _change(record, old, new, stack)
        return physical_id, cloudformation.database_attributes(record)

    def want_snapshot(self, physical_id: str, _properties: Properties) -> None:
        """Remember that the next deletion needs a final snapshot."""
        self._final_snapshots.add(physical_id)

    def delete(self, physical_id: str, properties: Properties, logical_id: str | None) -> None:
        """Delete an instance, with a final snapshot where the deletion policy requires it (DeleteHandler)."""
        takes_snapshot = physical_id in self._final_snapshots
        self._final_snapshots.discard(physical_id)
        if not _is_supported_engine(properties):
            if takes_snapshot:
                self._emulated["snapshot"](physical_id, properties)
            self._emulated["delete"](physical_id, properties)
        elif record := emulator.find_instance(physical_id):
            stack = _stack_of(physical_id)
            snapshot = snapshot_name(stack, logical_id or "dbinstance") if takes_snapshot else None
            if is_express_deletion(cloudformation.stacks.get(stack)):
                self._delete_in_background(record, snapshot)
            else:
                transitions.wait_in(record, "deleting", self._context)
                # An instance whose creation was interrupted has no endpoint: RDS takes no snapshot, and none is needed.
                _delete(physical_id, final_snapshot=snapshot if record.get("Endpoint") else None)

    def _delete_in_background(self, record: Record, final_snapshot: str | None) -> None:
        """Delete in the background: RDS lists the instance as ``deleting`` until its final snapshot is complete."""
        refusals.deletion(record, {"FinalDBSnapshotIdentifier": final_snapshot or "", "SkipFinalSnapshot": "false"})
        if final_snapshot:
            self._quotas.new_snapshot()
        name = record["DBInstanceIdentifier"]
        transitions.in_background(
            record, "deleting", lambda: _delete(name, final_snapshot=final_snapshot), self._context
        )

    def _delete_replaced(self, stack: str, logical_id: str, physical_id: str, _properties: Properties) -> None:
        template = (cloudformation.stacks.get(stack) or {}).get("_template") or {}
        policy = template.get("Resources", {}).get(logical_id, {}).get("UpdateReplacePolicy")
        if emulator.find_instance(physical_id):
            name = snapshot_name(stack, logical_id) if policy == "Snapshot" else None
            _delete(physical_id, final_snapshot=name)


def snapshot_name(stack: str, logical_id: str) -> str:
    """The name of a final snapshot (DeleteHandler.decideSnapshotIdentifier, IdentifierFactory)."""
    characters = string.ascii_lowercase + string.digits
    random = "".join(secrets.choice(characters) for _ in range(_RANDOM_CHARACTERS))
    return re.sub("-{2,}", "-", f"{stack}-snapshot-{logical_id}-{random}".strip("-").lower())


def _requires_replacement(original: Callable[[Properties, Properties], bool], old: Properties, new: Properties) -> bool:
    """Also for a new snapshot identifier, unless the new template omits it (ImmutabilityHelper)."""
    return original(old, new) or new.get("DBSnapshotIdentifier") not in (None, "", old.get("DBSnapshotIdentifier"))


def _is_supported_engine(properties: Properties) -> bool:
    return properties.get("Engine", "postgres") == "postgres" and not (
        properties.get("DBClusterIdentifier") or properties.get("SourceDBInstanceIdentifier")
    )


def _without(properties: Properties, names: frozenset[str]) -> Properties:
    return {name: value for name, value in properties.items() if name not in names}


def _only(properties: Properties, names: frozenset[str]) -> Properties:
    return {name: value for name, value in properties.items() if name in names}


def _wait(name: str) -> None:
    """Wait until an instance is available again. Raises Refusal: it failed."""
    while (status := emulator.instance(name)["DBInstanceStatus"]) in _PASSING:
        time.sleep(_POLL_SECONDS)
    if status != "available":
        raise refuse("GeneralServiceException", f"DB instance {name} is in state {status}.")


def _restore(name: str, request: Properties) -> None:
    _call(emulator.restore_from_snapshot, _only(request, _named()["sent_with_a_restore"]))
    _wait(name)
    modification = _only(request, _named()["sent_after_a_restore"])
    if modification:
        identified = {"DBInstanceIdentifier": name, "ApplyImmediately": True}
        _call(emulator.modify_instance, modification | identified)
        _wait(name)
    if request.get("DBParameterGroupName"):  # ResourceModelHelper.shouldReboot
        _reboot(name)


def _reboot(name: str) -> None:
    _call(emulator.reboot_instance, {"DBInstanceIdentifier": name})
    _wait(name)


def _change(record: Record, old: Properties, new: Properties, stack: str) -> None:
    name = record["DBInstanceIdentifier"]
    changed = {key: value for key, value in new.items() if old.get(key) != value and key != "Tags"}
    if "ROLLBACK" in (cloudformation.stacks.get(stack) or {}).get("StackStatus", ""):
        changed = _without(changed, _NOT_SENT_IN_A_ROLLBACK)
    _call(
        emulator.modify_instance,
        changed | {"DBInstanceIdentifier": name, "ApplyImmediately": new.get("ApplyImmediately", True)},
    )
    while record["DBInstanceStatus"] in _PASSING:
        time.sleep(_POLL_SECONDS)
    # The emulator's ModifyDBInstance has only some of the properties.
    before, after = (cloudformation.database_fields(properties) for properties in (old, new))
    for fields in (before, after):
        del fields["DBParameterGroups"], fields["AllocatedStorage"], fields["EngineVersion"]
    cloudformation.apply_database_changes(record, before, after)
    cloudformation.reconcile_tags(record.setdefault("TagList", []), old, new)
    if record["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot":  # UpdateHandler.shouldReboot
        _reboot(name)


def _delete(name: str, *, final_snapshot: str | None) -> None:
    request = {"FinalDBSnapshotIdentifier": final_snapshot} if final_snapshot else {"SkipFinalSnapshot": True}
    _call(emulator.delete_instance, {"DBInstanceIdentifier": name, **request})
    if final_snapshot is None:
        return
    # The deletion ends when the final snapshot is complete.
    snapshot = emulator.snapshots[final_snapshot]
    while finish(snapshot) == "creating":
        time.sleep(_POLL_SECONDS)


def _stack_of(physical_id: str) -> str:
    """The name of an instance's stack."""
    for name, stack in cloudformation.stacks.items():
        for resource in stack.get("_resources", {}).values():
            if (resource.get("ResourceType"), resource.get("PhysicalResourceId")) == (_INSTANCE, physical_id):
                return str(name)
    return "rds"  # DeleteHandler's default


def install_groups() -> None:
    """Let CloudFormation report RDS's errors, also for the deletion of a group that is in use."""
    cloudformation.raise_database_error.wrap(_raise_refusal)
    for resource_type, delete, parameter in (
        ("AWS::RDS::DBSubnetGroup", "DeleteDBSubnetGroup", "DBSubnetGroupName"),
        ("AWS::RDS::DBParameterGroup", "DeleteDBParameterGroup", "DBParameterGroupName"),
    ):
        handlers = cloudformation.resource_handlers[resource_type]
        wrap_item(handlers, "create", functools.partial(_create_group, parameter))
        wrap_item(handlers, "update", _update_group)
        handlers["delete"] = functools.partial(_delete_group, delete, parameter)


def _create_group(parameter: str, original: Function, logical_id: str, properties: Properties, stack: str) -> Any:
    """Create a group with its name as RDS stores it, in lower case."""
    name = {parameter: properties[parameter].lower()} if properties.get(parameter) else {}
    return original(logical_id, properties | name, stack)


def _update_group(original: Function, physical_id: str, *arguments: Any, **more: Any) -> Any:
    """Update a group, whose id has capitals in a stack of a former server; another id would be a replacement."""
    name, attributes = original(physical_id.lower(), *arguments, **more)
    return physical_id if name == physical_id.lower() else name, attributes


def _delete_group(action: str, parameter: str, physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _call(emulator.actions[action], {parameter: physical_id})


def _raise_refusal(original: Function, status: int, body: bytes, resource_type: str, action: str) -> None:
    if not resource_type.startswith("AWS::RDS::"):
        original(status, body, resource_type, action)
    query_call("Rds", lambda _: (status, {}, body), {})
