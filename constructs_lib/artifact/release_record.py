"""Which release runs: the one value that a new month is started from."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from constructs_lib.handler_function import HandlerFunction


class ReleaseRecord(Construct):
    """The parameter with the image of the current release.

    It is created once with the image of a system that was never released. From then on only releases write it:
    neither an update nor a deletion of the stack touches it, and an existing one is taken over as it is.

    Args:
        scope: the persistent stack that it lives in.
        construct_id: its id there.
        name: name of the SSM parameter.
        initial_image: image that runs until the first release.
        tags: tags of the parameter, which CloudFormation cannot give to what it does not make.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, initial_image: str, tags: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.parameter_name = name
        parameter = cdk.Stack.of(self).format_arn(
            service="ssm", resource="parameter", resource_name=name.removeprefix("/")
        )
        handler = HandlerFunction(
            self,
            "Handler",
            module="initial_parameter",
            description=f"Gives {name} its first value",
            permissions=[
                iam.PolicyStatement(actions=["ssm:AddTagsToResource", "ssm:PutParameter"], resources=[parameter])
            ],
            timeout=cdk.Duration.minutes(1),
        )
        cdk.CustomResource(
            self,
            "Parameter",
            resource_type="Custom::InitialParameter",
            service_token=handler.function.function_arn,
            properties={
                "Name": name,
                "InitialValue": initial_image,
                "Description": "Image of the release that runs; written by releases, read when a month starts",
                "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
            },
            service_timeout=cdk.Duration.minutes(2),
        )
