"""Secrets of the containers: those in the settings, and those that `hannibal secrets` keeps.

Values are written to Parameter Store; nothing in this module reads one.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from installation.names import API_CONTAINER
from installation.settings import Settings
from installation.settings.containers import KeptName, SecretSource
from ops.aws.clients import Aws
from ops.errors import RefusedError, UnusableInputError
from ops.service.ecs_service import describe_active_service

if TYPE_CHECKING:
    from mypy_boto3_ssm.type_defs import TagTypeDef

# A standard parameter is free, with values of up to this size (Systems Manager user guide, "Managing parameter tiers").
MOST_BYTES = 4096
_REFERENCE = re.compile(r"\{\{.*\}\}")  # from one parameter to another; not allowed (API reference, PutParameter)
_ELSEWHERE = "Keep it in Secrets Manager, for 0.40 USD a month, and name it in the settings: {secrets_manager: NAME}."
_NAME: TypeAdapter[str] = TypeAdapter(KeptName)


@dataclass(frozen=True, kw_only=True)
class StoredSecret:
    """A secret that is kept in Parameter Store."""

    name: str  # as `hannibal secrets` and the settings call it
    version: int  # how often it has been set
    changed: datetime  # when it was last set
    by: str  # ARN of who set it then


@dataclass(frozen=True, kw_only=True)
class Use:
    """A variable of a container that gets a secret."""

    variable: str  # its name
    container: str
    source: SecretSource  # where its value comes from

    @property
    def text(self) -> str:
        """The variable and its container, for messages."""
        return f"{self.variable} of the container {self.container}"


def uses(settings: Settings) -> tuple[Use, ...]:
    """The secret variables of all containers."""
    service = settings.service
    containers = {API_CONTAINER: service.secrets} | {name: one.secrets for name, one in service.sidecars.items()}
    return tuple(
        Use(variable=variable, container=container, source=source)
        for container, secrets in containers.items()
        for variable, source in secrets.items()
    )


def require_name(name: str) -> str:
    """Check that Parameter Store accepts the name of a kept secret; else UnusableInputError."""
    try:
        return _NAME.validate_python(name)
    except ValidationError:
        raise UnusableInputError(
            f"{name!r} is no name of a secret: 1 to 100 letters, digits, dots, hyphens and underscores"
        ) from None


def require_value(value: str) -> str:
    """Check a value, and never show it; UnusableInputError where a variable or Parameter Store would refuse it."""
    if not value.strip():
        raise UnusableInputError("the value is empty; nothing was set")
    if "\0" in value:
        raise UnusableInputError("the value holds a zero byte, which no variable can hold; nothing was set")
    size = len(value.encode())
    if size > MOST_BYTES:
        raise UnusableInputError(
            f"the value has {size} bytes, and a free parameter holds {MOST_BYTES}; nothing was set", _ELSEWHERE
        )
    if _REFERENCE.search(value):
        raise UnusableInputError("the value holds {{…}}, which Parameter Store refuses; nothing was set", _ELSEWHERE)
    return value


def read_secrets(aws: Aws) -> tuple[StoredSecret, ...]:
    """All kept secrets, by name."""
    prefix = aws.names.kept_secrets
    pages = aws.ssm.get_paginator("describe_parameters").paginate(
        ParameterFilters=[{"Key": "Name", "Option": "BeginsWith", "Values": [prefix]}]
    )
    secrets = (
        StoredSecret(
            name=parameter.get("Name", "").removeprefix(prefix),
            version=parameter.get("Version", 0),
            changed=parameter["LastModifiedDate"],
            by=parameter.get("LastModifiedUser", ""),
        )
        for page in pages
        for parameter in page["Parameters"]
    )
    return tuple(sorted(secrets, key=lambda kept: kept.name))


def store_secret(aws: Aws, name: str, value: str) -> int:
    """Set a secret, encrypted with AWS's managed key; returns its version.

    Raises:
        UnusableInputError: name or value cannot be used.
    """
    parameter = aws.names.kept_secret(require_name(name))
    require_value(value)
    # The tag lets tasks read it: their permissions boundary requires it.
    given = {"Project": aws.settings.project, "Environment": aws.settings.environment, "ManagedBy": "hannibal"}
    tags: list[TagTypeDef] = [{"Key": key, "Value": text} for key, text in given.items()]
    try:
        answer = aws.ssm.put_parameter(
            Name=parameter,
            Value=value,
            Description="Secret of the service; set by `hannibal secrets set`, read when a task starts",
            Type="SecureString",
            Tier="Standard",
            Tags=tags,
        )
    except aws.ssm.exceptions.ParameterAlreadyExists:
        answer = aws.ssm.put_parameter(
            Name=parameter, Value=value, Type="SecureString", Tier="Standard", Overwrite=True
        )
        aws.ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=parameter, Tags=tags)
    return answer["Version"]


def plan_removal(aws: Aws, name: str) -> StoredSecret:
    """Check a secret before its removal, and change nothing.

    Raises:
        UnusableInputError: the name cannot be used, or nothing is kept under it.
        RefusedError: the settings name it, or tasks of the service read it.
    """
    require_name(name)
    kept = read_secrets(aws)
    secret = next((one for one in kept if one.name == name), None)
    if secret is None:
        known = ", ".join(one.name for one in kept) or "none"
        raise UnusableInputError(f"no secret {name} is kept; kept are: {known}")
    used = [use.text for use in uses(aws.settings) if use.source.kept == name]
    if used:
        raise RefusedError(
            f"{name} is what {' and '.join(used)} gets, and without it no task starts",
            f"Take it out of config/{aws.settings.environment}.yaml, deploy and release that "
            "(`hannibal release --configuration`), and then remove it.",
        )
    if revisions := _read_by(aws, aws.names.kept_secret(name)):
        raise RefusedError(
            f"{name} is what tasks of {' and '.join(revisions)} get, and none of them starts without it",
            "Deploy and release what the settings say (`hannibal release --configuration`), and remove it when the "
            "earlier tasks have ended.",
        )
    return secret


def _read_by(aws: Aws, parameter: str) -> list[str]:
    """The revisions of the service, also while it is paused, whose tasks read a parameter."""
    service = describe_active_service(aws)
    versions = (service.get("taskSets") or service.get("deployments", [])) if service else []
    found = []
    for arn in dict.fromkeys(version.get("taskDefinition", "") for version in versions):
        definition = aws.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        containers = definition.get("containerDefinitions", [])
        read = {secret["valueFrom"] for container in containers for secret in container.get("secrets", [])}
        if any(value == parameter or value.endswith(f":parameter{parameter}") for value in read):
            found.append(arn.rpartition("/")[2])
    return found


def remove(aws: Aws, kept: StoredSecret) -> None:
    """Delete a secret with all its versions."""
    with suppress(aws.ssm.exceptions.ParameterNotFound):  # an answer was lost, or another operator removed it
        aws.ssm.delete_parameter(Name=aws.names.kept_secret(kept.name))
