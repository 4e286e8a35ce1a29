"""The secret with the database's master user, and its password of this month."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge
from constructs_lib.arns import allow, colon_arn
from constructs_lib.handler_function import HandlerFunction
from constructs_lib.stack import KEEP
from installation.names import Names

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
        reason = (
            "Running tasks hold the password in DATABASE_URL, so a rotation in the middle of a month would cut them "
            "off; each month begins with another one."
        )
        acknowledge(self, {"AwsSolutions-SMG4": reason})


class MonthsPassword(Construct):
    """Gives the persistent secret a new password before the month's database is made.

    The database and DATABASE_URL read the version that is created here, so they cannot differ, whatever happens to the
    secret in between. It is created once in the life of the stack; plain `cdk deploy` is enough.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, secret: secretsmanager.ISecret) -> None:
        super().__init__(scope, construct_id)
        database = colon_arn(self, "rds", "db", names.database)
        handler = HandlerFunction(
            self,
            "Handler",
            names=names,
            module="new_password",
            description=f"Sets the password of the next {names.database}",
            permissions=[
                allow("secretsmanager:GetSecretValue secretsmanager:PutSecretValue", secret.secret_arn),
                allow("rds:DescribeDBInstances", database),
            ],
            timeout=cdk.Duration.minutes(3),  # each of its calls may wait half a minute for a new permission
            role_name=names.password_role,
        )
        properties = {"SecretId": secret.secret_arn, "DatabaseIdentifier": names.database}
        answer = handler.custom_resource("Answer", "Custom::NewPassword", properties)
        self.value = cdk.SecretValue.secrets_manager(
            secret.secret_arn, json_field="password", version_id=answer.get_att_string("VersionId")
        )
