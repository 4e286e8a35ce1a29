"""Requests that ECS refuses and the emulator accepts: services and clusters, with AWS's messages.

cdk-preflight's rules for ECS quote those of percentages, strategies and load balancers.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from embedded_aws.core.patching import Function, Original, Response
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator
from embedded_aws.ecs.definition_refusals import check_task_definition, task_size
from embedded_aws.ecs.emulator import invalid, refusal
from embedded_aws.load_balancer import emulator as load_balancer
from embedded_aws.requests import property_rules

_ALL: Final = 100  # percent
# UpdateService accepts under CODE_DEPLOY: desired count, deployment configuration, grace period, tags and ECS Exec
# (API reference, UpdateService); users of the API reported each message.
_FIXED_UNDER_CODE_DEPLOY = (
    ("taskDefinition", "Unable to update task definition"),
    ("loadBalancers", "Unable to update load balancers"),
    ("networkConfiguration", "Unable to update network parameters"),
    ("platformVersion", "Unable to update platform version"),
    ("capacityProviderStrategy", "Unable to update capacity provider strategy"),
    ("forceNewDeployment", "Cannot force a new deployment"),
)


def install() -> None:
    """Add the refusals to the API and to the emulator's internal calls."""
    emulator.task_definition_key.wrap(_newest_active)
    emulator.wrap_action("RegisterTaskDefinition", _register_task_definition)
    emulator.wrap_action("CreateService", _create_service)
    emulator.wrap_action("UpdateService", _update_service)
    emulator.wrap_action("DeleteCluster", _delete_cluster)
    emulator.wrap_action("PutClusterCapacityProviders", _put_capacity_providers)
    emulator.wrap_action("ExecuteCommand", _execute_command)
    emulator.wrap_action("DeleteTaskDefinitions", _delete_task_definitions)
    emulator.wrap_action("ListTaskDefinitions", _list_task_definitions)


def _delete_task_definitions(original: Original, request: emulator.Record) -> Response:
    """Delete inactive task definitions only (API reference, DeleteTaskDefinitions)."""
    named: list[str] = request.get("taskDefinitions") or []
    active = [it for it in named if (emulator.find_task_definition(it) or {}).get("status") == "ACTIVE"]
    status, headers, body = original(request | {"taskDefinitions": [it for it in named if it not in active]})
    content = json.loads(body)
    reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
    content["failures"] += [{"arn": it, "reason": reason} for it in active]
    return status, headers, json.dumps(content).encode()


def _list_task_definitions(original: Original, request: emulator.Record) -> Response:
    """List the task definitions of one family; the emulator lists all families with this prefix."""
    status, headers, body = original(request)
    if not (family := request.get("familyPrefix")) or status != HTTPStatus.OK:
        return status, headers, body
    content = json.loads(body)
    content["taskDefinitionArns"] = [
        arn for arn in content["taskDefinitionArns"] if arn.rpartition("/")[2].rpartition(":")[0] == family
    ]
    return status, headers, json.dumps(content).encode()


def _newest_active(original: Function, reference: str) -> Any:
    """The key of a task definition; a family alone means its newest ACTIVE revision (API reference, RunTask)."""
    key = original(reference)
    family = str(key or "").rpartition(":")[0]
    if family and not str(reference).endswith(str(key)):
        known = emulator.task_definitions.values()
        numbers = [it["revision"] for it in known if (it["family"], it["status"]) == (family, "ACTIVE")]
        return f"{family}:{max(numbers)}" if numbers else key
    return key


def check_update(service: emulator.Record, request: emulator.Record) -> None:
    """Refuse changes by UpdateService that only CodeDeploy may make to a service under CODE_DEPLOY."""
    if not emulator.is_code_deploy(service):
        return
    for name, text in _FIXED_UNDER_CODE_DEPLOY:
        if request.get(name):
            raise invalid(
                f"{text} on services with a CODE_DEPLOY deployment controller. "
                "Use AWS CodeDeploy to trigger a new deployment."
            )


def check_cluster_is_empty(name: str) -> None:
    """Refuse to delete a cluster that has services or tasks."""
    services = [key for key, service in emulator.services.items() if service["status"] in {"ACTIVE", "DRAINING"}]
    if any(key.startswith(f"{name}/") for key in services):
        raise refusal("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    running = [task for task in emulator.tasks.values() if task["lastStatus"] in emulator.LIVE_STATES]
    if any(emulator.cluster_name(task["clusterArn"]) == name for task in running):
        raise refusal("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")


def _execute_command(original: Original, request: emulator.Record) -> Response:
    """Refuse sessions: a task must be started with ECS Exec, and no task here has the agent that a session needs.

    Source: ECS API reference, ExecuteCommand; users quote these messages (aws-cli #6562).
    """
    task = emulator.tasks.get(request.get("task", "")) or next(
        (it for arn, it in emulator.tasks.items() if arn.endswith(f"/{request.get('task')}")), None
    )
    if task is None or task["lastStatus"] not in emulator.LIVE_STATES:
        return original(request)
    if task.get("enableExecuteCommand"):
        message = "The execute command failed due to an internal error. Try again later."
        raise refusal("TargetNotConnectedException", message)
    raise invalid(
        "The execute command failed because execute command was not enabled when the task was run or the execute "
        "command agent isn’t running. Wait and try again or run a new task with execute command enabled and try "  # noqa: RUF001 - AWS's
        "again."
    )


def _register_task_definition(original: Function, request: emulator.Record) -> Any:
    request = request | task_size(request)
    check_task_definition(request)
    # ECS adds these empty lists to every container; the emulator adds other ones.
    written: emulator.Record = {"mountPoints": [], "volumesFrom": []}
    containers = [written | container for container in request.get("containerDefinitions", [])]
    return original(request | {"containerDefinitions": containers})


def _create_service(original: Original, request: emulator.Record) -> Response:
    check_new_service(request)
    return original(request)


def _update_service(original: Original, request: emulator.Record) -> Response:
    service = emulator.find_service(request.get("cluster"), request.get("service", ""))
    if service is None:
        raise refusal("ServiceNotFoundException", "Service not found.")
    if service["status"] != "ACTIVE":
        raise refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    check_update(service, request)
    check_deployment(request, service)
    if request.get("taskDefinition"):
        active_definition(request)
    if request.get("networkConfiguration"):
        check_network(request["networkConfiguration"])
    check_strategy(request.get("cluster"), request)
    events = list(service["events"])
    answer = original(request)
    if emulator.is_code_deploy(service):
        # After any change, the emulator reports one draining task; the scheduler reports the real events.
        drained = [event for event in service["events"] if event not in events and "on 1 tasks" in event["message"]]
        service["events"] = [event for event in service["events"] if event not in drained[-1:]]
    return answer


def _put_capacity_providers(original: Original, request: emulator.Record) -> Response:
    check_strategy(request.get("cluster"), request)
    name = emulator.cluster_name(request.get("cluster"))
    running = [it for key, it in emulator.services.items() if key.startswith(f"{name}/") and it["status"] != "INACTIVE"]
    used = {entry["capacityProvider"] for it in running for entry in it.get("capacityProviderStrategy") or []}
    if used - set(request.get("capacityProviders") or []):  # cdk-fargate-patterns #71
        raise refusal("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
    return original(request)


def _delete_cluster(original: Function, request: emulator.Record) -> Any:
    name = emulator.cluster_name(request.get("cluster"))
    if name is not None and name in emulator.clusters:
        check_cluster_is_empty(name)
    return original(request)


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
