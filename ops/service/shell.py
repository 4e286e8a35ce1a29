"""A shell inside a running task, through ECS Exec."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ops.aws.clients import Aws
from ops.aws.errors import code_of, message_of
from ops.errors import RefusedError, UnusableInputError
from ops.service.ecs_service import container_of, describe_active_service, describe_tasks, no_service
from ops.service.pauses import is_in_pause
from ops.service.signals import call_at_terminal

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import TaskTypeDef

PLUGIN = "session-manager-plugin"
# Names the variable that holds the session, and the last version that does not read it (aws-cli, StartSessionCaller).
_VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
_LAST_WITHOUT_VARIABLE = (1, 2, 497, 0)


@dataclass(frozen=True, kw_only=True)
class ShellTarget:
    """A task in which a shell can be opened."""

    task_arn: str  # the task
    runtime_id: str  # id of the container

    @property
    def task_id(self) -> str:
        """The task's id without the ARN."""
        return self.task_arn.rpartition("/")[2]


def require_plugin() -> str:
    """AWS's program for the protocol of sessions, which no Python package has; RefusedError if it is not installed."""
    program = shutil.which(PLUGIN)
    if program is None:
        raise RefusedError(
            f"{PLUGIN} is not installed, and a shell goes through it",
            "Install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/"
            "session-manager-working-with-install-plugin.html",
        )
    return program


def _no_task_reason(aws: Aws) -> str:
    service = describe_active_service(aws)
    if service is None:
        return no_service(aws, "no month is running, so there is no task: `hannibal start`")
    if is_in_pause(aws, service.get("desiredCount", 0)):
        return "the month is paused, so no task runs: `hannibal resume`"
    return "no task is running: `hannibal doctor ecs`"


def find_target(aws: Aws, task: str | None) -> ShellTarget:
    """The task to open a shell in: by the beginning of its id, or the newest one.

    Raises:
        RefusedError: no task runs, or the task was started without ECS Exec.
        UnusableInputError: no running task's id begins with ``task``.
    """
    tasks = describe_tasks(aws, service=aws.names.service)
    running = [each for each in tasks if each.get("lastStatus") == "RUNNING"]
    if not running:
        raise RefusedError(_no_task_reason(aws))
    chosen = [each for each in running if task is None or _id(each).startswith(task)]
    if not chosen:
        raise UnusableInputError(f"no running task begins with {task}", *(f"  {_id(each)}" for each in running))
    newest = max(chosen, key=lambda each: each["startedAt"].timestamp() if "startedAt" in each else 0.0)
    if not newest.get("enableExecuteCommand"):
        raise RefusedError(
            f"task {_id(newest)} was started without ECS Exec",
            "Set service.execute_command in the configuration; it holds from the next month's start on.",
        )
    runtime = container_of(newest, aws.names.container).get("runtimeId", "")
    return ShellTarget(task_arn=newest.get("taskArn", ""), runtime_id=runtime)


def open_shell(aws: Aws, target: ShellTarget, command: str, plugin: str) -> int:
    """Run a command in a task at this terminal, as `aws ecs execute-command` does; returns the plugin's exit code.

    Raises:
        RefusedError: the task accepts no session.
    """
    names = aws.names
    try:
        session = aws.ecs.execute_command(
            cluster=names.cluster, task=target.task_arn, container=names.container, command=command, interactive=True
        )["session"]
    except ClientError as error:
        if code_of(error) in ("TargetNotConnectedException", "InvalidParameterException"):
            raise RefusedError(
                f"task {target.task_id} takes no session: {message_of(error)}",
                "Its agent needs up to a minute after the start; then try again.",
            ) from error
        raise
    request = {"Target": f"ecs:{names.cluster}_{target.task_id}_{target.runtime_id}"}
    return call_at_terminal(*session_command(aws, plugin, session, request))


def session_command(
    aws: Aws, plugin: str, session: Mapping[str, object], request: Mapping[str, object]
) -> tuple[list[str], Mapping[str, str]]:
    """The command of the plugin for a session and its environment variables.

    The session contains a token, which every user of the machine could read in the arguments: newer plugins read it
    from a variable. The arguments are the AWS CLI's (aws-cli, awscli/customizations/sessionmanager.py).
    """
    text = json.dumps(session)
    newer = _version(plugin) > _LAST_WITHOUT_VARIABLE
    shown, environment = (_VARIABLE, {**os.environ, _VARIABLE: text}) if newer else (text, os.environ)
    return [plugin, shown, aws.region, "StartSession", "", json.dumps(request), aws.ssm.meta.endpoint_url], environment


def _version(plugin: str) -> tuple[int, ...]:
    answer = subprocess.run([plugin, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the same
    numbers = answer.stdout.strip().split(".")
    return tuple(map(int, numbers)) if all(number.isdecimal() for number in numbers) else ()


def _id(task: "TaskTypeDef") -> str:
    return task.get("taskArn", "").rpartition("/")[2]
