"""The used parts of the emulator's Secrets Manager, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import secretsmanager

from embedded_aws.core.patching import EmulatorFunction, Response

secrets = secretsmanager._secrets
create_secret = EmulatorFunction[Response](secretsmanager, "_create_secret")
delete_secret = EmulatorFunction[Response](secretsmanager, "_delete_secret")
json_response = EmulatorFunction[Response](secretsmanager, "json_response")
# By name or ARN; None if there is no such secret, or if it contains no text.
secret_text = EmulatorFunction[str | None](secretsmanager, "resolve_secret_string")
put_secret_value = EmulatorFunction[Response](secretsmanager, "_put_secret_value")


def find(reference: str) -> dict[str, Any] | None:
    """The secret with a name or an ARN, also without the characters that AWS adds to the name."""
    return next(
        (it for name, it in secrets.items() if reference in (name, it["ARN"], it["ARN"].rpartition("-")[0])), None
    )
