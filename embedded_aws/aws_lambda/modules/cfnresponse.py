"""Sends the response of a custom resource's function to CloudFormation.

It has the interface of the module that CloudFormation adds to a Python function with inline code (AWS CloudFormation
User Guide, "cfn-response module"). It imports nothing of the project, because it runs inside the function.
"""
# ruff: noqa: N803 - its arguments have AWS's names

import json
import urllib.request
from typing import Any, Protocol

SUCCESS = "SUCCESS"
FAILED = "FAILED"


class _Context(Protocol):
    log_stream_name: str


def send(
    event: dict[str, Any],
    context: _Context,
    responseStatus: str,
    responseData: dict[str, Any],
    physicalResourceId: str | None = None,
    noEcho: bool = False,
    reason: str | None = None,
) -> None:
    """Send the response to the URL in the event.

    Args:
        event: the event from CloudFormation.
        context: the Lambda context; its log stream is the default for reason and physical id.
        responseStatus: ``SUCCESS`` or ``FAILED``.
        responseData: what ``Fn::GetAtt`` of the resource returns.
        physicalResourceId: the id of the resource; if it changes, CloudFormation deletes the old resource.
        noEcho: whether ``Fn::GetAtt`` values are masked where they are shown.
        reason: the reason of a failure.
    """
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    request = urllib.request.Request(  # noqa: S310 - the URL is CloudFormation's
        event["ResponseURL"],
        data=json.dumps(answer).encode(),
        # A presigned URL is signed for an empty content type.
        headers={"Content-Type": ""},
        method="PUT",
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310 - CloudFormation's
        print("Status code:", response.status)
