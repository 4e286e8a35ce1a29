"""What the CDK prints of CloudFormation's validation."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ops.stacks.checkout import Checkout
from ops.stacks.validation import read_validation_findings, validate
from tests.support.aws import aws_of
from tests.support.fakes import NOW

Make = Callable[[str], Checkout]

# As the CDK 2.1148 prints it.
_FOUND = r"""
cat >&2 <<'END'
start: Publishing ArtifactStack Template
FATAL Resource of type 'AWS::SNS::Topic' with identifier 'it' already exists. (CloudFormation)
   ArtifactStack/ServiceLogs/Resource (ServiceLogs24DEC314)
   Rule CloudFormation::NAME_CONFLICT_VALIDATION_VALIDATION_ERROR

FATAL Required property [PolicyDocument] not found (CloudFormation)
   ArtifactStack/Policy/Resource (Policy1)
END
exit 1
"""


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


def test_each_finding_names_its_resource(project: Make) -> None:
    findings, unasked = validate(project(_FOUND), Path("cdk.out"), os.environ)
    assert findings == (
        "ArtifactStack/ServiceLogs/Resource: Resource of type 'AWS::SNS::Topic' with identifier 'it' already exists.",
        "ArtifactStack/Policy/Resource: Required property [PolicyDocument] not found",
    )
    assert unasked == ()


def test_a_stack_that_cannot_be_asked_about_is_told(project: Make) -> None:
    warning = "Online validation could not be completed for stack 'EdgeStack': no right to do so"
    findings, unasked = validate(project(f'echo "{warning}"'), Path("cdk.out"), os.environ)
    assert (findings, unasked) == ((), ("EdgeStack: no right to do so",))


def test_a_cdk_that_fails_is_reported(project: Make) -> None:
    _, unasked = validate(
        project("echo 'Need to perform AWS calls for account 1'; exit 1"), Path("cdk.out"), os.environ
    )
    assert unasked == ("Need to perform AWS calls for account 1",)


def test_without_findings_nothing_is_shown(project: Make) -> None:
    made = project("echo $@ > called; echo 'Validation did not find any problems.'")
    findings, unasked = validate(made, Path("cdk.out"), os.environ)
    assert (findings, unasked) == ((), ())
    assert (made.root / "called").read_text() == "validate --app cdk.out --unstable validate\n"
