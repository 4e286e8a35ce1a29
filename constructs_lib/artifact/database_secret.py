"""The secret that keeps the database's master user across months."""

from typing import Final

from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.stack import KEEP

# What a connection URL would have to escape (RFC 3986) and what RDS refuses in a password.
EXCLUDED_FROM_PASSWORDS: Final = " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"


class DatabaseSecret(secretsmanager.Secret):
    """Master user and password of the database; each month gets a new password."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, user: str) -> None:
        super().__init__(
            scope,
            construct_id,
            secret_name=name,
            description="Master user of the database; each month has another password",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=f'{{"username": "{user}"}}',
                generate_string_key="password",
                password_length=32,
                exclude_characters=EXCLUDED_FROM_PASSWORDS,
            ),
            removal_policy=KEEP,
        )
        acknowledge(
            self,
            {
                "AwsSolutions-SMG4": "Running tasks hold the password in DATABASE_URL, so a rotation in the middle "
                "of a month would cut them off; each month begins with another one."
            },
        )
