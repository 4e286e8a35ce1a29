"""What CloudFormation's validation found, of the newest operation alone."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from ops.stacks.validation_findings import read_validation_findings
from tests.support.aws import aws_of
from tests.support.fakes import NOW


def event(operation: str, minutes: int, logical_id: str, kind: str = "VALIDATION_ERROR") -> dict[str, Any]:
    moment = NOW + timedelta(minutes=minutes)
    return {"OperationId": operation, "Timestamp": moment, "LogicalResourceId": logical_id, "EventType": kind}


def test_what_an_earlier_operation_was_told_is_not_told_again() -> None:
    events = [
        event("first", 0, "Topic"),
        event("second", 5, "Queue"),
        event("second", 6, "Bucket"),
        event("third", 9, "Role", kind="STACK_EVENT"),
    ]
    pages = SimpleNamespace(paginate=lambda **_: [{"OperationEvents": [it]} for it in events])
    aws = aws_of(cloudformation=SimpleNamespace(get_paginator=lambda _: pages))
    assert [it.logical_id for it in read_validation_findings(aws, stack="ArtifactStack")] == ["Queue", "Bucket"]
