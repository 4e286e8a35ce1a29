"""Reasons of stack events in CloudFormation's words, where the emulator has a service's raw response."""

import ast
import re
from typing import Any
from uuid import uuid4

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function
from embedded_aws.core.refusal import error_of

_RAW_RESPONSE = re.compile(r"AWS::\S+ \w+ (?:failed|rejected): (b'.*'|b\".*\")", re.DOTALL)


def install(_context: ServerContext) -> None:
    """Reword the reasons of stack events."""
    emulator.add_event.wrap(_add_event)


def _add_event(original: Function, *event: Any, **options: Any) -> None:
    """Reword the reason, the sixth member of an event."""
    original(*event[:5], *(readable(str(reason)) for reason in event[5:6]), *event[6:], **options)


def readable(reason: str) -> str:
    """The service's message in a raw response; every other reason is returned unchanged."""
    raw = _RAW_RESPONSE.fullmatch(reason)
    if raw is None:
        return reason
    _, message = error_of(ast.literal_eval(raw[1])) or ("", "")
    if not message:
        return reason
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: InvalidRequest)'
