"""A container that runs in the engine."""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.ecs.container_request import KILLED, TaskContainer
from embedded_aws.ecs.containers.log_buffer import LogBuffer

_SECONDS_BEYOND_STOP = 300.0  # an engine's command takes seconds, more on a busy machine
_UNKNOWN_EXIT = 255


@dataclass(eq=False, kw_only=True)
class EngineContainer(TaskContainer):
    """A container in the engine, with its output and its end."""

    engine: Engine
    id: str  # id in the engine
    name: str  # name in the task definition
    image: str  # as the task definition names it
    task_arn: str  # ARN of its task
    address: str  # private address of the task
    stop_timeout: float  # seconds between SIGTERM and SIGKILL
    log: LogBuffer | None
    on_exit: Callable[["EngineContainer"], None]  # called once, after it has ended
    end_task: Callable[[str], None]  # ends its whole task
    exit_code: int | None = None  # None while it runs
    out_of_memory: bool = False  # whether it was killed for using too much memory
    ended: threading.Event = field(default_factory=threading.Event)  # set when it has ended
    _injected_exit: int | None = None

    def stop(self, **_options: Any) -> None:
        """End the task: its containers, in order, then its network."""
        self.end_task(self.task_arn)

    def follow(self) -> None:
        """Start to read its output and to wait for its end."""
        threading.Thread(target=self._follow, name=f"container-{self.id[:12]}", daemon=True).start()

    def _follow(self) -> None:
        try:
            self._read_output()
            code, out_of_memory = self._final_state()
        except (EngineError, ValueError, KeyError, OSError):
            code, out_of_memory = _UNKNOWN_EXIT, False  # another program removed it
        injected = self._injected_exit
        self.out_of_memory = out_of_memory if injected is None else injected == KILLED
        self.exit_code = code if injected is None else injected
        if self.log is not None:
            self.log.end()
        self.ended.set()
        self.on_exit(self)

    def _read_output(self) -> None:
        with self.engine.follow("logs", "--follow", self.id) as process:
            assert process.stdout is not None  # noqa: S101 - it was started with a pipe
            for line in process.stdout:
                if self.log is not None:
                    self.log.write(line.rstrip(b"\r\n"))

    def _final_state(self) -> tuple[int, bool]:
        state = self._state()
        if state.get("Running"):
            self.engine.call("wait", self.id, timeout_seconds=None)
            state = self._state()
        return int(state["ExitCode"]), bool(state.get("OOMKilled"))

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self.engine.call("inspect", "--format", "{{json .State}}", self.id))
        return state

    def end(self) -> int:
        """Send SIGTERM, after the time limit SIGKILL, and return the exit code."""
        if self.exit_code is None:
            seconds = int(self.stop_timeout)
            with suppress(EngineError):  # a container that hangs is removed by force afterwards
                self.engine.run("stop", "-t", str(seconds), self.id, timeout_seconds=seconds + _SECONDS_BEYOND_STOP)
        self.ended.wait(_SECONDS_BEYOND_STOP)
        return _UNKNOWN_EXIT if self.exit_code is None else self.exit_code

    def exit_with(self, code: int) -> None:
        """End it now, as if by itself with this exit code."""
        self._injected_exit = code
        self.engine.run("kill", self.id)
