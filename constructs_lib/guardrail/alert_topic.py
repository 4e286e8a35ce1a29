"""The topic that alarms and cost alerts publish to."""

from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from constructs_lib.arns import colon_arn

# AWS Budgets user guide, "Creating an Amazon SNS topic for budget notifications"; AWS Cost Management user guide,
# "Creating an Amazon SNS topic for anomaly notifications"; CloudWatch user guide, "Alarm actions".
CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
PUBLISHERS: Final = (CLOUDWATCH, "budgets.amazonaws.com", "costalerts.amazonaws.com")


class AlertTopic(Construct):
    """An SNS topic for the alarms, budget and cost alerts of this account, read by e-mail.

    Messages are not encrypted with a KMS key. The key that AWS manages for SNS does not let alarms publish, and its
    policy cannot be changed; a customer managed key costs 1 USD a month, a third of a stopped month.
    Messages name alarms, thresholds and sums, never data of users, and travel by TLS only.

    Args:
        email: address that gets the alerts after it has confirmed once; None: people subscribe themselves.
        publishers: AWS services that may publish to it.
        alarms: beginning of the names of the alarms that may publish; None: all of this account and region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        email: str | None,
        publishers: Sequence[str] = PUBLISHERS,
        alarms: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", topic_name=name, display_name=name, enforce_ssl=True)
        for service in publishers:
            # The services act for every account; only this one is meant (IAM user guide, "confused deputy").
            conditions: dict[str, dict[str, str]] = {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
            if alarms and service == CLOUDWATCH:
                # Amazon SNS developer guide, "Allow Amazon CloudWatch alarms in an AWS Region".
                arn = colon_arn(self, "cloudwatch", "alarm", f"{alarms}*")
                conditions["ArnLike"] = {"aws:SourceArn": arn}
            self.topic.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"Publish{service.split('.')[0].title()}",
                    principals=[iam.ServicePrincipal(service)],
                    actions=["sns:Publish"],
                    resources=[self.topic.topic_arn],
                    conditions=conditions,
                )
            )
        if email:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
