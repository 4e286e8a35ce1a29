"""A deleted secret keeps its name until the recovery window ends.

Only deletion by the API has a recovery window: CloudFormation deletes at once (cloudformation-coverage-roadmap #1999).
"""

from embedded_aws.cloudformation.hooks import Properties, before_create
from embedded_aws.core.refusal import Refusal
from embedded_aws.secretsmanager import emulator
from embedded_aws.secretsmanager.versions import is_repeated

_SERVICE = "SecretsManager"


def install() -> None:
    """Check the new secrets of templates as well."""
    before_create("AWS::SecretsManager::Secret", check_new)


def check_new(properties: Properties) -> None:
    """Refuse a name that is still in use."""
    name = properties.get("Name")
    existing = emulator.secrets.get(name) if name else None
    if existing is None or (name and is_repeated(name, properties)):
        return
    if existing.get("DeletedDate"):
        message = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise Refusal(_SERVICE, "InvalidRequestException", message)
    message = f"The operation failed because the secret {name} already exists."
    raise Refusal(_SERVICE, "ResourceExistsException", message)
