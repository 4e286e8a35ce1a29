"""Runs the containers of tasks: in the engine of this machine, or as sample services where there is none.

The emulator runs tasks with a Docker client: it starts containers, requests their address and state,
forwards their output to CloudWatch Logs and stops them. This client has exactly the methods that the emulator calls.
"""

import builtins
import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from embedded_aws.containers.cleanup import forget_engine, note_engine
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import JsonValue, ServerContext, ServerError
from embedded_aws.core.faults import Kind
from embedded_aws.database.server_ports import ports_of
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import KILLED, ContainerRequest
from embedded_aws.ecs.containers.container import EngineContainer
from embedded_aws.ecs.containers.engine_tasks import EngineTasks
from embedded_aws.ecs.execution_role import check_log, check_pull
from embedded_aws.ecs.images import CannotPullError, ImageCollection, digest_of, is_own
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.sample_containers import SampleContainer, SampleContainers
from embedded_aws.load_balancer.targets import TargetBoard

Container = SampleContainer | EngineContainer

_TASK_LABEL = "com.amazonaws.ecs.task-arn"
_NAME_LABEL = "com.amazonaws.ecs.container-name"
_EXIT_CODES: dict[Kind, int] = {"exits": 1, "out_of_memory": KILLED}
_SECONDS_BEFORE_AN_INJECTED_EXIT = 0.2
logger = logging.getLogger("embedded_aws.ecs")


class _NoSuchContainerError(Exception):
    """No container has this id."""


class ContainerRuntime:
    """Starts and ends containers; it is both Docker's client and the client's collection ``containers``."""

    def __init__(self, context: ServerContext, *, samples: SampleContainers) -> None:
        self._context = context
        self._samples = samples
        self._faults = context.faults
        self._reason = context.containers.reason  # for which no engine is used
        self.engine_tasks: EngineTasks | None = None
        self.images = ImageCollection(context.faults)

    @property
    def containers(self) -> "ContainerRuntime":
        """The collection, as in Docker's client."""
        return self

    def get(self, container_id: str) -> Container:
        """Find a container of a task that has not ended. Raises NoSuchContainerError: there is none."""
        for container in self.list():
            if container.id == container_id:
                return container
        raise _NoSuchContainerError(container_id)

    def list(self, **_options: Any) -> builtins.list[Container]:
        """List the containers of tasks that have not ended."""
        of_engine = self.engine_tasks.all_containers() if self.engine_tasks is not None else []
        return [*self._samples.all_containers(), *of_engine]

    def run(
        self,
        image: str,
        *,
        environment: Mapping[str, str],
        labels: Mapping[str, str],
        command: builtins.list[str] | None = None,
        **_options: Any,
    ) -> Container:
        """Start a container; in the engine if one of the task's images is in this account's ECR.

        Raises:
            ministack.services.ecs._ImagePullError: its image cannot be pulled.
            DependencyError: a container that it depends on has failed.
            StartError: its log group is missing or denied to the execution role, or the engine does not start it.
        """
        request = _container_request(image, environment=environment, labels=labels, command=command)
        try:
            check_pull(request)
            digest_of(request.container["image"], self._faults)
            check_log(request)
            container = self._start(request)
        except CannotPullError as error:
            raise emulator.ImagePullError(str(error)) from error
        self._exit_if_injected(container)
        return container

    def _start(self, request: ContainerRequest) -> Container:
        images = [str(each["image"]) for each in request.definition["containerDefinitions"]]
        if self.engine_tasks is not None and any(is_own(each) for each in images):
            return self.engine_tasks.run(request)
        return self._samples.run(request)

    def _exit_if_injected(self, container: Container) -> None:
        for kind, code in _EXIT_CODES.items():
            if self._faults.find(kind, container.image):
                container.write_line(f"fatal: {kind} was injected for this image")
                threading.Timer(_SECONDS_BEFORE_AN_INJECTED_EXIT, container.exit_with, [code]).start()
                return

    def end_task(self, task_arn: str) -> None:
        """End the containers of a task."""
        self._samples.end_task(task_arn)
        if self.engine_tasks is not None:
            self.engine_tasks.end(task_arn)

    def is_real(self, task_arn: str) -> bool:
        """Whether the containers of a task run in the engine."""
        return self.engine_tasks is not None and self.engine_tasks.has(task_arn)

    def health(self, task_arn: str, name: str) -> str | None:
        """The result of a container's own health check; None where no check runs."""
        return self.engine_tasks.health.result(task_arn, name) if self.engine_tasks is not None else None

    def was_out_of_memory(self, task_arn: str, name: str) -> bool:
        """Whether a container was killed because it used too much memory."""
        return any(
            container.out_of_memory
            for container in self.list()
            if container.task_arn == task_arn and container.name == name
        )

    def on_exit(self, callback: Callable[[str], None]) -> None:
        """Call a function with the ARN of a task when one of its containers has ended."""
        self._samples.on_exit = callback
        if self.engine_tasks is not None:
            self.engine_tasks.on_exit = callback

    def use_engine(self, *, loop: BackgroundLoop, network: TaskNetwork, board: TargetBoard) -> None:
        """Let tasks run in the engine, if the server has a working one."""
        context = self._context
        engine = context.containers.engine
        if engine is None:
            return
        reachable = tuple(ports_of(context.port))
        tasks = EngineTasks(
            engine=engine, context=context, loop=loop, network=network, board=board, reachable=reachable
        )
        self.engine_tasks = tasks
        context.on_start(lambda: self._prepare(engine, tasks))
        context.on_stop(lambda: self._end(tasks))

    def _prepare(self, engine: Engine, tasks: EngineTasks) -> None:
        note_engine(self._context.state_folder, engine)
        try:
            tasks.prepare()
        except EngineError as error:
            self._reason = f"{engine.name} does not run the containers that a task needs: {error}"
            if self._context.containers.required:
                raise ServerError(self._reason) from error
            logger.warning("sample services stand for containers: %s", self._reason)
            self.engine_tasks = None

    def _end(self, tasks: EngineTasks) -> None:
        tasks.remove_all()
        forget_engine(self._context.state_folder)

    def answer(self, _method: str, _body: bytes) -> tuple[int, JsonValue]:
        """Answer ``/_hannibal/containers``."""
        engine = self._context.containers.engine if self.engine_tasks is not None else None
        containers: JsonValue = [
            {"id": one.id, "task": one.task_arn, "name": one.name, "image": one.image, "exit_code": one.exit_code}
            for one in (self.engine_tasks.all_containers() if self.engine_tasks is not None else [])
        ]
        return 200, {
            "engine": engine.name if engine else None,
            "processor": engine.processor if engine else None,
            "reason": None if engine else self._reason,
            "containers": containers,
        }


def _container_request(
    image: str, *, environment: Mapping[str, str], labels: Mapping[str, str], command: list[str] | None
) -> ContainerRequest:
    """The request for a container, by its definition: ``image`` has a digest in rolling deployments."""
    family, revision = (labels[f"com.amazonaws.ecs.task-definition-{part}"] for part in ("family", "version"))
    definition = emulator.find_task_definition(f"{family}:{revision}") or {"containerDefinitions": []}
    name = labels[_NAME_LABEL]
    definitions = (each for each in definition["containerDefinitions"] if each["name"] == name)
    task = emulator.tasks.get(labels[_TASK_LABEL]) or {}
    return ContainerRequest(
        task_arn=labels[_TASK_LABEL],
        subnet=task.get("_subnet"),
        definition=definition,
        container=next(definitions, {"name": name, "image": image}),
        overrides=task.get("overrides") or {},
        environment=environment,
        command=command,
    )
