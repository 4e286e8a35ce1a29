"""What ECR refuses about images and policies, in the words that it has for every parameter."""

import re
from typing import Any, Final

from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal

_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def check_image(request: dict[str, Any]) -> None:
    """Refuse a tag or a manifest that is none (API reference, ImageIdentifier; OCI distribution specification)."""
    tag = request.get("imageTag")
    if tag is not None and not _TAG.fullmatch(str(tag)):
        raise _refusal("imageTag", f"must satisfy regular expression '{_TAG.pattern}'")
    if json_object(request.get("imageManifest")) is None:
        raise _refusal("ImageManifest", "Invalid JSON syntax")


def check_repository_policy(request: dict[str, Any]) -> None:
    """Refuse a policy that is no JSON object."""
    if json_object(request.get("policyText")) is None:
        raise _refusal("PolicyText", "Invalid repository policy provided")


def check_lifecycle_policy(request: dict[str, Any]) -> None:
    """Refuse a policy that is no JSON object, or has no rules."""
    policy = json_object(request.get("lifecyclePolicyText"))
    if policy is None or not isinstance(policy.get("rules"), list):
        raise _refusal("LifecyclePolicyText", "Lifecycle policy validation failure: it must be an object with rules")


def _refusal(where: str, constraint: str) -> Refusal:
    message = f"Invalid parameter at '{where}' failed to satisfy constraint: '{constraint}'"
    return Refusal("Ecr", "InvalidParameterException", message)
