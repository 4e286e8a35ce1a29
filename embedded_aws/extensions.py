"""All that the embedded AWS adds to the emulator, in the order in which it is installed."""

from types import ModuleType

from embedded_aws import (
    athena,
    authorisation,
    cloudformation_types,
    cloudtrail,
    cloudwatch,
    conditions,
    database,
    ec2,
    interrupted,
    lambda_functions,
    prompt_answers,
    refusals,
    running_system,
    secret_references,
)
from embedded_aws.context import ServerContext

EXTENSIONS: tuple[ModuleType, ...] = (
    conditions,
    interrupted,
    prompt_answers,
    lambda_functions,
    refusals,
    ec2,
    authorisation,
    athena,
    cloudtrail,
    cloudwatch,
    cloudformation_types,
    database,
    running_system,
    secret_references,
)


def install_all(context: ServerContext) -> None:
    """Let every extension change the emulator before it answers its first request."""
    for extension in EXTENSIONS:
        extension.install(context)
