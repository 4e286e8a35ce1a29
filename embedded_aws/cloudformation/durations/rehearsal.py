"""Adds typical times to the emulator's stack operations: to their events and to the status of resources.

For each resource in an order, the emulator's loop sends an event, creates the resource, and sends the next event. Here
the order is that of a replay, the creation of a resource returns when the next one may begin, and the replay sends the
final event. So the loop still handles a failure, a cancelled update, a deletion, and the end of the server.
"""

import asyncio
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import now_iso

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.durations.replay import Clock, Replay, until
from embedded_aws.cloudformation.operation_options import is_express_deployment
from embedded_aws.cloudformation.registry import Created
from embedded_aws.core.patching import Function, Original, Response, wrap_item
from installation.aws_facts.durations import METADATA, Durations

_CANCELLED = "Resource creation cancelled"
_STACK = "AWS::CloudFormation::Stack"


class _DeletedError(BaseException):
    """The stack is being deleted, so its creation stops. Not a failure, so that nothing is rolled back."""


@dataclass(kw_only=True)
class _Operation:
    stack_id: str  # id of the stack
    stack: str  # its name
    verb: str  # ``CREATE`` or ``UPDATE``
    begins: float  # when the first resource may begin, by the clock
    replay: Replay | None = None  # None until the emulator has computed an order
    # Type and physical id of each resource that this operation created.
    made: dict[str, tuple[str, str]] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)  # set to end all waits
    deleted: bool = False  # whether the stack's deletion has begun meanwhile
    over: asyncio.Event = field(default_factory=asyncio.Event)  # set when the operation has ended

    @property
    def records(self) -> dict[str, dict[str, Any]]:
        """The stack's records of its resources."""
        found: dict[str, dict[str, Any]] = (emulator.stacks.get(self.stack) or {}).get("_resources", {})
        return found

    def mark(self, logical_id: str, status: str) -> None:
        """Set the status of a resource in the stack's record."""
        if record := self.records.get(logical_id):
            record["ResourceStatus"], record["Timestamp"] = f"{self.verb}_{status}", now_iso()


class _Order(list[str]):
    """The emulator's order when read backwards; a forward iteration has the order of the replay."""

    def __init__(self, order: list[str], replay: Replay) -> None:
        super().__init__(order)
        self._replay = replay

    def __iter__(self) -> Iterator[str]:
        return self._replay.order()


_current: ContextVar[_Operation | None] = ContextVar("operation_with_typical_durations", default=None)


