"""Stack refactors: resources get another logical id or stack, and are not changed themselves (`cdk refactor`).

A refactor adds, removes or changes no resource (CloudFormation user guide, "Stack refactoring"): a template with a
missing or new resource is refused.
"""

import copy
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response

_MEMBER = re.compile(r"(?:StackDefinitions|ResourceMappings)\.member\.\d+")
_MOVABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")

Place = tuple[str, str]


@dataclass
class _Refactor:
    templates: dict[str, tuple[str, dict[str, Any]]]  # body and parsed template by the stack's name
    moves: dict[Place, Place]  # old and new places, each a stack's name and a logical id
    reason: str = ""  # the reason why it is impossible; empty if it is possible
    executed: bool = False  # whether it was executed
    identifier: str = field(default_factory=lambda: str(uuid4()))


class _Refactors:
    def __init__(self) -> None:
        self._known: dict[str, _Refactor] = {}

    def create(self, params: dict[str, Any]) -> Response:
        templates: dict[str, tuple[str, dict[str, Any]]] = {}
        moves: dict[Place, Place] = {}
        for member in sorted({found.group() for key in params if (found := _MEMBER.match(key))}):
            if member.startswith("ResourceMappings"):
                moves[_place(params, f"{member}.Source")] = _place(params, f"{member}.Destination")
                continue
            given = {part: emulator.parameter(params, f"{member}.{part}") for part in ("TemplateBody", "TemplateURL")}
            body, refusal = emulator.resolve_template({key: [value] for key, value in given.items() if value})
            if refusal is not None:
                return refusal
            name = _stack_name(emulator.parameter(params, f"{member}.StackName"))
            templates[name] = body, emulator.parse_template(body)
        made = _Refactor(templates=templates, moves=moves)
        made.reason = _refusal_reason(made)
        self._known[made.identifier] = made
        return _answer("CreateStackRefactor", f"<StackRefactorId>{made.identifier}</StackRefactorId>")

    def describe(self, params: dict[str, Any]) -> Response:
        refactor = self._known.get(emulator.parameter(params, "StackRefactorId"))
        if refactor is None:
            return _not_found_error()
        status = "EXECUTE_COMPLETE" if refactor.executed else "UNAVAILABLE" if refactor.reason else "AVAILABLE"
        stack_ids = "".join(f"<member>{_stack(it)['StackId']}</member>" for it in refactor.templates if _stack(it))
        return _answer(
            "DescribeStackRefactor",
            f"<StackRefactorId>{refactor.identifier}</StackRefactorId><StackIds>{stack_ids}</StackIds>"
            f"<Status>CREATE_{'FAILED' if refactor.reason else 'COMPLETE'}</Status>"
            f"<StatusReason>{refactor.reason}</StatusReason><ExecutionStatus>{status}</ExecutionStatus>",
        )

    def execute(self, params: dict[str, Any]) -> Response:
        refactor = self._known.get(emulator.parameter(params, "StackRefactorId"))
        if refactor is None or refactor.reason:
            return _not_found_error()
        taken = {move: _stack(move[0])["_resources"].pop(move[1]) for move in refactor.moves}
        for source, (stack, logical_id) in refactor.moves.items():
            _stack(stack)["_resources"][logical_id] = taken[source] | {"LogicalResourceId": logical_id}
        for name, (body, template) in refactor.templates.items():
            record = _stack(name)
            record |= {"_template": copy.deepcopy(template), "_template_body": body, "StackStatus": "UPDATE_COMPLETE"}
            kind = "AWS::CloudFormation::Stack"
            emulator.add_event(record["StackId"], name, name, kind, "UPDATE_COMPLETE", physical_id=record["StackId"])
        refactor.executed = True
        return _answer("ExecuteStackRefactor", "")


def install(_context: ServerContext) -> None:
    """Add the operations on stack refactors."""
    refactors = _Refactors()
    emulator.actions["CreateStackRefactor"] = refactors.create
    emulator.actions["DescribeStackRefactor"] = refactors.describe
    emulator.actions["ExecuteStackRefactor"] = refactors.execute


def _refusal_reason(refactor: _Refactor) -> str:
    for name, (_, template) in refactor.templates.items():
        stack = _stack(name)
        if not stack or stack["StackStatus"] not in _MOVABLE:
            return f"Stack {name} does not exist, or is not in a state in which it can be refactored"
        before = {(name, logical_id) for logical_id in stack["_resources"]}
        after = (before - refactor.moves.keys()) | {to for to in refactor.moves.values() if to[0] == name}
        if {logical_id for _, logical_id in after} != set(template.get("Resources", {})):
            return "Stack Refactor does not support adding, removing or modifying resources"
    return ""


def _place(params: dict[str, Any], prefix: str) -> Place:
    stack, resource = (emulator.parameter(params, f"{prefix}.{part}") for part in ("StackName", "LogicalResourceId"))
    return _stack_name(stack), resource


def _stack_name(name_or_id: str) -> str:
    return name_or_id.split("/")[1] if name_or_id.startswith("arn:") else name_or_id


def _stack(name: str) -> dict[str, Any]:
    found: dict[str, Any] = emulator.stacks.get(name) or {}
    return found


def _answer(action: str, result: str) -> Response:
    return emulator.xml_response(200, f"{action}Response", f"<{action}Result>{result}</{action}Result>")


def _not_found_error() -> Response:
    return emulator.error("StackRefactorNotFound", "Stack refactor does not exist, or cannot be executed")
