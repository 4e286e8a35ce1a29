"""The rules of CreateService that our services can break."""

import re
from typing import Final

from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator
from embedded_aws.ecs.emulator import invalid, refusal
from embedded_aws.load_balancer import emulator as load_balancer

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")
_INSIGHTS: Final = ("enabled", "disabled", "enhanced")


def check_new_service(request: emulator.Record) -> None:
    """Refuse what CreateService refuses, with the message of the first rule that is broken."""
    check_names_and_numbers(request)
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
    for entry in request.get("loadBalancers", []):
        _check_load_balancer(entry, definition)


def check_names_and_numbers(request: emulator.Record) -> None:
    """Refuse a name that neither a cluster nor a service has, and a count below zero; only the code is documented."""
    for field in ("clusterName", "serviceName"):
        if request.get(field) is not None and not _NAME.fullmatch(str(request[field])):
            raise invalid(f"The {field} has up to 255 letters, digits, underscores and hyphens: {request[field]}")
    if (request.get("desiredCount") or 0) < 0:
        raise invalid(f"The desiredCount must not be negative: {request['desiredCount']}")
    for setting in request.get("settings") or []:
        if setting.get("value") not in _INSIGHTS:
            raise invalid(f"The setting {setting.get('name')} has no value {setting.get('value')}.")


def active_definition(request: emulator.Record) -> emulator.Record:
    """The task definition that a request names; refuse an unknown cluster or definition, and an inactive definition."""
    if emulator.cluster_name(request.get("cluster")) not in emulator.clusters:
        raise refusal("ClusterNotFoundException", "Cluster not found.")
    definition: emulator.Record | None = emulator.find_task_definition(request.get("taskDefinition", ""))
    if definition is None:
        raise refusal("ClientException", "TaskDefinition not found.")
    if definition["status"] != "ACTIVE":
        raise refusal("ClientException", "TaskDefinition is inactive")
    return definition


def check_network(configuration: emulator.Record) -> None:
    """Refuse a network that tasks could not be put into, with the message of the first rule that is broken."""
    network = configuration.get("awsvpcConfiguration")
    if not network:
        raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if not network.get("subnets"):
        raise invalid("subnets can not be empty.")
    for subnet in network["subnets"]:
        if subnet not in ec2.subnets:
            raise invalid(
                f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist "
                "(ErrorCode: InvalidSubnetID.NotFound)"
            )
    for group in network.get("securityGroups", []):
        if group not in ec2.security_groups:
            raise invalid(
                f"Error retrieving security group information for [{group}]: The security group '{group}' does not "
                "exist (ErrorCode: InvalidGroup.NotFound)"
            )


def wrong_container(definition: emulator.Record, name: str | None, port: int | None) -> str | None:
    """Why a load balancer cannot reach a container's port of a task definition; None if it can."""
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
        # Whatever is wrong with the ARN, this is what the API says.
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
