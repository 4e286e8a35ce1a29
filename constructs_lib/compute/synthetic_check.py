"""The synthetic check: a user's requests, through CloudFront, every few minutes."""

import math

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from constructs_lib.acknowledge import acknowledge, acknowledge_wildcards
from constructs_lib.arns import allow, arn_of
from constructs_lib.compute.notifying_alarms import AlarmContext, NotifyingAlarms
from constructs_lib.handler_function import HandlerFunction
from installation.names import EDGE_STACK, Names
from installation.settings.synthetic_check import RUNS_THAT_FAIL, SyntheticCheckSettings

_SPARE = cdk.Duration.seconds(20)  # For the start of the function, and for what it asks ECS and CloudFormation


class SyntheticCheck(NotifyingAlarms):
    """A function that sends the requests, and the alarm on its failures (decision record 49).

    It is in the service's stack and reads the address when it runs, in EdgeStack's output: EdgeStack is created after
    this stack, deleted before it, and may outlive it.

    Args:
        service: the service; while none of its tasks is wanted, nothing is asked.

    Attributes:
        alarm: in ALARM when two runs in a row failed, or when there was no run.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: AlarmContext,
        *,
        check: SyntheticCheckSettings,
        service: ecs.IBaseService,
    ) -> None:
        super().__init__(scope, construct_id, context)
        names = self._names
        handler = self._handler(names, check)
        rule = handler.call_regularly(
            "Schedule",
            name=names.synthetic_check,
            description="Has the synthetic check ask",
            rate=f"{check.minutes} minute{'s' if check.minutes > 1 else ''}",
        )
        # Missing data is breaching, and a new alarm has no data: CloudFormation calls the function once.
        first_check = cdk.CustomResource(
            self,
            "FirstRun",
            resource_type="Custom::FirstSyntheticCheck",
            service_token=handler.function.function_arn,
            service_timeout=cdk.Duration.minutes(2),
        )
        self.alarm = self._alarm(
            "Alarm",
            name=names.synthetic_check,
            description="What a user asks through CloudFront was answered wrongly or not at all, "
            f"{RUNS_THAT_FAIL} times in a row, {check.minutes} minutes apart.",
            metric=cloudwatch.Metric(
                namespace="AWS/Lambda",
                metric_name="Errors",
                dimensions_map={"FunctionName": names.synthetic_check},
                statistic="Sum",
                period=cdk.Duration.minutes(check.minutes),
            ),
            threshold=1,
            periods=RUNS_THAT_FAIL,
            # No data: the function does not run any more.
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        # Created last and deleted first: the beginning and the end of a month are no outage.
        for needed in (first_check, rule, service):
            self.alarm.node.add_dependency(needed)

    def _handler(self, names: Names, check: SyntheticCheckSettings) -> HandlerFunction:
        edge = arn_of(self, "cloudformation", "stack", f"{EDGE_STACK}/*")
        service = arn_of(self, "ecs", "service", f"{names.cluster}/{names.service}")
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="synthetic_check",
            name=names.synthetic_check,
            role_name=names.synthetic_check,
            description="Asks through CloudFront what a user asks",
            permissions=[
                allow("cloudformation:DescribeStacks", edge, sid="FindAddress"),
                allow("ecs:DescribeServices", service, sid="KnowPause"),
            ],
            timeout=cdk.Duration.seconds(math.ceil(check.seconds * len(check.requests))).plus(_SPARE),
            environment={
                "CLUSTER": names.cluster,
                "REQUESTS": check.requests_text,
                "SECONDS": f"{check.seconds:g}",
                "SERVICE": names.service,
                "STACK": EDGE_STACK,
            },
        )
        address = f"cloudformation:stack/{EDGE_STACK}/*"
        acknowledge_wildcards(handler, {address: "The end of a stack's address is an id that AWS gives."})
        acknowledge(handler, {"CloudFormation-Validate::E1029": "What stands in ${…} in a request is sent as it is."})
        # A failure counts once: by default Lambda repeats EventBridge's call twice.
        handler.function.configure_async_invoke(retry_attempts=0)
        return handler
