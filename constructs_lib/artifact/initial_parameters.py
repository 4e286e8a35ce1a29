"""SSM parameters that get their first value from the template, and all later values from elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from constructs_lib.arns import allow, arn_of
from constructs_lib.handler_function import HandlerFunction
from installation.names import Names


@dataclass(frozen=True, kw_only=True)
class InitialParameter:
    """One parameter."""

    construct_id: str  # id of its resource
    name: str  # name of the SSM parameter
    value: str  # its first value
    description: str  # what it holds, who writes it and who reads it


class InitialParameters(Construct):
    """SSM parameters that outlive the month and are written by others.

    Each is created once with its first value. From then on neither an update nor a deletion of the stack touches it,
    and an existing one is taken over as it is.

    Args:
        tags: tags of the parameters; CloudFormation does not make the parameters and so cannot tag them.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        parameters: Sequence[InitialParameter],
        tags: Mapping[str, str],
        log_group: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        arns = [arn_of(self, "ssm", "parameter", parameter.name.removeprefix("/")) for parameter in parameters]
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="initial_parameter",
            description="Gives parameters their first value",
            permissions=[allow("ssm:AddTagsToResource ssm:PutParameter", *arns)],
            timeout=cdk.Duration.minutes(1),
            role_name=names.record_role,
            log_group=log_group,
        )
        for parameter in parameters:
            handler.custom_resource(
                parameter.construct_id,
                "Custom::InitialParameter",
                {
                    "Name": parameter.name,
                    "InitialValue": parameter.value,
                    "Description": parameter.description,
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                },
            )
