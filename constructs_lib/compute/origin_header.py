"""What only our distribution knows: the value of the header by which the load balancer tells it from everybody else."""

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from constructs_lib.acknowledge import acknowledge

_CHARACTERS = 40  # letters and digits of one case, since the load balancer does not tell cases apart: over 200 bits


class OriginHeader(Construct):
    """A secret value, made by AWS, which no template, output or event of a stack shows.

    Load balancer and distribution get it by dynamic references, which CloudFormation resolves when it makes them. It
    has no fixed name, so that another one can be made at any time, and no punctuation: ``*`` and ``?`` would match
    anything in a rule of the load balancer.

    Who may read rules or distributions of the account can read it there. It keeps out who is outside.

    Args:
        construct_id: its id there, with which its name begins.
        life: how long it lives, in words.
    """

    def __init__(self, scope: Construct, construct_id: str, *, life: str = "for this month") -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description=f"Header by which the load balancer knows our distribution, {life}",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True, exclude_uppercase=True, password_length=_CHARACTERS
            ),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.value = self.secret.secret_value.unsafe_unwrap()  # a reference, not the value
        acknowledge(
            self.secret,
            {
                "AwsSolutions-SMG4": f"It lives {life}. Rotating it within one would change the listener's rule, "
                "which belongs to CodeDeploy then."
            },
        )
