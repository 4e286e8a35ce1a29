"""How CloudFormation creates secrets: ``Ref`` is the ARN, and values contain only characters that the template allows.

The emulator returns the name, which is invalid in a container's ``valueFrom``, and ignores some of the exclusions.
Source: CloudFormation template reference, AWS::SecretsManager::Secret, return values and GenerateSecretString.
"""

import string
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, wrap_item
from embedded_aws.secretsmanager import emulator

_ARN = "arn:aws:secretsmanager:"
_TYPE = "AWS::SecretsManager::Secret"
_EXCLUDED = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
    "ExcludeUppercase": string.ascii_uppercase,
}


def install(_context: ServerContext) -> None:
    """Change the emulator's handlers of ``AWS::SecretsManager::Secret``."""
    cloudformation.secret_string.wrap(_secret_string)
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
    """Find the emulator's key of a secret, its name."""
    if not physical_id.startswith(_ARN):
        return physical_id
    found = (name for name, secret in emulator.secrets.items() if secret["ARN"] == physical_id)
    return next(found, physical_id)


def _secret_string(original: Function, props: dict[str, Any]) -> Any:
    wanted = dict(props.get("GenerateSecretString") or {})
    if not wanted:
        return original(props)
    more = "".join(characters for name, characters in _EXCLUDED.items() if str(wanted.get(name)).lower() == "true")
    wanted["ExcludeCharacters"] = wanted.get("ExcludeCharacters", "") + more
    return original({**props, "GenerateSecretString": wanted})
