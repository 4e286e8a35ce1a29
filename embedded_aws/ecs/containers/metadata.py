"""The endpoint of ECS at 169.254.170.2: credentials of the task's role, and task metadata."""

import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import ecs_metadata, sts

from embedded_aws.core.emulator import scope
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer, json_response
from embedded_aws.ecs import emulator
from embedded_aws.iam import emulator as iam

_SECONDS_OF_CREDENTIALS = 6 * 3600.0
_REFRESH_BEFORE = 3600.0


class TaskMetadata:
    """Answers the requests of a task."""

    def __init__(self, task_arn: str, definition: emulator.Record, overrides: emulator.Record) -> None:
        self._task_arn = task_arn
        self._role = str(overrides.get("taskRoleArn") or definition.get("taskRoleArn") or "")
        self._path = f"/v2/credentials/{secrets.token_hex(16)}"
        self._credentials: dict[str, str] = {}
        self.address = ""  # the task's private address, once it has one
        self._until = 0.0
        self.server = HttpServer(self._answer)

    @property
    def variables(self) -> dict[str, str]:
        """The variable with the credentials' path for the SDKs; none for a task without a role."""
        return {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": self._path} if self._role else {}

    async def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.path == self._path and self._role:
            return json_response(200, self._current_credentials())
        if request.path.startswith("/v4/"):
            status, _, body = await ecs_metadata.handle_request("GET", request.path, {}, b"", {})
            return json_response(status, self._add_networks(json.loads(body)))
        return json_response(404, {"code": "NotFound", "message": "not found"})

    def _add_networks(self, described: dict[str, Any]) -> dict[str, Any]:
        """The metadata of a container or task, with its address, which products allow as the host of health checks."""
        for container in described.get("Containers") or ([described] if "DockerId" in described else []):
            container["Networks"] = [{"NetworkMode": "awsvpc", "IPv4Addresses": [self.address]}]
        return described

    def _current_credentials(self) -> dict[str, str]:
        if time.time() > self._until - _REFRESH_BEFORE:
            self._until = time.time() + _SECONDS_OF_CREDENTIALS
            region, account = self._task_arn.split(":")[3:5]
            with scope(account, region):
                self._credentials = _new_credentials(self._role, self._task_arn, until=self._until)
        return self._credentials


def _new_credentials(role_arn: str, task_arn: str, *, until: float) -> dict[str, str]:
    """Create credentials of a role as STS does when the service ``ecs-tasks.amazonaws.com`` assumes it."""
    account, task_id = role_arn.split(":")[4], task_arn.rpartition("/")[2]
    role_name = role_arn.rpartition("/")[2]
    key, secret, token = iam.new_access_key(), iam.new_secret(), iam.new_session_token()
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{task_id}",
            "UserId": f"{iam.role_id(role_arn)}:{task_id}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": until,
            "AccountId": account,
            "PrincipalType": "AssumedRole",
            "SourceAccessKeyId": "",
            "SourcePrincipalArn": "",
            "SessionTags": {},
            "SessionPolicies": None,
        },
    )
    return {
        "RoleArn": role_arn,
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
