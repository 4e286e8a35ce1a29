"""Policies decide about a request also where the emulator does not know its service, or takes it for another operation.

AWS authorizes before it does anything. The emulator asks policies only about services that it has, and answers all
others to everybody. What nobody refuses is answered as AWS answers an unknown action, with a code that clients read.
"""

import json
from typing import Any, Final

from ministack.core import iam_actions

from embedded_aws.core import emulator as requests
from embedded_aws.core.patching import Function, Response
from embedded_aws.iam import emulator

_UNSUPPORTED: Final = b'{"error": "Unsupported service: '


class _Namespaces(dict[str, str]):
    """IAM's prefixes by service; of one that the emulator does not have, the name that requests are signed for."""

    def get(self, service: str, default: Any = None) -> Any:
        """Look a service up."""
        return super().get(service, default or service)


class _Models(dict[str, list[str]]):
    """botocore's models by service, in whose paths an operation is found; of other services, the one of their name."""

    def __contains__(self, service: object) -> bool:
        """Look into each."""
        return True

    def get(self, service: str, default: Any = None) -> Any:
        """Look a service up."""
        return super().get(service, default or [service])


def install() -> None:
    """Ask about what the emulator would not ask about."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE = _Namespaces(iam_actions.SERVICE_TO_IAM_NAMESPACE)
    emulator.use_models(_Models(emulator.models))
    emulator.lambda_action.wrap(_lambda_action)
    requests.dispatch.wrap(_with_a_code)


def _lambda_action(_original: Function, _method: str, path: str) -> str | None:
    """Lambda's permissions have the names of its operations, which botocore's paths tell; only this one has another."""
    return "InvokeFunction" if path.endswith("invocations") else None


async def _with_a_code(original: Function, *arguments: Any, **options: Any) -> Response:
    status, headers, body = await original(*arguments, **options)
    # Some services of the emulator answer with text, others with bytes.
    if not (body.encode() if isinstance(body, str) else bytes(body)).startswith(_UNSUPPORTED):
        return status, headers, body
    message = json.loads(body)["error"]
    answer = {"__type": "InvalidAction", "message": message}
    return status, {**headers, "x-amzn-errortype": "InvalidAction"}, json.dumps(answer).encode()
