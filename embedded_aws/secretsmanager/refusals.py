"""A secret has a name of certain characters, and keeps it after its deletion until the recovery window is over.

Only deletion by the API has a window: CloudFormation deletes a secret at once (cloudformation-coverage-roadmap #1999).
"""

import re
from typing import Any, Final

from embedded_aws.cloudformation.hooks import Properties, before_create
from embedded_aws.core.refusal import Refusal
from embedded_aws.secretsmanager import emulator

_SERVICE = "SecretsManager"
_NAME: Final = re.compile(r"[A-Za-z0-9/_+=.@!-]*")


def install() -> None:
    """Refuse a template's new secret, too."""
    before_create("AWS::SecretsManager::Secret", check_new)


def check_new(properties: Properties) -> None:
    """Refuse a name of other characters, or one that is still taken."""
    name = properties.get("Name")
    if not _NAME.fullmatch(name or ""):  # smithy-typescript #1546
        message = (
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"
        )
        raise Refusal(_SERVICE, "ValidationException", message)
    existing = emulator.secrets.get(name) if name else None
    if existing is None:
        return
    if existing.get("DeletedDate"):
        message = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise Refusal(_SERVICE, "InvalidRequestException", message)
    message = f"The operation failed because the secret {name} already exists."
    raise Refusal(_SERVICE, "ResourceExistsException", message)


def check_value(request: dict[str, Any]) -> None:
    """Refuse a new version with neither text nor bytes (API reference, PutSecretValue)."""
    if request.get("SecretString") is None and request.get("SecretBinary") is None:
        raise Refusal(_SERVICE, "InvalidRequestException", "You must provide either SecretString or SecretBinary.")
