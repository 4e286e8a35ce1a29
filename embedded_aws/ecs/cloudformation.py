"""ECS resources in CloudFormation: all properties of the API, refusals, the wait for the steady state of a service."""

import time
from contextlib import nullcontext
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.registry import Created, Properties, before_delete, recorded_resource, register
from embedded_aws.cloudformation.resource_models import request_of
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.core.refusal import gone_is_fine
from embedded_aws.ecs import emulator, refusals, task_sets
from embedded_aws.ecs.emulator import Record

_SERVICE_TYPE = "AWS::ECS::Service"
_TASK_DEFINITION_TYPE = "AWS::ECS::TaskDefinition"
# CloudFormation waits for hours. A rehearsal should fail sooner, but must allow for a slow machine.
_SECONDS_TO_BE_STEADY, _SECONDS_WHERE_TASKS_FAIL, _FAILED_TASKS = 900.0, 120.0, 3
_POLL_SECONDS = 0.05
_NOT_STABILIZED = (
    'Resource handler returned message: "Exceeded attempts to wait" (RequestToken: {token}, HandlerErrorCode: '
    "NotStabilized)"
)


def install() -> None:
    """Change the emulator's handlers."""
    handlers = cloudformation.resource_handlers
    # Services wait for their tasks, which start while other requests are answered.
    cloudformation.runs_on_worker_thread.wrap(lambda original, name: name == _SERVICE_TYPE or original(name))
    # The type's schema has cloudFormationSystemTags: true (aws-cloudformation-resource-providers-ecs).
    cloudformation.stack_tag_properties[_TASK_DEFINITION_TYPE] = ("Tags", "list")
    cloudformation.create_task_definition.wrap(_create_task_definition)
    handlers[_TASK_DEFINITION_TYPE]["create"] = cloudformation.create_task_definition
    wrap_item(handlers[_SERVICE_TYPE], "create", _create_service)
    wrap_item(handlers[_SERVICE_TYPE], "update", _update_service)
    wrap_item(handlers[_SERVICE_TYPE], "delete", _delete_service)
    # The emulator ignores the API's refusal.
    before_delete("AWS::ECS::Cluster", refusals.check_cluster_is_empty)


def _create_task_definition(
    _original: Function, logical_id: str, properties: Record, stack_name: str
) -> tuple[str, Record]:
    """Register through the API with all its rules, but for CloudFormation's tags, which no other caller may set."""
    request = request_of("ecs", "RegisterTaskDefinition", properties)
    request.setdefault("family", f"{stack_name}{logical_id}")
    tags = request.pop("tags", [])
    arn = emulator.call("RegisterTaskDefinition", request)["taskDefinition"]["taskDefinitionArn"]
    emulator.tags[arn] = tags
    return arn, {"TaskDefinitionArn": arn}


def _create_service(_original: Function, logical_id: str, properties: Record, stack_name: str) -> tuple[str, Record]:
    """Create through the API and wait until the service is steady."""
    request = request_of("ecs", "CreateService", properties)
    name = request.setdefault("serviceName", f"{stack_name}-{logical_id}")
    # An existing service belongs to something else: CreateService refuses, and no rollback may delete it.
    exists = emulator.find_service(request.get("cluster"), name) is not None
    noted = recorded_resource(
        stack_name, logical_id, resource_type=_SERVICE_TYPE, physical_id=name, properties=properties
    )
    with nullcontext() if exists else noted:
        service = emulator.call("CreateService", request)["service"]
        try:
            _wait_until_steady(service["clusterArn"], service["serviceName"])
        except ValueError:
            # A rollback deletes only resources whose creation succeeded.
            named = {"cluster": service["clusterArn"], "service": service["serviceName"]}
            emulator.call("DeleteService", {**named, "force": True})
            raise
    return service["serviceArn"], {"ServiceArn": service["serviceArn"], "Name": service["serviceName"]}


def _update_service(original: Function, physical_id: str, old: Record, new: Record, stack_name: str) -> Any:
    """CloudFormation sends all properties, so CODE_DEPLOY allows only tags (cloudformation-coverage-roadmap #1529)."""
    name = new.get("ServiceName") or physical_id.rsplit("/", 1)[-1]
    service = emulator.find_service(new.get("Cluster"), name)
    if service is not None and _without_tags(old) != _without_tags(new):
        refusals.check_update(service, request_of("ecs", "UpdateService", new))
    if service is not None and emulator.is_code_deploy(service):
        tags = request_of("ecs", "CreateService", {"Tags": new.get("Tags", [])})["tags"]
        service["tags"] = tags
        emulator.tags[service["serviceArn"]] = tags
        return physical_id, {"ServiceArn": physical_id, "Name": name}
    return original(physical_id, old, new, stack_name)


def _wait_until_steady(cluster: str, name: str) -> None:
    since = time.monotonic()
    service = emulator.find_service(cluster, name)
    while service is not None and not _is_steady(service):
        fails = len(task_sets.stopped_tasks(service)) >= _FAILED_TASKS
        if time.monotonic() - since > (_SECONDS_WHERE_TASKS_FAIL if fails else _SECONDS_TO_BE_STEADY):
            raise ValueError(_NOT_STABILIZED.format(token=service["serviceArn"]))
        time.sleep(_POLL_SECONDS)


def _is_steady(service: Record) -> bool:
    if emulator.is_code_deploy(service):
        return bool(service.get("_steady"))
    return bool(service["runningCount"] == service["desiredCount"])


def _without_tags(properties: Record) -> Record:
    return {name: value for name, value in properties.items() if name != "Tags"}


def _delete_service(original: Function, physical_id: str, properties: Record) -> Any:
    """Delete by ARN, with force; a service that is already gone is no error."""
    return original(physical_id, {"ServiceName": physical_id.rsplit("/", 1)[-1], **properties})


def register_types() -> None:
    """Add the resource type for the capacity providers of a cluster."""
    register(
        name="AWS::ECS::ClusterCapacityProviderAssociations",
        create=lambda _logical_id, properties, _stack: _associate(properties),
        update=lambda change: _associate(change.new),
        delete=_dissociate,
    )


def _associate(properties: Properties) -> Created:
    cluster = properties["Cluster"]
    nothing: Properties = {"CapacityProviders": [], "DefaultCapacityProviderStrategy": []}
    request = request_of("ecs", "PutClusterCapacityProviders", nothing | properties)
    emulator.call("PutClusterCapacityProviders", request)
    return cluster, {}


def _dissociate(physical_id: str, _properties: Properties) -> None:
    with gone_is_fine():
        _associate({"Cluster": physical_id})
