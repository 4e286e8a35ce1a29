"""Ends wait conditions whose update is cancelled, and all of them when the server ends.

The emulator waits until the condition's timeout, up to twelve hours, and checks only signals meanwhile.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Original, Response, wrap_item

_CANCELLED = "Resource creation cancelled"
# Set by ``CancelUpdateStack``; the emulator checks it before it begins with the next resource.
_REQUESTED = "_cancel_requested"


def install(context: ServerContext) -> None:
    """Change the emulator's waits and their cancellation."""
    wrap_item(emulator.actions, "CancelUpdateStack", _cancel)
    emulator.wait_for_signals.wrap(_wait)
    emulator.roll_back.wrap(_roll_back)
    context.on_stop(emulator.end_waits)


def _cancel(original: Original, params: dict[str, Any]) -> Response:
    response = original(params)
    stack = emulator.named_stack(params) or {}
    if stack.get(_REQUESTED):
        with emulator.signals_changed:
            for (stack_id, _logical_id), condition in emulator.waiting_conditions.items():
                if stack_id == stack["StackId"]:
                    signals = emulator.signal_handles[condition["token"]]["signals"]
                    signals[_CANCELLED] = {"Status": "FAILURE", "Reason": "", "Data": ""}
            emulator.signals_changed.notify_all()
    return response


def _wait(original: Function, token: str, *rest: Any) -> dict[str, str]:
    try:
        received: dict[str, str] = original(token, *rest)
    except RuntimeError as error:
        if _CANCELLED not in str(error):
            raise
        if handle := emulator.signal_handles.get(token):  # the handle may be used again after this update
            del handle["signals"][_CANCELLED]
        raise RuntimeError(_CANCELLED) from error
    return received


async def _roll_back(
    original: Function, stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], *rest: Any
) -> None:
    operation["cancelled"] |= bool(stack.pop(_REQUESTED, False))
    await original(stack_name, stack_id, stack, operation, *rest)
