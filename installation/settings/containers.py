"""What a container gets by the settings: variables, secrets, and containers beside the API's."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_serializer
from pydantic_core import PydanticCustomError

from installation.names import API_CONTAINER, CERTIFICATE_VARIABLES, CERTIFICATES_CONTAINER, DATABASE_USER_CONTAINER
from installation.settings.section import ImageName, Section

# What the installation knows about itself, and a variable can be given.
FactName = Literal[
    "account_id",
    "database_certificates",
    "database_host",
    "database_jdbc_url",
    "database_name",
    "database_port",
    "database_user",
    "environment",
    "frontend_url",
    "project",
    "region",
]
# Facts that lead to the file that the container `certificates` writes.
CERTIFICATE_FACTS: Final = ("database_certificates", "database_jdbc_url")

VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]
SidecarName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
# What Parameter Store takes in one level of a path (Systems Manager user guide, "Creating parameters").
KeptName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]
ParameterPath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=1000)]
SecretName = Annotated[
    str, StringConstraints(pattern=r"^(arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]{1,512}$")
]

# The task definition may have 64 KiB and ten containers (Amazon ECS developer guide, "Service quotas"). Certificates
# and AWS's names take less than half of it, and three containers are ours.
_MOST_TEXT_BYTES: Final = 32_768
_MOST_SIDECARS: Final = 10 - 3
# Room for the ARNs of secrets in the policy of the role that reads them. IAM takes 10,240 characters; beyond 10,000, at
# 150 an ARN unless it is written out, the CDK makes a managed policy (Role.splitLargePolicy), which no pipeline may.
_MOST_ARN_CHARACTERS: Final = 8_000
_ARN_CHARACTERS: Final = 150
_ARN_BEGINNING: Final = 88
# Secrets Manager gives each ARN such an end. A name with one of its own is taken for the whole ARN of another secret,
# and no task gets it (Secrets Manager API reference, CreateSecret, Name; aws-samples/dify-self-hosted-on-aws #35).
_ENDS_AS_ARN: Final = re.compile(r"-.{6}$")

# ECS and the platform write these into every container (Amazon ECS developer guide, "Fargate task metadata" and
# "Task IAM role"), or the AWS SDKs read credentials from them.
OF_THE_PLATFORM: Final = (
    *("AWS_ACCESS_KEY_ID", "AWS_CONTAINER_", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_REGION"),
    *("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "ECS_"),
)


def _variable(value: Any) -> Any:
    """A literal as the text that the container sees; a fact stays as it is written."""
    if isinstance(value, bool):
        return {"value": str(value).lower()}
    if isinstance(value, str | int | float):
        return {"value": str(value)}
    if isinstance(value, Variable) or (isinstance(value, Mapping) and value):
        return value
    raise PydanticCustomError("variable", "must be a text, a number, true, false, or {fact: NAME}")


class Variable(Section):
    """A variable's value: what is written, or a fact of the installation."""

    value: str | None = Field(default=None, max_length=8192)
    """The value itself."""
    fact: FactName | None = None
    """Name of the fact."""

    def _check(self) -> Iterator[str]:
        if (self.value is None) == (self.fact is None):
            yield "fact: needed, and nothing besides it"

    @model_serializer
    def _as_written(self) -> str | dict[str, str] | None:
        return {"fact": self.fact} if self.fact else self.value


VariableValue = Annotated[Variable, BeforeValidator(_variable)]


class SecretSource(Section):
    """Where a secret variable's value is kept; ECS reads it when a task starts."""

    kept: KeptName | None = None
    """A secret of this project, set by `hannibal secrets set NAME` and kept across months."""
    secrets_manager: SecretName | None = None
    """Name of a secret of Secrets Manager in this account and region, tagged with the project; its ARN where the name
    ends in a hyphen and six characters."""
    key: str | None = Field(default=None, pattern=r"^[^\s:]+$")
    """Key of that secret's JSON; without it the variable gets the whole text."""
    parameter: ParameterPath | None = None
    """Path of a parameter of Parameter Store in this account and region, tagged with the project."""
    database: Literal["password"] | None = None
    """The password of the database, for a product that builds its own URL."""

    def _check(self) -> Iterator[str]:
        given = [name for name in ("kept", "secrets_manager", "parameter", "database") if getattr(self, name)]
        if len(given) != 1:
            said = ", ".join(given) or "none"
            yield f"kept, secrets_manager, parameter or database: give one of them, not {said}"
        if self.key and not self.secrets_manager:
            yield "key: goes with secrets_manager only"
        name = self.secrets_manager or ""
        ends = _ENDS_AS_ARN.search(name.rpartition(":")[2]) is not None
        if name.startswith("arn:") and not ends:
            yield f"secrets_manager: {name} lacks the hyphen and six characters with which its ARN ends"
        if ends and not name.startswith("arn:"):
            yield (
                f"secrets_manager: {name} ends as ARNs of secrets do, in a hyphen and six characters, so that no task "
                "would find it: write the secret's whole ARN"
            )


