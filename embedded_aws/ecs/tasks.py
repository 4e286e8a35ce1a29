"""Tasks as AWS describes them: network interface, digest, health, reason of a failed start."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from embedded_aws.core.context import ServerContext
from embedded_aws.core.emulator import scope
from embedded_aws.core.patching import Function
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.ecs import emulator, events
from embedded_aws.ecs.containers.container import EngineContainer
from embedded_aws.ecs.containers.start_order import in_order
from embedded_aws.ecs.execution_role import RoleDeniedError, check_retrieval
from embedded_aws.ecs.images import digest_of
from embedded_aws.ecs.network import attachment
from embedded_aws.ecs.runtime import Container, ContainerRuntime
from embedded_aws.ecs.secrets import resolve_secrets

_OUT_OF_MEMORY = "OutOfMemoryError: Container killed due to memory usage"
# The emulator's prefix of the reason why a container was not started; ECS starts it with the kind of error.
_UNKNOWN_KIND = "ResourceInitializationError: unable to pull image or start container: "
_KINDS = ("CannotStartContainerError: ", "ResourceInitializationError: ", "dependency graph: ")


@dataclass(kw_only=True)
class TaskRecords:
    """Completes the emulator's records of tasks."""

    context: ServerContext
    runtime: ContainerRuntime
    complete: Callable[[Mapping[str, str]], dict[str, str]]  # changes the variables of every started container

    def install(self) -> None:
        """Change the emulator."""
        emulator.use_runtime(self.runtime)
        self.runtime.on_exit(self._container_exited)
        if self.runtime.engine_tasks is not None:
            self.runtime.engine_tasks.on_stopped = self._container_stopped
        emulator.run_options.wrap(self._options)
        emulator.record_address.wrap(_record_address)
        emulator.attach_container.wrap(self._attach)
        emulator.watch_task.wrap(self._watch)
        emulator.mark_task_stopped.wrap(self._mark_stopped)
        emulator.start_task_worker.wrap(_start_in_order)
        emulator.fail_task_start.wrap(_fail_start)
        emulator.resolve_secrets.wrap(resolve_secrets)
        emulator.forward_log.wrap(_forward_log)

    def _attach(self, original: Function, task: emulator.Record, container: Container, index: int, *rest: Any) -> Any:
        attached = original(task, container, index, *rest)
        if attached:
            task["containers"][index]["imageDigest"] = digest_of(container.image, self.context.faults)
        return attached

    def _options(self, original: Function, *args: Any, **kwargs: Any) -> Any:
        """The options to start a container, without the processor, which the runtime checks."""
        options = original(*args, **kwargs)
        options.pop("platform", None)
        options["environment"] = self.complete(options["environment"])
        return options

    def _container_exited(self, task_arn: str) -> None:
        with self.context.scope():
            task = emulator.tasks.get(task_arn)
            if task is None:
                return
            emulator.mark_stopped_if_ended(task, self.runtime)
            if task["lastStatus"] == "STOPPED":
                self.runtime.end_task(task_arn)

    def _container_stopped(self, container: EngineContainer) -> None:
        """Record a container's real exit code, which was unknown when the task was marked as stopped."""
        with self.context.scope():
            task = emulator.tasks.get(container.task_arn) or {}
            for record in task.get("containers", []):
                if record["name"] == container.name:
                    record["exitCode"], record["lastStatus"] = container.exit_code, "STOPPED"

    def _watch(self, _original: Function, task: emulator.Record, _client: Any, account: str, region: str) -> None:
        """Replace polling ten times a second: the runtime reports exits. The other steps after a start stay."""
        key = emulator.service_key(task)
        service = emulator.services.get(key)
        if service is not None and not emulator.is_code_deploy(service):
            emulator.schedule_completion(key.partition("/")[0], key, account, region, healthy_task=task)
        self._container_exited(task["taskArn"])  # a container may have exited before the task was running

    def _mark_stopped(
        self,
        original: Function,
        task_arn: str,
        task: emulator.Record,
        reason: str,
        code: str,
        exit_code: int | None = None,
    ) -> Any:
        """Record the reason with ECS's message, and release the network interface."""
        if code == "EssentialContainerExited":
            reason = "Essential container in task exited"
        stopped = original(task_arn, task, reason, code, exit_code=exit_code)
        if stopped:
            for record in task.get("attachments", []):
                record["status"] = "DELETED"
            for container in task.get("containers", []):
                if self.runtime.was_out_of_memory(task_arn, container["name"]):
                    container["reason"] = _OUT_OF_MEMORY
            events.put_stopped_event(task)
        return stopped


def _start_in_order(original: Function, task: emulator.Record, definition: emulator.Record, *rest: Any) -> Any:
    """Start containers after their dependencies, if the execution role may fetch what they need."""
    ordered = in_order(definition["containerDefinitions"])
    positions = [definition["containerDefinitions"].index(container) for container in ordered]
    for key in ("containers", "_container_essentials"):
        task[key] = [task[key][position] for position in positions]
    try:
        check_retrieval(task["taskArn"], definition)
    except RoleDeniedError as error:
        raise emulator.SecretResolutionError(str(error)) from error
    return original(task, definition | {"containerDefinitions": ordered}, *rest)


def _forward_log(_original: Function, container: Container, where: emulator.Record, account: str, region: str) -> None:
    """Send each line as one event; other line ends of Python's, such as those of a progress bar, stay in it."""
    with scope(account, region):
        if emulator.ensure_log_stream(where):
            for line in filter(None, container.logs()):
                emulator.put_log_line(where, line.decode(errors="replace"))


def _fail_start(original: Function, task: emulator.Record, client: Any, reason: str) -> Any:
    """Let the reason start with the kind of error where it is known."""
    known = reason.removeprefix(_UNKNOWN_KIND)
    return original(task, client, known if known.startswith(_KINDS) else reason)


def _record_address(_original: Function, task: emulator.Record, container: Container, _network: Any) -> None:
    """Record the address of the task, which all its containers share."""
    if task.get("_container_ip") or not container.address:
        return
    task["_container_ip"] = container.address
    task["stopCode"] = task["stoppedReason"] = None  # left out while it runs
    if task.get("launchType") == "FARGATE":
        task.pop("containerInstanceArn", None)
    subnet = ec2.subnets.get(task.get("_subnet") or "") or {}
    task["availabilityZone"] = subnet.get("AvailabilityZone", task["availabilityZone"])
    if task.get("_network_mode") != "awsvpc":
        return
    identifier = str(UUID(container.id[:32]))
    region = task["taskArn"].split(":")[3]
    task["attachments"] = [
        attachment(identifier, subnet_id=task.get("_subnet"), address=container.address, region=region)
    ]
    for record in task["containers"]:
        record["networkInterfaces"] = [{"attachmentId": identifier, "privateIpv4Address": container.address}]
