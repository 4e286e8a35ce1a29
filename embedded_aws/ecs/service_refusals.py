"""What CreateService and UpdateService refuse; cdk-preflight's rules quote those of percentages and load balancers."""

from collections.abc import Iterator
from typing import Final

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator
from embedded_aws.ecs.emulator import invalid, refusal
from embedded_aws.load_balancer import emulator as load_balancer
from embedded_aws.requests import property_rules

_ALL: Final = 100  # percent


def check_new_service(request: emulator.Record) -> None:
    """Refuse what CreateService refuses, with the message of the first violated rule."""
    property_rules.check("ecs:CreateService", request)
    definition = active_definition(request)
    if request.get("launchType") == "FARGATE" and "FARGATE" not in definition["compatibilities"]:
        raise invalid("Task definition does not support launch_type FARGATE.")
    if request.get("enableExecuteCommand") and not definition.get("taskRoleArn"):
        raise invalid(
            "The service couldn't be created because a valid taskRoleArn is not being used. "
            "Specify a valid task role in your task definition and try again."
        )
    if definition["networkMode"] == "awsvpc":
        check_network(request.get("networkConfiguration") or {})
    check_deployment(request, request)
    check_strategy(request.get("cluster"), request)
    for entry in request.get("loadBalancers", []):
        _check_load_balancer(entry, definition)


def check_deployment(request: emulator.Record, service: emulator.Record) -> None:
    """Refuse invalid deployment settings in a request that creates or changes a service."""
    for said in _broken_deployment(request, service):
        raise invalid(said)


def _broken_deployment(request: emulator.Record, service: emulator.Record) -> Iterator[str]:
    configuration = request.get("deploymentConfiguration") or {}
    minimum, maximum = configuration.get("minimumHealthyPercent", 0), configuration.get("maximumPercent", 200)
    if emulator.is_code_deploy(service):
        if configuration.get("deploymentCircuitBreaker"):  # only the refusal is known, not its message
            yield "The deployment circuit breaker is not supported by the CODE_DEPLOY deployment controller."
        if not service.get("loadBalancers"):
            yield "The service requires an Application Load Balancer or Network Load Balancer"
    elif (minimum, maximum) == (_ALL, _ALL):
        yield "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments"
    grace = request.get("healthCheckGracePeriodSeconds")
    if grace is not None and not (request.get("loadBalancers") or service.get("loadBalancers")):
        # hashicorp/terraform-provider-aws #31104
        yield "Health check grace period is only valid for services configured to use load balancers"


def check_strategy(cluster: str | None, request: emulator.Record) -> None:
    """Refuse a strategy with a capacity provider that its cluster does not have."""
    strategy = request.get("capacityProviderStrategy") or request.get("defaultCapacityProviderStrategy") or []
    known = request.get("capacityProviders")
    if known is None:
        known = emulator.clusters.get(emulator.cluster_name(cluster), {}).get("capacityProviders", [])
    if any(entry.get("capacityProvider") not in known for entry in strategy):  # dask-cloudprovider #328
        raise invalid(
            "The specified capacity provider strategy cannot contain a capacity provider that is not associated with "
            "the cluster. Associate the capacity provider with the cluster or specify a valid capacity provider and "
            "try again."
        )
    property_rules.check("ECS capacity provider strategy", request)


def active_definition(request: emulator.Record) -> emulator.Record:
    """The task definition in a request; refuse an unknown cluster or definition, and an inactive definition."""
    if emulator.cluster_name(request.get("cluster")) not in emulator.clusters:
        raise refusal("ClusterNotFoundException", "Cluster not found.")
    definition: emulator.Record | None = emulator.find_task_definition(request.get("taskDefinition", ""))
    if definition is None:
        raise refusal("ClientException", "TaskDefinition not found.")
    if definition["status"] != "ACTIVE":
        raise refusal("ClientException", "TaskDefinition is inactive")
    return definition


def check_network(configuration: emulator.Record) -> None:
    """Refuse a network in which tasks cannot run, with the message of the first violated rule."""
    known = {"subnet": lambda name: name in ec2.subnets, "security group": lambda name: name in ec2.security_groups}
    property_rules.check("ECS network", configuration, known)
    network = configuration["awsvpcConfiguration"]
    vpcs = {ec2.subnets[subnet]["VpcId"] for subnet in network["subnets"]}
    if len(vpcs) > 1:  # only the refusal is known, not its message (ECS API reference, AwsVpcConfiguration)
        raise invalid("All specified subnets must be from the same VPC.")
    for group in network.get("securityGroups", []):
        if ec2.security_groups[group]["VpcId"] not in vpcs:  # aws-dotnet-deploy #735
            raise invalid(f"Security group {group} does not appear to belong to the same VPC as the input subnets.")


def wrong_container(definition: emulator.Record, name: str | None, port: int | None) -> str | None:
    """The reason why a load balancer cannot reach a container's port in a task definition; None if it can."""
    container = next((c for c in definition["containerDefinitions"] if c["name"] == name), None)
    if container is None:
        return f"The container {name} does not exist in the task definition."
    if port not in [mapping["containerPort"] for mapping in container.get("portMappings", [])]:
        return f"The container {name} did not have a container port {port} defined."
    return None


def _check_load_balancer(entry: emulator.Record, definition: emulator.Record) -> None:
    if wrong := wrong_container(definition, entry.get("containerName"), entry.get("containerPort")):
        raise invalid(wrong)
    arn = entry.get("targetGroupArn", "")
    group = load_balancer.target_groups.get(arn)
    if group is None:
        # The API has this message for any error in the ARN.
        raise invalid(
            "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service "
            "role being passed has the proper permissions."
        )
    if definition["networkMode"] == "awsvpc" and group["TargetType"] != "ip":
        raise invalid(
            f"The provided target group {arn} has target type {group['TargetType']}, which is incompatible with the "
            "awsvpc network mode specified in the task definition."
        )
    if not load_balancer.users_of(arn):
        raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")
