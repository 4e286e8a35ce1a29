"""A secret that was deleted keeps its name until the recovery window is over.

Only deletion by the API has a window: CloudFormation deletes a secret at once (cloudformation-coverage-roadmap #1999).
"""

from typing import Any

from embedded_aws.cloudformation.hooks import Properties, before_create
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.secretsmanager import emulator

_SERVICE = "SecretsManager"


def install() -> None:
    """Refuse a name that is still taken."""
    emulator.create_secret.wrap(_create_secret)
    before_create("AWS::SecretsManager::Secret", _check)


def _create_secret(original: Original, request: dict[str, Any]) -> Response:
    try:
        _check(request)
    except Refusal as refusal:
        return refusal.as_json()
    return original(request)


def _check(properties: Properties) -> None:
    name = properties.get("Name")
    existing = emulator.secrets.get(name) if name else None
    if existing is None:
        return
    if existing.get("DeletedDate"):
        message = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise Refusal(_SERVICE, "InvalidRequestException", message)
    message = f"The operation failed because the secret {name} already exists."
    raise Refusal(_SERVICE, "ResourceExistsException", message)
