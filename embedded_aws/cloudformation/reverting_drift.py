"""Drift-aware change sets: resources that differ from the template are restored (`DeploymentMode=REVERT_DRIFT`).

Emulated for the deployed template only. Changes by releases are drift for CloudFormation: it first restores listeners
and rules, and then requests the template's task definition for the service, which ECS refuses under CodeDeploy. A
failure restores the previous state, not the former template (CloudFormation user guide, "Using drift-aware change
sets"). What was deleted is made again only if nothing in the template names it, or its id and attributes return: the
properties of other resources are not changed here.
"""

from datetime import UTC, datetime
from typing import Any, Final

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.registry import after_change_set
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Original, Response, wrap_item

_REVERTED: Final = "_reverted"
_SERVICE: Final = "AWS::ECS::Service"
_MOVED_BY_RELEASES: Final = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
_STACK: Final = "AWS::CloudFormation::Stack"

Record = dict[str, Any]


def install(_context: ServerContext) -> None:
    """Let change sets revert drift."""
    after_change_set(_plan)
    wrap_item(emulator.actions, "ExecuteChangeSet", _execute)


def _plan(params: Record, change_set: Record) -> None:
    if emulator.parameter(params, "DeploymentMode") != "REVERT_DRIFT":
        return
    stack = emulator.stacks[change_set["StackName"]]
    drifted = _drifted(stack)
    if drifted and change_set["Status"] == "FAILED":  # the template itself has no change
        records = stack["_resources"]
        changes = [{"Type": "Resource", "ResourceChange": _change(one, records[one])} for one in drifted]
        change_set |= {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "StatusReason": ""}
        change_set |= {"Changes": changes, _REVERTED: drifted}


def _execute(original: Original, params: Record) -> Response:
    change_set = emulator.named_change_set(params)
    if change_set is None or _REVERTED not in change_set or change_set["ExecutionStatus"] != "AVAILABLE":
        return original(params)
    change_set["ExecutionStatus"] = "EXECUTE_COMPLETE"
    _revert(emulator.stacks[change_set["StackName"]], change_set[_REVERTED])
    return emulator.xml_response(200, "ExecuteChangeSetResponse", "<ExecuteChangeSetResult></ExecuteChangeSetResult>")


def _drifted(stack: Record) -> list[str]:
    """Logical ids of the resources with drift, in the order of their restore: a service after its listeners."""
    resources, now, drifted = stack.get("_resources", {}), datetime.now(UTC).isoformat(), []
    for logical_id, record in resources.items():
        if record["ResourceType"] in emulator.drift_readers:
            drift = emulator.detect_resource_drift(stack, logical_id, record, now)
            if drift["StackResourceDriftStatus"] in ("MODIFIED", "DELETED"):
                drifted.append(logical_id)
    kinds = {logical_id: record["ResourceType"] for logical_id, record in resources.items()}
    if any(kinds[one] in _MOVED_BY_RELEASES for one in drifted):
        # A release has given the service another task definition and another target group.
        drifted += [one for one, kind in kinds.items() if kind == _SERVICE and one not in drifted]
    return sorted(drifted, key=lambda one: kinds[one] == _SERVICE)


def _change(logical_id: str, record: Record) -> Record:
    return {
        "Action": "Modify",
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": record["PhysicalResourceId"],
        "ResourceType": record["ResourceType"],
        "Replacement": "False",
        "Scope": ["Properties"],
    }


