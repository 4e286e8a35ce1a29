"""Names that CloudFormation makes up are new with every stack, so a resource that was kept does not get in the way."""

import hashlib
from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import provisioners

from embedded_aws.patching import Function, wrap

_SUFFIX_LENGTH = 13


def install() -> None:
    """Let a generated name depend on the stack's id, not only on its name."""
    wrap(provisioners, "_physical_name", _physical_name)


def _physical_name(original: Function, stack_name: str, logical_id: str, **options: Any) -> str:
    name: str = original(stack_name, logical_id, **options)
    stack = cloudformation._stacks.get(stack_name)  # noqa: SLF001
    return name if stack is None else renew_suffix(name, stack["StackId"])


def renew_suffix(name: str, stack_id: str) -> str:
    """Replace the suffix, which the emulator computes from stack name and logical id, by one of the stack's id too."""
    kept, suffix = name[:-_SUFFIX_LENGTH], name[-_SUFFIX_LENGTH:]
    renewed = hashlib.sha256(f"{stack_id}:{suffix.upper()}".encode()).hexdigest()[: len(suffix)]
    return kept + (renewed.upper() if suffix.isupper() or suffix.isdigit() else renewed)
