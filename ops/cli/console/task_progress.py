"""Stops a one-off task at Ctrl-C, and prints how it ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ops.cli.console import screen
from ops.errors import CancelledError, FailedError

if TYPE_CHECKING:
    from ops.aws.clients import Aws
    from ops.service.one_off_tasks import OneOffTask


def stop_interrupted(aws: "Aws", task: "OneOffTask", finish: "Callable[[], OneOffTask]") -> CancelledError:
    """Stop a task after Ctrl-C and wait for its end, or for a second Ctrl-C; returns the command's error.

    Raises:
        CancelledError: a second Ctrl-C came before ECS had accepted to stop it.
    """
    from ops.release.one_off_command import naming_at_interrupt
    from ops.service.one_off_tasks import stop_task

    screen.err().echo("Ctrl-C: stopping the task; its container has 30 seconds to end.", "yellow")
    with naming_at_interrupt(aws, task):
        stop_task(aws, task.arn, "Ctrl-C")
    try:
        finish()
    except KeyboardInterrupt:
        return CancelledError(
            f"interrupted; ECS is still stopping task {task.task_id}",
            f"See its end: `hannibal logs --task {task.task_id}`",
        )
    return CancelledError(f"interrupted; task {task.task_id} was stopped, and what it had done stays done")


def exit_code_of(task: "OneOffTask") -> int:
    """The exit code of the task's command, after printing how it ended.

    Raises:
        FailedError: it has none, because it never ran or was stopped.
    """
    # Many programs end with 0 at SIGTERM, for example when Fargate reclaims Spot capacity.
    if task.exit_code is None or (task.exit_code == 0 and not task.succeeded):
        raise FailedError(
            f"the command did not run to an end: {task.reason or task.stop_code or 'no reason given'}",
            "Why tasks do not start: `hannibal doctor ecs`",
        )
    took = f" after {screen.span(task.took)}" if task.took else ""
    style = "green" if task.exit_code == 0 else "bold red"
    screen.err().echo(f"Ended with {task.exit_text}{took}", style)
    return task.exit_code
