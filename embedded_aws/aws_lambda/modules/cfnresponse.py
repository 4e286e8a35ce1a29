"""How a function that stands behind a custom resource answers CloudFormation.

It has the interface of the module that CloudFormation adds to a Python function whose code is written in the template
(AWS CloudFormation User Guide, "cfn-response module"). It stands alone, because it runs inside the function.
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
    """Put the answer to the URL that the event names.

    Args:
        event: what CloudFormation sent.
        context: the Lambda context; its log stream is the default of reason and physical id.
        responseStatus: ``SUCCESS`` or ``FAILED``.
        responseData: what ``Fn::GetAtt`` of the resource returns.
        physicalResourceId: the id of the resource; a changed one makes CloudFormation delete the old resource.
        noEcho: whether ``Fn::GetAtt`` values are masked where they are shown.
        reason: why it failed.
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
