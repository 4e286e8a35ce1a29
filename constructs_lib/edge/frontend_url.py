"""Tells the service the address of its pages."""

import aws_cdk as cdk
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, arn_of
from constructs_lib.handler_function import HandlerFunction
from installation.names import Names


class FrontendUrl(Construct):
    """Writes CloudFront's address to the parameter that tasks read, and has ECS replace tasks that read an older value.

    A new month has a new address, and its tasks start before CloudFront has one. They have no users yet.

    Args:
        address: the address, with its scheme.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, address: str) -> None:
        super().__init__(scope, construct_id)
        parameter = names.frontend_url_parameter
        cluster = arn_of(self, "ecs", "cluster", names.cluster)
        tasks = arn_of(self, "ecs", "task", f"{names.cluster}/*")
        parameter_arn = arn_of(self, "ssm", "parameter", parameter.removeprefix("/"))
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="frontend_url",
            description=f"Writes {parameter} and replaces tasks that started with another address",
            permissions=[
                allow("ssm:GetParameter ssm:PutParameter", parameter_arn),
                allow("ecs:ListTasks", "*", conditions={"ArnEquals": {"ecs:cluster": cluster}}),
                allow("ecs:DescribeTasks ecs:StopTask", tasks),
            ],
            # A task starts within two minutes; the stack does not wait for a task that does not become healthy.
            timeout=cdk.Duration.minutes(10),
            role_name=names.frontend_url_role,
        )
        acknowledge_wildcards(
            handler,
            {
                "*": "ecs:ListTasks is limited by its condition to the project's cluster.",
                f"ecs:task/{names.cluster}/*": "ECS gives each task of the cluster an id of its own.",
            },
        )
        properties = {"Parameter": parameter, "Address": address, "Cluster": names.cluster, "Service": names.service}
        handler.custom_resource("Address", "Custom::FrontendUrl", properties)