class Sidecar(Section):
    """A container beside the API's, in the same task: they share network, memory and life."""

    image: ImageName
    """Public image, or one of the project's repository, by tag or digest."""
    command: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Words of its command; by default the image's own."""
    environment: dict[VariableName, VariableValue] = Field(default_factory=dict)
    """Variables, as service.environment."""
    secrets: dict[VariableName, SecretSource] = Field(default_factory=dict)
    """Secret variables, as service.secrets."""
    user: str | None = Field(default=None, pattern=r"^[1-9][0-9]*(:[1-9][0-9]*)?$")
    """Numeric user and group, never root; by default the image's own."""
    memory_mib: int | None = Field(default=None, ge=6, le=30720)
    """Maximum MiB of the task's memory that it may use; by default what the other containers leave."""
    essential: bool = True
    """Whether the task ends when this container ends."""
    read_only_root: bool = True
    """Whether its root file system is read-only."""

    def _check_variables(self) -> Iterator[str]:
        yield from wrong_variables(self.environment, self.secrets, reserved=())


class ContainerSettings(Section):
    """What the containers of the service get."""

    environment: dict[VariableName, VariableValue] = Field(default_factory=dict)
    """Variables of the API's container: NAME: text, number, true or false, or NAME: {fact: …} for what the installation
    knows, such as frontend_url or database_host. No secrets: everybody who may describe tasks can read them."""
    secrets: dict[VariableName, SecretSource] = Field(default_factory=dict)
    """Secret variables of the API's container: NAME: {kept: …}, {secrets_manager: …, key: …}, {parameter: …} or
    {database: password}."""
    sidecars: dict[SidecarName, Sidecar] = Field(default_factory=dict, max_length=_MOST_SIDECARS)
    """Containers beside the API's, by name."""
    certificates_image: ImageName | None = (
        "public.ecr.aws/docker/library/busybox@sha256:9532d8c39891ca2ecde4d30d7710e01fb739c87a8b9299685c63704296b16028"
    )
    """Image with a shell that writes the database's certificates before the API starts; this one is busybox 1.37.0.
    None: the API's image contains them, and names them in NODE_EXTRA_CA_CERTS or PGSSLROOTCERT (decision record 15)."""

    def wrong_containers(self, reserved: tuple[str, ...]) -> Iterator[str]:
        """Variables and names that something else sets, and more text than a task definition takes."""
        of_certificates = CERTIFICATE_VARIABLES if self.certificates_image else ()
        yield from wrong_variables(self.environment, self.secrets, reserved=(*reserved, *of_certificates))
        if taken := sorted({API_CONTAINER, CERTIFICATES_CONTAINER, DATABASE_USER_CONTAINER} & set(self.sidecars)):
            yield f"sidecars.{taken[0]}: is the name of another container of the task"
        for field, variables in self.variables_by_field():
            for name, variable in variables.items():
                if variable.fact in CERTIFICATE_FACTS and not self.certificates_image:
                    yield f"{field}.{name}: there is no {variable.fact} where certificates_image is null"
        sources = [source for _, secrets in self.secrets_by_field() for source in secrets.values()]
        read = {(it.kept, it.parameter, it.secrets_manager) for it in sources}
        if sum(_arn_characters("".join(filter(None, it))) for it in read) > _MOST_ARN_CHARACTERS:
            yield (
                f"secrets: {len(read)} with such names are more than the policy of the role that reads them has room "
                "for; keep several in one secret of Secrets Manager, each under its key"
            )
        size = len(self.model_dump_json(include={"environment", "secrets", "sidecars"}, exclude_none=True).encode())
        if size > _MOST_TEXT_BYTES:
            yield (
                f"environment, secrets and sidecars: {size} bytes, but a task definition has room for "
                f"{_MOST_TEXT_BYTES}"
            )

    def variables_by_field(self) -> list[tuple[str, dict[str, Variable]]]:
        """The variables of all containers, each with the field that they stand in."""
        of_sidecars = [(f"sidecars.{name}.environment", one.environment) for name, one in self.sidecars.items()]
        return [("environment", self.environment), *of_sidecars]

    def secrets_by_field(self) -> list[tuple[str, dict[str, SecretSource]]]:
        """The secret variables of all containers, each with the field that they stand in."""
        of_sidecars = [(f"sidecars.{name}.secrets", one.secrets) for name, one in self.sidecars.items()]
        return [("secrets", self.secrets), *of_sidecars]

    def uses(self, fact: FactName) -> bool:
        """Whether a container gets a fact."""
        return any(it.fact == fact for _, variables in self.variables_by_field() for it in variables.values())


def _arn_characters(name: str) -> int:
    return len(name) if name.startswith("arn:") else max(_ARN_CHARACTERS, _ARN_BEGINNING + len(name))


def wrong_variables(
    environment: Mapping[str, Variable], secrets: Mapping[str, SecretSource], *, reserved: Iterable[str]
) -> Iterator[str]:
    """Variables that something else sets, or that stand in both; each message begins with the field."""
    taken = set(reserved)
    for section, names in (("environment", environment), ("secrets", secrets)):
        for name in names:
            if name in taken:
                yield f"{section}.{name}: is set by this infrastructure; take another name"
            if name.startswith(OF_THE_PLATFORM):
                yield f"{section}.{name}: belongs to AWS; take another name"
    if both := sorted(set(environment) & set(secrets)):
        yield f"secrets.{both[0]}: is in environment too; remove one of them"
