"""The master user's password of this month."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.arns import colon_arn
from constructs_lib.handler_function import HandlerFunction
from installation.names import Names


class MonthsPassword(Construct):
    """Gives the persistent secret a new password before the month's database is made.

    The database and DATABASE_URL read the version that is created here, so they cannot differ, whatever happens to the
    secret in between. It is created once in the life of the stack; plain `cdk deploy` is enough.

    Args:
        secret: the secret that outlives the month.

    Attributes:
        value: a reference to this month's password.
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
                iam.PolicyStatement(
                    actions=["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                    resources=[secret.secret_arn],
                ),
                iam.PolicyStatement(actions=["rds:DescribeDBInstances"], resources=[database]),
            ],
            timeout=cdk.Duration.minutes(1),
            role_name=names.password_role,
        )
        properties = {"SecretId": secret.secret_arn, "DatabaseIdentifier": names.database}
        answer = handler.custom_resource("Answer", "Custom::NewPassword", properties)
        self.value = cdk.SecretValue.secrets_manager(
            secret.secret_arn, json_field="password", version_id=answer.get_att_string("VersionId")
        )
