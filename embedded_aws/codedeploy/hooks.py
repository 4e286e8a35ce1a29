"""Hooks: functions that a deployment calls and whose answer lets it go on or fail."""

import json
from contextlib import suppress
from functools import cached_property
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.concurrency import spawn_background

from embedded_aws.codedeploy.store import Record
from embedded_aws.core.context import ServerContext

# "If the Lambda function does not call back within one hour" (CodeDeploy user guide, AppSpec hooks section).
SECONDS_TO_ANSWER = 3600.0
_LONGEST_FUNCTION_SECONDS = 900  # Lambda's quota


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


def is_running(hook: Record) -> bool:
    """Whether a hook's function is still running."""
    return bool(hook.get("runs"))


def has_ended(hook: Record) -> bool:
    """Whether a hook has answered, or cannot answer any more because its function failed."""
    return bool(hook.get("status") or "error" in hook)
