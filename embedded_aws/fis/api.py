"""The service's interface: paths and JSON, which botocore calls ``rest-json``."""

import json
from collections.abc import Callable
from typing import Any, Final

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.fis.experiments import Experiments
from embedded_aws.fis.templates import Templates

_STATUS: Final = {"ResourceNotFoundException": 404, "ConflictException": 409, "ServiceQuotaExceededException": 402}
_NAME: Final = "fis"


def add(context: ServerContext, templates: Templates, experiments: Experiments) -> None:
    """Serve it in the account and region of the server."""
    from ministack import app
    from ministack.core import iam_actions, router

    from embedded_aws.core.emulator import scope

    async def handle(
        method: str, path: str, _headers: dict[str, str], body: bytes, _query: dict[str, list[str]]
    ) -> Response:
        _, kind, *rest = path.split("/")
        try:
            with scope(context.account, context.region):
                answer = _answer(templates, experiments, method, kind, "/".join(rest), json.loads(body or b"{}"))
        except Refusal as refusal:
            headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code}
            return _STATUS.get(refusal.code, 400), headers, json.dumps({"message": refusal.message}).encode()
        return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(_NAME, _NAME)
    router.SERVICE_PATTERNS[_NAME] = {"target_prefixes": [], "host_patterns": []}
    app.SERVICE_HANDLERS[_NAME] = handle


def _answer(
    templates: Templates, experiments: Experiments, method: str, kind: str, identifier: str, request: dict[str, Any]
) -> dict[str, Any]:
    calls: dict[tuple[str, str, bool], Callable[[], dict[str, Any]]] = {
        ("POST", "experimentTemplates", False): lambda: {"experimentTemplate": templates.create(request)},
        ("GET", "experimentTemplates", False): lambda: {"experimentTemplates": templates.all()},
        ("GET", "experimentTemplates", True): lambda: {"experimentTemplate": templates.get(identifier)},
        ("DELETE", "experimentTemplates", True): lambda: {"experimentTemplate": templates.delete(identifier)},
        ("POST", "experiments", False): lambda: {
            "experiment": experiments.start(request["experimentTemplateId"], request.get("tags", {}))
        },
        ("GET", "experiments", False): lambda: {"experiments": experiments.all()},
        ("GET", "experiments", True): lambda: {"experiment": experiments.get(identifier)},
        ("DELETE", "experiments", True): lambda: {"experiment": experiments.stop(identifier)},
    }
    call = calls.get((method, kind, bool(identifier)))
    if call is None:
        raise Refusal("Fis", "ValidationException", f"The embedded AWS has no operation {method} /{kind}.")
    return call()
