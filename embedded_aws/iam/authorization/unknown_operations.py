"""Applies policies also to services that the emulator lacks, and to operations that it confuses with others.

AWS authorizes before it does anything. The emulator applies policies only to its own services, and answers all other
requests without a check. An allowed request gets AWS's answer for an unknown action, with a code that clients read.
"""

import json
from typing import Any, Final

from ministack.core import iam_actions

from embedded_aws.core import emulator as requests
from embedded_aws.core.patching import Function, Response
from embedded_aws.iam import emulator

_UNSUPPORTED: Final = b'{"error": "Unsupported service: '


class _Namespaces(dict[str, str]):
    """IAM's prefixes by service; for a service that the emulator lacks, its signing name."""

    def get(self, service: str, default: Any = None) -> Any:
        """The prefix of a service."""
        return super().get(service, default or service)


class _Models(dict[str, list[str]]):
    """botocore's models by service, whose paths identify operations; for other services, the model of the same name."""

    def __contains__(self, service: object) -> bool:
        """True for every service."""
        return True

    def get(self, service: str, default: Any = None) -> Any:
        """The models of a service."""
        return super().get(service, default or [service])


def install() -> None:
    """Authorize also what the emulator would not authorize."""
    iam_actions.SERVICE_TO_IAM_NAMESPACE = _Namespaces(iam_actions.SERVICE_TO_IAM_NAMESPACE)
    emulator.use_models(_Models(emulator.models))
    emulator.lambda_action.wrap(_lambda_action)
    requests.dispatch.wrap(_with_a_code)


def _lambda_action(_original: Function, _method: str, path: str) -> str | None:
    """Lambda's permissions are named like its operations, which botocore's paths identify; only this one differs."""
    return "InvokeFunction" if path.endswith("invocations") else None


async def _with_a_code(original: Function, *arguments: Any, **options: Any) -> Response:
    status, headers, body = await original(*arguments, **options)
    # Some services of the emulator answer with text, others with bytes.
    if not (body.encode() if isinstance(body, str) else bytes(body)).startswith(_UNSUPPORTED):
        return status, headers, body
    message = json.loads(body)["error"]
    answer = {"__type": "InvalidAction", "message": message}
    return status, {**headers, "x-amzn-errortype": "InvalidAction"}, json.dumps(answer).encode()
