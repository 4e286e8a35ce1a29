"""ECS resources in CloudFormation: all properties of the API, refusals, waiting until a service is steady."""

import time
from contextlib import nullcontext
from typing import Any

from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudformation.unfinished_resources import on_record
from embedded_aws.core.models import service_model
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.ecs import emulator, refusals

_SERVICE_TYPE = "AWS::ECS::Service"
_TASK_DEFINITION_TYPE = "AWS::ECS::TaskDefinition"
# CloudFormation waits for hours; a rehearsal wants to know soon, and a busy machine takes its time to start two tasks.
_SECONDS_TO_BE_STEADY = 120.0
_POLL_SECONDS = 0.05
_NOT_STABILIZED = (
    'Resource handler returned message: "Exceeded attempts to wait" (RequestToken: {token}, HandlerErrorCode: '
    "NotStabilized)"
)


def install() -> None:
    """Change the emulator's handlers."""
    handlers = cloudformation.resource_handlers
    ecs_resources = _EcsResources(service_model("ecs"))
    cloudformation.runs_on_worker_thread.wrap(_runs_on_worker_thread)
    # Its schema says cloudFormationSystemTags: true (aws-cloudformation-resource-providers-ecs).
    cloudformation.stack_tag_properties[_TASK_DEFINITION_TYPE] = ("Tags", "list")
    cloudformation.create_task_definition.wrap(ecs_resources.create_task_definition)
    handlers[_TASK_DEFINITION_TYPE]["create"] = cloudformation.create_task_definition
    wrap_item(handlers[_SERVICE_TYPE], "create", ecs_resources.create_service)
    wrap_item(handlers[_SERVICE_TYPE], "update", ecs_resources.update_service)
    wrap_item(handlers[_SERVICE_TYPE], "delete", _delete_service)
    wrap_item(handlers["AWS::ECS::Cluster"], "delete", _delete_cluster)


def _runs_on_worker_thread(original: Function, resource_type: str) -> bool:
    """A service waits for its tasks, which start while other requests are answered."""
    return resource_type == _SERVICE_TYPE or bool(original(resource_type))


class _EcsResources:
    def __init__(self, model: ServiceModel) -> None:
        self._model = model

    def request(self, operation: str, properties: emulator.Record) -> emulator.Record:
        """Write a resource's properties as the request of an API operation; what the operation lacks is left out."""
        shape = self._model.operation_model(operation).input_shape
        converted: emulator.Record = convert(properties, shape) if shape is not None else {}
        return converted

    def create_task_definition(
        self, _original: Function, logical_id: str, properties: emulator.Record, stack_name: str
    ) -> tuple[str, emulator.Record]:
        """Register through the API, which knows every property and every rule, but for the tags.

        CloudFormation adds tags of its own, which it alone may give.
        """
        request = self.request("RegisterTaskDefinition", properties)
        request.setdefault("family", f"{stack_name}{logical_id}")
        tags = request.pop("tags", [])
        definition = emulator.call("RegisterTaskDefinition", request)["taskDefinition"]
        arn = definition["taskDefinitionArn"]
        emulator.tags[arn] = tags
        return arn, {"TaskDefinitionArn": arn}

    def create_service(
        self, _original: Function, logical_id: str, properties: emulator.Record, stack_name: str
    ) -> tuple[str, emulator.Record]:
        """Create through the API and wait until the service is steady."""
        request = self.request("CreateService", properties)
        name = request.setdefault("serviceName", f"{stack_name}-{logical_id}")
        # One that exists is another's: CreateService refuses, and no rollback may delete it.
        exists = emulator.services.get(emulator.service_key(request.get("cluster"), name)) is not None
        noted = on_record(stack_name, logical_id, resource_type=_SERVICE_TYPE, physical_id=name, properties=properties)
        with nullcontext() if exists else noted:
            service = emulator.call("CreateService", request)["service"]
            try:
                _wait_until_steady(service["clusterArn"], service["serviceName"])
            except ValueError:
                # The rollback knows resources that were created; this one was not.
                emulator.call(
                    "DeleteService",
                    {"cluster": service["clusterArn"], "service": service["serviceName"], "force": True},
                )
                raise
        return service["serviceArn"], {"ServiceArn": service["serviceArn"], "Name": service["serviceName"]}

    def update_service(
        self, original: Function, physical_id: str, old: emulator.Record, new: emulator.Record, stack_name: str
    ) -> Any:
        """Update as CloudFormation does: it sends all properties, changed or not, so CODE_DEPLOY refuses all but tags.

        aws-cloudformation/cloudformation-coverage-roadmap #1529.
        """
        cluster, name = new.get("Cluster"), new.get("ServiceName") or physical_id.rsplit("/", 1)[-1]
        key = emulator.service_key(cluster, name)
        service = emulator.services.get(key) if key else None
        if service is not None and _without_tags(old) != _without_tags(new):
            refusals.check_update(service, self.request("UpdateService", new))
        if service is not None and emulator.is_code_deploy(service):
            tags = self.request("CreateService", {"Tags": new.get("Tags", [])})["tags"]
            service["tags"] = tags
            emulator.tags[service["serviceArn"]] = tags
            return physical_id, {"ServiceArn": physical_id, "Name": name}
        return original(physical_id, old, new, stack_name)


def convert(value: Any, shape: Shape) -> Any:
    """Write a template's value as the API wants it: names begin in lower case, numbers are numbers.

    Keys of maps, such as the options of a log driver, stay as they are.
    """
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        members = {name.lower(): (name, member) for name, member in shape.members.items()}
        known = [(members[key.lower()], item) for key, item in value.items() if key.lower() in members]
        return {name: convert(item, member) for (name, member), item in known}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [convert(item, shape.member) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: convert(item, shape.value) for key, item in value.items()}
    if shape.type_name in {"integer", "long"}:
        return int(value)
    if shape.type_name == "boolean":
        return str(value).lower() == "true"
    return str(value) if shape.type_name == "string" else value


def _wait_until_steady(cluster: str, name: str) -> None:
    deadline = time.monotonic() + _SECONDS_TO_BE_STEADY
    service = emulator.services.get(emulator.service_key(cluster, name))
    while service is not None and not _is_steady(service):
        if time.monotonic() > deadline:
            raise ValueError(_NOT_STABILIZED.format(token=service["serviceArn"]))
        time.sleep(_POLL_SECONDS)


def _is_steady(service: emulator.Record) -> bool:
    if emulator.is_code_deploy(service):
        return bool(service.get("_steady"))
    return bool(service["runningCount"] == service["desiredCount"])


def _without_tags(properties: emulator.Record) -> emulator.Record:
    return {name: value for name, value in properties.items() if name != "Tags"}


def _delete_service(original: Function, physical_id: str, properties: emulator.Record) -> Any:
    """Delete by ARN, with force; a service that is gone already is deleted."""
    return original(physical_id, {"ServiceName": physical_id.rsplit("/", 1)[-1], **properties})


def _delete_cluster(original: Function, physical_id: str, properties: emulator.Record) -> Any:
    """Fail where the emulator ignores that the API refuses."""
    refusals.check_cluster_is_empty(physical_id)
    return original(physical_id, properties)
