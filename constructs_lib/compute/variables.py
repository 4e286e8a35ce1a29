"""The variables of containers: literal texts, facts of the installation, and references to secrets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from constructs_lib.arns import allow, arn_of, colon_arn
from constructs_lib.storage.connection import DatabaseAccess
from constructs_lib.storage.database import DATABASE_NAME
from installation.names import CERTIFICATES_FILE
from installation.settings import Settings
from installation.settings.containers import ContainerSettings, FactName, SecretSource, Sidecar, Variable


@dataclass(frozen=True, kw_only=True)
class SecretReference:
    """A secret as ECS and IAM name it."""

    value_from: str  # ``valueFrom`` of a container definition
    action: str  # the IAM action that reads it
    resource: str  # the ARN on which the action is allowed


class Variables:
    """Turns the variables of the settings into the parts of a container definition.

    Without a domain of one's own, the frontend's address is CloudFront's, which is known only after the service has
    been created: it is a parameter, which a task reads when it starts, as it reads a secret.
    """

    def __init__(self, stack: cdk.Stack, *, settings: Settings, database: DatabaseAccess) -> None:
        self._stack = stack
        self._settings = settings
        self._database = database

    def texts(self, variables: Mapping[str, Variable]) -> dict[str, str]:
        """Variables whose values may be in the task definition."""
        return {
            name: self._fact(variable.fact) if variable.fact else variable.value or ""
            for name, variable in variables.items()
            if not self._parameter_secret(variable)
        }

    def references(
        self, variables: Mapping[str, Variable], secrets: Mapping[str, SecretSource]
    ) -> dict[str, SecretReference]:
        """Variables whose values ECS reads when a task starts."""
        late = {name: variable for name, variable in variables.items() if self._parameter_secret(variable)}
        address = self._parameter(self._settings.names.frontend_url_parameter)
        return dict.fromkeys(late, address) | {name: self._reference(source) for name, source in secrets.items()}

    def all_references(self) -> list[SecretReference]:
        """All secrets and parameters that ECS reads for containers of the service."""
        service = self._settings.service
        containers: list[ContainerSettings | Sidecar] = [service, *service.sidecars.values()]
        found = [self.references(container.environment, container.secrets) for container in containers]
        return [
            self.database_url(),
            *self.for_service_user().values(),
            *(reference for references in found for reference in references.values()),
        ]

    def database_url(self) -> SecretReference:
        """The complete connection string."""
        return _secret(self._database.url.secret_arn)

    def for_service_user(self) -> dict[str, SecretReference]:
        """Secrets of the container that makes the service's user; none where the service is the master user."""
        if self._settings.database.service_user is None:
            return {}
        return {
            "DATABASE_URL": _secret(self._database.master_url.secret_arn),
            "SERVICE_PASSWORD": _secret(self._database.credentials.secret_arn, key="password"),
        }

    def _parameter_secret(self, variable: Variable) -> bool:
        return variable.fact == "frontend_url" and not self._settings.edge.domain

    def _fact(self, name: FactName) -> str:
        database, instance = self._settings.database, self._database.instance
        address, port = instance.db_instance_endpoint_address, instance.db_instance_endpoint_port
        place = f"{address}:{port}/{DATABASE_NAME}"
        facts: dict[FactName, str] = {
            "account_id": self._stack.account,
            "database_certificates": CERTIFICATES_FILE,
            "database_host": address,
            "database_jdbc_url": f"jdbc:postgresql://{place}?sslmode=verify-full&sslrootcert={CERTIFICATES_FILE}",
            "database_name": DATABASE_NAME,
            "database_port": port,
            "database_user": database.service_user or database.user,
            "environment": self._settings.environment,
            "frontend_url": f"https://{self._settings.edge.domain}",
            "project": self._settings.project,
            "region": self._stack.region,
        }
        return facts[name]

    def _reference(self, source: SecretSource) -> SecretReference:
        if source.kept:
            return self._parameter(self._settings.names.kept_secret(source.kept))
        if source.parameter:
            return self._parameter(source.parameter)
        if source.database:
            return _secret(self._database.credentials.secret_arn, key=source.database)
        name = source.secrets_manager or ""
        if name.startswith("arn:"):
            return _secret(name, key=source.key)
        arn = colon_arn(self._stack, "secretsmanager", "secret", name)
        # ECS takes an ARN without the six characters that Secrets Manager adds; IAM compares the whole ARN.
        return _secret(arn, key=source.key, resource=f"{arn}-??????")

    def _parameter(self, name: str) -> SecretReference:
        arn = arn_of(self._stack, "ssm", "parameter", name.removeprefix("/"))
        return SecretReference(value_from=arn, action="ssm:GetParameters", resource=arn)


def _secret(arn: str, *, key: str | None = None, resource: str | None = None) -> SecretReference:
    """A secret of Secrets Manager, or one key of its JSON (Amazon ECS developer guide, "Secrets Manager")."""
    value_from = f"{arn}:{key}::" if key else arn
    return SecretReference(value_from=value_from, action="secretsmanager:GetSecretValue", resource=resource or arn)


def reading(references: Iterable[SecretReference]) -> list[iam.PolicyStatement]:
    """The statements by which the execution role reads these secrets, and no others."""
    by_action: dict[str, set[str]] = {}
    for reference in references:
        by_action.setdefault(reference.action, set()).add(reference.resource)
    return [allow(action, *sorted(resources)) for action, resources in sorted(by_action.items())]
