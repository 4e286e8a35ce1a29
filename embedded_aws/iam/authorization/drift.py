"""Whoever lets CloudFormation compare a stack needs the permission to compare its resources as well.

The emulator asks for the call's own permission only. Source: CloudFormation user guide, "Detect unmanaged configuration
changes to stacks and resources with drift detection". The third permission there, to read the configurations of types,
is not asked for here.
"""

from contextvars import ContextVar
from typing import Any

from ministack.core import iam_actions, iam_evaluator

from embedded_aws.core.patching import Function, wrap

_CALL = "cloudformation:DetectStackDrift"
_ALSO = "cloudformation:DetectStackResourceDrift"
_refused: ContextVar[bool] = ContextVar("hannibal_drift_refused", default=False)


def install() -> None:
    """Ask for the second permission after the first was there."""
    wrap(iam_evaluator, "enforce", _and_its_resources)
    wrap(iam_actions, "access_denied_response", _name_what_was_refused)


def _and_its_resources(original: Function, access_key: str, action: str, *rest: Any, **options: Any) -> Any:
    denied = original(access_key, action, *rest, **options)
    also = original(access_key, _ALSO, *rest, **options) if action == _CALL and not denied else None
    _refused.set(bool(also))
    return denied or also


def _name_what_was_refused(original: Function, service: str, action: str, *rest: Any, **options: Any) -> Any:
    return original(service, _ALSO if action == _CALL and _refused.get() else action, *rest, **options)
