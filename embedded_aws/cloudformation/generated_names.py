"""CloudFormation generates new names for every stack, so that retained resources cause no conflict."""

import hashlib
from contextvars import ContextVar
from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.patching import Function, wrap_item

_SUFFIX_LENGTH = 13
_naming_secret: ContextVar[bool] = ContextVar("hannibal_naming_secret", default=False)


def install() -> None:
    """Make generated names depend on the stack's id, not only on its name."""
    emulator.physical_name.wrap(_physical_name)
    secret = emulator.resource_handlers["AWS::SecretsManager::Secret"]
    for operation in ("create", "update"):
        wrap_item(secret, operation, _name_secret)


def _physical_name(original: Function, stack_name: str, logical_id: str, **options: Any) -> str:
    name: str = original(stack_name, logical_id, **options)
    if _naming_secret.get():
        # Secrets are named after the logical id only, as in DatabaseSecret3B817195-2ZzRmHGlPaVP; policies on the prefix
        # of a name depend on it.
        name = name.removeprefix(f"{stack_name}-")
    stack = emulator.stacks.get(stack_name)
    return name if stack is None else renew_suffix(name, stack["StackId"])


def _name_secret(original: Function, *arguments: Any, **options: Any) -> Any:
    token = _naming_secret.set(True)
    try:
        return original(*arguments, **options)
    finally:
        _naming_secret.reset(token)


def renew_suffix(name: str, stack_id: str) -> str:
    """Make the suffix, which the emulator derives from stack name and logical id, depend on the stack's id too."""
    kept, suffix = name[:-_SUFFIX_LENGTH], name[-_SUFFIX_LENGTH:]
    renewed = hashlib.sha256(f"{stack_id}:{suffix.upper()}".encode()).hexdigest()[: len(suffix)]
    return kept + (renewed.upper() if suffix.isupper() or suffix.isdigit() else renewed)
