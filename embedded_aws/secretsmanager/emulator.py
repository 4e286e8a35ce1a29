"""What is used of the emulator's Secrets Manager, under plain names (see ``EmulatorFunction``)."""

from ministack.services import secretsmanager

from embedded_aws.core.patching import EmulatorFunction, Response

secrets = secretsmanager._secrets
json_response = EmulatorFunction[Response](secretsmanager, "json_response")
# By name or ARN; None where there is no such secret, or no text in it.
secret_text = EmulatorFunction[str | None](secretsmanager, "resolve_secret_string")
