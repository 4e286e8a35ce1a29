"""CloudFormation's validation: the findings of an operation's, and one before a deployment, by `cdk validate`.

The CDK creates a change set for each stack, reads the validation's findings, and deletes the change set
again, with the empty stack that it needed where none existed. It uploads the templates to the asset bucket, as for
`cdk diff`. No running resource changes, and nothing else remains.
Source: aws-cdk-cli #1539; CloudFormation user guide, "Validate stack deployments".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from ops.aws.clients import Aws
from ops.stacks.cdk import CdkRun, log_file
from ops.stacks.checkout import Checkout

# A finding has two lines: the problem, then the path of the construct and its logical id.
_FINDING: Final = re.compile(r"^FATAL (?P<reason>.+) \(CloudFormation\)\n\s+(?P<path>\S+)", re.MULTILINE)
_NOT_ASKED: Final = re.compile(r"Online validation could not be completed for stack '(?P<stack>[^']+)': (?P<reason>.+)")


@dataclass(frozen=True, kw_only=True)
class ValidationFinding:
    """A finding that stops a deployment, or only warns."""

    logical_id: str  # the resource
    resource_type: str  # such as ``AWS::S3::Bucket``
    path: str  # path in the template
    reason: str  # AWS's own words
    stops: bool  # whether nothing was deployed because of it


def read_validation_findings(aws: Aws, *, stack: str = "", change_set: str = "") -> tuple[ValidationFinding, ...]:
    """All findings of the newest validated operation of a stack by its id, or of a change set by its ARN.

    A stack's operations include the creation of a change set (API reference, DescribeEvents).
    """
    source: Any = {"ChangeSetName": change_set} if change_set else {"StackName": stack}
    pages = aws.cloudformation.get_paginator("describe_events").paginate(Filters={"FailedEvents": True}, **source)
    events = [event for page in pages for event in page["OperationEvents"]]
    failures = [event for event in events if event.get("EventType") == "VALIDATION_ERROR"]
    newest = max(failures, key=lambda event: event["Timestamp"], default=None)
    if newest is None:
        return ()
    return tuple(
        ValidationFinding(
            logical_id=event.get("LogicalResourceId", ""),
            resource_type=event.get("ResourceType", ""),
            path=event.get("ValidationPath", ""),
            reason=event.get("ValidationStatusReason", ""),
            stops=event.get("ValidationFailureMode") == "FAIL",
        )
        for event in failures
        if event.get("OperationId") == newest.get("OperationId")
    )


class Validation(NamedTuple):
    """The result of a validation."""

    findings: tuple[str, ...]  # what would stop a deployment, each with its resource
    unasked: tuple[str, ...]  # stacks that CloudFormation could not be asked about, each with the reason


def validate(checkout: Checkout, assembly: Path, variables: Mapping[str, str]) -> Validation:
    """Validate all stacks of an assembly; the CDK gets these environment variables."""
    arguments = ("validate", "--app", str(assembly), "--unstable", "validate")
    log = log_file(checkout, "validate", datetime.now(UTC))
    with CdkRun(checkout, arguments, log, environment=variables) as run:
        code = run.wait()
    text = run.log.text()
    findings = tuple(f"{found['path']}: {found['reason']}" for found in _FINDING.finditer(text))
    unasked = tuple(f"{found['stack']}: {found['reason']}" for found in _NOT_ASKED.finditer(text))
    if code != 0 and not findings:
        unasked = (*unasked, *run.log.tail(3))
    return Validation(findings, unasked)