class Rehearsal:
    """Lets the resources of all stacks take their typical times."""

    def __init__(self, clock: Clock, durations: Durations) -> None:
        self._clock, self._durations = clock, durations
        self._running: dict[str, _Operation] = {}
        self.seconds: dict[str, float] = {}  # the seconds of each stack's creation, by the replayed times
        # The functions before this class changes them.
        self._needs_thread = emulator.runs_on_worker_thread.take()
        self._send = emulator.add_event.take()

    def install(self) -> None:
        """Change the emulator's operations."""
        emulator.deploy_stack.wrap_everywhere(self._deploy)
        emulator.delete_stack.wrap_everywhere(self._delete)
        emulator.topological_sort.wrap(self._sort)
        emulator.runs_on_worker_thread.wrap(lambda original, name: _current.get() is not None or original(name))
        emulator.run_reentrant.wrap(self._run)
        emulator.add_event.wrap(self._event)
        wrap_item(emulator.actions, "CancelUpdateStack", self._cancel)

    async def _deploy(self, original: Function, stack: str, stack_id: str, *rest: Any, **options: Any) -> None:
        if is_express_deployment(emulator.stacks.get(stack)):
            await original(stack, stack_id, *rest, **options)
            return
        update = bool(options.get("is_update"))
        operation = _Operation(
            stack_id=stack_id,
            stack=stack,
            verb="UPDATE" if update else "CREATE",
            # The CDK needs time for change sets between one stack and the next; the stack of an update already exists.
            begins=self._clock.now() + (0 if update else self._durations.stack.seconds),
        )
        token = _current.set(operation)
        self._running[stack_id] = operation
        try:
            await until(self._clock, operation.begins, operation.stop)
            if not operation.deleted:
                await original(stack, stack_id, *rest, **options)
                self._finish(operation)
        except _DeletedError:
            self._cancel_pending(operation)
        finally:
            operation.over.set()
            del self._running[stack_id]
            _current.reset(token)

    def _finish(self, operation: _Operation) -> None:
        if operation.replay is None:
            return
        for logical_id in operation.replay.give_up():
            self._complete(operation, logical_id)
        if (emulator.stacks.get(operation.stack) or {}).get("StackStatus") == "CREATE_COMPLETE":
            self.seconds[operation.stack] = self._durations.stack.seconds + operation.replay.seconds

    async def _delete(self, original: Function, stack: str, stack_id: str, *rest: Any, **options: Any) -> None:
        operation = self._running.get(stack_id)
        if operation is not None:
            operation.deleted = True
            operation.stop.set()
            await operation.over.wait()
        await original(stack, stack_id, *rest, **options)

    def _cancel(self, original: Original, params: dict[str, Any]) -> Response:
        response = original(params)
        stack = emulator.named_stack(params) or {}
        operation = self._running.get(stack.get("StackId", ""))
        if operation is not None and stack.get("_cancel_requested"):
            operation.stop.set()
        return response

    def _sort(self, original: Function, resources: dict[str, Any], conditions: dict[str, bool]) -> list[str]:
        order: list[str] = original(resources, conditions)
        operation = _current.get()
        if operation is None or operation.replay is not None:
            return order
        known = set(order)
        operation.replay = Replay(
            clock=self._clock,
            begins=operation.begins,
            waits_for={it: emulator.dependencies(resources[it], known) - {it} for it in order},
            on_complete=lambda logical_id: self._complete(operation, logical_id),
            stop=operation.stop,
        )
        return _Order(order, operation.replay)

    async def _run(self, original: Function, function: Function, *arguments: Any) -> Any:
        """Replace the emulator's function that runs each creation, change and deletion of the loop on a thread."""
        operation = _current.get()
        if operation is None or self._needs_thread(arguments[0]):
            result = await original(function, *arguments)
        else:
            result = function(*arguments)
        making = function is emulator.provision.take()
        if operation is None or operation.replay is None or not (making or function is emulator.change.take()):
            return result
        if making:
            self._record_created(operation, operation.replay, arguments, result[0])
        await operation.replay.until_next()
        if operation.deleted:
            raise _DeletedError
        return result

    def _record_created(
        self, operation: _Operation, replay: Replay, arguments: tuple[Any, ...], created: Created
    ) -> None:
        kind, logical_id, properties, _stack = arguments
        physical_id, attributes = created
        # The loop notes it too, but only when the next resource may begin, and the server may end before.
        operation.records[logical_id] = {
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "LogicalResourceId": logical_id,
            "Properties": properties,
            "Attributes": attributes,
        }
        operation.mark(logical_id, "IN_PROGRESS")
        operation.made[logical_id] = (kind, physical_id)
        restored = bool(properties.get("DBSnapshotIdentifier"))
        replay.made(logical_id, 0 if kind == METADATA else self._durations.of(kind, restored=restored))

    def _event(self, original: Function, *event: Any, **options: Any) -> None:
        stack_id, stack, logical_id, kind, status = event[:5]
        operation = _current.get()
        if operation is None or operation.replay is None or operation.stack_id != stack_id:
            original(*event, **options)
            return
        if logical_id in operation.made and status == f"{operation.verb}_COMPLETE":
            # The replay sends this event; the loop has just noted the resource as complete.
            if operation.replay.is_pending(logical_id):
                operation.mark(logical_id, "IN_PROGRESS")
            return
        failed, of_stack = status.endswith(("_FAILED", "ROLLBACK_IN_PROGRESS")), kind == _STACK and logical_id == stack
        if failed and of_stack:
            self._cancel_pending(operation)
        original(*event, **options)
        if failed and not of_stack:
            self._cancel_pending(operation)

    def _complete(self, operation: _Operation, logical_id: str) -> None:
        operation.mark(logical_id, "COMPLETE")
        self._send_event(operation, logical_id, "COMPLETE", "")

    def _cancel_pending(self, operation: _Operation) -> None:
        """Cancel the resources in progress, as CloudFormation does after another one's failure."""
        for logical_id in operation.replay.give_up() if operation.replay else ():
            operation.mark(logical_id, "FAILED")
            self._send_event(operation, logical_id, "FAILED", _CANCELLED)

    def _send_event(self, operation: _Operation, logical_id: str, status: str, reason: str) -> None:
        kind, physical_id = operation.made[logical_id]
        self._send(
            operation.stack_id, operation.stack, logical_id, kind, f"{operation.verb}_{status}", reason, physical_id
        )
