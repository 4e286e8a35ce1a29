"""Log groups with a fixed name and retention."""

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from installation.settings.section import RetentionDays


class LogGroup(logs.LogGroup):
    """A log group with a name and one of the retentions that CloudWatch Logs accepts."""

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, days: RetentionDays, removal: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id, log_group_name=name, removal_policy=removal)
        resource = self.node.default_child
        assert isinstance(resource, logs.CfnLogGroup)  # noqa: S101 - tells mypy what the L2 made
        resource.retention_in_days = days  # for which the L2 has a word each
