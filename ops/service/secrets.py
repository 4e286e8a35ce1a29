"""Secrets of the containers: those in the settings, and those that `hannibal secrets` keeps.

Values are written to Parameter Store; nothing in this module reads one.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from installation.names import API_CONTAINER
from installation.settings import Settings
from installation.settings.containers import KeptName, SecretSource
from ops.aws.clients import Aws
from ops.errors import UnusableInputError

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
