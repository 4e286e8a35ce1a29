"""Values that Secrets Manager generates: of the characters that a template wants, which the emulator looks at in part.

Source: CloudFormation template reference, AWS::SecretsManager::Secret GenerateSecretString.
"""

import string
from typing import Any

from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.core.patching import Function

_EXCLUDED = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
    "ExcludeUppercase": string.ascii_uppercase,
}


def install() -> None:
    """Change the emulator's handler of the resource type."""
    cloudformation.secret_string.wrap(_secret_string)


def _secret_string(original: Function, props: dict[str, Any]) -> Any:
    wanted = dict(props.get("GenerateSecretString") or {})
    if not wanted:
        return original(props)
    more = "".join(characters for name, characters in _EXCLUDED.items() if str(wanted.get(name)).lower() == "true")
    wanted["ExcludeCharacters"] = wanted.get("ExcludeCharacters", "") + more
    return original({**props, "GenerateSecretString": wanted})
