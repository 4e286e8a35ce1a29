"""``Ref`` of a secret is its ARN; the emulator gives the name, which a container's ``valueFrom`` cannot be.

Source: CloudFormation user guide, AWS::SecretsManager::Secret, return values.
"""

from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.secretsmanager import emulator, generated

_ARN = "arn:aws:secretsmanager:"
_TYPE = "AWS::SecretsManager::Secret"


def install(_context: ServerContext) -> None:
    """Change the emulator's handlers of the resource type."""
    generated.install()
    handlers = cloudformation.resource_handlers[_TYPE]
    wrap_item(handlers, "create", _create)
    wrap_item(handlers, "update", _update)
    wrap_item(handlers, "delete", _delete)
    reader, supported = cloudformation.drift_readers[_TYPE]
    cloudformation.drift_readers[_TYPE] = (lambda physical_id, *rest: reader(_name(physical_id), *rest), supported)


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
    found = (name for name, secret in emulator.secrets.items() if secret["ARN"] == physical_id)
    return next(found, physical_id)
