"""RunTask as in the API: its refusals, repeated requests with one token, tags of the task definition."""

import json
import threading
from dataclasses import dataclass, field
from http import HTTPStatus

from embedded_aws.core.patching import Original, Response
from embedded_aws.ecs import emulator
from embedded_aws.ecs.emulator import invalid
from embedded_aws.ecs.refusals import active_definition, check_network

_MOST_OF_OVERRIDES = 8192  # characters, including JSON syntax (ECS API reference, RunTask, "overrides")
_OF_SCHEDULER = "_deploymentId"  # the emulator's own mark of the tasks of a service


@dataclass
class RunTask:
    """Wraps the emulator's RunTask."""

    _by_token: dict[str, tuple[emulator.Record, Response]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def install(self) -> None:
        """Wrap the API's operation; the scheduler's calls pass through unchanged."""
        emulator.wrap_action("RunTask", self._run)

    def _run(self, original: Original, request: emulator.Record) -> Response:
        if _OF_SCHEDULER in request:
            return original(request)
        _check(request)
        token = request.get("clientToken")
        if not token:
            return original(_completed(request))
        with self._lock:
            # The same request is answered with the same tasks (ECS developer guide, "Ensuring idempotency").
            if token in self._by_token:
                known, response = self._by_token[token]
                return response if known == request else _conflict(token, response)
            response = original(_completed(request))
            if response[0] == HTTPStatus.OK:
                self._by_token[token] = (request, response)
            return response


def _check(request: emulator.Record) -> None:
    """Refuse what RunTask refuses, with the message of the first violated rule."""
    definition = active_definition(request)
    if definition["networkMode"] == "awsvpc":
        check_network(request.get("networkConfiguration") or {})
    containers = {container["name"] for container in definition["containerDefinitions"]}
    if len(json.dumps(request.get("overrides") or {}, separators=(",", ":"))) > _MOST_OF_OVERRIDES:
        raise invalid("Container Overrides length must be at most 8192")
    for override in (request.get("overrides") or {}).get("containerOverrides", []):
        if override.get("name") not in containers:
            message = f"Override for container named {override.get('name')} is not a container in the TaskDefinition."
            raise invalid(message)


def _completed(request: emulator.Record) -> emulator.Record:
    """The request with the API's additions: the group, and the tags of the task definition where requested."""
    definition = emulator.find_task_definition(request["taskDefinition"]) or {}
    tags = list(request.get("tags", []))
    if request.get("propagateTags") == "TASK_DEFINITION":
        known = emulator.tags.get(definition["taskDefinitionArn"], [])
        own = {tag["key"] for tag in tags}
        tags += [tag for tag in known if tag["key"] not in own and not tag["key"].startswith("aws:")]
    return {"group": f"family:{definition['family']}", **request, "tags": tags}


def _conflict(token: str, response: Response) -> Response:
    body = {
        "__type": "ConflictException",
        "message": f"The clientToken {token} was already used with a different request.",
        "resourceIds": [task["taskArn"] for task in json.loads(response[2]).get("tasks", [])],
    }
    return emulator.json_response(body, 400)
