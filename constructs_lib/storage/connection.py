"""The one string that the service needs to reach its database."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
    """What a container can be told about the database.

    Attributes:
        instance: this month's database.
        name: the database in it.
        url: secret with the complete ``DATABASE_URL``.
        credentials: secret with the key ``password``.
    """

    instance: rds.IDatabaseInstance
    name: str
    url: secretsmanager.ISecret
    credentials: secretsmanager.ISecret


class Connection(Construct):
    """A secret with the complete ``DATABASE_URL``.

    ECS injects single keys of a secret and composes nothing, so the URL is a secret of its own, made of the database's
    address and a dynamic reference to the password. It has no fixed name: a deleted secret keeps its name for days,
    and next month's would collide with it.

    Args:
        scope: the stack of the database.
        construct_id: its id there.
        instance: the database.
        user: its master user.
        database_name: the database in it.
        credentials: secret with the key ``password``, whose characters a URL need not escape.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        instance: rds.IDatabaseInstance,
        user: str,
        database_name: str,
        credentials: secretsmanager.ISecret,
    ) -> None:
        super().__init__(scope, construct_id)
        password = credentials.secret_value_from_json("password").unsafe_unwrap()  # a reference, not the password
        endpoint = f"{instance.db_instance_endpoint_address}:{instance.db_instance_endpoint_port}"
        self.secret = secretsmanager.Secret(
            self,
            "Url",
            description="DATABASE_URL of the service, for this month's database",
            secret_string_value=cdk.SecretValue.unsafe_plain_text(
                f"postgresql://{user}:{password}@{endpoint}/{database_name}?sslmode=verify-full"
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        acknowledge(
            self.secret,
            {
                "AwsSolutions-SMG4": "It follows the password's secret and the database's address, and lives for a "
                "month; rotating it alone would cut the service off."
            },
        )
