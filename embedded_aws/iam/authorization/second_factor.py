"""A role that asks for a second factor can be taken on with one: any device and any code count.

Source: STS API reference, AssumeRole, SerialNumber and TokenCode; IAM user guide, "aws:MultiFactorAuthPresent".
"""

from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from embedded_aws.core.patching import Function, wrap
from embedded_aws.iam.authorization.resources import read_request

_KEY = "aws:multifactorauthpresent"
_present: ContextVar[bool] = ContextVar("hannibal_second_factor", default=False)


def install() -> None:
    """Tell trust policies whether the caller has shown a second factor."""
    wrap(iam_actions, "request_tag_context", _remember)
    wrap(iam_evaluator, "evaluate_trust_policy", _with_second_factor)


def _remember(original: Function, service: str, action: str, body: bytes, parameters: dict[str, list[str]]) -> Any:
    request = read_request(body, parameters) if action == "sts:AssumeRole" else {}
    _present.set(bool(request.get("SerialNumber") and request.get("TokenCode")))
    return original(service, action, body, parameters)


def _with_second_factor(original: Function, trust: Any, caller: str, context: Any = None) -> Any:
    if context is not None and context.action == "sts:AssumeRole":
        shown = str(_present.get()).lower()
        context = replace(context, principal_keys={**context.principal_keys, _KEY: shown})
    return original(trust, caller, context)
