"""Reasons of stack events in CloudFormation's words, where the emulator has a service's raw response."""

import ast
import json
import re
import xml.etree.ElementTree as ET
from typing import Any
from uuid import uuid4

from embedded_aws.cloudformation import emulator
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function

_RAW_RESPONSE = re.compile(r"AWS::\S+ \w+ (?:failed|rejected): (b'.*'|b\".*\")", re.DOTALL)


def install(_context: ServerContext) -> None:
    """Reword the reasons of stack events."""
    emulator.add_event.wrap(_add_event)


def _add_event(
    original: Function,
    stack_id: str,
    stack_name: str,
    logical_id: str,
    resource_type: str,
    status: str,
    reason: str = "",
    *rest: Any,
    **options: Any,
) -> None:
    original(stack_id, stack_name, logical_id, resource_type, status, readable(str(reason)), *rest, **options)


def readable(reason: str) -> str:
    """The service's message in a raw response; every other reason is returned unchanged."""
    raw = _RAW_RESPONSE.fullmatch(reason)
    if raw is None:
        return reason
    body = ast.literal_eval(raw[1])
    try:
        message = _json_message(body) if body.lstrip().startswith(b"{") else _xml_message(body)
    except (ValueError, ET.ParseError):
        return reason
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid4()}, HandlerErrorCode: InvalidRequest)'


def _json_message(body: bytes) -> str:
    content = json.loads(body)
    return str(content.get("message") or content.get("Message") or content)


def _xml_message(body: bytes) -> str:
    # This process has written the parsed text.
    for element in ET.fromstring(body).iter():  # noqa: S314
        if element.tag.rpartition("}")[2] == "Message":
            return element.text or ""
    raise ValueError("no message")
