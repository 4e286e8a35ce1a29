"""How a service of the JSON protocol is added that the emulator does not know."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from embedded_aws.core.constraints import broken_constraints
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.core.refusal import Refusal

# Gets a request and returns an answer: JSON of a shape that each operation knows.
Operation = Callable[[dict[str, Any]], dict[str, Any]]


def add_json_service(
    context: ServerContext, name: str, *, target_prefix: str, service: str, operations: Mapping[str, Operation]
) -> None:
    """Serve a service in the account and region of the server.

    Args:
        name: the service in the credential scope of a signed request and in botocore, like ``codedeploy``.
        target_prefix: how the header ``X-Amz-Target`` begins, like ``CodeDeploy_20141006``.
        service: as its SDK names it, like ``CodeDeploy``.
        operations: by their names.
    """
    from ministack import app
    from ministack.core import iam_actions, router

    from embedded_aws.core.emulator import scope

    async def handle(
        _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
    ) -> Response:
        called = headers.get("x-amz-target", "").rpartition(".")[2]
        if (operation := operations.get(called)) is None:
            message = f"The embedded AWS has no operation {called}."
            return Refusal(service, "UnknownOperationException", message).as_json()
        request = json.loads(body or b"{}")
        if said := broken_constraints(name, called, request):
            return Refusal(service, "ValidationException", said).as_json()
        try:
            with scope(context.account, context.region):
                answer = operation(request)
        except Refusal as refusal:
            return refusal.as_json()
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    # The emulator lets everybody call a service whose actions it has no prefix for.
    iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(name, name)
    router.SERVICE_PATTERNS[name] = {"target_prefixes": [target_prefix], "host_patterns": []}
    app.SERVICE_HANDLERS[name] = handle
