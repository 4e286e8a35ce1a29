"""Custom resource: an SSM parameter that gets a first value and then belongs to whoever writes it.

AWS::SSM::Parameter would write the template's value again whenever anything about it changes, a tag for example.
Deleting the resource keeps the parameter.
"""

import traceback
from typing import Any

import boto3
import cfnresponse


def create(properties: dict[str, Any], ssm: Any) -> None:
    """Write the first value, unless the parameter has one."""
    try:
        ssm.put_parameter(
            Name=properties["Name"],
            Value=properties["InitialValue"],
            Description=properties["Description"],
            Type="String",
            Tags=properties["Tags"],
            Overwrite=False,
        )
    except ssm.exceptions.ParameterAlreadyExists:
        print(f"{properties['Name']} exists and keeps its value")


def handler(event: dict[str, Any], context: Any) -> None:
    """Entry point.

    Every way out answers CloudFormation, which would wait for an hour otherwise, and none raises: Lambda repeats an
    asynchronous call that failed.
    """
    properties = event["ResourceProperties"]
    try:
        if event["RequestType"] != "Delete":
            create(properties, boto3.client("ssm"))
    except Exception as error:  # noqa: BLE001 - whatever it is, the stack's events shall show it
        traceback.print_exc()
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, properties["Name"], reason=f"{error}")
        return
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, properties["Name"])
