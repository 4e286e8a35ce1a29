"""Validation before stack operations: CreateStack, UpdateStack and CreateChangeSet, each with AWS's checks for it.

Errors stop an operation: properties that the schema does not allow, name conflicts. Warnings of a change set do not:
quotas, and non-empty buckets and repositories that would be deleted. ExecuteChangeSet and DeleteStack
are not validated.
Source: CloudFormation user guide, "Validate stack deployments"; AWS DevOps blog, June 2026; aws-cdk-cli #1000 and #1032
for the change set's reason.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ministack.core.responses import get_region

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.names import conflict
from embedded_aws.cloudformation.registry import after_change_set
from embedded_aws.cloudformation.validation import Finding, warnings
from embedded_aws.cloudformation.validation.properties import static, violations
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item
from ops.templates.schemas import schema

_Record = dict[str, Any]
_NONE: Final[frozenset[str]] = frozenset()  # No resources are imported
_REASON: Final = (
    "The following hook(s)/validation failed: [{}]. To troubleshoot Early Validation errors, use the DescribeEvents "
    "API for detailed failure information."
)
_CHECKS: Final = {"NAME_CONFLICT_VALIDATION": "AWS::EarlyValidation::ResourceExistenceCheck"}
_PROPERTIES: Final = "AWS::EarlyValidation::PropertyValidation"
_CHANGE_SET: Final = "_change_set"  # In an event of a change set: its id. DescribeEvents does not return this field.
_EVENTS: Final = "_operation_events"

_Error = tuple[str, str, str, str, str]  # Logical id, type, validation, path, reason: the emulator's form of errors


def _findings(
    resources: Mapping[str, _Record],
    parameters: Mapping[str, _Record],
    conditions: Mapping[str, bool],
    mappings: _Record,
    stack: _Record,
    imported: frozenset[str] = _NONE,
) -> Iterator[Finding]:
    """Check every resource that a template creates; imported resources must exist, so their names are no conflict."""
    name, identifier = stack["StackName"], stack["StackId"]

    def resolve(value: Any) -> Any:
        return emulator.resolve_references(value, {}, parameters, conditions, mappings, name, identifier)

    owned = stack.get("_resources") or {}
    for logical_id, definition in resources.items():
        condition = definition.get("Condition")
        of_type = schema(str(definition.get("Type")), get_region())
        if of_type is None or (condition and not conditions.get(condition, True)):
            continue
        properties = static(definition.get("Properties") or {}, resolve, parameters.keys())
        for path, reason in violations(dict(of_type.content), properties):
            yield Finding(
                logical_id=logical_id,
                resource_type=definition["Type"],
                validation="PROPERTY_VALIDATION",
                reason=reason,
                below=f"/Properties{path}",
            )
        if logical_id not in imported:
            physical_id = str((owned.get(logical_id) or {}).get("PhysicalResourceId") or "")
            taken = conflict(of_type.content, properties, logical_id, physical_id)
            if taken is not None:
                yield taken


def install(_context: ServerContext) -> None:
    """Add the validation to the operations."""
    emulator.validation_errors.wrap(_errors)
    after_change_set(_validate)
    wrap_item(emulator.actions, "DescribeEvents", _describe_events)


def _errors(
    _original: Function,
    resources: _Record,
    ordered: list[str],
    parameters: _Record,
    conditions: _Record,
    mappings: _Record,
    name: str,
    *_rest: object,
) -> list[_Error]:
    """The errors that stop CreateStack and UpdateStack; the emulator sets the events and the stack's status."""
    present = {logical_id: resources[logical_id] for logical_id in ordered}
    found = _findings(present, parameters, conditions, mappings, emulator.stacks[name])
    return [(it.logical_id, it.resource_type, it.validation, it.path, it.reason) for it in found]


def _validate(_params: _Record, change_set: _Record) -> None:
    if change_set["Status"] != "CREATE_COMPLETE" or change_set.get("_disable_validation"):
        return
    stack, template = emulator.stacks[change_set["StackName"]], change_set["_template"]
    parameters = change_set["_resolved_params"]
    imported = {
        *change_set["_import_existing"],
        *(it["LogicalResourceId"] for it in change_set["_resources_to_import"]),
    }
    with emulator.stack_region(stack, stack["StackId"]):
        conditions = emulator.evaluate_conditions(template, parameters)
        resources, mappings = template.get("Resources") or {}, template.get("Mappings") or {}
        findings = [*_findings(resources, parameters, conditions, mappings, stack, frozenset(imported))]
        findings += _warnings(change_set, stack)
    failed = [it for it in findings if it.mode == "FAIL"]
    if failed:
        checks = sorted({_CHECKS.get(it.validation, _PROPERTIES) for it in failed})
        change_set |= {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE"}
        change_set["StatusReason"] = _REASON.format(", ".join(checks))
    else:
        change_set["_disable_validation"] = True  # its execution is not validated again
    stack[_EVENTS] = [*(stack.get(_EVENTS) or []), *_events(change_set, findings, bool(failed))]


def _warnings(change_set: _Record, stack: _Record) -> list[Finding]:
    changes = [it["ResourceChange"] for it in change_set["Changes"]]
    added = {it["LogicalResourceId"]: it["ResourceType"] for it in changes if it["Action"] == "Add"}
    findings = warnings.exceeded(added)
    for removed in (it["LogicalResourceId"] for it in changes if it["Action"] == "Remove"):
        definition = (stack["_template"].get("Resources") or {}).get(removed) or {}
        warning = warnings.not_empty(stack["_resources"].get(removed) or {}, definition, removed)
        if warning is not None:
            findings.append(warning)
    return findings


def _events(change_set: _Record, findings: list[Finding], failed: bool) -> list[_Record]:
    operation = change_set["ChangeSetId"].rpartition("/")[2]
    return [
        emulator.operation_event(
            change_set["StackId"],
            operation,
            "VALIDATION_ERROR",
            "CREATE_CHANGESET",
            LogicalResourceId=it.logical_id,
            PhysicalResourceId=it.physical_id,
            ResourceType=it.resource_type,
            ValidationFailureMode=it.mode,
            ValidationName=it.validation,
            ValidationStatus="FAILED",
            ValidationStatusReason=it.reason,
            ValidationPath=it.path,
            **{_CHANGE_SET: change_set["ChangeSetId"]},
        )
        | {"OperationStatus": "FAILED" if failed else "SUCCEEDED"}
        for it in findings
    ]


def _describe_events(original: Original, params: _Record) -> Response:
    """Answer for a change set, which is named with its stack or by its ARN."""
    name = emulator.parameter(params, "ChangeSetName")
    if not name:
        return original(params)
    stack = emulator.named_stack(params) or {}
    _, change_set = emulator.find_change_set(name, stack.get("StackName", ""))
    if change_set is None:
        return emulator.error("ValidationError", f"ChangeSet [{name}] does not exist")
    operation = change_set["ChangeSetId"].rpartition("/")[2]
    return original(params | {"StackName": change_set["StackName"], "OperationId": operation})
