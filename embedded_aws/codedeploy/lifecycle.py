"""Lifecycle events of an ECS deployment, the hooks that they call, and the reasons for an early end."""

import json
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.concurrency import spawn_background

from embedded_aws.codedeploy.store import Record, now
from embedded_aws.core.context import ServerContext

# CodeDeploy user guide, "List of lifecycle event hooks for an Amazon ECS deployment".
EVENTS = (
    *("BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic"),
    *("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"),
)
# "If the Lambda function does not call back within one hour" (CodeDeploy user guide, AppSpec hooks section).
SECONDS_TO_ANSWER = 3600.0
_LONGEST_FUNCTION_SECONDS = 900  # Lambda's quota


@dataclass(eq=False)
class EarlyEnd(Exception):  # noqa: N818 - most early ends are nobody's error
    """A deployment ends early."""

    status: str | None  # its final status; none: it goes on after the server's next start
    code: str = ""  # code of ``errorInformation``
    message: str = ""
    event: str = ""  # its event in an automatic rollback configuration
    diagnostics: Record | None = None  # of the lifecycle event that failed


# The ends by a failure and by StopDeployment.
failure = partial(EarlyEnd, "Failed", event="DEPLOYMENT_FAILURE")
stop = partial(EarlyEnd, "Stopped", event="DEPLOYMENT_STOP_ON_REQUEST")


def new_events() -> list[Record]:
    """List all events, as pending."""
    return [{"lifecycleEventName": name, "status": "Pending"} for name in EVENTS]


def begin(event: Record) -> None:
    """Mark an event as begun; an event that a restart interrupted keeps its beginning."""
    event["status"] = "InProgress"
    event.setdefault("startTime", now())


def end(event: Record, status: str, diagnostics: Record | None = None) -> None:
    """Mark an event as ended."""
    event["status"], event["endTime"] = status, now()
    event.setdefault("startTime", event["endTime"])
    if diagnostics:
        event["diagnostics"] = diagnostics


def break_off(events: list[Record], diagnostics: Record | None = None) -> None:
    """Mark the events of a deployment that ended early: running ones failed, pending ones are skipped."""
    for event in events:
        if event["status"] == "InProgress":
            end(event, "Failed", diagnostics)
        elif event["status"] == "Pending":
            event["status"] = "Skipped"


class Hooks:
    """Calls hooks through the server's own Lambda."""

    def __init__(self, context: ServerContext) -> None:
        self._context = context

    @cached_property
    def _lambda(self) -> Any:
        # Without these a function that takes a minute would be called a second time meanwhile.
        config = Config(read_timeout=_LONGEST_FUNCTION_SECONDS + 60, retries={"total_max_attempts": 1})
        return boto3.client(
            "lambda", endpoint_url=self._context.endpoint, region_name=self._context.region, config=config
        )

    def call(self, deployment: Record, event: str, function: str) -> None:
        """Call a function for a lifecycle event; its answer arrives in ``deployment["hook"]["status"]``."""
        hook: Record = {"id": str(uuid4()), "event": event, "status": None, "runs": True}
        deployment["hook"] = hook
        if self._context.faults.find("hook_fails", function):
            hook["status"] = "Failed"
            return
        payload = {"DeploymentId": deployment["info"]["deploymentId"], "LifecycleEventHookExecutionId": hook["id"]}
        spawn_background(self._invoke, function, payload, hook, thread_name="codedeploy-hook")

    def _invoke(self, function: str, payload: Record, hook: Record) -> None:
        try:
            answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
        except (ClientError, BotoCoreError) as error:
            hook["error"] = str(error)
            return
        finally:
            hook["runs"] = False
        if answer.get("FunctionError"):
            with suppress(ValueError):
                hook["error"] = json.loads(answer["Payload"].read()).get("errorMessage", "")


def diagnostics(function: str, hook: Record) -> Record:
    """Describe how a hook ended, in the form of a lifecycle event's diagnostics."""
    if hook.get("status") == "Succeeded":
        return {"errorCode": "Success", "scriptName": function, "message": "Succeeded", "logTail": ""}
    message = hook.get("error") or "The function reported that its check failed."
    return {"errorCode": "ScriptFailed", "scriptName": function, "message": message, "logTail": ""}
