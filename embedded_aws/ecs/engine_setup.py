"""Sets up the container engine of this server and reports its containers."""

import logging

from embedded_aws.containers.cleanup import forget_engine, note_engine
from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.errors import ServerError
from embedded_aws.database.servers import ports_of
from embedded_aws.ecs.containers.engine_tasks import EngineTasks
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.runtime import ContainerRuntime
from embedded_aws.load_balancer.targets import TargetBoard

logger = logging.getLogger("embedded_aws.ecs")


class EngineSetup:
    """Uses the server's engine for tasks, and reports its containers."""

    def __init__(self, context: ServerContext, *, runtime: ContainerRuntime) -> None:
        self._context = context
        self._runtime = runtime
        self._reason = context.containers.reason

    def install(self, *, loop: BackgroundLoop, network: TaskNetwork, board: TargetBoard) -> None:
        """Let tasks run in the engine, if the server has a working one."""
        context = self._context
        engine = context.containers.engine
        if engine is None:
            return
        reachable = tuple(ports_of(context.port))
        tasks = EngineTasks(
            engine=engine, context=context, loop=loop, network=network, board=board, reachable=reachable
        )
        self._runtime.engine_tasks = tasks
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
            self._runtime.engine_tasks = None

    def _end(self, tasks: EngineTasks) -> None:
        tasks.remove_all()
        forget_engine(self._context.state_folder)

    def answer(self, _method: str, _body: bytes) -> tuple[int, JsonValue]:
        """Answer ``/_hannibal/containers``."""
        engine = self._context.containers.engine if self._runtime.engine_tasks is not None else None
        containers: JsonValue = [
            {"id": one.id, "task": one.task_arn, "name": one.name, "image": one.image, "exit_code": one.exit_code}
            for one in (self._runtime.engine_tasks.all_containers() if self._runtime.engine_tasks is not None else [])
        ]
        return 200, {
            "engine": engine.name if engine else None,
            "processor": engine.processor if engine else None,
            "reason": None if engine else self._reason,
            "containers": containers,
        }
