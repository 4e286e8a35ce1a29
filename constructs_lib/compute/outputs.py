"""Outputs that the runbooks' commands read."""

from constructs_lib.compute.dashboard import Dashboard
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.origin_header import OriginHeader
from constructs_lib.stack import HannibalStack
from installation.names import ORIGIN_HEADER_OUTPUT


def print_outputs(
    stack: HannibalStack, *, load_balancer: LoadBalancer, header: OriginHeader, dashboard: Dashboard
) -> None:
    """Add the outputs of ComputeStack.

    Args:
        load_balancer: the load balancer, which may be in another stack.
        header: the header by which it recognizes the distribution.
    """
    names, balancer = stack.names, load_balancer.load_balancer
    stack.output("LoadBalancerAddress", balancer.load_balancer_dns_name, "Address of the load balancer")
    secret = header.secret.secret_arn
    stack.output(ORIGIN_HEADER_OUTPUT, secret, "Secret with the header that the load balancer wants of requests")
    stack.output("LoadBalancerArn", balancer.load_balancer_arn, "The load balancer")
    stack.output(
        "ProductionListenerArn", load_balancer.production_listener.listener_arn, "Listener of production traffic"
    )
    stack.output(
        "TestListenerArn", load_balancer.test_listener.listener_arn, "Listener that shows a release before users"
    )
    stack.output("BlueTargetGroupArn", load_balancer.blue.target_group_arn, "Target group of production at first")
    stack.output("GreenTargetGroupArn", load_balancer.green.target_group_arn, "Target group of the first release")
    stack.output("ClusterName", names.cluster, "ECS cluster")
    stack.output("ServiceName", names.service, "ECS service")
    stack.output("TaskFamily", names.task_family, "Task definition family")
    stack.output("ServiceLogGroup", names.service_log_group, "Log group of the service")
    stack.output("CodeDeployApplication", names.codedeploy_application, "CodeDeploy application")
    stack.output("CodeDeployGroup", names.codedeploy_group, "CodeDeploy deployment group")
    stack.output("DashboardUrl", dashboard.url, "Dashboard in the console")
