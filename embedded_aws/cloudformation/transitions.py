"""Has each step of a stack saved before anybody is told of it: stacks change without a request."""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function


def install(context: ServerContext) -> None:
    """Notice every event of a stack."""

    def notice(original: Function, *args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        context.changed()

    emulator.add_event.wrap_everywhere(notice)
