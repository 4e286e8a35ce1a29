"""All that the embedded AWS adds to the emulator, in the order in which it is installed."""

from types import ModuleType

from embedded_aws import cloudformation_types, cloudtrail, ec2, lambda_functions
from embedded_aws.context import ServerContext

EXTENSIONS: tuple[ModuleType, ...] = (lambda_functions, ec2, cloudtrail, cloudformation_types)


def install_all(context: ServerContext) -> None:
    """Let every extension change the emulator before it answers its first request."""
    for extension in EXTENSIONS:
        extension.install(context)
