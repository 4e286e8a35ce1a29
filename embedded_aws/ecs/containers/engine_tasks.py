"""Tasks that run in the engine: each with its own network, volumes and containers."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from embedded_aws.containers.cleanup import CONTAINER_LABEL, SERVER_LABEL, TASK_LABEL, remove_leftovers, server_label
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.containers.namespaces import METADATA_HOST, Namespace, Namespaces
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import ServerContext
from embedded_aws.ecs import emulator
from embedded_aws.ecs.container_request import SECONDS_TO_END_REQUESTS, ContainerRequest, StartError, buffer_of
from embedded_aws.ecs.containers import options
from embedded_aws.ecs.containers.container import ContainerHealth, EngineContainer
from embedded_aws.ecs.containers.engine_images import EngineImages
from embedded_aws.ecs.containers.fault_proxy import FaultProxy
from embedded_aws.ecs.containers.metadata import TaskMetadata
from embedded_aws.ecs.containers.start_order import Waiting
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.load_balancer.targets import TargetBoard

_SECONDS_TO_START = 300.0
_LEAST_START_SECONDS = 60.0
_STOPPED_MEANWHILE = "the task was stopped while its containers started"


@dataclass(eq=False, kw_only=True)
class _Task:
    arn: str
    address: str
    namespace: Namespace
    metadata: TaskMetadata
    proxies: tuple[FaultProxy, ...]
    volumes: Mapping[str, str]
    waiting: Waiting
    containers: dict[str, EngineContainer] = field(default_factory=dict)


@dataclass(eq=False, kw_only=True)
class EngineTasks:
    """Starts and ends the containers of tasks."""

    engine: Engine
    context: ServerContext  # their embedded AWS
    loop: BackgroundLoop  # runs the servers that the tasks reach
    network: TaskNetwork  # assigns addresses to tasks
    board: TargetBoard  # reports when a task's last request has ended
    reachable: tuple[int, ...]  # loopback ports that containers reach besides the embedded AWS's: the databases'
    on_exit: Callable[[str], None] = lambda _: None
    on_stopped: Callable[[EngineContainer], None] = lambda _: None
    _tasks: dict[str, _Task] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        context = self.context
        self._server = server_label(context.state_folder)
        self._folder = context.temporary_folder / "namespaces"
        self._images = EngineImages(self.engine, context.faults)
        reachable = (context.port, *self.reachable)
        self._namespaces = Namespaces(self.engine, self.loop, folder=self._folder, reachable=reachable)
        self.health = ContainerHealth(self.engine, clock_factor=context.clock_factor)

    def prepare(self) -> None:
        """Remove containers and volumes that an earlier process of this server left, and test the engine.

        Raises EngineError: the engine lacks something that a task needs.
        """
        self.remove_all()
        self._namespaces.prepare(f"hannibal-{self._server}-trial", labels={SERVER_LABEL: self._server})

    def remove_all(self) -> None:
        """Remove all containers and volumes of this server, and only those."""
        remove_leftovers(self.engine, self._server)

    def all_containers(self) -> list[EngineContainer]:
        """The containers of the tasks that have not ended."""
        return [container for task in list(self._tasks.values()) for container in task.containers.values()]

    def has(self, task_arn: str) -> bool:
        """Whether a task runs here."""
        return task_arn in self._tasks

    def run(self, request: ContainerRequest) -> EngineContainer:
        """Start a container of a task after those that it depends on.

        Raises CannotPullError: its image cannot be pulled. Raises DependencyError: one that it depends on has failed.
        Raises StartError: the engine does not start it.
        """
        pulled = self._images.pull(
            request.container["image"], request.definition, essential=bool(request.container.get("essential", True))
        )
        task = self._task(request)
        task.waiting.wait(request.container, request.definition["containerDefinitions"])
        if task.arn not in self._tasks:
            raise StartError(_STOPPED_MEANWHILE)
        try:
            identifier = self._start(task, request, pulled.reference)
        except EngineError as error:
            # The engine may have made it, and keeps a network as long as a container has it.
            with suppress(EngineError):  # a hanging engine removes nothing either, and the task ends all the same
                self.engine.remove(self._name(task.arn, request.name))
            self.end(task.arn)
            raise StartError(f"CannotStartContainerError: {error}") from error
        container = EngineContainer(
            engine=self.engine,
            id=identifier,
            name=request.name,
            image=request.container["image"],
            task_arn=task.arn,
            address=task.address,
            stop_timeout=options.stop_seconds(request.container),
            log=buffer_of(request.container),
            on_exit=lambda _: self._exited(task),
            end_task=self.end,
        )
        task.containers[request.name] = container
        if pulled.remark:
            container.write_line(pulled.remark)
        container.follow()
        if request.container.get("healthCheck"):
            self.health.watch(container, request.container["healthCheck"], task.waiting.notify)
        return container

    def _task(self, request: ContainerRequest) -> _Task:
        with self._lock:
            task = self._tasks.get(request.task_arn)
            if task is None:
                if (emulator.tasks.get(request.task_arn) or {}).get("lastStatus") == "STOPPED":
                    raise StartError(_STOPPED_MEANWHILE)
                task = self._tasks[request.task_arn] = self._open(request)
            return task

    def _open(self, request: ContainerRequest) -> _Task:
        containers = request.definition["containerDefinitions"]
        ports = {int(m["containerPort"]): c for c in containers for m in c.get("portMappings") or []}
        metadata = TaskMetadata(request.task_arn, request.definition, request.overrides)
        labels = {SERVER_LABEL: self._server, TASK_LABEL: request.task_arn}
        name = self._name(request.task_arn, "network")
        names = [it["name"] for it in request.definition.get("volumes") or [] if it.get("name")]
        volumes = {it: self._name(request.task_arn, it) for it in names}
        try:
            for volume in volumes.values():
                self.engine.call("volume", "create", "--label", f"{SERVER_LABEL}={self._server}", volume)
            namespace = self._namespaces.open(name, labels=labels, ports=ports, metadata=metadata.server)
        except EngineError as error:
            self._remove_volumes(volumes)
            raise StartError(f"ResourceInitializationError: {error}") from error
        proxies = {
            port: FaultProxy(container["image"], namespace.ports[port], self.context.faults)
            for port, container in ports.items()
        }
        for proxy in proxies.values():
            self.loop.run(proxy.start())
        first = next(iter(proxies.values()), None)

        def reach(port: int) -> int:
            proxy = proxies.get(port, first)
            return proxy.port if proxy is not None else 0

        address = metadata.address = self.network.attach(request.subnet, reach)
        periods = (float((it.get("healthCheck") or {}).get("startPeriod") or 0) for it in containers)
        self.board.let_start(address, seconds=max(_LEAST_START_SECONDS, *periods))
        opened: dict[str, EngineContainer] = {}
        return _Task(
            arn=request.task_arn,
            address=address,
            namespace=namespace,
            metadata=metadata,
            proxies=tuple(proxies.values()),
            volumes=volumes,
            waiting=Waiting(
                find=opened.get, healthy=lambda one: self.health.result(request.task_arn, one) == "HEALTHY"
            ),
            containers=opened,
        )

    def _start(self, task: _Task, request: ContainerRequest, reference: str) -> str:
        leading, trailing = options.command_options(request.container, request.command)
        labels = {SERVER_LABEL: self._server, TASK_LABEL: task.arn, CONTAINER_LABEL: request.name}
        given = self._variables(task, request.environment)
        with options.variable_options(given, folder=self._folder) as (with_variables, inherited):
            return self.engine.call(
                *("run", "--detach", "--name", self._name(task.arn, request.name)),
                *("--network", f"container:{task.namespace.container}"),
                *(word for key, value in labels.items() for word in ("--label", f"{key}={value}")),
                *with_variables,
                *options.run_options(self.engine, request.definition, request.container, volumes=task.volumes),
                *leading,
                reference,
                *trailing,
                variables=inherited,
                timeout_seconds=_SECONDS_TO_START,
            ).splitlines()[-1]

    def _variables(self, task: _Task, variables: Mapping[str, str]) -> dict[str, str]:
        """The container's variables, with those that ECS on Fargate adds and the endpoint of the embedded AWS."""
        token = variables.get("ECS_CONTAINER_METADATA_URI_V4", "").rpartition("/")[2]
        own = {key: value for key, value in variables.items() if key not in _EMULATORS_VARIABLES}
        return {
            "AWS_DEFAULT_REGION": self.context.region,
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            "AWS_REGION": self.context.region,
            **own,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.context.port}",
            "ECS_CONTAINER_METADATA_URI_V4": f"http://{METADATA_HOST}/v4/{token}",
            **task.metadata.variables,
        }

    def _name(self, task_arn: str, suffix: str) -> str:
        return f"hannibal-{self._server}-{task_arn.rpartition('/')[2][:12]}-{suffix}"

    def _exited(self, task: _Task) -> None:
        task.waiting.notify()
        self.on_exit(task.arn)

    def end(self, task_arn: str) -> None:
        """End a task: its containers, a dependency after those that depend on it, then volumes and network."""
        with self._lock:
            task = self._tasks.pop(task_arn, None)
        if task is None:
            return
        task.waiting.notify()
        self.board.wait_until_idle(task.address, timeout_seconds=SECONDS_TO_END_REQUESTS)
        for container in reversed(list(task.containers.values())):
            container.end()
            self.on_stopped(container)
        self.health.forget(task_arn)
        self.network.detach(task.address)
        self.engine.remove(*(container.id for container in task.containers.values()))
        self._remove_volumes(task.volumes)
        for proxy in task.proxies:
            self.loop.run(proxy.server.stop())
        self._namespaces.close(task.namespace)

    def _remove_volumes(self, volumes: Mapping[str, str]) -> None:
        if volumes:
            self.engine.run("volume", "rm", "--force", *volumes.values())


# The emulator's variables for credentials; a container gets its credentials in another way.
_EMULATORS_VARIABLES = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN")