def _revert(stack: Record, drifted: list[str]) -> None:
    _send_event(stack, "", "UPDATE_IN_PROGRESS")
    reverted: list[tuple[str, Record | None, Record]] = []
    former = {it: dict(stack["_resources"][it]) for it in drifted}
    for logical_id in drifted:
        properties = stack["_resources"][logical_id]["Properties"]
        actual = _actual(stack, logical_id, properties)
        _send_event(stack, logical_id, "UPDATE_IN_PROGRESS")
        try:
            if actual is None:
                _make_again(stack, logical_id, properties)
            else:
                _update(stack, logical_id, actual, properties)
        except ValueError as error:  # a refusal of a service
            _send_event(stack, logical_id, "UPDATE_FAILED", str(error))
            failed = f"The following resource(s) failed to update: [{logical_id}]."
            _send_event(stack, "", "UPDATE_ROLLBACK_IN_PROGRESS", failed)
            for earlier, before, after in reversed(reverted):
                if before is None:
                    _delete(stack, earlier, stack["_resources"][earlier]["PhysicalResourceId"])
                    stack["_resources"][earlier] |= former[earlier]
                else:
                    _update(stack, earlier, after, before)
                _send_event(stack, earlier, "UPDATE_COMPLETE")
            _send_event(stack, "", "UPDATE_ROLLBACK_COMPLETE")
            return
        _send_event(stack, logical_id, "UPDATE_COMPLETE")
        reverted.append((logical_id, actual, properties))
    _send_event(stack, "", "UPDATE_COMPLETE")


def _actual(stack: Record, logical_id: str, properties: Record) -> Record | None:
    """The properties with the actual values of the drifted ones; None: it was deleted by hand.

    An answer's other fields may be invalid for a handler.
    """
    record = stack["_resources"][logical_id]
    reader, _ = emulator.drift_readers[record["ResourceType"]]
    read = reader(record["PhysicalResourceId"], properties)
    if read is None:
        return None
    drift = emulator.detect_resource_drift(stack, logical_id, record, datetime.now(UTC).isoformat())
    names = {one["PropertyPath"].split("/")[1] for one in drift.get("PropertyDifferences", ())}
    found = {name: value for name, value in read.items() if name in names}
    if record["ResourceType"] == _SERVICE:
        found["TaskDefinition"] = f"{properties.get('TaskDefinition')}:released"
    return properties | found


def _update(stack: Record, logical_id: str, old: Record, new: Record) -> None:
    record = stack["_resources"][logical_id]
    handlers = emulator.resource_handlers[record["ResourceType"]]
    rest = (logical_id,) if handlers.get("update_with_logical_id") else ()
    handlers["update"](record["PhysicalResourceId"], old, new, stack["StackName"], *rest)


def _make_again(stack: Record, logical_id: str, properties: Record) -> None:
    """Raises ValueError: others name it by the id or the attributes that it had."""
    record = stack["_resources"][logical_id]
    handlers = emulator.resource_handlers[record["ResourceType"]]
    made, attributes, *_ = handlers["create"](logical_id, properties, stack["StackName"])
    parts = [stack["_template"].get(it, {}) for it in ("Resources", "Outputs")]
    named = {attribute for name, attribute in emulator.intrinsic_references(parts) if name == logical_id}
    before: dict[str | None, Any] = {
        None: record["PhysicalResourceId"],
        **record["Attributes"],
    }  # `Ref` has no attribute
    after: dict[str | None, Any] = {None: made, **attributes}
    if any(before.get(it) != after.get(it) for it in named):
        _delete(stack, logical_id, made)
        raise ValueError("The embedded AWS makes nothing again that the template names and that would get another id.")
    record["PhysicalResourceId"], record["Attributes"] = made, attributes


def _delete(stack: Record, logical_id: str, physical_id: str) -> None:
    record = stack["_resources"][logical_id]
    emulator.delete_resource(record["ResourceType"], physical_id, record["Properties"], stack["StackName"], logical_id)


def _send_event(stack: Record, logical_id: str, status: str, reason: str = "") -> None:
    name, identifier = stack["StackName"], stack["StackId"]
    if not logical_id:
        stack["StackStatus"], stack["StackStatusReason"] = status, reason
        emulator.add_event(identifier, name, name, _STACK, status, reason, physical_id=identifier)
        return
    record = stack["_resources"][logical_id]
    kind, physical = record["ResourceType"], record["PhysicalResourceId"]
    emulator.add_event(identifier, name, logical_id, kind, status, reason, physical_id=physical)
