"""Adds a service with requests and answers in JSON that the emulator does not have."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded_aws.core.constraints import broken_constraints
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.core.protocols import Query, parse_request
from embedded_aws.core.refusal import Refusal

# Gets a request and returns an answer: JSON whose structure depends on the operation.
Operation = Callable[[dict[str, Any]], dict[str, Any]]


def add_json_service(
    context: ServerContext, name: str, *, service: str, operations: Mapping[str, Operation], target_prefix: str = ""
) -> None:
    """Add a service in the account and region of the server.

    Args:
        name: the service in the credential scope of a signed request and in botocore, like ``codedeploy``.
        service: as its SDK names it, like ``CodeDeploy``.
        operations: the functions by the operations' names.
        target_prefix: the beginning of the header ``X-Amz-Target``, like ``CodeDeploy_20141006``; empty where the path
            of a request names its operation.
    """
    from ministack import app
    from ministack.core import iam_actions, router

    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation not in operations:
            message = f"The embedded AWS has no operation {operation}."
            raise Refusal(service, "UnknownOperationException", message)
        if said := broken_constraints(name, operation, request):
            raise Refusal(service, "ValidationException", said)
        with context.scope():
            return operations[operation](request)

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: Query) -> Response:
        sent = parse_request(name, method=method, path=path, headers=headers, body=body, query=query)
        try:
            content = answer(sent.operation or f"{method} {path}", sent.content)
        except Refusal as refusal:
            return refusal.as_json(refusal.status(name))
        kind = "application/x-amz-json-1.1" if target_prefix else "application/json"
        return 200, {"Content-Type": kind}, json.dumps(content).encode()

    # The emulator checks no permissions for a service without a known action prefix.
    iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(name, name)
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix] if target_prefix else [], "host_patterns": []}
    app.SERVICE_HANDLERS[name] = handle
