"""Versions of secrets: a version has the id of the request that created it, so that a repeated request creates one.

A secret without a value has no version. Source: Secrets Manager API reference, CreateSecret and PutSecretValue
(ClientRequestToken).
"""

import json
import time
from functools import partial
from typing import Any, Final
from uuid import uuid4

from ministack.core.responses import get_account_id, get_region

from embedded_aws.cloudformation.registry import Properties, before_create
from embedded_aws.core.patching import Original, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.secretsmanager import emulator

_refused = partial(Refusal, "SecretsManager")
_TOKEN: Final = "ClientRequestToken"  # noqa: S105 - no secret


def check_new(properties: Properties) -> None:
    """Refuse a name that is still in use: a deleted secret keeps it until the recovery window ends.

    Only deletion by the API has a window: CloudFormation deletes at once (cloudformation-coverage-roadmap #1999).
    """
    name = properties.get("Name")
    existing = emulator.secrets.get(name) if name else None
    if existing is None or (name and _is_repeated(name, properties)):
        return
    if existing.get("DeletedDate"):
        message = "You can't create this secret because a secret with this name is already scheduled for deletion."
        raise _refused("InvalidRequestException", message)
    raise _refused("ResourceExistsException", f"The operation failed because the secret {name} already exists.")


def install() -> None:
    """Give the first version its request's id as well, as the emulator does for later ones, and check names."""
    before_create("AWS::SecretsManager::Secret", check_new)
    emulator.create_secret.wrap(_create)
    emulator.put_secret_value.wrap(_put_secret_value)
    emulator.delete_secret.wrap(_delete)


def _create(original: Original, request: dict[str, Any]) -> Response:
    # SDKs send a token; for a request without one, AWS makes it.
    name, token = request["Name"], request.get(_TOKEN) or str(uuid4())
    if _is_repeated(name, request):
        made = emulator.secrets[name]
        return emulator.json_response({"ARN": made["ARN"], "Name": name, "VersionId": token})
    status, headers, body = original(request)
    if status >= 400:
        return status, headers, body
    versions, answer = emulator.secrets[name]["Versions"], json.loads(body)
    first = versions.pop(answer.pop("VersionId"))
    if first["SecretString"] is not None or first["SecretBinary"] is not None:
        answer["VersionId"] = token
        versions[token] = first
    return status, headers, json.dumps(answer).encode()


def _delete(original: Original, request: dict[str, Any]) -> Response:
    """Delete a secret; at once also one that is gone already (API reference, ForceDeleteWithoutRecovery)."""
    name = request.get("SecretId") or ""
    if not request.get("ForceDeleteWithoutRecovery") or not name or emulator.find(name):
        return original(request)
    arn = name if name.startswith("arn:") else f"arn:aws:secretsmanager:{get_region()}:{get_account_id()}:secret:{name}"
    return emulator.json_response({"ARN": arn, "Name": arn.rpartition(":")[2], "DeletionDate": int(time.time())})


def _is_repeated(name: str, request: dict[str, Any]) -> bool:
    """Whether a request to create a version has already created it.

    Raises:
        Refusal: a different request with the same token has created one.
    """
    secret = emulator.find(name)
    version = (secret or {}).get("Versions", {}).get(request.get(_TOKEN))
    if secret is None or version is None:
        return False
    if any(version.get(key) != request.get(key) for key in ("SecretString", "SecretBinary")):
        message = (
            f"You can't use ClientRequestToken {request[_TOKEN]} because that value is already in use for a version of "
            f"secret {secret['ARN']}."
        )
        raise _refused("ResourceExistsException", message)
    return True


def _put_secret_value(original: Original, request: dict[str, Any]) -> Response:
    try:
        repeated = _is_repeated(str(request.get("SecretId")), request)
    except Refusal as refusal:
        return refusal.as_json()
    if not repeated:
        return original(request)
    secret, token = emulator.find(str(request["SecretId"])) or {}, request[_TOKEN]
    stages = secret["Versions"][token]["Stages"]
    return emulator.json_response(
        {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token, "VersionStages": stages}
    )
