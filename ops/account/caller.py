"""The caller's account and region, and whether they are those of the settings."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import ARTIFACT_STACK
from installation.names.persistent import BOOTSTRAP_VERSION_PARAMETER
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.errors import RefusedError, refuse
from ops.stacks.state import Stack, read_stack

# The first version of the bootstrap resources that the CDK's default synthesizer accepts (aws-cdk-lib,
# DefaultStackSynthesizer, MIN_BOOTSTRAP_STACK_VERSION).
_BOOTSTRAP_LEAST = 6


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The account and region of this run's commands, and who calls."""

    account: str  # account number
    identity: str  # ARN of user or role
    region: str  # region of the installation
    endpoint: str | None  # address of the embedded AWS, None for AWS itself

    @property
    def place(self) -> str:
        """A part of file names that identifies account and region; each embedded AWS has the same account."""
        port = f"-{urlsplit(self.endpoint).port}" if self.endpoint else ""
        return f"{self.account}-{self.region}{port}"


def identify(aws: Aws) -> Caller:
    """Ask AWS for the caller; this is a command's first call, which reports an unreachable AWS."""
    answer = aws.sts.get_caller_identity()
    return Caller(account=answer["Account"], identity=answer["Arn"], region=aws.region, endpoint=aws.endpoint)


def own_caller(aws: Aws) -> Caller:
    """The caller of a command that reads; where the first stack cannot be read, nothing is refused.

    Raises:
        RefusedError: the account has another installation, which would be shown under this environment's name.
    """
    caller = identify(aws)
    with suppress(BotoCoreError, ClientError):  # the doctor reports that CloudFormation fails, and checks the rest
        refuse_another_installation(caller, aws.settings, lambda: read_stack(aws, ARTIFACT_STACK))
    return caller


def checked_caller(aws: Aws) -> Caller:
    """The caller of a command that changes something, compared with the settings.

    Raises:
        RefusedError: another account than the settings name, or the installation of another environment; or
            AWS_REGION or the profile names another region: whoever uses `aws` or the console beside it would look at
            the wrong region.
    """
    caller, settings = identify(aws), aws.settings
    refuse_another_installation(caller, settings, lambda: read_stack(aws, ARTIFACT_STACK))
    if aws.configured_region not in (None, settings.region):
        raise RefusedError(
            f"your region is {aws.configured_region}, but config/{settings.environment}.yaml says {settings.region}",
            f"Run `export AWS_REGION={settings.region}`, or choose another environment with --env.",
        )
    return caller


def refuse_another_installation(caller: Caller, settings: Settings, artifact: Callable[[], Stack | None]) -> None:
    """Refuse another account than the settings name, or the installation of another environment.

    `artifact` reads ArtifactStack, whose tags identify the installation where the settings name no account.

    Raises:
        RefusedError: it is not the installation of the settings.
    """
    if settings.account_id is None:
        found = artifact()
        if found is not None and "Environment" in found.tags:
            refuse(foreign_stack_refusals((found,), settings))
    elif caller.account != settings.account_id:
        raise RefusedError(
            f"the credentials belong to account {caller.account}, but config/{settings.environment}.yaml says "
            f"account_id {settings.account_id}",
            f"Choose the right credentials (AWS_PROFILE), or another environment with --env; "
            f"these are {caller.identity}.",
        )


def foreign_stack_refusals(stacks: Iterable[Stack], settings: Settings) -> tuple[str, ...]:
    """Why some of the stacks are not this installation's, with advice; empty if all are.

    Names such as ``NetworkStack`` are common, and both environments use the same names: in a shared account a start
    would change stacks of others, a stop would destroy them, and a bootstrap would replace their permissions. The tags
    identify the installation.
    """
    own_tags = {"Project": settings.project, "Environment": settings.environment}
    return tuple(
        f"{stack.name} in this account is not of {settings.project} {settings.environment}: its tags say "
        f"Project={stack.tags.get('Project', '-')}, Environment={stack.tags.get('Environment', '-')}. Choose the right "
        f"account (AWS_PROFILE) or environment (--env); two installations cannot share an account and region"
        for stack in stacks
        # A stack in which nothing was created yet may still lack its tags.
        if stack.status != "REVIEW_IN_PROGRESS" and not own_tags.items() <= stack.tags.items()
    )


def is_bootstrapped(aws: Aws) -> bool:
    """Whether this account and region have the CDK's bootstrap, in a version that is new enough."""
    try:
        value = aws.ssm.get_parameter(Name=BOOTSTRAP_VERSION_PARAMETER)["Parameter"].get("Value", "")
    except aws.ssm.exceptions.ParameterNotFound:
        return False
    return value.isdecimal() and int(value) >= _BOOTSTRAP_LEAST
