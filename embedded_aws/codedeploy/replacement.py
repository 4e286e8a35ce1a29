"""The task sets of a deployment: the original and the replacement."""

from embedded_aws.codedeploy.app_spec import AppSpec
from embedded_aws.codedeploy.lifecycle import EarlyEnd, failure
from embedded_aws.codedeploy.store import Record
from embedded_aws.codedeploy.traffic import Traffic
from embedded_aws.ecs import emulator, task_sets
from embedded_aws.ecs.refusals import wrong_container


def find_service(deployment: Record) -> Record:
    """Find the ECS service of a deployment. Raises EarlyEnd: the service does not exist any more."""
    service = emulator.find_service(deployment["cluster"], deployment["service"])
    if service is None or service["status"] != "ACTIVE":
        raise failure(
            "INVALID_ECS_SERVICE",
            f"Could not load ECS service information for cluster: {deployment['cluster']}, "
            f"service: {deployment['service']}.",
        )
    return service


def original_of(deployment: Record, service: Record, traffic: Traffic) -> Record:
    """Give the task set that served when the deployment began, and remember it.

    Raises EarlyEnd: the service has none, or production traffic does not go to it.
    """
    known = task_sets.find(service, deployment.get("original"))
    original = known or task_sets.primary_of(service)
    if original is None:
        raise failure("INVALID_ECS_SERVICE", "The ECS service has no primary task set.")
    if not traffic.is_behind_production(task_sets.group_of(original)):
        raise failure(
            "ELASTIC_LOAD_BALANCING_INVALID",
            "The ELB could not be updated due to the following error: Primary taskset target group must be behind "
            f"listener {traffic.production}",
        )
    deployment["original"] = original["id"]
    return original


def create_replacement(deployment: Record, service: Record, app_spec: AppSpec, traffic: Traffic) -> Record:
    """Create the replacement, or find it after a restart; delete task sets that were left.

    Raises EarlyEnd: its task definition does not exist or does not fit.
    """
    known = task_sets.find(service, deployment.get("replacement"))
    if known is not None:
        return known
    definition = _task_definition(app_spec)
    original = task_sets.find(service, deployment["original"])
    assert original is not None  # noqa: S101 - found a moment ago
    for left_behind in service["taskSets"]:
        if left_behind is not original:
            task_sets.drain(left_behind)
    before = task_sets.placement_of(service)
    replacement = task_sets.new_task_set(
        service,
        task_definition=definition["taskDefinitionArn"],
        load_balancers=[
            {
                "targetGroupArn": traffic.other(task_sets.group_of(original)),
                "containerName": app_spec.container_name,
                "containerPort": app_spec.container_port,
            }
        ],
        status="ACTIVE",
        placement={
            # An AppSpec without a strategy takes the service's away (aws/containers-roadmap #1752, #695).
            "launchType": None if app_spec.capacity else "FARGATE",
            "capacityProviderStrategy": app_spec.capacity,
            "platformVersion": app_spec.platform_version or before["platformVersion"],
            "networkConfiguration": app_spec.network or before["networkConfiguration"],
        },
        external_id=deployment["info"]["deploymentId"],
    )
    service["taskSets"] = [*service["taskSets"], replacement]
    deployment["replacement"] = replacement["id"]
    return replacement


def images_of(task_set: Record) -> list[str]:
    """List the images that a task set runs."""
    definition = emulator.find_task_definition(task_set["taskDefinition"]) or {}
    return [str(container["image"]) for container in definition.get("containerDefinitions", [])]


def _task_definition(app_spec: AppSpec) -> Record:
    definition = emulator.find_task_definition(app_spec.task_definition)
    if definition is None or definition["status"] != "ACTIVE":
        raise _cannot_update("TaskDefinition not found." if definition is None else "TaskDefinition is inactive")
    if wrong := wrong_container(definition, app_spec.container_name, app_spec.container_port):
        raise _cannot_update(wrong)
    return definition


def _cannot_update(reason: str) -> EarlyEnd:
    return failure(
        "ECS_UPDATE_ERROR",
        f"The ECS service cannot be updated due to an unexpected error: {reason} Check your ECS service status.",
    )
