"""How deploy.yml can be asked to deploy; the command line offers these, so that its help needs nothing else."""

from enum import StrEnum


class DeploymentMode(StrEnum):
    """The modes of the operations guide."""

    PROVISIONING = "provisioning"
    BLUEGREEN = "bluegreen"
    CANARY = "canary"
