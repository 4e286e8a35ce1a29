"""The outputs of ComputeStack, which the runbooks' commands read."""

from constructs_lib.compute.dashboard import Dashboard
from constructs_lib.compute.load_balancer import LoadBalancer
from constructs_lib.compute.origin import OriginHeader
from constructs_lib.stack import HannibalStack
from installation.names import ORIGIN_HEADER_OUTPUT


def add_outputs(stack: HannibalStack, *, balancer: LoadBalancer, header: OriginHeader, dashboard: Dashboard) -> None:
    """Add the outputs of ComputeStack; the load balancer, which recognizes the header, may be in another stack."""
    output, names = stack.output, stack.names
    output("LoadBalancerAddress", balancer.load_balancer.load_balancer_dns_name, "Address of the load balancer")
    secret = header.secret.secret_arn
    output(ORIGIN_HEADER_OUTPUT, secret, "Secret with the header that the load balancer wants of requests")
    output("LoadBalancerArn", balancer.load_balancer.load_balancer_arn, "The load balancer")
    output("ProductionListenerArn", balancer.production_listener.listener_arn, "Listener of production traffic")
    output("TestListenerArn", balancer.test_listener.listener_arn, "Listener that shows a release before users")
    output("BlueTargetGroupArn", balancer.blue.target_group_arn, "Target group of production at first")
    output("GreenTargetGroupArn", balancer.green.target_group_arn, "Target group of the first release")
    output("ClusterName", names.cluster, "ECS cluster")
    output("ServiceName", names.service, "ECS service")
    output("TaskFamily", names.task_family, "Task definition family")
    output("ServiceLogGroup", names.service_log_group, "Log group of the service")
    output("CodeDeployApplication", names.codedeploy_application, "CodeDeploy application")
    output("CodeDeployGroup", names.codedeploy_group, "CodeDeploy deployment group")
    output("DashboardUrl", dashboard.url, "Dashboard in the console")
