"""A long operation: the CDK works, CloudFormation is watched, and whatever happens is told."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ops.errors import CancelledError, FailedError
from ops.stacks.cdk import CdkLog, CdkRun
from ops.stacks.events import first_cause
from ops.stacks.progress import StackProgress, StackWatcher

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

View = Callable[[tuple[StackProgress, ...]], None]


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often CloudFormation is asked.

    Attributes:
        seconds: between two looks. CloudFormation allows few calls a second and account (service quotas), and its
            own steps take longer than this.
        sleep: waits for some seconds.
    """

    seconds: float = 3.0
    sleep: Callable[[float], None] = time.sleep


def settle(cloudformation: "CloudFormationClient", stacks: Iterable[str], view: View, pace: Pace) -> None:
    """Wait until CloudFormation works on none of the stacks any more, however that ends."""
    watcher = StackWatcher(cloudformation, stacks)
    while True:
        progress = watcher.poll()
        view(progress)
        if not any(stack.in_progress for stack in progress):
            return
        pace.sleep(pace.seconds)


def follow(run: CdkRun, watcher: StackWatcher, view: View, pace: Pace) -> tuple[StackProgress, ...]:
    """Watch the stacks until the CDK has ended.

    Returns:
        The stacks at the end.

    Raises:
        FailedError: the CDK ended with an error; the message is the first cause.
    """
    while True:
        code = run.exit_code()  # asked before the poll, so that the last poll sees the end of everything
        progress = watcher.poll()
        view(progress)
        if code is not None:
            break
        pace.sleep(pace.seconds)
    if code != 0:
        raise failure(watcher, run.log, code)
    return progress


def failure(watcher: StackWatcher, log: CdkLog, code: int) -> FailedError:
    """What went wrong first: CloudFormation's earliest failure, or what the CDK said if it never came so far."""
    cause = first_cause(watcher.events)
    where = f"The CDK's output is in {log.path} (it ended with exit code {code})."
    if cause is None:
        return FailedError("the CDK failed before CloudFormation did. It said:", *log.tail(), where)
    what = f"{cause.stack}: {cause.logical_id} ({cause.resource_type}) is {cause.status}"
    return FailedError(
        f"{what}: {cause.reason or 'no reason given'}",
        where,
        "Mend the cause and run the command again; it goes on from here. `hannibal status` shows where things stand.",
    )


@contextmanager
def interruptible(command: str) -> Iterator[None]:
    """Say after a Ctrl-C what goes on without us, and that the command may be repeated."""
    try:
        yield
    except KeyboardInterrupt:
        raise CancelledError(
            "interrupted. The CDK was ended; what CloudFormation has begun goes on by itself, and nothing new begins",
            "Watch it: `hannibal status`",
            f"Go on: `{command}` may be run again at any time; it takes over what is still running",
        ) from None
