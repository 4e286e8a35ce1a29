"""Exports of stacks: unique in a region, and unchanged while another stack imports them.

Sources: CloudFormation user guide, "Outputs" ("you can't delete the stack that is exporting the output value or modify
the exported output value"); the messages: aws-samples/generative-ai-use-cases #1232, aws-cdk #33395,
aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws #845.
"""

from collections.abc import Iterable
from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item

_Exports = dict[str, dict[str, str]]  # by name: the stack's id, and the value
_Record = dict[str, Any]
_WITHOUT_RESOURCES = ("DELETE_COMPLETE", "REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE")


def install(context: ServerContext) -> None:
    """Refuse exports with the outputs of an operation, and forget those that an update removes."""
    emulator.resolve_outputs.wrap(_resolve_outputs)
    emulator.imported_names.wrap(_imported_names)
    wrap_item(emulator.actions, "ListImports", _list_imports)
    context.on_start(restore)


def restore() -> None:
    """Make the exports those of the stacks' outputs; of two stacks with one name, the older one has it.

    State of a former server may contain exports that an update had removed, and stacks that export one name.
    """
    emulator.exports.clear()
    for (account, region, _), stack in sorted(
        emulator.stacks.all_items(), key=lambda it: str(it[1].get("CreationTime"))
    ):
        outputs = stack.get("Outputs") or [] if stack["StackStatus"] != "DELETE_COMPLETE" else []
        for output in (it for it in outputs if "ExportName" in it):
            name = output["ExportName"]
            if emulator.exports.contains_scoped(account, region, name):
                del output["ExportName"]
            else:
                export = {"StackId": stack["StackId"], "Name": name, "Value": output["OutputValue"]}
                emulator.exports.set_scoped(account, region, name, export)


def used_export(stack: _Record) -> str:
    """Why a stack cannot be deleted; empty where no other stack imports its exports."""
    own = [name for name, it in emulator.exports.items() if it["StackId"] == stack["StackId"]]
    used = ((name, importing_stacks(name)) for name in own)
    return next((_in_use("delete", name, users) for name, users in used if users), "")


def importing_stacks(name: str) -> list[str]:
    """The stacks that import an export, except the exporting one."""
    exporting = emulator.exports.get(name, {}).get("StackId")
    others = ((other, stack) for other, stack in emulator.stacks.items() if stack["StackId"] != exporting)
    return sorted(other for other, stack in others if name in emulator.imported_names(stack, other))


def _resolve_outputs(original: Function, *arguments: Any) -> Any:
    """Resolve the outputs of a stack, whose id is the last argument; a ValueError rolls the operation back."""
    outputs, exports = original(*arguments)
    stack_id = arguments[-1]
    for name, former in list(emulator.exports.items()):
        _check(name, former, exports, stack_id)
    for name in [name for name, it in emulator.exports.items() if it["StackId"] == stack_id and name not in exports]:
        del emulator.exports[name]
    return outputs, exports


def _check(name: str, former: dict[str, str], exports: _Exports, stack_id: str) -> None:
    if former["StackId"] != stack_id:
        if name in exports:
            raise ValueError(f"Export with name {name} is already exported by stack {_stack_name(former['StackId'])}")
    elif (name not in exports or exports[name]["Value"] != former["Value"]) and (users := importing_stacks(name)):
        raise ValueError(_in_use("update" if name in exports else "delete", name, users))


def _in_use(change: str, name: str, users: list[str]) -> str:
    listed = " and ".join(filter(None, (", ".join(users[:-1]), users[-1])))
    return f"{change.capitalize()} canceled. Cannot {change} export {name} as it is in use by {listed}."


def _imported_names(original: Function, stack: _Record, *rest: Any) -> Iterable[str]:
    """Leave out what a condition excludes, and stacks that have no resources."""
    if stack["StackStatus"] in _WITHOUT_RESOURCES:
        return ()
    template, conditions = stack.get("_template") or {}, stack.get("_conditions") or {}
    included = {
        section: {key: it for key, it in (template.get(section) or {}).items() if _is_included(it, conditions)}
        for section in ("Resources", "Outputs")
    }
    names: set[str] = original(stack | {"_template": template | _taken(included, conditions)}, *rest)
    return names


def _is_included(definition: Any, conditions: dict[str, bool]) -> bool:
    return not isinstance(definition, dict) or conditions.get(str(definition.get("Condition")), True)


def _taken(value: Any, conditions: dict[str, bool]) -> Any:
    """A value with the branch of each Fn::If that its condition takes."""
    if isinstance(value, list):
        return [_taken(it, conditions) for it in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"} and isinstance(branches := value["Fn::If"], list) and len(branches) == 3:
        return _taken(branches[1 if conditions.get(str(branches[0]), True) else 2], conditions)
    return {key: _taken(it, conditions) for key, it in value.items()}


def _list_imports(_original: Original, params: _Record) -> Response:
    name = emulator.parameter(params, "ExportName")
    if not (users := importing_stacks(name)):
        return emulator.error("ValidationError", f"Export '{name}' is not imported by any stack.")
    listed, next_token, refused = emulator.page(users, params, "ListImports")
    members = "".join(f"<member>{it}</member>" for it in listed)
    result = f"<ListImportsResult><Imports>{members}</Imports>{next_token}</ListImportsResult>"
    return refused or emulator.xml_response(200, "ListImportsResponse", result)


def _stack_name(stack_id: str) -> str:
    return stack_id.split("/")[1]
