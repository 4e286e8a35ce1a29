"""What the function printed that verifies a release before its users see it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from installation.names import COMPUTE_STACK, VERIFICATION_LOG_OUTPUT, VERIFICATION_OUTPUT
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.doctor.finding import Evidence
from ops.stacks.state import read_stack

_FUNCTION_LINES = 5


def log_group(aws: Aws, function: str) -> str:
    """The group that a function writes to: ours have one together, others have Lambda's."""
    stack = read_stack(aws, COMPUTE_STACK)
    ours = stack.output(VERIFICATION_LOG_OUTPUT) if stack and function == stack.output(VERIFICATION_OUTPUT) else None
    return ours or f"/aws/lambda/{function}"


def function_log(aws: Aws, function: str, log: str, now: datetime) -> Iterator[Evidence]:
    """The last lines of its log group; none where it never printed anything, or does not exist."""
    begin = int((now - timedelta(hours=2)).timestamp() * 1000)
    with ignoring("ResourceNotFoundException"):
        pages = aws.logs.get_paginator("filter_log_events").paginate(logGroupName=log, startTime=begin)
        events = [event for page in pages for event in page["events"]]
        # Functions share a group, and Lambda names a stream there after its function (Lambda developer guide,
        # "Configuring CloudWatch log groups").
        own = [event for event in events if f"/{function}[" in event.get("logStreamName", "")]
        for event in (own or events)[-_FUNCTION_LINES:]:
            yield Evidence(f"log of {function}", event.get("message", "").rstrip())
