"""Sizes in requests to services that the emulator has: it takes texts, lists and numbers that AWS refuses.

Of those whose error code is known: ``ValidationException`` of SSM, EventBridge and Secrets Manager
(cluster-api-provider-aws #1531), ``InvalidRequestException`` of Athena, ``InvalidParameterException`` of CloudWatch
Logs and ECR. ECR has words of its own: ``Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must have
length greater than or equal to 2'`` (aws-dotnet-deploy #549).
"""

import json
from typing import Any, Final

from ministack import app

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.sizes import first_out_of_range, out_of_range

_ECR: Final = "ecr"
# By botocore's names, which are the emulator's too.
_CODES: Final = {
    "athena": "InvalidRequestException",
    _ECR: "InvalidParameterException",
    "events": "ValidationException",
    "logs": "InvalidParameterException",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
}


def install(_context: ServerContext) -> None:
    """Look before the emulator does."""
    for service, code in _CODES.items():
        wrap_item(app.SERVICE_HANDLERS, service, _held_to_sizes(service, code))


def _held_to_sizes(service: str, code: str) -> Function:
    async def answer(
        original: Function, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> Response:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if said := _said(service, operation, _parsed(body)):
            return Refusal(service, code, said).as_json()
        response: Response = await original(method, path, headers, body, *rest)
        return response

    return answer


def _said(service: str, operation: str, request: dict[str, Any]) -> str | None:
    if service != _ECR:
        return out_of_range(service, operation, request)
    if (found := first_out_of_range(service, operation, request)) is None:
        return None
    return f"Invalid parameter at '{found.path}' failed to satisfy constraint: '{found.constraint}'"


def _parsed(body: bytes) -> dict[str, Any]:
    """What was sent; what is no JSON the emulator refuses."""
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
