"""The connection string of the service's database."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.storage.database import DATABASE_NAME
from installation.settings.database import DatabaseSettings


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
    """What a container can get of the database."""

    instance: rds.IDatabaseInstance  # this month's database
    url: secretsmanager.ISecret  # secret with the complete ``DATABASE_URL``
    credentials: secretsmanager.ISecret  # secret with the keys ``username`` and ``password`` of the same user
    # Secret with the master user's ``DATABASE_URL``; the same as `url` where the service is the master user.
    master_url: secretsmanager.ISecret


class Connection(Construct):
    """A secret with the complete ``DATABASE_URL``.

    ECS injects single keys of a secret and cannot combine them, so the URL is a secret of its own, made of the
    database's address and a dynamic reference to the password. It has no fixed name: a deleted secret reserves its name
    for days, and next month's secret would collide with it.

    Where the service has a user of its own, there are two: its own, with a password that Secrets Manager makes for this
    month, and the master user's for migrations. A container of the task makes the user.

    Args:
        credentials: secret with the keys ``username`` and ``password`` of the master user.
        password: reference to this month's password in it, which has no character that a URL must escape.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: DatabaseSettings,
        instance: rds.IDatabaseInstance,
        credentials: secretsmanager.ISecret,
        password: cdk.SecretValue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._instance = instance
        user, service_user = settings.user, settings.service_user
        service_credentials = self._password(service_user) if service_user else credentials
        own_password = service_credentials.secret_value_from_json("password") if service_user else password
        url = self._url("Url", "the service", service_user or user, own_password)
        self.access = DatabaseAccess(
            instance=instance,
            url=url,
            credentials=service_credentials,
            master_url=self._url("MasterUrl", "migrations", user, password) if service_user else url,
        )

    def _password(self, user: str) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Password",
            description="Password of the service's user of the database, for this month",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=f'{{"username": "{user}"}}',
                generate_string_key="password",
                password_length=32,
                exclude_punctuation=True,
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        acknowledge(secret, {"AwsSolutions-SMG4": "It lives for a month, and running tasks hold it."})
        return secret

    def _url(self, construct_id: str, reader: str, user: str, value: cdk.SecretValue) -> secretsmanager.Secret:
        instance = self._instance
        password = value.unsafe_unwrap()  # a reference, not the password
        endpoint = f"{instance.db_instance_endpoint_address}:{instance.db_instance_endpoint_port}"
        secret = secretsmanager.Secret(
            self,
            construct_id,
            description=f"DATABASE_URL of {reader}, for this month's database",
            secret_string_value=cdk.SecretValue.unsafe_plain_text(
                f"postgresql://{user}:{password}@{endpoint}/{DATABASE_NAME}?sslmode=verify-full"
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        reason = (
            "It follows the password's secret and the database's address, and lives for a month; rotating it alone "
            "would cut the service off."
        )
        acknowledge(secret, {"AwsSolutions-SMG4": reason})
        return secret
