"""The verification of a release before it gets users."""

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from constructs_lib.acknowledge import acknowledge_wildcards
from constructs_lib.arns import allow, colon_arn
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.handler_function import HandlerFunction
from installation.names import VERIFICATION_LOG_OUTPUT, VERIFICATION_OUTPUT
from installation.settings import Settings

# Lambda's longest, although it mostly ends in half a minute: ten rounds over all addresses of the load balancer, of
# which each may take 20 seconds, and the start of an inactive probe. Cut off, it would leave CodeDeploy waiting for an
# hour.
TIMEOUT = cdk.Duration.minutes(15)


class Verification(Construct):
    """The function that CodeDeploy calls after test traffic is allowed: it requests a path of the test listener.

    It is outside the VPC, because it must reach CodeDeploy, and the probe inside sends the requests: a function inside
    would need a NAT gateway (45 USD a month) or an interface endpoint (10 USD a month and zone) for its call to
    CodeDeploy.

    Args:
        alert_topic: is notified when the function could not answer CodeDeploy.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        load_balancer: LoadBalancer,
        probe: lambda_.IFunction,
        alert_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        names = settings.names
        release, balancer = settings.release, load_balancer.load_balancer
        group = f"{names.codedeploy_application}/{names.codedeploy_group}"
        group_arn = colon_arn(self, "codedeploy", "deploymentgroup", group)
        # The name in the load balancer's certificate: settings name one for the domain, or it has one for its own name.
        host = settings.edge.domain
        if not settings.load_balancer.certificate_arn and settings.edge.origin_name:
            host = settings.edge.origin_name
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="verify_release",
            name=names.verification_function,
            role_name=names.verification_role,
            # It answers in every case that it can; this is for the others, after which CodeDeploy waits an hour.
            dead_letters=alert_topic,
            description="Says whether a release may get its users' traffic",
            permissions=[
                allow("ec2:DescribeNetworkInterfaces", "*", sid="FindLoadBalancer"),
                allow("lambda:InvokeFunction", probe.function_arn, sid="Ask"),
                allow("codedeploy:PutLifecycleEventHookExecutionStatus", group_arn, sid="Answer"),
            ],
            timeout=TIMEOUT,
            environment={
                "HOST": host or balancer.load_balancer_dns_name,
                "LOAD_BALANCER": balancer.load_balancer_full_name,
                "PATH_ASKED": release.verify_path or "/",
                "PORT": str(settings.load_balancer.test_port),
                "PROBE": probe.function_name,
                "SECONDS": f"{release.verify_seconds:g}",
                "STATUS": str(release.verify_status),
                "TLS": "true" if settings.encrypts_origin else "false",
            },
        )
        reason = (
            "ec2:DescribeNetworkInterfaces knows no resource (service authorization reference, Amazon EC2); nothing "
            "can be changed by it."
        )
        acknowledge_wildcards(handler, {"*": reason})
        self.function = handler.function
        stack, log_group = cdk.Stack.of(self), self.function.log_group.log_group_name
        description = "Function that looks at a release before its users do"
        cdk.CfnOutput(stack, VERIFICATION_OUTPUT, value=self.function.function_name, description=description)
        cdk.CfnOutput(stack, VERIFICATION_LOG_OUTPUT, value=log_group, description="Log group of that function")
