"""``Ref`` of a secret is its ARN; the emulator gives the name, which a container's ``valueFrom`` cannot be.

Source: CloudFormation user guide, AWS::SecretsManager::Secret, return values.
"""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

from embedded_aws.context import ServerContext
from embedded_aws.patching import Function, wrap_item

_ARN = "arn:aws:secretsmanager:"


def install(_context: ServerContext) -> None:
    """Change the emulator's handlers of the resource type."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]  # noqa: SLF001 - the register of types
    wrap_item(handlers, "create", _create)
    wrap_item(handlers, "update", _update)
    wrap_item(handlers, "delete", _delete)


def _create(original: Function, *args: Any) -> Any:
    _, attributes = original(*args)
    return attributes["Arn"], attributes


def _update(original: Function, physical_id: str, *rest: Any) -> Any:
    _, attributes = original(_name(physical_id), *rest)
    return attributes["Arn"], attributes


def _delete(original: Function, physical_id: str, *rest: Any) -> Any:
    return original(_name(physical_id), *rest)


def _name(physical_id: str) -> str:
    """Find the name by which the emulator keeps a secret."""
    if not physical_id.startswith(_ARN):
        return physical_id
    found = (name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == physical_id)  # noqa: SLF001
    return next(found, physical_id)
