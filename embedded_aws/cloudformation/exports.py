"""Exports of stacks: unique in a region, and unchanged while another stack imports them.

Sources: CloudFormation user guide, "Outputs" ("you can't delete the stack that is exporting the output value or modify
the exported output value"); the messages: linz/geostore #630, rlister/stax #40,
aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws #845.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function

_Exports = dict[str, dict[str, str]]  # by name: the stack's id, and the value


def install(_context: ServerContext) -> None:
    """Refuse exports with the outputs of an operation, and forget those that an update removes."""
    emulator.resolve_outputs.wrap(_resolve_outputs)


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
    elif (name not in exports or exports[name]["Value"] != former["Value"]) and (users := _importing_stacks(name)):
        change = "updated" if name in exports else "deleted"
        raise ValueError(f"Export {name} cannot be {change} as it is in use by {', '.join(users)}")


def _importing_stacks(name: str) -> list[str]:
    return [
        stack_name
        for stack_name, stack in emulator.stacks.items()
        if stack["StackStatus"] != "DELETE_COMPLETE" and name in emulator.imported_names(stack, stack_name)
    ]


def _stack_name(stack_id: str) -> str:
    return stack_id.split("/")[1]
